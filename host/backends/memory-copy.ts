/**
 * Copies between two WebAssembly memories by `memory.copy`: a typed array's `set` goes word by word where one of the two is shared, and takes
 * about twice as long for a block. Called by `memory-store.ts`, which has checked its ranges; one that is outside a memory traps here.
 */
import { section, u32Leb } from "../kernel/calls/wasm-bytes.ts";

const PAGE_BYTES = 65_536;
const I32 = 0x7f;
const LOCAL = 0x20;
const MEMORY_COPY = [0xfc, 0x0a];

export interface MemoryCopy {
  /** From the other memory to the first. Bytes. */
  readonly take: (to: number, from: number, bytes: number) => void;
  /** From the first memory to the other. */
  readonly give: (to: number, from: number, bytes: number) => void;
}

/** @param own not shared @param other shared, of a size that stays as it is */
export function memoryCopyBetween(own: WebAssembly.Memory, other: WebAssembly.Memory): MemoryCopy {
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const pages = (memory: WebAssembly.Memory): number[] => u32Leb(memory.buffer.byteLength / PAGE_BYTES);
  const limits = (memory: WebAssembly.Memory, flags: number): number[] => [2, flags, ...pages(memory), ...pages(memory)];
  const copy = (to: number, from: number): number[] => {
    const body = [0, LOCAL, 0, LOCAL, 1, LOCAL, 2, ...MEMORY_COPY, to, from, 0x0b];
    return [body.length, ...body];
  };
  const bytes = new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    ...section(2, [2, ...name("m"), ...name("own"), ...limits(own, 1), ...name("m"), ...name("other"), ...limits(other, 3)]),
    ...section(3, [2, 0, 0]),
    ...section(7, [2, ...name("take"), 0, 0, ...name("give"), 0, 1]),
    ...section(10, [2, ...copy(0, 1), ...copy(1, 0)]),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { own, other } });
  return exports as unknown as MemoryCopy;
}
