/** A caller without room for what a result holds: its refusals must cost the callee nothing, call after call. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DomainLimits } from "../../host/kernel/domain.ts";
import { hostFunctions } from "../../host/kernel/host/host-functions.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { deaths } from "../support/domain.ts";
import { calls, type TestDomain, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("refused results");

const SHOP = "test:shop/shop@0.1.0";
const TYPES = "test:shop/types@0.1.0";
const RUN = "test:shop/run@0.1.0";
const world = (items: string): string => `package test:domain@0.1.0; world domain { import ${TYPES}; ${items} }
package test:shop@0.1.0 {
  interface types { resource block { constructor(data: list<u8, 8192>); } }
  interface shop { use types.{block}; resource receipt { read: func() -> u32; } buy: func() -> tuple<string, block>; paper: func() -> list<receipt>; }
  interface run { run: func(times: u32) -> u32; }
}`;

const KERNEL = `(import "kernel" "message-new" (func $message (param i32) (result i32)))
  (import "guard" "store32" (func $store32 (param i32 i32))) (import "guard" "status" (func $status (param i32) (result i32)))`;

const shop: TestDomain = {
  name: "shop",
  world: world(`export ${SHOP};`),
  wat: `(module ${KERNEL} (import "${TYPES}" "[constructor]block" (func $new (result i32))) (memory 1) (global $rep (mut i32) (i32.const 0)) (global $gone (mut i32) (i32.const 0))
    (func (export "${SHOP}#buy") (result i32) (local $m i32) (local $b i32)
      (local.set $m (call $message (i32.const 8))) (local.set $b (call $new))
      (if (i32.eqz (local.get $b)) (then unreachable))
      (call $store32 (i32.add (local.get $m) (i32.const 4)) (local.get $b)) (local.get $m))
    (func (export "${SHOP}#paper") (result i32) (local $m i32)
      (local.set $m (call $message (i32.const 12))) (call $store32 (local.get $m) (i32.const 2))
      (call $store32 (i32.add (local.get $m) (i32.const 4)) (i32.const 7)) (call $store32 (i32.add (local.get $m) (i32.const 8)) (i32.const 8))
      (global.set $rep (i32.add (global.get $rep) (i32.const 2))) (local.get $m))
    (func (export "${SHOP}#[method]receipt.read") (param i32) (result i32) (i32.sub (global.get $rep) (global.get $gone)))
    (func (export "${SHOP}#[dtor]receipt") (param i32) (global.set $gone (i32.add (global.get $gone) (i32.const 1)))))`,
};

/** Calls so often, whatever the answer; answers how often it was refused. */
const client = (name: "buy" | "paper", provider: Provider, limits: Partial<DomainLimits>): TestDomain => ({
  name: "client",
  world: world(`import ${SHOP}; export ${RUN};`),
  wat: `(module (import "${SHOP}" "${name}" (func $get (result i32))) (import "guard" "status" (func $status (param i32) (result i32)))
    (memory 1) (func (export "${RUN}#run") (param $times i32) (result i32) (local $refused i32)
      (loop $l (drop (call $get))
        (if (i32.eq (call $status (i32.const 0)) (i32.const 6)) (then (local.set $refused (i32.add (local.get $refused) (i32.const 1)))))
        (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (local.get $refused)))`,
  grants: { [SHOP]: provider },
  limits,
});

function run(t: TestSystem, times: number): unknown {
  return t.system.export("client", RUN).run?.(times);
}

for (const [what, heapBytes] of [
  ["an object", 4096],
  ["the message", 32],
] as const) {
  test(`a caller whose quota has no room for ${what} of a result does not fill the callee's`, async () => {
    const t = await testSystem();
    const served = await t.add({ ...shop, limits: { heapBytes: 65_536, heapObjects: 16 } });
    await t.add(client("buy", calls(served), { heapBytes }));
    assert.equal(run(t, 100), { ok: true, value: 100 });
    assert.equal(deaths(t), [], "the callee lives");
    await t.end();
  });
}

test("handles for which the caller has no room end, and are not the callee's for ever", async () => {
  const t = await testSystem();
  const served = await t.add(shop);
  await t.add(client("paper", calls(served), { handles: 1 }));
  assert.equal(run(t, 100), { ok: true, value: 100 });
  assert.ok((served.current?.unfinished.count ?? 0) > 100, "they wait for their destructors");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(served.current?.unfinished.count, 0);
  await t.end();
});

test("nor are they an application's", async () => {
  const t = await testSystem();
  const served = await t.add(shop);
  const owner = served.spec.loaded.world.exports.find(({ id }) => id === SHOP);
  assert.ok(owner !== undefined);
  let living = 0;
  const receipt = (): object => {
    living++;
    return { read: () => 1, [Symbol.dispose]: () => living-- };
  };
  const shopOfHost = hostFunctions(t.system.kernel, owner, { buy: () => ["", 0], paper: () => [receipt(), receipt()] });
  await t.add(client("paper", shopOfHost, { handles: 1 }));
  assert.equal(run(t, 20), { ok: true, value: 20 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(living, 0);
  await t.end();
});

test.run();
