/**
 * The AssemblyScript of an interface's types, besides shared types and capabilities: enums and flags as constants, records as
 * classes, variants as a tag and a value, tuples. Called by `generate.ts`.
 * In a world without a collector nothing here allocates: a record is one place in the domain's memory.
 */

import { caseBytes } from "../message.ts";
import type { EnumType, FlagsType, NamedType, RecordType, VariantType } from "../model.ts";
import type { Codecs } from "./codecs.ts";
import { type FileNames, sourceType } from "./file-names.ts";
import { constantName, identifier, interfaceName, member, partName, typeName } from "./names.ts";

const noMembers: ReadonlySet<string> = new Set();
/** What a variant has besides its cases. */
const variantMembers: ReadonlySet<string> = new Set(["tag", "put", "take", "bits", "held"]);

export function emitNamed(type: NamedType, names: FileNames, codecs: Codecs): string {
  switch (type.kind) {
    case "record":
      return names.plan.isCollected ? emitRecord(type, names, codecs) : emitRecordPlace(type, names);
    case "variant":
      return emitVariant(type, names, codecs);
    default:
      return emitNumbers(type);
  }
}

function emitNumbers(type: EnumType | FlagsType): string {
  const values =
    type.kind === "enum"
      ? type.cases.map((name, index) => [name, index] as const)
      : type.flags.map((name, bit) => [name, 1 << bit] as const);
  const lines = values.map(([name, value]) => `  ${member(name, noMembers)} = ${value},\n`);
  const what = type.kind === "enum" ? "One of these." : "Any of these, joined with `|`.";
  return `/** ${what} */\nexport const enum ${typeName(type.name, interfaceName(type.interfaceId))} {\n${lines.join("")}}\n`;
}

interface Field {
  readonly name: string;
  readonly param: string;
  readonly source: string;
}

function fieldsOf(type: RecordType, names: FileNames): Field[] {
  return type.fields.map((field) => ({
    name: partName(field.name),
    param: identifier(field.name),
    source: sourceType(field.type, names),
  }));
}

function emitRecordPlace(type: RecordType, names: FileNames): string {
  const name = names.type(type);
  const fields = fieldsOf(type, names);
  return [
    `/** A record. There is one place for it: read it before the next call that returns one. */\n@unmanaged\n@final\nexport class ${name} {\n`,
    ...fields.map((field) => `  ${field.name}: ${field.source};\n`),
    `\n  static of(${fields.map((field) => `${field.param}: ${field.source}`).join(", ")}): ${name} {\n`,
    `    const one_ = ${names.glue("recordPlace")}<${name}>();\n`,
    ...fields.map((field) => `    one_.${field.name} = ${field.param};\n`),
    "    return one_;\n  }\n}\n",
  ].join("");
}

function emitRecord(type: RecordType, names: FileNames, codecs: Codecs): string {
  const name = names.type(type);
  const fields = fieldsOf(type, names);
  const params = fields.map((field) => `${field.param}: ${field.source}`).join(", ");
  return [
    `/** A record; copied where it crosses. */\n@final\nexport class ${name} {\n`,
    ...fields.map((field) => `  ${field.name}: ${field.source};\n`),
    `\n  constructor(${params}) {\n`,
    ...fields.map((field) => `    this.${field.name} = ${field.param};\n`),
    `  }\n\n  static of(${params}): ${name} {\n    return new ${name}(${fields.map((field) => field.param).join(", ")});\n  }\n`,
    `\n  /** For generated code. */\n  static read_from(reader_: ${names.library("Reader")}): ${name} {\n`,
    `    return new ${name}(${type.fields.map((field) => codecs.read(field.type)).join(", ")});\n  }\n`,
    `\n  /** For generated code. */\n  write_to(writer_: ${names.library("Writer")}): void {\n`,
    ...type.fields.map((field) => `    ${codecs.write(`this.${partName(field.name)}`, field.type)}\n`),
    "  }\n}\n",
  ].join("");
}

function emitVariant(type: VariantType, names: FileNames, codecs: Codecs): string {
  const name = names.type(type);
  const cases = type.cases.map((each, index) => ({
    index,
    constant: constantName(each.name),
    name: member(each.name, variantMembers),
    type: each.type,
    source: each.type && sourceType(each.type, names),
  }));
  const tagBytes = caseBytes(cases.length);
  const statics = cases.map(({ name: made, source, constant }) => {
    const lines = source
      ? [`const one_ = new ${name}(${name}.${constant});`, `one_.put<${source}>(value);`, "return one_;"]
      : [`return new ${name}(${name}.${constant});`];
    return `\n  static ${made}(${source ? `value: ${source}` : ""}): ${name} {\n${lines.map((line) => `    ${line}\n`).join("")}  }\n`;
  });
  const getters = cases.map(({ name: made, source, constant }) =>
    source
      ? `\n  /** The value of this case; of any other it ends the domain. */\n  get ${made}(): ${source} {\n    assert(this.tag == ${name}.${constant}, "the variant is another case");\n    return this.take<${source}>();\n  }\n`
      : "",
  );
  const made = (each: (typeof cases)[number]): string => `${name}.${each.name}(${each.type ? codecs.read(each.type) : ""})`;
  const [last, ...others] = [...cases].reverse();
  const writes = cases.flatMap((each) =>
    each.type ? [`      case ${name}.${each.constant}:\n        ${codecs.write(`this.${each.name}`, each.type)}\n        break;\n`] : [],
  );
  return [
    `/** A variant: \`tag\` says which case it is; copied where it crosses. */\n@final\nexport class ${name} extends ${names.library("Slot")} {\n`,
    ...cases.map((each) => `  static readonly ${each.constant}: u32 = ${each.index};\n`),
    "\n  private constructor(readonly tag: u32) {\n    super();\n  }\n",
    ...statics,
    ...getters,
    `\n  /** For generated code. */\n  static read_from(reader_: ${names.library("Reader")}): ${name} {\n    switch (reader_.u${tagBytes * 8}()) {\n`,
    ...others.reverse().map((each) => `      case ${name}.${each.constant}:\n        return ${made(each)};\n`),
    // The kernel has checked the case.
    last ? `      default:\n        return ${made(last)};\n    }\n  }\n` : "",
    `\n  /** For generated code. */\n  write_to(writer_: ${names.library("Writer")}): void {\n    writer_.u${tagBytes * 8}(this.tag);\n`,
    ...(writes.length > 0 ? ["    switch (this.tag) {\n", ...writes, "    }\n"] : []),
    "  }\n}\n",
  ].join("");
}

export function emitTuple(arity: number): string {
  const items = Array.from({ length: arity }, (_, index) => index);
  return [
    `@final\nexport class Tuple${arity}<${items.map((index) => `T${index}`).join(", ")}> {\n  constructor(\n`,
    ...items.map((index) => `    public item${index}: T${index},\n`),
    "  ) {}\n}\n",
  ].join("");
}
