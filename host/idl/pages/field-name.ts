/** How pages name the fields of shared objects, and how many bytes each takes. Called by `type-section.ts`. */
import { bytesOf, fieldExtent } from "../field-sizes.ts";
import type { FieldType, PlainType } from "../model.ts";
import { code } from "./text.ts";

/** An enum or flags alone with the number that holds it; everything else as WIT writes it. */
export function fieldName(type: FieldType): string {
  if (type.kind === "enum" || type.kind === "flags") return `${code(type.type.name)} as ${code(type.scalar)}`;
  return code(witName(type));
}

/** Of a list of any length, the bytes of one item. */
export function fieldBytes(type: FieldType): string {
  return type.kind === "vec" ? `${bytesOf(type.item)} each` : String(fieldExtent(type).bytes);
}

function witName(type: FieldType): string {
  switch (type.kind) {
    case "owned":
      return `option<${type.target.name}>`;
    case "slots":
    case "deque":
      return `list<option<${type.target.name}>, ${type.length}>`;
    case "vec":
      return `list<${plainName(type.item)}>`;
    default:
      return plainName(type);
  }
}

function plainName(type: PlainType): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "enum":
    case "flags":
      return type.type.name;
    case "record":
      return type.name;
    case "tuple":
      return `tuple<${type.fields.map((field) => plainName(field.type)).join(", ")}>`;
    case "array":
      return `list<${plainName(type.item)}, ${type.length}>`;
  }
}
