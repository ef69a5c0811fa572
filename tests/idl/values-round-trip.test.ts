/**
 * Values of every type of WIT, between real domains in AssemblyScript and the host, in all four directions: the host calls a
 * domain, a domain calls a domain, a domain calls the host, and what they answer comes back. Nothing here stands in for the kernel.
 */
import { isDeepStrictEqual } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostType, World } from "../../host/idl/idl.ts";
import { camelCase } from "../../host/idl/member-name.ts";
import { hostFunctions } from "../../host/kernel/host/host-functions.ts";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { addAs } from "../support/as-domain.ts";
import { randomNumbers, randomValue } from "../support/random-values.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";
import { compileDomain, worldOf } from "./compile-domain.ts";
import { randomTypes } from "./random-types.ts";
import { randomOf } from "./random-wit.ts";
import { echoIndex, echoWorld, relayIndex, sampleFunctions, sampleImplementation, sampleTypes } from "./sample-values.ts";

const test = suite("values round trip");
const ID = "acme:values/echo@0.1.0";
const KERNEL = 0x4000;

interface Modules {
  readonly service: Uint8Array<ArrayBuffer>;
  readonly relay: Uint8Array<ArrayBuffer>;
  readonly world: World;
}

async function modulesOf(text: string, extra = ""): Promise<Modules> {
  const [serving, relaying] = [await worldOf(text, "service"), await worldOf(text, "relay")];
  return {
    service: await compileDomain(serving, echoIndex(serving, extra)),
    relay: await compileDomain(relaying, relayIndex(relaying)),
    world: serving,
  };
}

const sample = modulesOf(echoWorld(sampleTypes, undefined, sampleFunctions), sampleImplementation);

/** The host's own: gives back what it gets. */
function hostEcho(t: TestSystem, { world }: Modules): Provider {
  const owner = world.exports.find(({ id }) => id === ID);
  assert.ok(owner);
  const functions = owner.functions.map(({ name }) => [camelCase(name), name.startsWith("try-") ? ok : echo] as const);
  return hostFunctions(t.system.kernel, owner, Object.fromEntries(functions));
}

function echo(value: HostValue): HostValue {
  return value;
}

function ok(val: HostValue): HostValue {
  return { tag: "ok", val };
}

/** `service`, two relays to it, and one to the host. */
async function start(t: TestSystem, modules: Modules): Promise<readonly string[]> {
  const service = await addAs(t, { name: "service", module: modules.service });
  const relay = await addAs(t, { name: "relay", module: modules.relay, grants: { [ID]: calls(service) } });
  await addAs(t, { name: "far relay", module: modules.relay, grants: { [ID]: calls(relay) } });
  const toHost = await addAs(t, { name: "to host", module: modules.relay, grants: { [ID]: hostEcho(t, modules) } });
  await addAs(t, { name: "far to host", module: modules.relay, grants: { [ID]: calls(toHost) } });
  return ["service", "relay", "far relay", "to host", "far to host"];
}

async function echoAll(t: TestSystem, modules: Modules, seed: number, rounds: number): Promise<void> {
  const names = await start(t, modules);
  const random = randomNumbers(seed);
  for (const method of modules.world.exports[0]?.functions ?? []) {
    const [param, ...others] = method.sourceParams;
    if (!param || others.length > 0 || !/^(echo|try)-/.test(method.name) || mentionsObject(param.type)) continue;
    for (let round = 0; round < rounds; round++) {
      const value = randomValue(random, param.type);
      for (const name of names) {
        const got = t.system.export(name, ID)[camelCase(method.name)]?.(value);
        const expected = { ok: true, value: method.name.startsWith("try-") ? ok(value) : value };
        assert.ok(
          isDeepStrictEqual(got, expected),
          `${name}: ${method.name} ${JSON.stringify(param.type).slice(0, 200)}: ${show(value)} → ${show(got)}`,
        );
      }
    }
  }
}

function mentionsObject(type: HostType): boolean {
  return JSON.stringify(type).includes('"shared"');
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each))?.slice(0, 300);
}

test("values of every type come back from a domain, through one and two domains, and from the host", async () => {
  const t = await testSystem({ heapMegabytes: 32 });
  await echoAll(t, await sample, 1, 6);
  await t.end();
});

for (const seed of [11, 12]) {
  test(`values of types at random come back from everywhere, seed ${seed}`, async () => {
    const { definitions, types } = randomTypes(randomOf(seed), 40);
    const t = await testSystem({ heapMegabytes: 32 });
    await echoAll(t, await modulesOf(echoWorld(types, definitions)), seed, 3);
    await t.end();
  });
}

test("objects inside values move along the chain and back, or are lent to its end", async () => {
  const t = await testSystem({ heapMegabytes: 32 });
  const modules = await sample;
  await start(t, modules);
  const { alloc, ownerOf, free } = t.system.kernel.heap.exports;
  const type = modules.world.sharedTypes.find(({ name }) => name === "block");
  assert.ok(type);
  const bases = Array.from({ length: 4 }, () => alloc(KERNEL, type.id, 64));
  const [a = 0, b = 0, c = 0, d = 0] = bases;
  for (const name of ["service", "far relay", "far to host"]) {
    const far = t.system.export(name, ID);
    assert.equal(far.echoBlocks?.([a, b, c]), { ok: true, value: [a, b, c] }, name);
    assert.equal(far.echoKeep?.({ held: a, spare: undefined }), { ok: true, value: { held: a, spare: undefined } }, name);
    assert.equal(far.tryKeep?.({ held: d, spare: b }), { ok: true, value: { tag: "ok", val: { held: d, spare: b } } }, name);
    assert.equal(far.echoHeld?.({ tag: "held", val: c }), { ok: true, value: { tag: "held", val: c } }, name);
    assert.ok(
      bases.every((base) => ownerOf(base) === KERNEL),
      name,
    );
  }
  new Uint8Array(t.system.kernel.heap.memory.buffer)[a + 5] = 77;
  const read = t.system.export("far relay", ID).read?.(a, Uint8Array.from([5, 63, 5]));
  assert.equal(read, { ok: true, value: Uint8Array.from([77, 0, 77]) });
  assert.is(ownerOf(a), KERNEL);
  for (const base of bases) assert.is(free(base), 0);
  await t.end();
});

test("a caller outlives a callee that dies over a message, and learns it; its messages are not lost", async () => {
  const t = await testSystem({ heapMegabytes: 32 });
  const modules = await sample;
  await start(t, modules);
  const { alloc, free } = t.system.kernel.heap.exports;
  const block = alloc(KERNEL, modules.world.sharedTypes[0]?.id ?? 0, 64);
  const relay = t.system.export("relay", ID);
  // There is no byte 64, which ends the service.
  assert.equal(relay.read?.(block, Uint8Array.from([64])), { ok: true, value: new Uint8Array(0) });
  const gone = t.system.export("service", ID).echo0?.(true);
  assert.ok(gone && !gone.ok && gone.error.cause === "dead", show(gone));
  assert.equal(relay.concat?.("a", ["b"], "c"), { ok: true, value: "" });
  assert.equal(relay[`echo${sampleTypes.indexOf("point")}`]?.({ x: 1, y: 2 }), { ok: true, value: { x: 0, y: 0 } });
  const [died, result] = [relay.tryString?.("x"), relay[`echo${sampleTypes.indexOf("result<u32, string>")}`]?.({ tag: "ok", val: 1 })];
  for (const called of [died, result]) assert.ok(called && !called.ok && called.error.cause === "refused", show(called));
  assert.is(free(block), 0);
  assert.ok(t.system.liveObjects() <= 2, `${t.system.liveObjects()} objects`);
  await t.end();
});

test("100 000 calls with strings through two domains leave their memories and the heap as they were", async () => {
  const t = await testSystem({ heapMegabytes: 32 });
  await start(t, await sample);
  const call = t.system.export("relay", ID)[`echo${sampleTypes.indexOf("string")}`];
  const sizes = (): number[] => [
    ...["service", "relay"].map((name) => t.system.seat(name).current?.bytes.length ?? 0),
    t.system.liveObjects(),
  ];
  const run = (calls: number): void => {
    for (let at = 0; at < calls; at++) call?.("0123456789abcdef ß 😀");
  };
  run(10_000);
  const before = sizes();
  run(90_000);
  assert.equal(sizes(), before);
  await t.end();
});

test.run();
