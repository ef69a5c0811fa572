/**
 * What a call to a domain on another CPU costs, beside other ways to ask another thread (peers.ts); and what five million calls take on one
 * CPU and on two, where each has its own replica of caller and callee.
 */
import type { Row } from "../row.ts";
import { CALLEE, caller, SUM_LOOP } from "../support/callees.ts";
import { type BenchDomain, BenchSystem, numberFrom } from "../support/domains.ts";
import { Shared } from "../support/shared.ts";
import { demand, sumTo } from "../support/sums.ts";
import { FIRST, LAST, LOOP, NUMBERS, PAGES, TYPES } from "./ladder-world.ts";

/** On two CPUs: `far` on the second one; `near` and `loop` on both. */
const two: Shared<BenchSystem> = new Shared(
  async () => {
    const system = await BenchSystem.start(2);
    await system.add({ ...CALLEE, name: "far", cpu: 1 });
    await system.add({ ...CALLEE, name: "near", replicas: "per-cpu" });
    await system.add({ ...sums("loop", "near"), replicas: "per-cpu" });
    return system;
  },
  (system) => system.stop(),
);

function sums(name: string, provider: string): BenchDomain {
  const module = `(module (import "${NUMBERS}" "inc" (func $call (param i32) (result i32))) (func (export "${LOOP}#run") ${SUM_LOOP}))`;
  return caller(name, { [NUMBERS]: provider }, module);
}

/** An object of 4 KiB that goes there and back. */
function passes(name: string): BenchDomain {
  const module = `(module
    (import "${PAGES}" "pass4096" (func $call (param i32) (result i32)))
    (import "${TYPES}" "[constructor]page4096" (func $page (result i32)))
    (import "guard" "store8" (func $store8 (param i32 i32)))
    (global $mine (mut i32) (i32.const 0))
    (func (export "${LOOP}#run") (param $n i32) (result i32) (local $i i32)
      (if (i32.eqz (global.get $mine)) (then
        (global.set $mine (call $page))
        (call $store8 (global.get $mine) (i32.const ${FIRST}))
        (call $store8 (i32.add (global.get $mine) (i32.const 4095)) (i32.const ${LAST}))))
      (loop $next
        (global.set $mine (call $call (global.get $mine)))
        (if (i32.eqz (global.get $mine)) (then unreachable))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
      (local.get $i)))`;
  return caller(name, { [PAGES]: "far" }, module);
}

function crossRow(name: string, domain: BenchDomain, expected: (n: number) => number, ratio: Row["ratio"]): Row {
  return {
    name,
    unit: "ns",
    ...(ratio === undefined ? {} : { ratio }),
    async prepare() {
      const system = await two.take();
      await system.add(domain);
      const { run } = system.export(domain.name, LOOP);
      return {
        run: (count) => demand(name, numberFrom(run, count), expected(count)),
        end: () => two.give(),
      };
    },
  };
}

export const crossCpuRows: readonly Row[] = [
  crossRow("rpc/cross-cpu", sums("crosses", "far"), sumTo, { to: "rpc/worker-atomics", atMost: 1 }),
  crossRow("rpc/cross-cpu-4096", passes("crosses-4096"), (n) => n, { to: "rpc/cross-cpu" }),
];

/** So many calls are one of these rows, some 50 ms: what it takes to begin and to end on the other CPU must not count. */
const CALLS = 5_000_000;

export const cpuRows: readonly Row[] = [
  {
    name: "cpus/one",
    unit: "ms",
    isAlone: true,
    async prepare() {
      const system = await two.take();
      const { run } = system.export("loop", LOOP);
      return {
        run(count) {
          for (let i = 0; i < count; i++) demand("cpus/one", numberFrom(run, CALLS), sumTo(CALLS));
        },
        end: () => two.give(),
      };
    },
  },
  {
    name: "cpus/two",
    unit: "ms",
    isAlone: true,
    ratio: { to: "cpus/one", atMost: 1 / 1.6, aim: 1 / 1.9 },
    async prepare() {
      const system = await two.take();
      const { run: here } = system.export("loop", LOOP);
      const { run: there } = system.exportUnwaited("loop@1", LOOP);
      if (there === undefined) throw new Error("the replica has no loop");
      return {
        isAsync: true,
        /** Half of the calls on each CPU, at the same time. */
        async run(count) {
          for (let i = 0; i < count; i++) {
            const far = there(CALLS / 2);
            demand("cpus/two here", numberFrom(here, CALLS / 2), sumTo(CALLS / 2));
            const called = await far;
            demand("cpus/two there", called.ok ? Number(called.value) : -1, sumTo(CALLS / 2));
          }
        },
        end: () => two.give(),
      };
    },
  },
];
