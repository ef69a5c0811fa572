/**
 * The AssemblyScript of an interface's types besides the shared ones (`shared-type.ts`): enums and flags as constants,
 * records as one place in the domain's memory. Called by `generate.ts`. Nothing here allocates.
 */
import { wordsOf } from "../lower.ts";
import type { EnumType, FlagsType, RecordType } from "../model.ts";
import { identifier, interfaceName, member, typeName } from "./names.ts";
import { type FileNames, sourceType } from "./plan.ts";
import { fromArea, toArea } from "./words.ts";

const noMembers: ReadonlySet<string> = new Set();

export function emitNumbers(type: EnumType | FlagsType): string {
  const values =
    type.kind === "enum"
      ? type.cases.map((name, index) => [name, index] as const)
      : type.flags.map((name, bit) => [name, 1 << bit] as const);
  const lines = values.map(([name, value]) => `  ${member(name, noMembers)} = ${value},\n`);
  const what = type.kind === "enum" ? "One of these." : "Any of these, joined with `|`.";
  return `/** ${what} */\nexport const enum ${typeName(type.name, interfaceName(type.interfaceId))} {\n${lines.join("")}}\n`;
}

export function emitRecord(type: RecordType, names: FileNames): string {
  const name = names.type(type);
  const fields = type.fields.map((field) => ({
    name: member(field.name, noMembers),
    param: identifier(field.name),
    type: field.type,
    source: sourceType(field.type, names),
  }));
  let words = 0;
  const places = fields.map((field) => {
    const index = words;
    words += wordsOf(field.type);
    return { ...field, index };
  });
  const place = `${names.glue("recordPlace")}<${name}>()`;
  return [
    `/** A record. There is one place for it: read it before the next call that returns one. */\n@unmanaged\n@final\nexport class ${name} {\n`,
    ...fields.map((field) => `  ${field.name}: ${field.source};\n`),
    `\n  static of(${fields.map((field) => `${field.param}: ${field.source}`).join(", ")}): ${name} {\n`,
    `    const one_ = ${place};\n`,
    ...fields.map((field) => `    one_.${field.name} = ${field.param};\n`),
    "    return one_;\n  }\n",
    `\n  /** For generated code: the record that a callee left in the return area; zeros when the call failed. */\n`,
    `  static from_words(): ${name} {\n    if (${names.guard("status")}(0) != 0) return ${name}.of(${fields.map(zero).join(", ")});\n`,
    `    return ${name}.of(${places.map((field) => fromArea(field.index, field.type, names)).join(", ")});\n  }\n`,
    "\n  /** For generated code. */\n  to_words(): void {\n",
    ...places.map((field) => `    ${toArea(field.index, `this.${field.name}`, field.type, names)}\n`),
    "  }\n}\n",
  ].join("");
}

function zero(field: { readonly source: string; readonly type: RecordType["fields"][number]["type"] }): string {
  return field.type.kind === "scalar" && field.type.scalar === "bool" ? "false" : `<${field.source}>0`;
}
