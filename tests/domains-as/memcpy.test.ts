/** The library's copies: every size around its borders, every offset and overlap, against JavaScript's copyWithin. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compileAssemblyScript } from "../../bench/support/assemblyscript.ts";
import { ALICE, guardOf, newHeap, random, traps } from "../shared-heap/support.ts";

const CONSTANTS: readonly number[] = [0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100];
const KINDS = ["ownToOwn", "sharedToOwn", "ownToShared", "sharedToShared"] as const;
const SOURCE = `import { Copy } from "sumac/memcpy";
${KINDS.map((kind) => `export function ${kind}_(d: u32, s: u32, n: u32): void { Copy.${kind}(d, s, n); }`).join("\n")}
${CONSTANTS.map((n) => `export function own${n}(d: u32, s: u32): void { Copy.ownToOwn(d, s, ${n}); }`).join("\n")}`;
const PAGE = 65536;
const module = new WebAssembly.Module(await compileAssemblyScript(SOURCE, ["--initialMemory", "1"]));

type Copy = (to: number, from: number, bytes: number) => void;

/** The module as a domain of its own, with its memory; both memories hold noise. */
function scene() {
  const heap = newHeap();
  const guard = guardOf(heap, ALICE, { ownPages: 1 });
  // The module's memory is its own here: what passes through the guard lies in the guard's.
  const exports = new WebAssembly.Instance(module, { guard: guard as unknown as WebAssembly.ModuleImports }).exports;
  const own = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
  const next = random(7);
  for (const bytes of [own, guard.own]) for (let i = 0; i < bytes.length; i++) bytes[i] = next(256);
  return { heap, guard, own, copy: exports as unknown as Readonly<Record<string, Copy>> };
}

test("ownToOwn: every size up to 200 at every offset and overlap is what copyWithin does", () => {
  const { own, copy } = scene();
  const expected = own.slice();
  for (let bytes = 0; bytes <= 200; bytes++) {
    for (const distance of [
      -PAGE / 4,
      -65,
      -64,
      -33,
      -17,
      -16,
      -15,
      -8,
      -5,
      -3,
      -1,
      0,
      1,
      2,
      4,
      7,
      15,
      16,
      17,
      31,
      40,
      63,
      64,
      100,
      PAGE / 4,
    ]) {
      const from = PAGE / 2 + (bytes % 19);
      copy.ownToOwn_?.(from + distance, from, bytes);
      expected.copyWithin(from + distance, from, from + bytes);
      if (Buffer.compare(own, expected) !== 0) assert.unreachable(`${bytes} bytes by ${distance}`);
    }
  }
});

test("ownToOwn: a constant size does the same", () => {
  const { own, copy } = scene();
  const expected = own.slice();
  for (const bytes of CONSTANTS) {
    for (const distance of [-40, -16, -7, -1, 0, 1, 5, 16, 50, 5000]) {
      copy[`own${bytes}`]?.(30_001 + distance, 30_001, bytes);
      expected.copyWithin(30_001 + distance, 30_001, 30_001 + bytes);
      if (Buffer.compare(own, expected) !== 0) assert.unreachable(`${bytes} bytes by ${distance}`);
    }
  }
});

test("ownToOwn: a range that leaves the memory traps", () => {
  const { own, copy } = scene();
  for (const bytes of [1, 4, 16, 40, 64, 65, 5000]) {
    traps(() => copy.ownToOwn_?.(0, own.length - bytes + 1, bytes), `from the end, ${bytes}`);
    traps(() => copy.ownToOwn_?.(own.length - bytes + 1, 0, bytes), `to the end, ${bytes}`);
    copy.ownToOwn_?.(0, own.length - bytes, bytes);
  }
});

test("sharedToOwn, ownToShared, sharedToShared: sizes, offsets and overlaps through the guard, and no byte beside them", () => {
  const { heap, guard, copy } = scene();
  const [a, b] = [heap.exports.alloc(ALICE, 1, 70_000), heap.exports.alloc(ALICE, 1, 70_000)];
  const next = random(3);
  for (let i = 0; i < 70_000; i++) [heap.u8[a + i], heap.u8[b + i]] = [next(256), next(256)];
  const [all, own] = [heap.u8.slice(), guard.own.slice()];
  for (const bytes of [0, 1, 2, 3, 4, 5, 15, 16, 17, 64, 65, 100, 4096, 4097, 60_000]) {
    for (const offset of [0, 1, 7, 64, 999]) {
      copy.sharedToOwn_?.(100 + offset, a + offset, bytes);
      own.set(all.subarray(a + offset, a + offset + bytes), 100 + offset);
      copy.ownToShared_?.(b + offset, 333, bytes);
      all.set(own.subarray(333, 333 + bytes), b + offset);
      copy.sharedToShared_?.(b + offset + 5, b + offset, bytes);
      all.copyWithin(b + offset + 5, b + offset, b + offset + bytes);
      copy.sharedToShared_?.(a + offset, b + 3, bytes);
      all.copyWithin(a + offset, b + 3, b + 3 + bytes);
    }
    assert.is(Buffer.compare(all, heap.u8), 0, `${bytes} bytes, shared`);
    assert.is(Buffer.compare(own, guard.own), 0, `${bytes} bytes, own`);
  }
});

test.run();
