/**
 * AssemblyScript programs over data, as a user would write them. Each export works on an input that it makes itself and returns a
 * checksum; tests compile this text with exports of their own.
 */
import { HASH_KERNEL } from "./hash-kernel.ts";
import { JSON_KERNEL } from "./json-kernel.ts";
import { LZ_KERNEL } from "./lz-kernel.ts";

export const DATA_KERNELS: string = `
function random(x: u32): u32 {
  x ^= x << 13;
  x ^= x >> 17;
  return x ^ (x << 5);
}
${LZ_KERNEL}${JSON_KERNEL}${HASH_KERNEL}`;
export const DATA_KERNEL_NAMES = ["lz", "json", "hash"] as const;
