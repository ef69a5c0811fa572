/**
 * Reads an object of a shared type as plain JavaScript, for the host that owns it. What its last owner wrote is data: a case may be
 * none, a slot may name anything, and only what the heap knows as a child is shown as one.
 */
import type { SharedHeap } from "../../../shared-heap/heap.ts";
import { ENTRY_BASE, ENTRY_PARENT, ENTRY_TYPE, GRANULE_SHIFT, GRANULES } from "../../../shared-heap/layout.ts";
import { bytesOf, DEQUE_HEAD_BYTES, SLOT_BYTES, vecLength } from "../../idl/field-sizes.ts";
import type { FieldType, PlainType, Scalar, SharedRef, SharedType } from "../../idl/idl.ts";
import { camelCase } from "../../idl/member-name.ts";

export type FieldValue =
  | number
  | bigint
  | boolean
  | string
  | undefined
  | Uint8Array
  | readonly FieldValue[]
  | { readonly [field: string]: FieldValue };

/**
 * Field names in camel case. Bytes are a Uint8Array (a copy), other lists and tuples arrays, records objects, an enum its case. A child
 * is its base, read like any object and owned through its parent; an empty slot is undefined, and a deque the bases of its children,
 * front first.
 */
export function readObject(heap: SharedHeap, type: SharedType, base: number): Record<string, FieldValue> {
  const bytes = type.fields.at(-1)?.type.kind === "vec" ? heap.exports.sizeOf(base) : type.sizeBytes;
  const view = new DataView(heap.memory.buffer, base, bytes);
  return Object.fromEntries(type.fields.map((field) => [camelCase(field.name), readField(heap, view, field.type, field.offset)]));
}

function readField(heap: SharedHeap, view: DataView, type: FieldType, offset: number): FieldValue {
  const child = (at: number, target: SharedRef): number | undefined => childIn(heap, view.byteOffset + at, target.id);
  switch (type.kind) {
    case "owned":
      return child(offset, type.target);
    case "slots":
      return Array.from({ length: type.length }, (_, i) => child(offset + i * SLOT_BYTES, type.target));
    case "deque": {
      const front = view.getUint32(offset, true);
      const ring = offset + DEQUE_HEAD_BYTES;
      const length = Math.min(view.getUint32(offset + 4, true), type.length);
      const bases = Array.from({ length }, (_, i) => child(ring + ((front + i) % type.length) * SLOT_BYTES, type.target));
      return bases.filter((each) => each !== undefined);
    }
    case "vec":
      return readList(view, type.item, offset, vecLength({ offset, stride: bytesOf(type.item) }, view.byteLength));
    default:
      return readPlain(view, type, offset);
  }
}

/** The child of the wanted type that this slot names, if the object that holds the slot has it. */
function childIn({ u32 }: SharedHeap, slot: number, type: number): number | undefined {
  const word = (at: number): number => u32[at >>> 2] ?? 0;
  const entryOf = (address: number): number => word(GRANULES + (address >>> GRANULE_SHIFT) * 4);
  const base = word(slot);
  const child = entryOf(base);
  const isOne = child !== 0 && word(child + ENTRY_BASE) === base && word(child + ENTRY_PARENT) === entryOf(slot);
  return isOne && word(child + ENTRY_TYPE) === type ? base : undefined;
}

function readPlain(view: DataView, type: PlainType, offset: number): FieldValue {
  switch (type.kind) {
    case "array":
      return readList(view, type.item, offset, type.length);
    case "record":
      return Object.fromEntries(type.fields.map((field) => [camelCase(field.name), readPlain(view, field.type, offset + field.offset)]));
    case "tuple":
      return type.fields.map((field) => readPlain(view, field.type, offset + field.offset));
    default: {
      const value = readScalar(view, type.scalar, offset);
      return type.kind === "enum" ? (type.type.cases[Number(value)] ?? Number(value)) : value;
    }
  }
}

function readList(view: DataView, item: PlainType, offset: number, length: number): FieldValue {
  if (item.kind === "scalar" && item.scalar === "u8") return new Uint8Array(view.buffer, view.byteOffset + offset, length).slice();
  const stride = bytesOf(item);
  return Array.from({ length }, (_, i) => readPlain(view, item, offset + i * stride));
}

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
