/**
 * The bytes of a message that the kernel has checked to JavaScript values: one function per type, made once per method.
 * Called by `host-calls.ts` for results and by `host-functions.ts` for parameters. It reads a copy that is nobody else's, and
 * trusts its structure.
 */
import { camelCase } from "../../idl/member-name.ts";
import { caseBytes, flagsBytes } from "../../idl/message.ts";
import type { HostType, Scalar } from "../../idl/model.ts";
import type { Instances } from "./host-instances.ts";
import { flagsReader } from "./host-scalars.ts";
import type { HostTypedArray, HostValue } from "./host-values.ts";

/** Reads on from where the last value ended. */
export class MessageReader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Where the next so many bytes begin. */
  skip(bytes: number): number {
    this.at += bytes;
    return this.at - bytes;
  }

  u8(): number {
    return this.view.getUint8(this.at++);
  }

  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  string(): string {
    const length = this.u32();
    const start = this.skip(length);
    return length <= SHORT_TEXT ? this.#short(start, length) : decoder.decode(this.bytes.subarray(start, this.at));
  }

  /** Most strings are a few ASCII characters, for which a decoder costs more than its work. */
  #short(start: number, length: number): string {
    const { bytes } = this;
    let text = "";
    for (let i = start; i < start + length; i++) {
      const unit = bytes[i] as number;
      if (unit >= 0x80) return decoder.decode(bytes.subarray(start, start + length));
      text += String.fromCharCode(unit);
    }
    return text;
  }
}

const SHORT_TEXT = 24;
/** A mark at the beginning is text as any other. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export type Decode = (reader: MessageReader) => HostValue;

export function decoderOf(type: HostType, instances: Instances): Decode {
  const of = (inner: HostType): Decode => decoderOf(inner, instances);
  switch (type.kind) {
    case "scalar":
      return SCALARS[type.scalar];
    case "string":
      return (reader) => reader.string();
    case "enum": {
      const { cases } = type;
      return caseBytes(cases.length) === 1 ? (reader) => cases[reader.u8()] : (reader) => cases[reader.u16()];
    }
    case "flags": {
      const read = flagsReader(type);
      const width = FLAGS_READERS[flagsBytes(type.flags.length)];
      return (reader) => read(reader[width]());
    }
    case "record": {
      const fields = type.fields.map(({ name, type: field }) => ({ name: camelCase(name), decode: of(field) }));
      return (reader) => {
        const value: Record<string, HostValue> = {};
        for (const { name, decode } of fields) value[name] = decode(reader);
        return value;
      };
    }
    case "tuple": {
      const items = type.items.map(of);
      return (reader) => items.map((decode) => decode(reader));
    }
    case "list":
      return listDecoder(type.item, type.length, of);
    case "option": {
      const decode = of(type.item);
      if (type.item.kind !== "option") return (reader) => (reader.u8() === 0 ? undefined : decode(reader));
      return (reader) => (reader.u8() === 0 ? { tag: "none" } : { tag: "some", val: decode(reader) });
    }
    case "result": {
      const ok = type.ok && of(type.ok);
      const error = type.error && of(type.error);
      return (reader) => (reader.u8() === 0 ? { tag: "ok", val: ok?.(reader) } : { tag: "err", val: error?.(reader) });
    }
    case "variant":
      return variantDecoder(type.cases.map((each) => ({ tag: each.name, decode: each.type && of(each.type) })));
    case "own":
    case "borrow":
      return (reader) => reader.u32();
    case "handle":
      return (reader) => instances.fromHandle(reader.u32(), type.resource, type.mode);
  }
}

const FLAGS_READERS = { 1: "u8", 2: "u16", 4: "u32" } as const;

const SCALARS: Readonly<Record<Scalar, Decode>> = {
  bool: (reader) => reader.u8() !== 0,
  char: (reader) => String.fromCodePoint(reader.u32()),
  u8: (reader) => reader.u8(),
  s8: (reader) => (reader.u8() << 24) >> 24,
  u16: (reader) => reader.u16(),
  s16: (reader) => (reader.u16() << 16) >> 16,
  u32: (reader) => reader.u32(),
  s32: (reader) => reader.u32() | 0,
  u64: (reader) => reader.view.getBigUint64(reader.skip(8), true),
  s64: (reader) => reader.view.getBigInt64(reader.skip(8), true),
  f32: (reader) => reader.view.getFloat32(reader.skip(4), true),
  f64: (reader) => reader.view.getFloat64(reader.skip(8), true),
};

type TypedArray = new (buffer: ArrayBuffer) => HostTypedArray;

const TYPED_ARRAYS: Readonly<Partial<Record<Scalar, readonly [TypedArray, itemBytes: number]>>> = {
  u8: [Uint8Array, 1],
  s8: [Int8Array, 1],
  u16: [Uint16Array, 2],
  s16: [Int16Array, 2],
  u32: [Uint32Array, 4],
  s32: [Int32Array, 4],
  u64: [BigUint64Array, 8],
  s64: [BigInt64Array, 8],
  f32: [Float32Array, 4],
  f64: [Float64Array, 8],
};

function listDecoder(item: HostType, length: number | undefined, of: (type: HostType) => Decode): Decode {
  const array = item.kind === "scalar" ? TYPED_ARRAYS[item.scalar] : undefined;
  if (array !== undefined) {
    const [Array_, itemBytes] = array;
    return (reader) => {
      const bytes = (length ?? reader.u32()) * itemBytes;
      const start = reader.skip(bytes);
      // Items of several bytes need a beginning that fits them, and the copy is the value's own.
      return new Array_(reader.bytes.buffer.slice(start, start + bytes));
    };
  }
  const decode = of(item);
  return (reader) => {
    const count = length ?? reader.u32();
    const items: HostValue[] = [];
    for (let i = 0; i < count; i++) items.push(decode(reader));
    return items;
  };
}

function variantDecoder(cases: readonly { readonly tag: string; readonly decode: Decode | undefined }[]): Decode {
  const width = caseBytes(cases.length) === 1 ? "u8" : "u16";
  return (reader) => {
    const { tag, decode } = cases[reader[width]()] ?? { tag: "", decode: undefined };
    return decode === undefined ? { tag } : { tag, val: decode(reader) };
  };
}
