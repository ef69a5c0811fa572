/**
 * What a call costs: from an import straight out of another instance (the limit), over proxies, to a peer.
 * Everywhere the callee adds 1 to a number; `rref` hands an object over and gets it back.
 */
import type { Row } from "../row.ts";
import { type BenchDomain, BenchSystem, LOOP_LIMITS, numberFrom } from "../support/domains.ts";
import { functionOf, plain } from "../support/plain.ts";
import { incrementByJco } from "./jco.ts";
import { CALLS, LOOP, rpcWorld, TYPES } from "./worlds.ts";

/** The caller's loop: the sum of `call(0) … call(n - 1)`. */
const SUM_LOOP = `(param $n i32) (result i32) (local $i i32) (local $sum i32)
  (loop $next
    (local.set $sum (i32.add (local.get $sum) (call $call (local.get $i))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
  (local.get $sum)`;

const INCREMENT = "(param i32) (result i32) (i32.add (local.get 0) (i32.const 1))";
const PASS = "(param i32) (result i32) (local.get 0)";

const CALLEE: BenchDomain = {
  name: "callee",
  world: rpcWorld([`export ${CALLS}`]),
  module: `(module (func (export "${CALLS}#inc") ${INCREMENT}) (func (export "${CALLS}#pass") ${PASS}))`,
};

/** Does what a shadow does for each call: passes it on, and looks whether whom it stands for died of it. */
const FORWARDER: BenchDomain = {
  name: "forwarder",
  world: rpcWorld([`import ${CALLS}`, `export ${CALLS}`]),
  module: `(module
    (import "${CALLS}" "inc" (func $inc (param i32) (result i32)))
    (import "${CALLS}" "pass" (func $pass (param i32) (result i32)))
    (import "guard" "status" (func $status (param i32) (result i32)))
    (func (export "${CALLS}#inc") (param i32) (result i32) (local $result i32)
      (local.set $result (call $inc (local.get 0)))
      (if (call $status (i32.const 0)) (then unreachable))
      (local.get $result))
    (func (export "${CALLS}#pass") (param i32) (result i32) (call $pass (local.get 0))))`,
  calls: { [CALLS]: "callee" },
};

function caller(module: string, calls: string): BenchDomain {
  return { name: "caller", world: rpcWorld([`import ${CALLS}`, `export ${LOOP}`]), module, calls: { [CALLS]: calls }, limits: LOOP_LIMITS };
}

function scalarCaller(calls: string): BenchDomain {
  return caller(
    `(module (import "${CALLS}" "inc" (func $call (param i32) (result i32))) (func (export "${LOOP}#run") ${SUM_LOOP}))`,
    calls,
  );
}

/** `run(n)` moves one object away and back n times, and returns how often it came back. */
const RREF_CALLER: BenchDomain = caller(
  `(module
    (import "${CALLS}" "pass" (func $call (param i32) (result i32)))
    (import "${TYPES}" "[constructor]page" (func $page (result i32)))
    (global $mine (mut i32) (i32.const 0))
    (func (export "${LOOP}#run") (param $n i32) (result i32) (local $i i32)
      (if (i32.eqz (global.get $mine)) (then (global.set $mine (call $page))))
      (loop $next
        (global.set $mine (call $call (global.get $mine)))
        (if (i32.eqz (global.get $mine)) (then unreachable))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
      (local.get $i)))`,
  "callee",
);

/** `run(n)` asks n times whether the callee is alive, and returns how often it was. */
const ALIVE_CALLER: BenchDomain = caller(
  `(module
    (import "${CALLS}" "[alive]" (func $alive (result i32)))
    (func $call (param i32) (result i32) (call $alive))
    (func (export "${LOOP}#run") ${SUM_LOOP}))`,
  "callee",
);

/** A row whose loop is the domain `caller`'s. */
function domainRow(name: string, domains: readonly BenchDomain[], expected: (n: number) => number, ratio?: Row["ratio"]): Row {
  return {
    name,
    unit: "ns",
    ...(ratio === undefined ? {} : { ratio }),
    async prepare() {
      const system = await BenchSystem.start();
      for (const domain of domains) await system.add(domain);
      const { run } = system.export("caller", LOOP);
      return {
        run: (count) => demand(name, numberFrom(run, count), expected(count)),
        end: () => system.stop(),
      };
    },
  };
}

/** Sum of 1 … n in 32 bits. */
function sumTo(n: number): number {
  return Number(BigInt.asUintN(32, (BigInt(n) * BigInt(n + 1)) / 2n));
}

function demand(name: string, found: number, expected: number): void {
  if (found >>> 0 !== expected) throw new Error(`${name}: got ${found}, not ${expected}`);
}

const direct: Row = {
  name: "rpc/direct",
  unit: "ns",
  async prepare() {
    const { inc } = await plain(`(module (memory 1) (func (export "inc") ${INCREMENT}))`);
    const module = `(module (import "callee" "inc" (func $call (param i32) (result i32))) (func (export "run") ${SUM_LOOP}))`;
    const run = functionOf(await plain(module, { callee: { inc: inc as WebAssembly.ImportValue } }), "run");
    return { run: (count) => demand("rpc/direct", run(count), sumTo(count)) };
  },
};

/** From a program: JavaScript calls a domain's export with JavaScript values. */
const hostCall: Row = {
  name: "rpc/host-call",
  unit: "ns",
  ratio: { to: "rpc/direct" },
  async prepare() {
    const system = await BenchSystem.start();
    await system.add(CALLEE);
    const { inc } = system.export("callee", CALLS);
    return {
      run(count) {
        let sum = 0;
        for (let i = 0; i < count; i++) sum = (sum + numberFrom(inc, i)) | 0;
        demand("rpc/host-call", sum, sumTo(count));
      },
      end: () => system.stop(),
    };
  },
};

const jco: Row = {
  name: "rpc/jco",
  unit: "ns",
  ratio: { to: "rpc/scalar", atLeast: 100 },
  async prepare() {
    const increment = await incrementByJco();
    return {
      run(count) {
        let sum = 0;
        for (let i = 0; i < count; i++) sum = (sum + increment(i)) | 0;
        demand("rpc/jco", sum, sumTo(count));
      },
    };
  },
};

export const rpcRows: readonly Row[] = [
  direct,
  domainRow("rpc/scalar", [CALLEE, scalarCaller("callee")], sumTo, { to: "rpc/direct", atMost: 8 }),
  domainRow("rpc/rref-4096", [CALLEE, RREF_CALLER], (n) => n, { to: "rpc/scalar" }),
  domainRow("rpc/shadow", [CALLEE, FORWARDER, scalarCaller("forwarder")], sumTo, { to: "rpc/scalar" }),
  domainRow("rpc/alive", [CALLEE, ALIVE_CALLER], (n) => n, { to: "rpc/direct" }),
  hostCall,
  jco,
];
