/** A move that is asked for while another one is being made: by a function of the application, or by whoever has the control socket. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cpuWords } from "../../host/kernel/words.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { calls, host, testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("moves inside moves");

const SPIN = "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 5)";
/** Keeps a number in its memory, and gives it back. */
const keeper = (at: number) => ({
  exports: {
    call: `(i32.store (i32.const ${at}) (i32.add (i32.load (i32.const ${at})) (local.get $n))) (i32.load (i32.const ${at}))`,
    quick: "(i32.load (local.get $n))",
  },
});

for (const inner of ["other", "first"]) {
  test(`a domain that goes to a CPU which is busy: ${inner === "other" ? "another one" : "the same one"} is to go meanwhile, and nobody gets what is another's`, async () => {
    const t = await testSystem({ heapMegabytes: 32, cpus: 3 });
    await t.add(domain("first", keeper(1000)));
    await t.add(domain("other", { ...keeper(2000), code: "(memory 3)" }));
    await t.add({ ...domain("busy", { exports: { call: SPIN }, limits: { callBudgetMs: 60_000 } }), cpu: 1 });
    let said = "";
    const ask = host({
      run: () => {
        try {
          t.system.migrate(inner, inner === "other" ? 1 : 2, { waitMs: 3000 });
          said = "went";
        } catch (error) {
          said = (error as Error).message;
        }
        return 3;
      },
    });
    await t.add({ ...domain("asker", { imports: { call: ask }, exports: { quick: "(call $call (local.get $n))" } }), cpu: 0 });
    const asker = t.system.seat("asker");
    await t.add({
      ...domain("far", {
        imports: { quick: { kind: "domain", seat: asker } },
        exports: { call: "(call $quick (local.get $n))" },
        limits: { callBudgetMs: 60_000 },
      }),
      cpu: 2,
    });
    assert.is(attempt(t, "first", "call", 7), "ok 7");
    assert.is(attempt(t, "other", "call", 9), "ok 9");
    const busy = t.system.exportUnwaited("busy", id("call")).run?.(300_000_000) as Promise<unknown>;
    while (Atomics.load(t.system.kernel.i32, cpuWords(1).depth) === 0) await new Promise((resolve) => setImmediate(resolve));
    const far = t.system.exportUnwaited("far", id("call")).run?.(1) as Promise<unknown>;
    t.system.migrate("first", 1, { waitMs: 20_000 });
    assert.equal(await busy, { ok: true, value: 5 });
    assert.equal(await far, { ok: true, value: 3 });
    assert.is.not(said, "");
    // Whatever became of the second wish: each has what is its own, and no more.
    assert.equal(
      ["first", "other"].flatMap((name) => [1000, 2000].map((at) => attempt(t, name, "quick", at))),
      ["ok 7", "ok 0", "ok 0", "ok 9"],
    );
    assert.is(attempt(t, "first", "call", 1), "ok 8");
    assert.is(attempt(t, "other", "call", 1), "ok 10");
    assert.equal(deaths(t), []);
    await t.end();
  });
}

for (const from of [0, 2]) {
  test(`a domain that is killed while CPU ${from} waits for the one that it goes to is dead, and no CPU is`, async () => {
    const t = await testSystem({ heapMegabytes: 32, cpus: 3 });
    await t.add({ ...domain("first", { ...keeper(1000), code: "(memory 1) (global $g (mut i32) (i32.const 0))" }), cpu: from });
    await t.add({ ...domain("busy", { exports: { call: SPIN }, limits: { callBudgetMs: 60_000 } }), cpu: 1 });
    const ask = host({
      run: () => {
        t.system.kill("first");
        return 3;
      },
    });
    const asker = await t.add(domain("asker", { imports: { call: ask }, exports: { quick: "(call $call (local.get $n))" } }));
    const far = domain("far", {
      imports: { quick: calls(asker) },
      exports: { call: "(call $quick (local.get $n))" },
      limits: { callBudgetMs: 60_000 },
    });
    await t.add({ ...far, cpu: 2 });
    assert.is(attempt(t, "first", "call", 7), "ok 7");
    const busy = t.system.exportUnwaited("busy", id("call")).run?.(300_000_000) as Promise<unknown>;
    while (Atomics.load(t.system.kernel.i32, cpuWords(1).depth) === 0) await new Promise((resolve) => setImmediate(resolve));
    const told = t.system.exportUnwaited("far", id("call")).run?.(1) as Promise<unknown>;
    assert.throws(() => t.system.migrate("first", 1, { waitMs: 20_000 }), /domain first.*(died while it was to go to CPU 1|is dead)/);
    assert.equal(await busy, { ok: true, value: 5 });
    assert.equal(await told, { ok: true, value: 3 });
    assert.equal(deaths(t), ["killed first#1"]);
    await t.end();
  });
}

test.run();
