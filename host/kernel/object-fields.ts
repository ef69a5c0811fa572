/** Reads an object of a shared type as plain JavaScript, for the host that owns it. */
import type { SharedHeap } from "../../shared-heap/heap.ts";
import type { FieldType, Scalar, SharedType } from "../idl/idl.ts";
import { camelCase } from "../idl/member-name.ts";

export type FieldValue = number | bigint | boolean | string | readonly (number | bigint)[] | Uint8Array;

/** Field names in camel case; a list of bytes is a Uint8Array (a copy), an enum its case. */
export function readObject(heap: SharedHeap, type: SharedType, base: number): Record<string, FieldValue> {
  const view = new DataView(heap.memory.buffer, base, type.sizeBytes);
  return Object.fromEntries(type.fields.map((f) => [camelCase(f.name), readField(view, f.type, f.offset)]));
}

function readField(view: DataView, type: FieldType, offset: number): FieldValue {
  if (type.kind === "array") {
    if (type.item === "u8") return new Uint8Array(view.buffer, view.byteOffset + offset, type.length).slice();
    const width = WIDTHS[type.item];
    return Array.from({ length: type.length }, (_, i) => readScalar(view, type.item, offset + i * width) as number | bigint);
  }
  const value = readScalar(view, type.scalar, offset);
  return type.kind === "enum" ? (type.type.cases[Number(value)] ?? Number(value)) : value;
}

const WIDTHS: Readonly<Record<Scalar, number>> = {
  bool: 1,
  char: 4,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  s8: 1,
  s16: 2,
  s32: 4,
  s64: 8,
  f32: 4,
  f64: 8,
};

function readScalar(view: DataView, scalar: Scalar, offset: number): number | bigint | boolean {
  switch (scalar) {
    case "bool":
      return view.getUint8(offset) !== 0;
    case "u8":
      return view.getUint8(offset);
    case "s8":
      return view.getInt8(offset);
    case "u16":
      return view.getUint16(offset, true);
    case "s16":
      return view.getInt16(offset, true);
    case "u32":
    case "char":
      return view.getUint32(offset, true);
    case "s32":
      return view.getInt32(offset, true);
    case "u64":
      return view.getBigUint64(offset, true);
    case "s64":
      return view.getBigInt64(offset, true);
    case "f32":
      return view.getFloat32(offset, true);
    case "f64":
      return view.getFloat64(offset, true);
  }
}
