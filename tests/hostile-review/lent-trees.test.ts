/** A message that lends one tree as often as it can: a crossing takes a bounded time, whatever it carries. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Cause } from "../../host/kernel/status.ts";
import { attempt, deaths } from "../support/domain.ts";
import { calls, testSystem } from "../support/system.ts";

const TYPES = "test:groves/types@0.1.0";
const VISIT = "test:groves/visit@0.1.0";
const CALL = "test:api/call@0.1.0";

const PACKAGES = `package test:groves@0.1.0 {
  interface types { resource node { constructor(value: u32, next: option<node>); } }
  interface visit { use types.{node}; visit: func(nodes: list<borrow<node>>); }
}
package test:api@0.1.0 { interface call { run: func(n: u32) -> u32; } }`;
const world = (items: string): string => `package test:domain@0.1.0;\nworld domain { ${items} }\n${PACKAGES}`;

/** Near the quota of a domain that says nothing about limits. */
const TREE = 4000;

/** Makes a chain of so many nodes, and sends its root `n` times in one message: the call's status. */
const visitor = (nodes: number): string => `(module
  (import "${TYPES}" "[constructor]node" (func $node (result i32)))
  (import "${TYPES}" "[resource-drop]node" (func $drop (param i32)))
  (import "${VISIT}" "visit" (func $visit (param i32)))
  (import "kernel" "put" (func $put (param i32 i32) (result i32)))
  (import "kernel" "message-new" (func $new (param i32) (result i32)))
  (import "kernel" "message-drop" (func $end (param i32)))
  (import "guard" "store32" (func $store (param i32 i32)))
  (import "guard" "status" (func $status (param i32) (result i32)))
  (memory 1)
  (func (export "${CALL}#run") (param $n i32) (result i32)
    (local $root i32) (local $above i32) (local $i i32) (local $m i32)
    (local.set $root (call $node))
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.lt_u (local.get $i) (i32.const ${nodes}))
        (then
          (local.set $above (call $node))
          (if (call $put (i32.add (local.get $above) (i32.const 4)) (local.get $root)) (then unreachable))
          (local.set $root (local.get $above))
          (br $next))))
    (local.set $m (call $new (i32.add (i32.const 4) (i32.mul (local.get $n) (i32.const 4)))))
    (call $store (local.get $m) (local.get $n))
    (local.set $i (i32.const 0))
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (call $store (i32.add (local.get $m) (i32.mul (local.get $i) (i32.const 4))) (local.get $root))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (call $visit (local.get $m))
    (call $end (local.get $m))
    (call $store (local.get $root) (i32.const 1))
    (call $drop (local.get $root))
    (call $status (i32.const 0))))`;

test("a tree lent 65 000 times by one message is refused soon, and is its owner's again", async () => {
  const t = await testSystem({ heapMegabytes: 64 });
  const host = await t.add({
    name: "host",
    world: world(`import ${TYPES}; export ${VISIT};`),
    wat: `(module (memory 1) (func (export "${VISIT}#visit") (param i32)))`,
  });
  const grants = { [VISIT]: calls(host) };
  const items = world(`import ${TYPES}; import ${VISIT}; export ${CALL};`);
  await t.add({ name: "evil", world: items, wat: visitor(TREE), grants });
  await t.add({ name: "modest", world: items, wat: visitor(1), grants });
  const started = performance.now();
  assert.is(attempt(t, "evil", "call", 65_000), `ok ${Cause.refused}`);
  assert.ok(performance.now() - started < 500, `${performance.now() - started} ms`);
  assert.is(attempt(t, "evil", "call", 10), "ok 0");
  assert.is(attempt(t, "modest", "call", 65_000), "ok 0");
  assert.equal(deaths(t), []);
  await t.end();
});

test.run();
