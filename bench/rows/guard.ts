/**
 * What the guard costs: a domain works on an object on the shared heap, and a module without guard, safepoints or rights
 * runs the same loop over the same bytes of the same shared memory.
 * A call is one pass over the object; both sides are Wasm, and the first has come through the loader.
 */
import type { Row } from "../row.ts";
import { BenchSystem, LOOP_LIMITS, numberFrom } from "../support/domains.ts";
import { functionOf, plain } from "../support/plain.ts";
import { Shared } from "../support/shared.ts";

const WORK = "bench:guard/work@0.1.0";
const TYPES = "bench:guard/types@0.1.0";

interface Pass {
  readonly name: string;
  readonly bytes: number;
  readonly atMost: number;
  /** One pass over `$p … $end`, leaving something in `$sum` that depends on every byte; the accesses are in `$load…`, `$store32` and `$copyIn`. */
  readonly body: string;
}

function world(bytes: number): string {
  return `package bench:domain@0.1.0;
world domain { import ${TYPES}; export ${WORK}; }
package bench:guard@0.1.0 {
  interface types { resource data { constructor(bytes: list<u8, ${bytes}>); } }
  interface work { address: func() -> u32; run: func(n: u32) -> u32; }
}`;
}

/** FNV-1a, a byte at a time: the guard's worst case. */
const HASH = `
  (local.set $sum (i32.const 0x811c9dc5))
  (loop $next
    (local.set $sum (i32.mul (i32.xor (local.get $sum) (call $load8 (local.get $p))) (i32.const 0x01000193)))
    (br_if $next (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 1))) (local.get $end))))`;

/** The sum of all words. */
const LOADS = `
  (loop $next
    (local.set $sum (i32.add (local.get $sum) (call $load32 (local.get $p))))
    (br_if $next (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (local.get $end))))`;

/** Other words each time; the next pass reads none of them, so what is compared at the end is the last sum. */
const STORES = `
  (loop $next
    (call $store32 (local.get $p) (local.tee $sum (i32.add (local.get $sum) (local.get $p))))
    (br_if $next (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (local.get $end))))`;

/** All of it into the module's own memory. */
const BULK = `
  (call $copyIn (i32.const 1024) (local.get $p) (i32.sub (local.get $end) (local.get $p)))
  (local.set $sum (i32.add (local.get $sum) (i32.load $own (i32.const 1024))))`;

const PASSES: readonly Pass[] = [
  { name: "guard/hash", bytes: 4096, atMost: 1.15, body: HASH },
  { name: "guard/loads", bytes: 4096, atMost: 2.6, body: LOADS },
  { name: "guard/stores", bytes: 4096, atMost: 2.6, body: STORES },
  { name: "guard/bulk-4096", bytes: 4096, atMost: 1.25, body: BULK },
  { name: "guard/bulk-65536", bytes: 65536, atMost: 1.1, body: BULK },
];

/** `run(object, n)`: n passes, the same text for both sides. */
function passes({ bytes, body }: Pass): string {
  return `(func $passes (param $object i32) (param $n i32) (result i32) (local $p i32) (local $end i32) (local $sum i32)
    (local.set $end (i32.add (local.get $object) (i32.const ${bytes})))
    (loop $again
      (local.set $p (local.get $object))
      ${body}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))`;
}

function guardedModule(pass: Pass): string {
  return `(module
    (import "guard" "load8" (func $load8 (param i32) (result i32)))
    (import "guard" "load32" (func $load32 (param i32) (result i32)))
    (import "guard" "store32" (func $store32 (param i32 i32)))
    (import "guard" "copyIn" (func $copyIn (param i32 i32 i32)))
    (import "${TYPES}" "[constructor]data" (func $data (result i32)))
    (memory $own 2)
    (global $object (mut i32) (i32.const 0))
    ${passes(pass)}
    (func (export "${WORK}#address") (result i32) (local $p i32)
      (global.set $object (call $data))
      (loop $next
        (call $store32 (i32.add (global.get $object) (local.get $p)) (i32.mul (local.get $p) (i32.const 0x9e3779b1)))
        (br_if $next (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 4))) (i32.const ${pass.bytes}))))
      (global.get $object))
    (func (export "${WORK}#run") (param $n i32) (result i32) (call $passes (global.get $object) (local.get $n))))`;
}

function unguardedModule(pass: Pass): string {
  return `(module
    (import "sumac" "heap" (memory $heap 1 65536 shared))
    (memory $own 2)
    (func $load8 (param $p i32) (result i32) (i32.load8_u $heap (local.get $p)))
    (func $load32 (param $p i32) (result i32) (i32.load $heap (local.get $p)))
    (func $store32 (param $p i32) (param $value i32) (i32.store $heap (local.get $p) (local.get $value)))
    (func $copyIn (param $to i32) (param $from i32) (param $n i32)
      (memory.copy $own $heap (local.get $to) (local.get $from) (local.get $n)))
    ${passes(pass)}
    (func (export "run") (param $object i32) (param $n i32) (result i32) (call $passes (local.get $object) (local.get $n))))`;
}

function pair(pass: Pass): Row[] {
  const { name, bytes, atMost } = pass;
  const shared = new Shared(
    async () => {
      const system = await BenchSystem.start();
      await system.add({ name, world: world(bytes), module: guardedModule(pass), limits: LOOP_LIMITS });
      const { address, run } = system.export(name, WORK);
      const object = numberFrom(address);
      const expected = numberFrom(run, 1);
      return { system, run, object, expected };
    },
    ({ system }) => system.stop(),
  );
  const unguarded = `${name}-unguarded`;
  return [
    {
      name: unguarded,
      unit: "ns",
      async prepare() {
        const { system, object, expected } = await shared.take();
        const run = functionOf(await plain(unguardedModule(pass), { sumac: { heap: system.heapMemory } }), "run");
        if (run(object, 1) >>> 0 !== expected) throw new Error(`${name}: the two sides do not read the same bytes`);
        return {
          run(count) {
            run(object, count);
          },
          end: () => shared.give(),
        };
      },
    },
    {
      name,
      unit: "ns",
      ratio: { to: unguarded, atMost },
      async prepare() {
        const { run } = await shared.take();
        return {
          run(count) {
            numberFrom(run, count);
          },
          end: () => shared.give(),
        };
      },
    },
  ];
}

export const guardRows: readonly Row[] = PASSES.flatMap(pair);
