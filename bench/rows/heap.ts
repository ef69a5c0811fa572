/**
 * What the shared heap's own operations cost, called from Wasm as the kernel calls them from JavaScript: a move does not depend on
 * the object's size, a deque of 32 packets moves as one, and an allocation gives what `new Uint8Array` gives, zeroed bytes.
 */
import { readFile } from "node:fs/promises";
import { SharedHeap } from "../../shared-heap/heap.ts";
import type { Row } from "../row.ts";
import { functionOf, plain } from "../support/plain.ts";
import { Shared } from "../support/shared.ts";

const HEAP_BYTES = 64 << 20;
const ALICE = 0x4001;
const BOB = 0x4002;
const TYPE = 1;
const SIZES = [64, 1024, 4096, 65_536, 1_048_576];
const PACKETS = 32;
const PACKET_BYTES = 1536;

/** Moves to and fro; allocations freed at once. The result is 0 when every call did what it must. */
const LOOPS = `(module
  (import "heap" "move" (func $move (param i32 i32 i32 i32) (result i32)))
  (import "heap" "alloc" (func $alloc (param i32 i32 i32) (result i32)))
  (import "heap" "free" (func $free (param i32) (result i32)))
  (func (export "moves") (param $base i32) (param $n i32) (param $from i32) (param $to i32) (result i32) (local $codes i32) (local $next i32)
    (loop $again
      (local.set $codes (i32.or (local.get $codes)
        (call $move (local.get $base) (i32.const ${TYPE}) (local.get $from) (local.get $to))))
      (local.set $next (local.get $from))
      (local.set $from (local.get $to))
      (local.set $to (local.get $next))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $codes))
  (func (export "allocations") (param $owner i32) (param $bytes i32) (param $n i32) (result i32) (local $codes i32)
    (loop $again
      (local.set $codes (i32.or (local.get $codes)
        (call $free (call $alloc (local.get $owner) (i32.const ${TYPE}) (local.get $bytes)))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $codes)))`;

interface Loops {
  readonly heap: SharedHeap;
  readonly moves: (base: number, n: number, from: number, to: number) => number;
  readonly allocations: (owner: number, bytes: number, n: number) => number;
}

const shared = new Shared<Loops>(
  async () => {
    const heapWasm = await readFile(new URL("../../build/shared-heap/heap.wasm", import.meta.url));
    const heap = SharedHeap.create({ maxBytes: HEAP_BYTES, heapWasm });
    for (const id of [ALICE, BOB]) done(heap.exports.domainOpen(id & 0x3fff, id, HEAP_BYTES, 1 << 20), "domainOpen");
    const exports = await plain(LOOPS, { heap: heap.exports as unknown as WebAssembly.ModuleImports });
    return { heap, moves: functionOf(exports, "moves"), allocations: functionOf(exports, "allocations") };
  },
  async () => {},
);

function done(code: number, what: string): void {
  if (code !== 0) throw new Error(`heap: ${what} answered ${code}`);
}

function newObject({ exports }: SharedHeap, bytes: number): number {
  const base = exports.alloc(ALICE, TYPE, bytes);
  if (base === 0) throw new Error(`heap: no object of ${bytes} bytes`);
  return base;
}

/** Head, count, and a slot for each packet. */
function newDeque(heap: SharedHeap): number {
  const deque = newObject(heap, 8 + 4 * PACKETS);
  for (let i = 0; i < PACKETS; i++) done(heap.exports.put(deque + 8 + 4 * i, newObject(heap, PACKET_BYTES), ALICE), "put");
  return deque;
}

function moveRow(name: string, make: (heap: SharedHeap) => number, ratio?: Row["ratio"]): Row {
  return {
    name,
    unit: "ns",
    ...(ratio === undefined ? {} : { ratio }),
    async prepare() {
      const { heap, moves } = await shared.take();
      const base = make(heap);
      let [from, to] = [ALICE, BOB];
      return {
        run(count) {
          done(moves(base, count, from, to), "move");
          if (count % 2 === 1) [from, to] = [to, from];
        },
        async end() {
          done(heap.exports.free(base), "free");
          await shared.give();
        },
      };
    },
  };
}

function allocRows(bytes: number): Row[] {
  const baseline = `heap/alloc-${bytes}-uint8array`;
  return [
    {
      name: baseline,
      unit: "ns",
      async prepare() {
        return {
          run(count) {
            let length = 0;
            for (let i = 0; i < count; i++) length += new Uint8Array(bytes).length;
            if (length !== count * bytes) throw new Error(`${baseline}: ${length} bytes`);
          },
        };
      },
    },
    {
      name: `heap/alloc-${bytes}`,
      unit: "ns",
      ratio: { to: baseline },
      async prepare() {
        const { allocations } = await shared.take();
        return {
          run(count) {
            done(allocations(ALICE, bytes, count), "alloc and free");
          },
          end: () => shared.give(),
        };
      },
    },
  ];
}

export const heapRows: readonly Row[] = [
  ...SIZES.map((bytes, i) =>
    moveRow(`heap/move-${bytes}`, (heap) => newObject(heap, bytes), i === 0 ? undefined : { to: `heap/move-${SIZES[0]}`, atMost: 1.5 }),
  ),
  moveRow(`heap/move-deque-${PACKETS}`, newDeque, { to: `heap/move-${SIZES[0]}`, atMost: 9 }),
  ...SIZES.flatMap(allocRows),
];
