/**
 * What a call costs: from an import straight out of another instance (the limit), through proxies, to objects that move, calls through a
 * shadow, calls that fail, and calls from a program. What it costs elsewhere is in peers.ts, in the same group.
 */
import type { Comparison, Published, Row } from "../row.ts";
import { caller, INCREMENT, STATUS, SUM_LOOP, TURN_LOOP } from "../support/callees.ts";
import { type BenchDomain, numberFrom } from "../support/domains.ts";
import { ladder } from "../support/ladder.ts";
import { functionOf, plain } from "../support/plain.ts";
import { demand, sumTo } from "../support/sums.ts";
import { COUNTERS, FIRST, LAST, LISTS, LOOP, NUMBERS, PAGES, type Size, TURNS, TYPES, turn } from "./ladder-world.ts";

interface Asked {
  readonly ratio?: Comparison;
  readonly published?: Published;
}

/** A row whose loop is a domain's. */
function domainRow(domain: BenchDomain, expected: (n: number) => number, asked: Asked): Row {
  const { name } = domain;
  return {
    name,
    unit: "ns",
    ...asked,
    async prepare() {
      const system = await ladder.take();
      await system.add(domain);
      const { run } = system.export(name, LOOP);
      return {
        run: (count) => demand(name, numberFrom(run, count), expected(count)),
        end: () => ladder.give(),
      };
    },
  };
}

function scalarRow(name: string, provider: string, asked: Asked): Row {
  const module = `(module (import "${NUMBERS}" "inc" (func $call (param i32) (result i32))) (func (export "${LOOP}#run") ${SUM_LOOP}))`;
  return domainRow(caller(name, { [NUMBERS]: provider }, module), sumTo, asked);
}

/** `run(n)` calls `call` with one object n times, which gives something other than 0, and returns n. */
function pageRow(name: string, size: Size, call: string, provider: string, asked: Asked): Row {
  const isMoved = !call.startsWith("peek");
  const mine = "(global.get $mine)";
  const once = isMoved
    ? `(global.set $mine (call $call ${mine})) (if (i32.eqz ${mine}) (then unreachable))`
    : `(if (i32.ne (call $call ${mine}) (i32.const ${FIRST + LAST})) (then unreachable))`;
  const module = `(module
    (import "${PAGES}" "${call}" (func $call (param i32) (result i32)))
    (import "${TYPES}" "[constructor]page${size}" (func $page (result i32)))
    (import "guard" "store8" (func $store8 (param i32 i32)))
    (global $mine (mut i32) (i32.const 0))
    (func (export "${LOOP}#run") (param $n i32) (result i32) (local $i i32)
      (if (i32.eqz ${mine}) (then
        (global.set $mine (call $page))
        (call $store8 ${mine} (i32.const ${FIRST}))
        (call $store8 (i32.add ${mine} (i32.const ${size - 1})) (i32.const ${LAST}))))
      (loop $next
        ${once}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
      (local.get $i)))`;
  return domainRow(caller(name, { [PAGES]: provider }, module), (n) => n, asked);
}

/** 64 bits there and back. */
function longRow(name: string, asked: Asked): Row {
  const module = `(module
    (import "${NUMBERS}" "inc-long" (func $inc (param i32 i32)))
    (import "guard" "result" (func $result (param i32) (result i32)))
    (func $call (param $i i32) (result i32)
      (call $inc (local.get $i) (i32.const 1))
      (if (i32.ne (call $result (i32.const 1)) (i32.const 1)) (then unreachable))
      (call $result (i32.const 0)))
    (func (export "${LOOP}#run") ${SUM_LOOP}))`;
  return domainRow(caller(name, { [NUMBERS]: "callee" }, module), sumTo, asked);
}

/** A call of a domain that is dead gives 0, and the status says so. */
function deadRow(name: string, asked: Asked): Row {
  const module = `(module ${STATUS}
    (import "${NUMBERS}" "inc" (func $inc (param i32) (result i32)))
    (func $call (param $i i32) (result i32) (i32.add (call $inc (local.get $i)) (i32.eq (call $status (i32.const 0)) (i32.const 7))))
    (func (export "${LOOP}#run") ${SUM_LOOP}))`;
  return domainRow(caller(name, { [NUMBERS]: "deceased" }, module), (n) => n, asked);
}

/** A list is written into a message that is used again, checked on the way, and copied out of it by the callee. */
function messageRow(name: string, bytes: number, asked: Asked): Row {
  const module = `(module
    (import "${LISTS}" "ends" (func $ends (param i32) (result i32)))
    (import "kernel" "message-new" (func $new (param i32) (result i32)))
    (import "guard" "store32" (func $store32 (param i32 i32)))
    (import "guard" "copyOut" (func $copyOut (param i32 i32 i32)))
    (memory 1)
    (global $message (mut i32) (i32.const 0))
    (func (export "${LOOP}#run") (param $n i32) (result i32) (local $i i32)
      (if (i32.eqz (global.get $message)) (then
        (i32.store8 (i32.const 0) (i32.const ${FIRST}))
        (i32.store8 (i32.const ${bytes - 1}) (i32.const ${LAST}))
        (global.set $message (call $new (i32.const ${bytes + 4})))))
      (loop $next
        (call $store32 (global.get $message) (i32.const ${bytes}))
        (call $copyOut (i32.add (global.get $message) (i32.const 4)) (i32.const 0) (i32.const ${bytes}))
        (if (i32.ne (call $ends (global.get $message)) (i32.const ${FIRST + LAST})) (then unreachable))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
      (local.get $i)))`;
  return domainRow(caller(name, { [LISTS]: "librarian" }, module), (n) => n, asked);
}

/** A method of an instance that the caller holds a handle of. */
function methodRow(name: string, asked: Asked): Row {
  const module = `(module
    (import "${COUNTERS}" "[constructor]counter" (func $new (result i32)))
    (import "${COUNTERS}" "[method]counter.add" (func $add (param i32 i32) (result i32)))
    (global $held (mut i32) (i32.const 0))
    (func $call (param $i i32) (result i32) (call $add (global.get $held) (local.get $i)))
    (func $loop ${SUM_LOOP})
    (func (export "${LOOP}#run") (param $n i32) (result i32)
      (if (i32.eqz (global.get $held)) (then (global.set $held (call $new))))
      (call $loop (local.get $n))))`;
  return domainRow(caller(name, { [COUNTERS]: "librarian" }, module), sumTo, asked);
}

function turnRow(name: string, asked: Asked): Row {
  const all = Array.from({ length: TURNS }, (_, i) => i);
  const module = `(module
    ${all.map((i) => `(import "${turn(i)}" "inc" (func $turn${i} (param i32) (result i32)))`).join("\n    ")}
    (func (export "${LOOP}#run") ${TURN_LOOP}))`;
  return domainRow(caller(name, Object.fromEntries(all.map((i) => [turn(i), `turn${i}`])), module), sumTo, asked);
}

function aliveRow(name: string, asked: Asked): Row {
  const module = `(module
    (import "${NUMBERS}" "[alive]" (func $alive (result i32)))
    (func $call (param i32) (result i32) (call $alive))
    (func (export "${LOOP}#run") ${SUM_LOOP}))`;
  return domainRow(caller(name, { [NUMBERS]: "callee" }, module), (n) => n, asked);
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
    const system = await ladder.take();
    const { inc } = system.export("callee", NUMBERS);
    return {
      run(count) {
        let sum = 0;
        for (let i = 0; i < count; i++) sum = (sum + numberFrom(inc, i)) | 0;
        demand("rpc/host-call", sum, sumTo(count));
      },
      end: () => ladder.give(),
    };
  },
};

/** RedLeaf's figures, measured on a core of 2.6 GHz. */
function redLeaf(cycles: number): Published {
  return { by: "RedLeaf", cycles, aim: Math.round(cycles / 2) };
}

const toScalar = { ratio: { to: "rpc/scalar" } };

export const rpcRows: readonly Row[] = [
  direct,
  scalarRow("rpc/scalar", "callee", { ratio: { to: "rpc/direct", atMost: 6, aim: 3 }, published: redLeaf(124) }),
  turnRow("rpc/scalar-32", { ratio: { to: "rpc/direct", atMost: 10, aim: 4 } }),
  pageRow("rpc/rref-64", 64, "pass64", "callee", toScalar),
  pageRow("rpc/rref-4096", 4096, "pass4096", "callee", { ratio: { to: "rpc/scalar", atMost: 2.5, aim: 1.5 }, published: redLeaf(141) }),
  pageRow("rpc/rref-65536", 65_536, "pass65536", "callee", { ratio: { to: "rpc/rref-64", atMost: 1.3, aim: 1 } }),
  pageRow("rpc/rref-4096-sum", 4096, "sum4096", "callee", { ratio: { to: "rpc/rref-4096" } }),
  pageRow("rpc/rref-65536-sum", 65_536, "sum65536", "callee", { ratio: { to: "rpc/rref-65536" } }),
  pageRow("rpc/borrow-4096", 4096, "peek4096", "callee", { ratio: { to: "rpc/rref-4096" } }),
  pageRow("rpc/borrow-65536", 65_536, "peek65536", "callee", { ratio: { to: "rpc/borrow-4096" } }),
  scalarRow("rpc/shadow", "forwarder", { ...toScalar, published: redLeaf(279) }),
  pageRow("rpc/shadow-rref", 4096, "pass4096", "forwarder", {
    ratio: { to: "rpc/rref-4096", atMost: 2.4, aim: 2 },
    published: redLeaf(297),
  }),
  hostCall,
  deadRow("rpc/dead", toScalar),
  longRow("rpc/i64", toScalar),
  messageRow("rpc/message-64", 64, toScalar),
  messageRow("rpc/message-4096", 4096, toScalar),
  methodRow("rpc/method", toScalar),
  aliveRow("rpc/alive", { ratio: { to: "rpc/direct" } }),
];
