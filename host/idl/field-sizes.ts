/**
 * Sizes and places inside shared objects, from the model alone: for the generators, and for the kernel, which makes objects
 * and checks slots. Computes; knows nothing of WIT's text.
 */
import type { PlainType, Scalar, SharedRef, SharedType } from "./model.ts";

export const MAX_OBJECT_BYTES: number = 16 * 1024 * 1024;
export const SLOT_BYTES = 4;
/** A deque's first two words: the index of its front, and how many children it has. */
export const DEQUE_HEAD_BYTES = 8;

export const scalarBytes: Readonly<Record<Scalar, number>> = {
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

/** Also from one item of an array to the next: records and tuples are padded to their alignment. */
export function bytesOf(type: PlainType): number {
  switch (type.kind) {
    case "array":
      return bytesOf(type.item) * type.length;
    case "record":
    case "tuple":
      return type.sizeBytes;
    default:
      return scalarBytes[type.scalar];
  }
}

export function alignmentOf(type: PlainType): number {
  switch (type.kind) {
    case "array":
      return alignmentOf(type.item);
    case "record":
    case "tuple":
      return type.alignment;
    default:
      return scalarBytes[type.scalar];
  }
}

/** Of a field; a `vec` begins where its first item does and adds nothing to the fixed part. */
export function fieldExtent(
  type:
    | PlainType
    | { readonly kind: "owned" }
    | { readonly kind: "slots" | "deque"; readonly length: number }
    | { readonly kind: "vec"; readonly item: PlainType },
): { readonly bytes: number; readonly alignment: number } {
  switch (type.kind) {
    case "owned":
      return { bytes: SLOT_BYTES, alignment: SLOT_BYTES };
    case "slots":
      return { bytes: SLOT_BYTES * type.length, alignment: SLOT_BYTES };
    case "deque":
      return { bytes: DEQUE_HEAD_BYTES + SLOT_BYTES * type.length, alignment: SLOT_BYTES };
    case "vec":
      return { bytes: 0, alignment: alignmentOf(type.item) };
    default:
      return { bytes: bytesOf(type), alignment: alignmentOf(type) };
  }
}

/** Where the items of a type's `vec` begin and how far they are apart; undefined where every object has one size. */
export function vecOf(type: SharedType): { readonly item: PlainType; readonly offset: number; readonly stride: number } | undefined {
  const last = type.fields.at(-1);
  return last?.type.kind === "vec" ? { item: last.type.item, offset: last.offset, stride: bytesOf(last.type.item) } : undefined;
}

/** How large the type's objects are, for people. */
export function sizeText(type: SharedType): string {
  const vec = vecOf(type);
  return vec ? `${type.sizeBytes} bytes and ${vec.stride} for each item` : `${type.sizeBytes} bytes`;
}

/** Items that an object of so many bytes has in its `vec`. */
export function vecLength(vec: { readonly offset: number; readonly stride: number }, objectBytes: number): number {
  return Math.floor((objectBytes - vec.offset) / vec.stride);
}

/** Runs of slots: `count` words from `offset` on, for children of one type. */
export interface SlotRun {
  readonly offset: number;
  readonly count: number;
  readonly target: SharedRef;
}

export function slotsOf(type: SharedType): SlotRun[] {
  const runs: SlotRun[] = [];
  for (const { type: field, offset } of type.fields) {
    if (field.kind === "owned") runs.push({ offset, count: 1, target: field.target });
    if (field.kind === "slots") runs.push({ offset, count: field.length, target: field.target });
    if (field.kind === "deque") runs.push({ offset: offset + DEQUE_HEAD_BYTES, count: field.length, target: field.target });
  }
  return runs;
}
