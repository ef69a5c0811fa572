/** How lists of numbers look in JavaScript: read by the generator of types and by whoever takes or gives such lists. */
import type { Scalar } from "./model.ts";

/** Constructor by the item's type; lists of other items are arrays. */
export const TYPED_ARRAY_NAMES: Readonly<Partial<Record<Scalar, string>>> = {
  u8: "Uint8Array",
  s8: "Int8Array",
  u16: "Uint16Array",
  s16: "Int16Array",
  u32: "Uint32Array",
  s32: "Int32Array",
  u64: "BigUint64Array",
  s64: "BigInt64Array",
  f32: "Float32Array",
  f64: "Float64Array",
};
