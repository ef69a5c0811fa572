/** An application's functions as grants, through the library's front door. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type HostInterface, SumacError } from "../../host/sumac.ts";
import { withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";

const test = suite("implementations");

const KV = "acme:shop/kv@1.0.0";
const FRONT = "acme:shop/front@1.0.0";
const KV_TEXT =
  "interface kv { find: func(key: string) -> option<string>; resource cart { constructor(); add: func(what: string) -> u32; } }";
const FRONT_TEXT =
  "interface front { use kv.{cart}; find: func(key: string) -> option<string>; open: func() -> cart; take: func(c: cart) -> u32; }";

async function module(): Promise<Uint8Array> {
  const world = `package test:domain@0.1.0;\nworld domain { import ${KV}; export ${FRONT}; }\npackage acme:shop@1.0.0 { ${KV_TEXT} ${FRONT_TEXT} }`;
  const text = `(module (import "${KV}" "find" (func $find (param i32) (result i32)))
    (import "${KV}" "[constructor]cart" (func $cart (result i32))) (import "${KV}" "[method]cart.add" (func $add (param i32 i32) (result i32)))
    (import "${KV}" "[resource-drop]cart" (func $drop (param i32)))
    (import "kernel" "message-new" (func $message-new (param i32) (result i32))) (import "kernel" "message-drop" (func $message-drop (param i32)))
    (memory 1)
    (func (export "${FRONT}#find") (param i32) (result i32) (call $find (local.get 0)))
    (func (export "${FRONT}#open") (result i32) (call $cart))
    (func (export "${FRONT}#take") (param $c i32) (result i32) (local $m i32) (local $n i32)
      (local.set $m (call $message-new (i32.const 4)))
      (local.set $n (call $add (local.get $c) (local.get $m)))
      (call $message-drop (local.get $m)) (call $drop (local.get $c)) (local.get $n)))`;
  return withWorld(await wat(text), world);
}

class CartImplementation {
  readonly #what: string[] = [];

  ended = 0;

  add(what: string): number {
    return this.#what.push(what);
  }

  [Symbol.dispose](): void {
    this.ended++;
  }
}

const implementation = {
  find: (key: string) => (key === "a" ? "apple" : undefined),
  Cart: { create: () => new CartImplementation() },
};

test("boot and load: an object with an interface's functions is a grant, and its instances pass between domains", async () => {
  const system = await boot();
  for (const name of ["first", "second"]) {
    await system.load(name, await module(), { allowUnsigned: true, grants: { [KV]: implementation } });
  }
  const first = system.export<Record<"find" | "open" | "take", (...args: unknown[]) => { ok: boolean; value: unknown }>>("first", FRONT);
  const second: HostInterface = system.export("second", FRONT);
  assert.equal(first.find("a"), { ok: true, value: "apple" });
  assert.equal(second.find?.("b"), { ok: true, value: undefined });
  const cart = first.open().value;
  assert.instance(cart, CartImplementation, "the application gets its own object back");
  assert.is((cart as CartImplementation).add("pear"), 1);
  assert.equal(second.take?.(cart as never), { ok: true, value: 2 });
  assert.is((cart as CartImplementation).ended, 1);
  assert.equal(first.take(new CartImplementation()), { ok: true, value: 1 });
  assert.throws(() => first.take({ add: 5 }), /take: c: expected an object that implements cart, got one without add$/);
  await system.stop();
});

test("boot and load: a module that means another interface than the application says is refused, with the difference", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-wit-"));
  try {
    writeFileSync(join(folder, "shop.wit"), `package acme:shop@1.0.0; ${KV_TEXT} ${FRONT_TEXT}`);
    const agreed = await boot({ wit: folder });
    await agreed.load("user", await module(), { allowUnsigned: true, grants: { [KV]: implementation } });
    await agreed.stop();
    writeFileSync(join(folder, "shop.wit"), `package acme:shop@1.0.0; ${KV_TEXT.replace("key: string", "key: u32")} ${FRONT_TEXT}`);
    const other = await boot({ wit: folder });
    const refused = await other
      .load("user", await module(), { allowUnsigned: true, grants: { [KV]: implementation } })
      .catch((error) => error);
    assert.ok(refused instanceof SumacError && refused.code === "interface-mismatch");
    assert.match(refused.message, /domain user means another interface by acme:shop\/kv@1\.0\.0 than the application: .*key:u32/);
    await other.stop();
    const missing = await boot({ wit: join(folder, "nothing") }).catch((error) => error);
    assert.ok(missing instanceof SumacError && missing.code === "file-missing");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("load: an implementation without all functions is refused before the domain is born", async () => {
  const system = await boot();
  const refused = await system
    .load("user", await module(), { allowUnsigned: true, grants: { [KV]: { find: implementation.find } } })
    .catch((error) => error);
  assert.ok(refused instanceof SumacError && refused.code === "import-not-implemented");
  assert.match(refused.message, /kv@1\.0\.0 lacks Cart\.create/);
  assert.equal(system.domains(), []);
  await system.stop();
});

test.run();
