/**
 * Types of values as host code sees them. What stands here is what `host/kernel/host-calls.ts` does with parameters and
 * results and `host/kernel/object-fields.ts` with shared objects; a change there is a change here.
 */
import { identifier } from "../assemblyscript/names.ts";
import type { TypeDescription } from "../describe.ts";
import { camelCase } from "../member-name.ts";
import type { EnumType, FieldType, HostType, RecordType, Scalar, SharedType } from "../model.ts";
import { type Doc, tsdoc } from "./comments.ts";
import type { FileScope } from "./names.ts";

const LINE = 140;

/** Of a parameter or result. */
export function hostType(type: HostType, scope: FileScope): string {
  switch (type.kind) {
    case "scalar":
      return scalarType(type.scalar);
    case "enum":
    case "flags":
    case "record":
      return scope.type(type);
    case "tuple":
      return `readonly [${type.items.map((item) => hostType(item, scope)).join(", ")}]`;
    case "own":
    case "borrow":
      return "number";
    case "result":
      scope.usesResult = true;
      return `HostResult<${type.ok ? hostType(type.ok, scope) : "undefined"}, ${scope.type(type.error)}>`;
  }
}

function scalarType(scalar: Scalar): string {
  switch (scalar) {
    case "bool":
      return "boolean";
    case "char":
      return "string";
    case "u64":
    case "s64":
      return "bigint";
    default:
      return "number";
  }
}

/** Of a field that `readObject` read: as above, but a character is its code point, and a case may be one that no enum has. */
function fieldType(type: FieldType, scope: FileScope): string {
  const scalar = (of: Scalar): string => (of === "char" ? "number" : scalarType(of));
  switch (type.kind) {
    case "scalar":
      return scalar(type.scalar);
    case "enum":
      return `${scope.type(type.type)} | number`;
    case "flags":
      return scope.type(type.type);
    case "array":
      return type.item === "u8" ? "Uint8Array" : `readonly ${scalar(type.item)}[]`;
  }
}

/** An exported type for what an interface defines; nothing for an alias, which is written out wherever it is used. */
export function emitType(description: TypeDescription, scope: FileScope): string | undefined {
  const { comment, parts } = description;
  if (description.kind === "alias") return undefined;
  if (description.kind === "shared") return emitShared(description.type, description, scope);
  const { type } = description;
  const of = (lines: readonly string[]): Doc => ({ comment, lines });
  switch (type.kind) {
    case "enum":
      return `${tsdoc(of(listOf(type.cases, parts)), "")}export ${emitEnum(type, scope)}`;
    case "flags": {
      const bits = type.flags.map((name, bit) => listItem(name, [`\`${2 ** bit}\``, ...(parts.get(name) ?? [])]));
      return `${tsdoc(of(["Any of these, joined with `|`:", ...bits]), "")}export type ${scope.type(type)} = number;\n`;
    }
    case "record":
      return `${tsdoc(of([]), "")}export ${emitRecord(type, parts, scope)}`;
  }
}

export function emitEnum(type: EnumType, scope: FileScope): string {
  const cases = type.cases.map((name) => JSON.stringify(name));
  const line = `type ${scope.type(type)} = ${cases.join(" | ")};`;
  if (`export ${line}`.length <= LINE) return `${line}\n`;
  return `type ${scope.type(type)} =\n${cases.map((each) => `  | ${each}`).join("\n")};\n`;
}

export function emitRecord(type: RecordType, parts: TypeDescription["parts"], scope: FileScope): string {
  const fields = type.fields.map(
    (field) =>
      `${tsdoc({ lines: parts.get(field.name) ?? [] }, "  ")}  readonly ${property(field.name)}: ${hostType(field.type, scope)};\n`,
  );
  return `interface ${scope.type(type)} {\n${fields.join("")}}\n`;
}

function emitShared(type: SharedType, { comment, parts }: TypeDescription, scope: FileScope): string {
  const size = `An object on the shared heap, as \`readObject\` reads it: ${type.sizeBytes} bytes, type id ${type.id}. Functions take and return its base.`;
  const fields = type.fields.map(
    (field) =>
      `${tsdoc({ lines: parts.get(field.name) ?? [] }, "  ")}  readonly ${property(field.name)}: ${fieldType(field.type, scope)};\n`,
  );
  return `${tsdoc({ comment, lines: [size] }, "")}export interface ${scope.type({ ...type, kind: "shared" })} {\n${fields.join("")}}\n`;
}

/** Cases that have a comment; the others are in the type itself. */
function listOf(names: readonly string[], parts: TypeDescription["parts"]): string[] {
  return names.filter((name) => parts.has(name)).map((name) => listItem(name, parts.get(name) ?? []));
}

function listItem(name: string, text: readonly string[]): string {
  return `- \`${name}\`: ${text.join(" ")}`;
}

/** The property of a function or field, in quotes where camel case leaves a hyphen. */
export function property(name: string): string {
  const written = camelCase(name);
  return /^[A-Za-z][0-9A-Za-z]*$/.test(written) ? written : JSON.stringify(written);
}

export function parameter(name: string): string {
  return identifier(name);
}
