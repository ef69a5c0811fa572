/** Modules that the loader knows: found by their bytes alone, and judged again by who may vouch for them now. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import type { LoadedModule } from "../../host/loader/load.ts";
import { CachedModule, ModuleCache } from "../../host/loader/module-cache.ts";
import type { TrustedKey } from "../../host/loader/signature.ts";
import { signDetached, signModule } from "../../host/loader/signing.ts";
import { testSystem, withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { type SpecKey, specKey } from "./signature-spec.ts";

const test = suite("module cache");

const WORLD = "package a:b;\nworld w { export f: func(); }\n";
let plain: Uint8Array<ArrayBuffer>;
let key: SpecKey;
let alice: TrustedKey;
test.before(async () => {
  plain = new Uint8Array(withWorld(await wat('(module (func (export "f")))'), WORLD));
  key = await specKey(1);
  alice = { name: "alice", publicKey: key.publicKey };
});

async function refused(attempt: Promise<unknown>, code: string): Promise<void> {
  let thrown: unknown;
  try {
    await attempt;
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, SumacError);
  assert.is((thrown as SumacError).code, code, (thrown as SumacError).message);
}

test("a module that is known is compiled once, and who vouches for it is judged at every load", async () => {
  const { system, end } = await testSystem();
  const signed = await signModule(plain, key);
  const load = (trusted: readonly TrustedKey[], more: object = {}, bytes: Uint8Array = signed): Promise<LoadedModule> =>
    system.loader.load(bytes, { name: "m", trusted, allowUnsigned: false, memoryPages: 1, ...more });
  const first = await load([alice]);
  assert.is((await load([alice])).module, first.module);
  assert.is((await load([alice], {}, Uint8Array.from(signed))).module, first.module, "other memory, the same bytes");
  const odd = new Uint8Array(signed.length + 1).subarray(1);
  odd.set(signed);
  assert.is((await load([alice], {}, odd)).module, first.module, "not on a word boundary");
  await refused(load([]), "signature-wrong");
  await refused(load([{ ...alice, revoked: "lost" }]), "trust-refused");
  const until = { ...alice, until: 1000 };
  assert.is((await load([until], { now: 999 })).module, first.module);
  await refused(load([until], { now: 1000 }), "trust-refused");
  await refused(load([alice], { policies: [{ signers: [{ count: 2 }] }] }), "trust-refused");
  assert.is.not((await load([alice], { memoryPages: 2 })).module, first.module, "another quota is other code");
  await end();
});

test("bytes that are known with one signature are not known with another, or with none", async () => {
  const { system, end } = await testSystem();
  const signature = await signDetached(plain, key);
  const load = (more: object): Promise<LoadedModule> =>
    system.loader.load(plain, { name: "m", trusted: [alice], allowUnsigned: false, memoryPages: 1, ...more });
  assert.is((await load({ signature })).signer, "alice");
  await refused(load({}), "signature-missing");
  await refused(load({ signature: signature.subarray(1) }), "signature-wrong");
  assert.is((await load({ allowUnsigned: true })).signer, undefined);
  await refused(load({}), "signature-missing");
  await end();
});

test("a caller that changes its bytes after the load changes nothing that is known", async () => {
  const { system, end } = await testSystem();
  const options = { name: "m", trusted: [alice], allowUnsigned: false, memoryPages: 1 };
  const bytes = await signModule(plain, key);
  const loading = system.loader.load(bytes, options);
  bytes.fill(0xff);
  assert.is((await loading).signer, "alice");
  await refused(system.loader.load(bytes, options), "module-malformed");
  await end();
});

test("ModuleCache finds by every byte and lets the oldest go when it holds too much", () => {
  const cache = new ModuleCache<number>();
  const big = (fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(24 << 20).fill(fill);
  const [one, two, three] = [big(1), big(2), big(3)];
  for (const bytes of [one, two]) cache.add(new CachedModule(bytes, undefined));
  assert.ok(cache.find(one, undefined) !== undefined && cache.find(two, undefined) !== undefined);
  for (const at of [0, 3, one.length - 1]) {
    const other = Uint8Array.from(one);
    other[at] = 9;
    assert.is(cache.find(other, undefined), undefined, `byte ${at}`);
  }
  assert.is(cache.find(one, new Uint8Array(1)), undefined);
  cache.add(new CachedModule(three, undefined));
  assert.is(cache.find(one, undefined), undefined);
  assert.ok(cache.find(two, undefined) !== undefined && cache.find(three, undefined) !== undefined);
});

test.run();
