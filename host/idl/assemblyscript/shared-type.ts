/**
 * The AssemblyScript of shared types: classes whose instance *is* the base of the object. Called by `generate.ts`.
 * Nothing here allocates, and every access to the shared heap goes through the guard.
 */
import { scalarBytes } from "../field-sizes.ts";
import type { FieldType, Scalar, SharedType } from "../model.ts";
import { camel, member, pascal } from "./names.ts";
import { type FileNames, signed, sourceType } from "./plan.ts";

const sharedMembers: ReadonlySet<string> = new Set(["create", "drop", "base", "at", "setAt", "copyTo", "copyFrom", "length"]);

export function emitShared(type: SharedType, names: FileNames): string {
  const name = names.type(type);
  const [only, ...others] = type.fields;
  const isArray = only?.type.kind === "array" && others.length === 0;
  const core = camel(type.name);
  const views: string[] = [];
  const members: string[] = [];
  for (const field of type.fields) {
    if (field.type.kind !== "array") {
      members.push(emitField(member(field.name, sharedMembers), field.type, field.offset, names));
    } else if (isArray) {
      members.push(emitArray(field.type, names));
    } else {
      const view = `${name}_${pascal(field.name)}`;
      views.push(
        `/** The \`${field.name}\` inside a \`${name}\`. */\n@unmanaged\n@final\nexport class ${view} {\n${emitArray(field.type, names).slice(1)}}\n`,
      );
      members.push(
        `\n  get ${member(field.name, sharedMembers)}(): ${view} {\n    return ${names.glue("partOf")}<${name}, ${view}>(this, ${field.offset});\n  }\n`,
      );
    }
  }
  return [
    `@external("${type.interfaceId}", "[constructor]${type.name}")\ndeclare function create_${core}(): i32;\n`,
    `@external("${type.interfaceId}", "[resource-drop]${type.name}")\ndeclare function drop_${core}(base: i32): void;\n\n`,
    ...views.map((view) => `${view}\n`),
    `/** An object on the shared heap: ${type.sizeBytes} bytes, type id ${type.id}. */\n@unmanaged\n@final\nexport class ${name} {\n`,
    `  /** A new object, all zero; ends the domain when the heap has no room for it. */\n  static create(): ${name} {\n`,
    `    const base = create_${core}();\n    if (base == 0) ${names.glue("noRoom")}("no room for a ${type.name} on the shared heap");\n`,
    `    return ${names.glue("objectAt")}<${name}>(base);\n  }\n`,
    `\n  /** Gives the object back; the domain must own it. */\n  drop(): void {\n    drop_${core}(${names.glue("baseOf")}(this));\n  }\n`,
    `\n  /** Its place on the shared heap, for devices and for functions of the guard. */\n  get base(): u32 {\n    return <u32>${names.glue("baseOf")}(this);\n  }\n`,
    ...members,
    "}\n",
  ].join("");
}

function emitField(name: string, type: Exclude<FieldType, { kind: "array" }>, offset: number, names: FileNames): string {
  const source = type.kind === "scalar" ? sourceType(type, names) : names.type(type.type);
  const at = `this.base${offset === 0 ? "" : ` + ${offset}`}`;
  return (
    `\n  get ${name}(): ${source} {\n    return ${loaded(at, type.scalar, source, names)};\n  }\n` +
    `\n  set ${name}(value: ${source}) {\n    ${stored(at, "value", type.scalar, names)};\n  }\n`
  );
}

function emitArray(type: FieldType & { kind: "array" }, names: FileNames): string {
  const { length } = type;
  const item = type.item.kind === "scalar" ? type.item.scalar : "u8";
  const bytes = scalarBytes[item];
  const source = item === "char" ? "u32" : signed(item);
  const base = `<u32>${names.glue("baseOf")}(this)`;
  const scaled = (value: string): string => (bytes === 1 ? value : `${value} * ${bytes}`);
  const range = `if (offset > ${length} || count > ${length} - offset) ${names.glue("outOfRange")}();`;
  const unit = bytes === 1 ? "bytes" : `items of ${bytes} bytes`;
  return (
    `\n  get length(): u32 {\n    return ${length};\n  }\n` +
    `\n  at(index: u32): ${source} {\n    if (index >= ${length}) ${names.glue("outOfRange")}();\n    return ${loaded(`${base} + ${scaled("index")}`, item, source, names)};\n  }\n` +
    `\n  setAt(index: u32, value: ${source}): void {\n    if (index >= ${length}) ${names.glue("outOfRange")}();\n    ${stored(`${base} + ${scaled("index")}`, "value", item, names)};\n  }\n` +
    `\n  /** Copies \`count\` ${unit} from \`offset\` on to the domain's own memory. */\n  copyTo(offset: u32, dstPtr: usize, count: u32): void {\n    ${range}\n    ${names.guard("copyIn")}(dstPtr, ${base} + ${scaled("offset")}, ${scaled("count")});\n  }\n` +
    `\n  /** Copies \`count\` ${unit} from the domain's own memory to \`offset\`. */\n  copyFrom(offset: u32, srcPtr: usize, count: u32): void {\n    ${range}\n    ${names.guard("copyOut")}(${base} + ${scaled("offset")}, srcPtr, ${scaled("count")});\n  }\n`
  );
}

function loaded(at: string, scalar: Scalar, source: string, names: FileNames): string {
  const call = `${names.guard(`load${scalarBytes[scalar] * 8}`)}(${at})`;
  if (scalar === "bool") return `${call} != 0`;
  if (scalar === "f32" || scalar === "f64") return `reinterpret<${scalar}>(${call})`;
  return source === "u32" || source === "u64" ? call : `<${source}>${call}`;
}

function stored(at: string, value: string, scalar: Scalar, names: FileNames): string {
  const bits = scalar === "f32" ? `reinterpret<u32>(${value})` : scalar === "f64" ? `reinterpret<u64>(${value})` : undefined;
  const word =
    bits ?? (scalarBytes[scalar] === 8 ? (scalar === "u64" ? value : `<u64>${value}`) : scalar === "u32" ? value : `<u32>${value}`);
  return `${names.guard(`store${scalarBytes[scalar] * 8}`)}(${at}, ${word})`;
}
