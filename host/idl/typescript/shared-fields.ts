/**
 * What `readObject` makes of a shared object's fields, as TypeScript. Called by `types.ts`.
 * A character is its code point, flags are their bits, a case may be one that no enum has, and a child is its base.
 */
import { camelCase } from "../member-name.ts";
import type { FieldType, Scalar } from "../model.ts";
import type { FileScope } from "./names.ts";
import { scalarType } from "./values.ts";

export function fieldType(type: FieldType, scope: FileScope): string {
  const scalar = (of: Scalar): string => (of === "char" ? "number" : scalarType(of));
  switch (type.kind) {
    case "scalar":
      return scalar(type.scalar);
    case "enum":
      return `${scope.type(type.type)} | number`;
    case "flags":
      return "number";
    case "array":
    case "vec":
      return type.item.kind === "scalar" && type.item.scalar === "u8" ? "Uint8Array" : listOf(fieldType(type.item, scope));
    case "record":
      return `{ ${type.fields.map((field) => `readonly ${property(field.name)}: ${fieldType(field.type, scope)}`).join("; ")} }`;
    case "tuple":
      return `readonly [${type.fields.map((field) => fieldType(field.type, scope)).join(", ")}]`;
    case "owned":
      return "number | undefined";
    case "slots":
      return "readonly (number | undefined)[]";
    case "deque":
      return "readonly number[]";
  }
}

function listOf(item: string): string {
  return /^[\w.]+$/.test(item) ? `readonly ${item}[]` : `readonly (${item})[]`;
}

function property(name: string): string {
  const written = camelCase(name);
  return /^[A-Za-z][0-9A-Za-z]*$/.test(written) ? written : JSON.stringify(written);
}
