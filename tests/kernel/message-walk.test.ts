/** The check of a message by itself: bounds that no domain's memory reaches, and the deepest types. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostType } from "../../host/idl/idl.ts";
import { MAX_LOOPS, programOf } from "../../host/kernel/messages/message-program.ts";
import { FOUND_WORDS, MAX_FOUND, MAX_STEPS, MessageWalk } from "../../host/kernel/messages/message-walk.ts";
import { SharedHeap } from "../../shared-heap/heap.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";

const test = suite("message walk");

const BLOCK: HostType = {
  kind: "own",
  shared: { id: 7, name: "block", interfaceId: "a:b/c", sizeBytes: 4, fields: [], canonical: "" } as never,
};
const BOOL: HostType = { kind: "scalar", scalar: "bool" };

function list(item: HostType, length?: number): HostType {
  return { kind: "list", item, length };
}

function walkOver(bytes: number): { walk: MessageWalk; base: number; heap: SharedHeap } {
  const heap = SharedHeap.create({ maxBytes: 32 << 20, heapWasm: readFileSync("build/shared-heap/heap.wasm") });
  return { walk: new MessageWalk(heap), base: heap.exports.alloc(KERNEL_ID, 1, bytes), heap };
}

test("MessageWalk: a message holds a bounded number of objects, and loops inside each other as deep as types go", () => {
  const { walk, base, heap } = walkOver(4 + 4 * (MAX_FOUND + 1));
  const { code } = programOf([list(BLOCK)], () => 0);
  for (const [count, isFine] of [
    [MAX_FOUND, true],
    [MAX_FOUND + 1, false],
  ] as const) {
    walk.top = 0;
    walk.setWord(base, count);
    assert.is(walk.run(code, base, 4 + 4 * count), isFine, `${count}`);
    assert.is(walk.top, MAX_FOUND * FOUND_WORDS);
  }
  let deep: HostType = BOOL;
  for (let depth = 0; depth < MAX_LOOPS; depth++) deep = depth % 2 === 0 ? list(deep) : list(deep, 1);
  const nested = programOf([deep], () => 0).code;
  for (let i = 0; i < MAX_LOOPS / 2; i++) walk.setWord(base + 4 * i, 1);
  const end = 2 * MAX_LOOPS;
  for (const [value, isFine] of [
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    heap.u8[base + end] = value;
    assert.is(walk.run(nested, base, end + 1), isFine, `${value}`);
  }
  assert.is(walk.run(nested, base, end), false);
});

test("MessageWalk: a message makes its receiver allocate a bounded number of parts; numbers and text are free", () => {
  const { walk, base } = walkOver(8 << 20);
  const u8: HostType = { kind: "scalar", scalar: "u8" };
  const pair: HostType = { kind: "tuple", items: [u8, { kind: "tuple", items: [u8] }] };
  const parts = (item: HostType, count: number): boolean => {
    walk.setWord(base, count);
    return walk.run(programOf([list(item)], () => 0).code, base, 8 << 20);
  };
  assert.is(parts(u8, (8 << 20) - 4), true);
  // One instruction is the list itself, one the end.
  for (const [item, each] of [
    [pair, 2],
    [BOOL, 2],
    [list(u8), 2],
    [{ kind: "option", item: u8 } satisfies HostType, 3],
  ] as const) {
    const most = Math.floor((MAX_STEPS - 2) / each);
    assert.is(parts(item, most), true, item.kind);
    assert.is(parts(item, most + 1), false, item.kind);
  }
});

test("MessageWalk: a message at every alignment, with text that ends where the message ends", () => {
  const { walk, base, heap } = walkOver(256);
  const { code } = programOf([{ kind: "string" }], () => 0);
  const text = new TextEncoder().encode("plain and äöü€🙂 and plain again");
  for (let shift = 0; shift < 16; shift++) {
    walk.setWord(base + shift, text.length);
    heap.u8.set(text, base + shift + 4);
    assert.ok(walk.run(code, base + shift, 4 + text.length));
    assert.not(walk.run(code, base + shift, 3 + text.length));
  }
});

test.run();
