/**
 * JavaScript values to the bytes of a message: one function per type, made once per method. Called by `host-calls.ts` for
 * parameters and by `host-functions.ts` for results. A value that is none of its type throws a `WrongValue` that knows its place.
 * What a value is, is in `host-values.ts`; the bytes are in `idl/message.ts`.
 */
import { camelCase } from "../../idl/member-name.ts";
import { caseBytes, flagsBytes } from "../../idl/message.ts";
import type { HostType, Scalar } from "../../idl/model.ts";
import { TYPED_ARRAY_NAMES } from "../../idl/typed-arrays.ts";
import type { MessageWriter } from "../messages/message-writer.ts";
import type { Instances } from "./host-instances.ts";
import { bigintOf, boolOf, charOf, enumCheck, flagsCheck, isWide, listed, numberCheck } from "./host-scalars.ts";
import { expected, placed, WrongValue } from "./wrong-value.ts";

export type Encode = (writer: MessageWriter, value: unknown) => void;

export function encoderOf(type: HostType, instances: Instances): Encode {
  const of = (inner: HostType): Encode => encoderOf(inner, instances);
  switch (type.kind) {
    case "scalar":
      return scalarEncoder(type.scalar);
    case "string":
      return encodeString;
    case "enum": {
      const check = enumCheck(type);
      return caseBytes(type.cases.length) === 1 ? (writer, value) => writer.u8(check(value)) : (writer, value) => writer.u16(check(value));
    }
    case "flags": {
      const check = flagsCheck(type);
      const width = FLAGS_WRITERS[flagsBytes(type.flags.length)];
      return (writer, value) => writer[width](check(value));
    }
    case "record":
      return recordEncoder(type.fields.map(({ name, type: field }) => ({ name: camelCase(name), encode: of(field) })));
    case "tuple":
      return tupleEncoder(type.items.map(of));
    case "list":
      return listEncoder(type.item, type.length, of);
    case "option":
      return type.item.kind === "option" ? taggedOptionEncoder(of(type.item)) : optionEncoder(of(type.item));
    case "result":
      return casesEncoder([
        { name: "ok", encode: type.ok && of(type.ok) },
        { name: "err", encode: type.error && of(type.error) },
      ]);
    case "variant":
      return casesEncoder(type.cases.map((each) => ({ name: each.name, encode: each.type && of(each.type) })));
    case "own":
    case "borrow":
      return (writer, value) => writer.u32(baseOf(value));
    case "handle":
      return (writer, value) => writer.u32(instances.toHandle(value, type.resource, type.mode));
  }
}

const FLAGS_WRITERS = { 1: "u8", 2: "u16", 4: "u32" } as const;

function scalarEncoder(scalar: Scalar): Encode {
  if (isWide(scalar)) return (writer, value) => writer.u64(bigintOf(value, scalar));
  if (scalar === "bool") return (writer, value) => writer.u8(boolOf(value));
  if (scalar === "char") return (writer, value) => writer.u32(charOf(value));
  const check = numberCheck(scalar);
  switch (scalar) {
    case "u8":
    case "s8":
      return (writer, value) => writer.u8(check(value));
    case "u16":
    case "s16":
      return (writer, value) => writer.u16(check(value));
    case "f32":
      return (writer, value) => writer.f32(check(value));
    case "f64":
      return (writer, value) => writer.f64(check(value));
    default:
      return (writer, value) => writer.u32(check(value));
  }
}

function encodeString(writer: MessageWriter, value: unknown): void {
  if (typeof value !== "string") throw expected("a string", value);
  if (!value.isWellFormed()) throw new WrongValue("expected text, got a string with half of a surrogate pair");
  writer.string(value);
}

/** The base of a shared object. Whether the host owns it is the kernel's question. */
export function baseOf(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0x7fffffff) {
    throw expected("the base of a shared object", value);
  }
  return value;
}

function recordEncoder(fields: readonly { readonly name: string; readonly encode: Encode }[]): Encode {
  return (writer, value) => {
    if (typeof value !== "object" || value === null) throw expected("an object", value);
    let name = "";
    try {
      for (const field of fields) {
        name = field.name;
        field.encode(writer, (value as Readonly<Record<string, unknown>>)[name]);
      }
    } catch (error) {
      throw placed(error, `.${name}`);
    }
  };
}

function tupleEncoder(items: readonly Encode[]): Encode {
  return (writer, value) => {
    if (!Array.isArray(value) || value.length !== items.length) throw expected(`an array of ${items.length}`, value);
    let index = 0;
    try {
      for (; index < items.length; index++) (items[index] as Encode)(writer, value[index]);
    } catch (error) {
      throw placed(error, `[${index}]`);
    }
  };
}

function listEncoder(item: HostType, length: number | undefined, of: (type: HostType) => Encode): Encode {
  const array = item.kind === "scalar" ? TYPED_ARRAY_NAMES[item.scalar] : undefined;
  if (array !== undefined) return typedArrayEncoder(array, length);
  const encode = of(item);
  return (writer, value) => {
    if (!Array.isArray(value)) throw expected("an array", value);
    const count = value.length;
    if (length === undefined) writer.u32(count);
    else if (count !== length) throw new WrongValue(`expected ${length} items, got ${count}`);
    let index = 0;
    try {
      for (; index < count; index++) encode(writer, value[index]);
    } catch (error) {
      throw placed(error, `[${index}]`);
    }
  };
}

/** The array's own bytes: little endian, as everything that runs Wasm is. */
function typedArrayEncoder(name: string, length: number | undefined): Encode {
  return (writer, value) => {
    if (!ArrayBuffer.isView(value) || (value as unknown as { readonly [Symbol.toStringTag]: string })[Symbol.toStringTag] !== name) {
      throw expected(`a ${name}`, value);
    }
    const count = (value as Uint8Array).length;
    if (length === undefined) writer.u32(count);
    else if (count !== length) throw new WrongValue(`expected ${length} items, got ${count}`);
    writer.copy(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  };
}

function optionEncoder(encode: Encode): Encode {
  return (writer, value) => {
    if (value === undefined) {
      writer.u8(0);
      return;
    }
    writer.u8(1);
    encode(writer, value);
  };
}

function taggedOptionEncoder(encode: Encode): Encode {
  return casesEncoder([
    { name: "none", encode: undefined },
    { name: "some", encode },
  ]);
}

/** `{ tag, val }` of a variant, a result, or an option of an option. */
function casesEncoder(cases: readonly { readonly name: string; readonly encode: Encode | undefined }[]): Encode {
  const numbers = new Map<unknown, number>(cases.map(({ name }, index) => [name, index]));
  const write = caseBytes(cases.length) === 1 ? "u8" : "u16";
  return (writer, value) => {
    if (typeof value !== "object" || value === null) throw expected("an object with a tag", value);
    const { tag, val } = value as { readonly tag?: unknown; readonly val?: unknown };
    const index = numbers.get(tag);
    if (index === undefined) throw expected(`one of ${listed(cases.map(({ name }) => name))}`, tag).within(".tag");
    writer[write](index);
    try {
      cases[index]?.encode?.(writer, val);
    } catch (error) {
      throw placed(error, ".val");
    }
  };
}
