/** Values that cross as messages: from the host into a domain, through one, into a function of the host, and all the way back. */
import { isDeepStrictEqual } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostFunctions } from "../../host/kernel/host/host-functions.ts";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { ID, NAMES, Values } from "../support/message-domains.ts";
import { randomNumbers, randomType, randomValue } from "../support/random-values.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("messages");

const FIXED = [
  ...["bool", "char", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "string", ...NAMES],
  ...["list<u8>", "list<s8>", "list<u16>", "list<s16>", "list<u32>", "list<s32>", "list<u64>", "list<s64>", "list<f32>", "list<f64>"],
  ...["list<bool>", "list<char>", "list<string>", "list<entry>", "list<shape, 3>", "list<u64, 3>", "list<bool, 5>", "list<list<u16>>"],
  ...["option<string>", "option<option<u8>>", "option<option<option<string>>>", "list<option<u8>>"],
  ...["result", "result<string>", "result<_, string>", "result<list<u8>, shape>", "tuple<u8, string, option<bool>>"],
];

/** The host's own functions: each gives back what it gets, and notes it. */
function hostEcho(t: TestSystem, values: Values, seen: HostValue[]): Provider {
  const functions = values.types.map((_, index) => [
    `v${index}`,
    (value: HostValue) => {
      seen.push(value);
      return value;
    },
  ]);
  const implementation = { ...Object.fromEntries(functions), entered: () => seen.length };
  const owner = t.system.seat("echo").spec.loaded.world.exports.find(({ id }) => id === ID);
  assert.ok(owner !== undefined);
  return hostFunctions(t.system.kernel, owner, implementation);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? `${each}n` : each));
}

for (const [title, types, rounds] of [
  ["of every type", FIXED, 12],
  ["of types at random", Array.from({ length: 60 }, (_, seed) => randomType(randomNumbers(seed), NAMES, 3)), 6],
] as const) {
  test(`values ${title} come back from a domain, through a domain, and from a function of the host`, async () => {
    const t = await testSystem();
    const values = new Values(types);
    const echo = await t.add(values.echo("echo"));
    await t.add(values.relay("relay", calls(echo)));
    const seen: HostValue[] = [];
    const toHost = await t.add(values.relay("to host", hostEcho(t, values, seen)));
    await t.add(values.relay("to host by relay", calls(toHost)));
    const random = randomNumbers(7);
    for (const [index, written] of types.entries()) {
      const type = values.typeOf(index);
      for (let round = 0; round < rounds; round++) {
        const value = ["", randomValue(random, type)];
        for (const name of ["echo", "relay", "to host", "to host by relay"]) {
          const called = t.system.export(name, ID)[`v${index}`]?.(value);
          const isSame = isDeepStrictEqual(called, { ok: true, value });
          assert.ok(isSame, `${name}: ${written}: ${show(value)} → ${show(called)}`);
        }
        assert.ok(isDeepStrictEqual(seen.at(-1), value), written);
      }
    }
    assert.is(t.system.liveObjects(), 0, "no message is left");
    await t.end();
  });
}

test("objects inside messages move to the callee and back to the host, or are lent for the call", async () => {
  const t = await testSystem();
  const values = new Values(["list<block>"]);
  const echo = await t.add(values.echo("echo"));
  await t.add(values.relay("relay", calls(echo)));
  const { alloc, ownerOf, free } = t.system.kernel.heap.exports;
  const type = echo.spec.loaded.world.sharedTypes.find(({ name }) => name === "block");
  assert.ok(type !== undefined);
  const bases = Array.from({ length: 300 }, () => alloc(KERNEL, type.id, 64));
  for (const name of ["echo", "relay"]) {
    const called = t.system.export(name, ID).v0?.(["mine", bases]);
    assert.equal(called, { ok: true, value: ["mine", bases] });
    assert.ok(bases.every((base) => ownerOf(base) === KERNEL));
  }
  const twice = t.system.export("echo", ID).v0?.(["twice", [bases[0] ?? 0, bases[1] ?? 0, bases[0] ?? 0]]);
  assert.ok(twice !== undefined && !twice.ok && twice.error.cause === "refused");
  assert.ok(
    bases.every((base) => ownerOf(base) === KERNEL),
    "all are the host's again",
  );
  for (const base of bases) assert.is(free(base), 0);
  await t.end();
});

test("a string of megabytes and a list of many items cross whole", async () => {
  const t = await testSystem({ heapMegabytes: 128 });
  const values = new Values(["string", "list<string>", "list<f64>"]);
  await t.add({ ...values.echo("echo"), limits: { heapBytes: 64 << 20 } });
  const { v0, v1, v2 } = t.system.export("echo", ID);
  const text = "aé€🙂".repeat(300_000);
  assert.equal(v0?.(["", text]), { ok: true, value: ["", text] });
  const many = Array.from({ length: 100_000 }, (_, i) => `item ${i}`);
  assert.equal(v1?.(["", many]), { ok: true, value: ["", many] });
  const numbers = Float64Array.from({ length: 100_000 }, (_, i) => i / 3);
  assert.equal(v2?.(["", numbers]), { ok: true, value: ["", numbers] });
  assert.throws(() => v0?.(["", "x".repeat(17 << 20)]), /v0: v.*16777216 bytes/);
  await t.end();
});

test("a message for which the shared heap has no room is an error of the call", async () => {
  const t = await testSystem({ heapMegabytes: 16 });
  const values = new Values(["list<u8>"]);
  await t.add(values.echo("echo"));
  const called = t.system.export("echo", ID).v0?.(["", new Uint8Array(15 << 20)]);
  assert.ok(called !== undefined && !called.ok && called.error.cause === "quota", show(called));
  assert.equal(t.system.export("echo", ID).entered?.(), { ok: true, value: 0 });
  await t.end();
});

const KERNEL = 0x4000;

test.run();
