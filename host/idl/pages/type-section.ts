/** The sections of a page that describe types: layouts on the shared heap, records, enums, flags, aliases. */

import type { TypeDescription } from "../describe.ts";
import { scalarBytes } from "../layout.ts";
import { wordsOf } from "../lower.ts";
import type { FieldType, HostType, RecordType, SharedType } from "../model.ts";
import { printType } from "../print.ts";
import { cell, code, prose, table, wordsFrom } from "./text.ts";

/** The heading without its marks: what links lead to. Starts with the kind, since an interface and its type may share a name. */
export function typeHeading(description: TypeDescription, interfaceName: string): string {
  switch (description.kind) {
    case "shared":
      return `Shared type \`${interfaceName}.${description.type.name}\``;
    case "named":
      return `${capital(description.type.kind)} \`${interfaceName}.${description.type.name}\``;
    case "alias":
      return `Alias \`${interfaceName}.${description.node.name.text}\``;
  }
}

export function typeSection(description: TypeDescription, interfaceName: string): string {
  return `### ${typeHeading(description, interfaceName)}\n\n${prose(description.comment)}${body(description)}`;
}

function body(description: TypeDescription): string {
  const { parts } = description;
  if (description.kind === "alias") return `Stands for ${code(printType(description.node.type))}.\n\n`;
  if (description.kind === "shared") return sharedBody(description.type, parts);
  const { type } = description;
  switch (type.kind) {
    case "enum":
      return `Crosses as the number of its case, and is the case's name as a string in host code.\n\n${table(
        ["number", "case", "meaning"],
        type.cases.map((name, index) => [String(index), code(name), cell(parts.get(name))]),
      )}`;
    case "flags":
      return `Crosses as one word, the values of all flags that are set added up.\n\n${table(
        ["value", "flag", "meaning"],
        type.flags.map((name, bit) => [String(2 ** bit), code(name), cell(parts.get(name))]),
      )}`;
    case "record":
      return recordBody(type, parts);
  }
}

function recordBody(type: RecordType, parts: TypeDescription["parts"]): string {
  let word = 0;
  const rows = type.fields.map((field) => {
    const first = word;
    word += wordsOf(field.type);
    return [code(field.name), code(nameOf(field.type)), wordsFrom(first, word - first), cell(parts.get(field.name))];
  });
  return `Crosses as a copy, in ${word} word${word === 1 ? "" : "s"} of the return area; an object in host code.\n\n${table(["field", "type", "crosses in", "meaning"], rows)}`;
}

function sharedBody(type: SharedType, parts: TypeDescription["parts"]): string {
  const rows = type.fields.map(({ name, type: field, offset }) => [
    code(name),
    fieldName(field),
    String(offset),
    String(fieldBytes(field)),
    cell(parts.get(name)),
  ]);
  const id = `${type.id} (0x${type.id.toString(16).padStart(8, "0")})`;
  return `An object on the shared heap: ${type.sizeBytes} bytes, type id ${id}. It is never copied: its base crosses, and its owner or its readers change. Offsets and sizes are in bytes, numbers little endian.\n\n${table(["field", "type", "offset", "size", "meaning"], rows)}`;
}

function fieldName(type: FieldType): string {
  switch (type.kind) {
    case "scalar":
      return code(type.scalar);
    case "enum":
    case "flags":
      return `${code(type.type.name)} as ${code(type.scalar)}`;
    case "array":
      return code(`list<${type.item}, ${type.length}>`);
  }
}

function fieldBytes(type: FieldType): number {
  return type.kind === "array" ? scalarBytes[type.item] * type.length : scalarBytes[type.scalar];
}

/** As WIT writes it. */
function nameOf(type: HostType): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "enum":
    case "flags":
    case "record":
      return type.name;
    default:
      return type.kind;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
