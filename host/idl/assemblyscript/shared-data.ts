/**
 * The AssemblyScript of plain data inside shared objects: accessors for numbers, views for records, tuples and lists. A view is a
 * class whose instance is an address, so nothing is copied and nothing allocated. Called by `shared-type.ts`.
 */
import { bytesOf, scalarBytes } from "../field-sizes.ts";
import type { PlainRecord, PlainType, Scalar } from "../model.ts";
import { type FileNames, signed } from "./file-names.ts";
import { member, pascal } from "./names.ts";

/** The class that members are written for. */
export interface Owner {
  readonly name: string;
  /** Its instances begin at multiples of 16, as whole objects do. */
  readonly isAligned: boolean;
  /** Classes for what lies inside, in the order in which they are needed. */
  readonly views: string[];
}

/** A field: its name in WIT, its member's name, and where it begins. */
export interface At {
  readonly wit: string;
  readonly member: string;
  readonly offset: number;
}

type Tuple = PlainType & { readonly kind: "tuple" };
type Inner = PlainRecord | Tuple | (PlainType & { readonly kind: "array" });

const recordMembers: ReadonlySet<string> = new Set(["base", "copyTo", "copyFrom"]);

export function plainMember(type: PlainType, at: At, owner: Owner, names: FileNames): string {
  const place = `this.base${at.offset === 0 ? "" : ` + ${at.offset}`}`;
  if (isInner(type)) {
    const isAligned = owner.isAligned && at.offset % 16 === 0;
    const view = innerView(type, { label: `${owner.name}_${pascal(at.wit)}`, isAligned, views: owner.views }, names);
    return `\n  get ${at.member}(): ${view} {\n    return ${names.glue("partOf")}<${owner.name}, ${view}>(this, ${at.offset});\n  }\n`;
  }
  const source = numberType(type, names);
  return (
    `\n  get ${at.member}(): ${source} {\n    return ${loaded(place, type.scalar, source, names)};\n  }\n` +
    `\n  set ${at.member}(value: ${source}) {\n    ${stored(place, "value", type.scalar, names)};\n  }\n`
  );
}

/** Copies of the whole, and each part. */
export function recordBody(type: PlainRecord | Tuple, owner: Owner, names: FileNames): string {
  const parts = type.fields.map(({ name, type: field, offset }) =>
    plainMember(field, { wit: name, member: member(name, recordMembers), offset }, owner, names),
  );
  return (
    `\n  /** Copies all ${type.sizeBytes} bytes to the domain's own memory. */\n  copyTo(dstPtr: usize): void {\n    ${names.guard("copyIn")}(dstPtr, this.base, ${type.sizeBytes});\n  }\n` +
    `\n  copyFrom(srcPtr: usize): void {\n    ${names.guard("copyOut")}(this.base, srcPtr, ${type.sizeBytes});\n  }\n${parts.join("")}`
  );
}

export function viewClass(name: string, about: string, body: string, names: FileNames): string {
  const base = `  /** Its place on the shared heap. */\n  get base(): u32 {\n    return <u32>${names.glue("baseOf")}(this);\n  }\n`;
  return `/** ${about} */\n@unmanaged\n@final\nexport class ${name} {\n${base}${body}}\n`;
}

/** Where a list's class gets its names from, and whether its first item lies at a multiple of 16. */
interface ListPlace {
  readonly label: string;
  readonly isAligned: boolean;
  readonly views: string[];
}

export function arrayMembers(type: PlainType & { readonly kind: "array" }, place: ListPlace, names: FileNames): string {
  const length = `\n  get length(): u32 {\n    return ${type.length};\n  }\n`;
  return length + listMembers(type.item, { start: "this.base", length: String(type.length), fixed: type.length }, place, names);
}

/** A list that is as long as the object was made. */
export function vecMembers(item: PlainType, at: At, owner: Owner, isAlone: boolean, names: FileNames): string {
  const stride = bytesOf(item);
  const size = `${names.guard("sizeOf")}(this.base)`;
  const bytes = at.offset === 0 ? size : stride === 1 ? `${size} - ${at.offset}` : `(${size} - ${at.offset})`;
  const length = `\n  get length(): u32 {\n    return ${bytes}${stride === 1 ? "" : ` / ${stride}`};\n  }\n`;
  const label = isAlone ? owner.name : `${owner.name}_${pascal(at.wit)}`;
  const start = at.offset === 0 ? "this.base" : `this.base + ${at.offset}`;
  const place = { label, isAligned: at.offset % 16 === 0, views: owner.views };
  const body = length + listMembers(item, { start, length: "this.length", fixed: undefined }, place, names);
  if (isAlone) return body;
  // The object's own address under another class: only so is its size known.
  owner.views.push(viewClass(label, `The \`${at.wit}\` at the end of a \`${owner.name}\`.`, body, names));
  return `\n  get ${at.member}(): ${label} {\n    return ${names.glue("partOf")}<${owner.name}, ${label}>(this, 0);\n  }\n`;
}

interface Extent {
  /** Expression of the first item's address. */
  readonly start: string;
  /** Expression of the number of items. */
  readonly length: string;
  readonly fixed: number | undefined;
}

function listMembers(item: PlainType, extent: Extent, place: ListPlace, names: FileNames): string {
  const { start, length } = extent;
  const bytes = bytesOf(item);
  const scaled = (value: string): string => (bytes === 1 ? value : `${value} * ${bytes}`);
  const outside = `${names.glue("outOfRange")}();`;
  const inside = `if (index >= ${length}) ${outside}`;
  const range = extent.fixed
    ? `if (offset > ${length} || count > ${length} - offset) ${outside}`
    : `const length = this.length;\n    if (offset > length || count > length - offset) ${outside}`;
  const unit = bytes === 1 ? "bytes" : `items of ${bytes} bytes`;
  const itemAt = `${start} + ${scaled("index")}`;
  const from = `${start} + ${scaled("offset")}`;
  return [
    isInner(item) ? viewAt(item, { inside, itemAt }, place, names) : numberAt(item, { inside, itemAt }, names),
    `\n  /** Copies \`count\` ${unit} from \`offset\` on to the domain's own memory. */\n  copyTo(offset: u32, dstPtr: usize, count: u32): void {\n    ${range}\n    ${names.guard("copyIn")}(dstPtr, ${from}, ${scaled("count")});\n  }\n`,
    `\n  /** Copies \`count\` ${unit} from the domain's own memory to \`offset\`. */\n  copyFrom(offset: u32, srcPtr: usize, count: u32): void {\n    ${range}\n    ${names.guard("copyOut")}(${from}, srcPtr, ${scaled("count")});\n  }\n`,
    `\n  /** Copies \`count\` ${unit} from another place on the shared heap to \`offset\`. */\n  copyShared(offset: u32, srcOff: u32, count: u32): void {\n    ${range}\n    ${names.guard("copyShared")}(${from}, srcOff, ${scaled("count")});\n  }\n`,
    isVector(item, extent, place) ? vectorAt(bytes, { ...extent, outside, itemAt }, names) : "",
  ].join("");
}

interface ItemCode {
  readonly inside: string;
  readonly itemAt: string;
}

function numberAt(item: Exclude<PlainType, Inner>, { inside, itemAt }: ItemCode, names: FileNames): string {
  const source = numberType(item, names);
  return (
    `\n  at(index: u32): ${source} {\n    ${inside}\n    return ${loaded(itemAt, item.scalar, source, names)};\n  }\n` +
    `\n  setAt(index: u32, value: ${source}): void {\n    ${inside}\n    ${stored(itemAt, "value", item.scalar, names)};\n  }\n`
  );
}

function viewAt(item: Inner, { inside, itemAt }: ItemCode, place: ListPlace, names: FileNames): string {
  const view = innerView(item, { label: `${place.label}_Item`, isAligned: false, views: place.views }, names);
  return `\n  /** The item where it lies: what is written there is written into the list. */\n  at(index: u32): ${view} {\n    ${inside}\n    return ${names.glue("objectAt")}<${view}>(${itemAt});\n  }\n`;
}

/** Whether sixteen bytes at a time can be read: the guard wants them at multiples of 16. */
function isVector(item: PlainType, { fixed }: Extent, { isAligned }: ListPlace): boolean {
  if (!isAligned || item.kind !== "scalar" || item.scalar === "bool" || item.scalar === "char") return false;
  return fixed === undefined || fixed * scalarBytes[item.scalar] >= 16;
}

function vectorAt(
  bytes: number,
  { length, outside, itemAt }: Extent & { readonly outside: string; readonly itemAt: string },
  names: FileNames,
): string {
  const lanes = 16 / bytes;
  const wrong = `(index & ${lanes - 1}) != 0 || ${length} < ${lanes} || index > ${length} - ${lanes}`;
  return (
    `\n  /** ${lanes} items at once, from an index that is a multiple of ${lanes}. */\n  vectorAt(index: u32): v128 {\n    if (${wrong}) ${outside}\n    return ${names.guard("loadv128")}(${itemAt});\n  }\n` +
    `\n  setVectorAt(index: u32, value: v128): void {\n    if (${wrong}) ${outside}\n    ${names.guard("storev128")}(${itemAt}, value);\n  }\n`
  );
}

/** The name of the class for what lies inside; that of a record is its own, the others are written here. */
function innerView(type: Inner, place: ListPlace, names: FileNames): string {
  if (type.kind === "record") return names.view(type);
  const body =
    type.kind === "array"
      ? arrayMembers(type, place, names)
      : recordBody(type, { name: place.label, isAligned: place.isAligned, views: place.views }, names);
  const about = type.kind === "array" ? `${type.length} items` : "A tuple";
  place.views.push(viewClass(place.label, `${about} inside an object on the shared heap: ${bytesOf(type)} bytes.`, body, names));
  return place.label;
}

function isInner(type: PlainType): type is Inner {
  return type.kind === "array" || type.kind === "record" || type.kind === "tuple";
}

function numberType(type: Exclude<PlainType, Inner>, names: FileNames): string {
  if (type.kind !== "scalar") return names.type(type.type);
  return type.scalar === "char" ? "u32" : signed(type.scalar);
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
