/** The sections of a page that describe types: layouts on the shared heap, records, enums, flags, aliases. */

import type { TypeDescription } from "../describe.ts";
import { sizeText } from "../field-sizes.ts";
import { plainWords, wordsOf } from "../lower.ts";
import type { HostType, RecordType, SharedType, VariantType } from "../model.ts";
import { printType } from "../print.ts";
import { fieldBytes, fieldName } from "./field-name.ts";
import { cell, code, prose, table, wordsFrom } from "./text.ts";

/** The heading without its marks: what links lead to. Starts with the kind, since an interface and its type may share a name. */
export function typeHeading(description: TypeDescription, interfaceName: string): string {
  switch (description.kind) {
    case "shared":
      return `Shared type \`${interfaceName}.${description.type.name}\``;
    case "resource":
      return `Resource \`${interfaceName}.${description.type.name}\``;
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
  if (description.kind === "resource") return resourceBody(description.functions.length);
  const { type } = description;
  switch (type.kind) {
    case "enum":
      return `Crosses as the number of its case, and is the case's name as a string in host code.\n\n${table(
        ["number", "case", "meaning"],
        type.cases.map((name, index) => [String(index), code(name), cell(parts.get(name))]),
      )}`;
    case "flags":
      return `Crosses as one number, the values of all flags that are set added up; in host code an object with a boolean for each.\n\n${table(
        ["value", "flag", "meaning"],
        type.flags.map((name, bit) => [String(2 ** bit), code(name), cell(parts.get(name))]),
      )}`;
    case "record":
      return recordBody(type, parts);
    case "variant":
      return variantBody(type, parts);
  }
}

function recordBody(type: RecordType, parts: TypeDescription["parts"]): string {
  const words = plainWords(type);
  const head = ["field", "type", ...(words === undefined ? [] : ["crosses in"]), "meaning"];
  let word = 0;
  const rows = type.fields.map((field) => {
    const first = word;
    word += wordsOf(field.type);
    const place = words === undefined ? [] : [wordsFrom(first, word - first)];
    return [code(field.name), code(nameOf(field.type)), ...place, cell(parts.get(field.name))];
  });
  const way =
    words === undefined ? "in a message, its fields in order" : `in ${count(words, "word")}, or in a message beside what needs one`;
  return `Crosses as a copy, ${way}; an object in host code.\n\n${table(head, rows)}`;
}

function variantBody(type: VariantType, parts: TypeDescription["parts"]): string {
  const rows = type.cases.map((each, index) => [
    String(index),
    code(each.name),
    each.type ? code(nameOf(each.type)) : "",
    cell(parts.get(each.name)),
  ]);
  return `Crosses as a copy in a message: the number of its case, then the case's value. In host code an object with the case as \`tag\` and the value as \`val\`.\n\n${table(["number", "case", "value", "meaning"], rows)}`;
}

function resourceBody(functions: number): string {
  const what = functions === 0 ? "It can be held and handed on, and nothing else." : "Its functions follow.";
  return `A capability: its instances live in the domain that exports the interface, and a handle of one crosses. Whoever holds a handle may use the instance, and needs no grant for it. ${what}\n\n`;
}

function sharedBody(type: SharedType, parts: TypeDescription["parts"]): string {
  const rows = type.fields.map(({ name, type: field, offset }) => [
    code(name),
    fieldName(field),
    String(offset),
    fieldBytes(field),
    cell(parts.get(name)),
  ]);
  const id = `${type.id} (0x${type.id.toString(16).padStart(8, "0")})`;
  return `An object on the shared heap: ${sizeText(type)}, type id ${id}. It is never copied: its base crosses, and its owner or its readers change. Offsets and sizes are in bytes, numbers little endian.\n\n${table(["field", "type", "offset", "size", "meaning"], rows)}`;
}

/** As WIT writes it. */
function nameOf(type: HostType): string {
  const optional = (inner: HostType | undefined): string => (inner ? nameOf(inner) : "_");
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "string":
      return "string";
    case "enum":
    case "flags":
    case "record":
    case "variant":
      return type.name;
    case "tuple":
      return `tuple<${type.items.map(nameOf).join(", ")}>`;
    case "option":
      return `option<${nameOf(type.item)}>`;
    case "list":
      return `list<${nameOf(type.item)}${type.length === undefined ? "" : `, ${type.length}`}>`;
    case "own":
    case "borrow":
      return type.kind === "own" ? type.shared.name : `borrow<${type.shared.name}>`;
    case "handle":
      return type.mode === "own" ? type.resource.name : `borrow<${type.resource.name}>`;
    case "result":
      return type.error ? `result<${optional(type.ok)}, ${nameOf(type.error)}>` : type.ok ? `result<${nameOf(type.ok)}>` : "result";
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
