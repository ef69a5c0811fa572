/** How domains come into being, fail to, and come again: a failed birth leaves nothing, a second generation sees nothing of the first. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { BAD_BIRTHS, BIRTH_LIMITS } from "../support/bad-births.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, host, type TestSystem, testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("births");

async function failure(t: TestSystem, name: string, parts: Parts): Promise<SumacError> {
  const error = await t
    .add(domain(name, { exports: { call: "(i32.const 1)" }, ...parts, limits: { ...BIRTH_LIMITS, ...parts.limits } }))
    .then(
      () => undefined,
      (caught: unknown) => caught,
    );
  assert.ok(error instanceof SumacError, `${name}: ${String(error)}`);
  return error;
}

/** The name is free again, nothing is on the heap, and a good domain can take the seat. */
async function nothingIsLeft(t: TestSystem, name: string): Promise<void> {
  assert.is(t.system.liveObjects(), 0, name);
  assert.is(t.system.kernel.depth, 0, name);
  assert.ok(!t.system.domains().some((each) => each.name === name), name);
  await t.add(domain(name, { exports: { call: "(i32.const 2)" } }));
  assert.is(attempt(t, name, "call", 0), "ok 2", name);
}

test("a domain that fails to start, in every way, leaves nothing, and its creator reads the cause", async () => {
  const t = await testSystem();
  for (const [name, [parts, expected]] of Object.entries(BAD_BIRTHS)) {
    const error = await failure(t, name, parts);
    assert.is(error.code, "domain-failed-to-start", name);
    assert.match(error.message, expected, name);
    await nothingIsLeft(t, name);
  }
  await t.end();
});

/** Bad wiring: the host's or the manifest's fault, found while the domain is linked. */
const WIRING: Readonly<Record<string, readonly [grants: Readonly<Record<string, Provider>>, code: RegExp]>> = {
  "no grant": [{}, /^import-not-granted$/],
  "a host without the function": [{ [id("call")]: { kind: "host", bind: () => ({}) } }, /^interface-mismatch$/],
  "a host that throws": [
    {
      [id("call")]: {
        kind: "host",
        bind: () => {
          throw new Error("no such device");
        },
      },
    },
    /^domain-failed-to-start$/,
  ],
};

test("an import that nothing provides ends the birth before any code of the domain runs", async () => {
  const t = await testSystem();
  const leaf = await t.add(domain("leaf", { exports: { quick: "(i32.const 1)" } }));
  for (const [name, [grants, code]] of Object.entries(WIRING)) {
    const released: string[] = [];
    const first: Provider = {
      kind: "host",
      bind(unborn) {
        unborn.releases.push(() => released.push(name));
        return { run: () => 1 };
      },
    };
    const parts: Parts = { imports: { attempt: first, quick: calls(leaf), call: host({}) }, init: "(drop (call $new)) unreachable" };
    const spec = domain(name, parts);
    const rest = { [id("attempt")]: first, [id("quick")]: calls(leaf), ...grants };
    const error = await t.add({ ...spec, grants: rest }).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof SumacError);
    assert.match(error.code, code, name);
    assert.equal(released, [name], `${name}: what was granted before is released`);
    await nothingIsLeft(t, name);
  }
  assert.is(leaf.current?.inbound.size, 0, "no link of the unborn is kept");
  await t.end();
});

test("a domain that is killed while it is linked, or in its start, or in its init, is not born", async () => {
  const t = await testSystem();
  for (const place of ["bind", "start", "init", "nothing"] as const) {
    const killer: Provider = {
      kind: "host",
      bind(unborn) {
        const kill = (): number => {
          t.system.kernel.kill(unborn, "not wanted");
          return 1;
        };
        if (place === "bind") kill();
        return { run: kill };
      },
    };
    const use = "(drop (call $new)) (drop (call $call (i32.const 0)))";
    const parts = place === "start" || place === "init" ? { [place]: use } : {};
    if (place === "nothing") {
      await t.add(domain(place, { ...parts, imports: { call: killer }, exports: { quick: "(call $call (i32.const 0))" } }));
      assert.is(attempt(t, place, "quick", 0), "killed nothing#1");
      continue;
    }
    const error = await failure(t, place, { ...parts, imports: { call: killer } });
    assert.match(error.message, /: killed: /, place);
    await nothingIsLeft(t, place);
  }
  await t.end();
});

test("init may call others, and lives when its callee dies", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { take: "unreachable", call: "(local.get $n)" } }));
  await t.add(
    domain("born", {
      imports: { take: calls(mortal), call: calls(mortal) },
      guard: ["status"],
      code: "(global $seen (mut i32) (i32.const 0))",
      start: "(global.set $seen (call $call (i32.const 10)))",
      init: "(call $take (call $new)) (global.set $seen (i32.add (global.get $seen) (call $status (i32.const 0))))",
      exports: { call: "(global.get $seen)" },
    }),
  );
  assert.is(attempt(t, "born", "call", 0), "ok 11");
  assert.equal(deaths(t), ["trap mortal#1"]);
  await t.end();
});

test("an init whose call of another domain does not return in time fails when the callee's own budget ends the call", async () => {
  const t = await testSystem();
  const FOREVER = "(loop $l (br $l)) unreachable";
  const hanging = await t.add(domain("hanging", { limits: { callBudgetMs: 150 }, exports: { call: FOREVER } }));
  const error = await failure(t, "born", {
    imports: { call: calls(hanging) },
    init: "(drop (call $new)) (drop (call $call (i32.const 0)))",
  });
  assert.match(error.message, /: deadline: .*within its budget of [56]/);
  assert.equal(deaths(t), ["deadline hanging#1", "deadline born#1"]);
  await nothingIsLeft(t, "born");
  await t.end();
});

test("an init that calls a function of the host which takes too long fails when that returns", async () => {
  const t = await testSystem();
  const { i32, cpu } = t.system.kernel;
  const slow = host({
    run: () => {
      while (Atomics.load(i32, cpu.interrupt) === 0);
      return 1;
    },
  });
  const error = await failure(t, "born", { imports: { call: slow }, init: "(drop (call $new)) (drop (call $call (i32.const 0)))" });
  assert.match(error.message, /: deadline: /);
  await nothingIsLeft(t, "born");
  await t.end();
});

test("a domain that is starting cannot be called, and can be after that", async () => {
  const t = await testSystem();
  const answers: string[] = [];
  let births = 0;
  const back = host({
    run: () => {
      if (births++ > 0) answers.push(attempt(t, "born", "call", 0));
      return 1;
    },
  });
  const seat = await t.add(
    domain("born", { imports: { quick: back }, init: "(drop (call $quick (i32.const 0)))", exports: { call: "(i32.const 6)" } }),
  );
  t.system.kill("born");
  assert.ok(createDomain(t.system.kernel, seat).ok);
  assert.equal(answers, ["dead born#2"]);
  assert.is(attempt(t, "born", "call", 0), "ok 6");
  await t.end();
});

test("a second generation sees nothing of the first: neither memory, grown or not, nor globals, nor tables, nor objects", async () => {
  const t = await testSystem();
  for (const [name, grow] of [
    ["kept small", ""],
    ["grown", "(drop (memory.grow (i32.const 2)))"],
  ] as const) {
    const seat = await t.add(
      domain(name, {
        code: `(memory 1) (data (i32.const 8) "\\05") (global $g (mut i32) (i32.const 3)) (table 4 funcref) (elem $e func 0) (func $sum (result i32) (local $i i32) (local $s i32)
          (loop $l (local.set $s (i32.add (local.get $s) (i32.load8_u (local.get $i)))) (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 65536))))
          (i32.add (local.get $s) (i32.mul (i32.const 1000) (i32.add (global.get $g) (memory.size)))))`,
        exports: {
          call: `(drop (call $new)) ${grow} (memory.fill (i32.const 0) (i32.const 255) (i32.const 65536)) (table.init $e (i32.const 1) (i32.const 0) (i32.const 1)) (global.set $g (i32.const 77)) (i32.const 0)`,
          quick: "(call $sum)",
          circle: "(call_indirect (result i32) (i32.const 1))",
        },
      }),
    );
    for (let generation = 1; generation < 8; generation++) {
      assert.is(attempt(t, name, "quick", 0), "ok 4005", `${name} ${generation}`);
      attempt(t, name, "call", 0);
      t.system.kill(name);
      assert.is(t.system.liveObjects(), 0);
      assert.ok(createDomain(t.system.kernel, seat).ok);
    }
    assert.is(attempt(t, name, "circle", 0), `trap ${name}#8`, "the table is empty again");
    // A domain of the same size that somebody else wrote gets the same memory, zeroed.
    await t.add(
      domain(`reader ${name}`, {
        exports: {
          call: "(loop $l (if (i32.load8_u (local.get $n)) (then unreachable)) (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 65536)))) (memory.size)",
        },
      }),
    );
    assert.is(attempt(t, `reader ${name}`, "call", 0), "ok 1");
  }
  await t.end();
});

test("when a domain dies its releases run before its objects go, and its borrows end after", async () => {
  const t = await testSystem();
  const { heap } = t.system.kernel;
  const seen: string[] = [];
  const device: Provider = {
    kind: "host",
    bind(holder) {
      holder.releases.push(() => {
        let owned = 0;
        for (let base = heap.exports.nextOwned(holder.id, 0); base !== 0; base = heap.exports.nextOwned(holder.id, base)) owned++;
        seen.push(`${owned} objects, ${heap.stats().borrows} borrows`);
      });
      return { run: () => 1 };
    },
  };
  const mortal = await t.add(
    domain("mortal", { imports: { call: device }, exports: { look: "(drop (call $new)) (drop (call $new)) unreachable" } }),
  );
  await t.add(domain("lender", { imports: { look: calls(mortal) }, exports: { call: "(drop (call $look (call $new))) (i32.const 1)" } }));
  assert.is(attempt(t, "lender", "call", 0), "ok 1");
  assert.equal(seen, ["2 objects, 1 borrows"]);
  assert.is(heap.stats().borrows, 0);
  await t.end();
});

/** Runs with an engine that has no room for a further memory. */
async function withoutMemory(run: () => Promise<void>): Promise<void> {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class {
    constructor() {
      throw new RangeError("WebAssembly.Memory(): could not allocate memory");
    }
  } as unknown as typeof Memory;
  try {
    await run();
  } finally {
    WebAssembly.Memory = Memory;
  }
}

test("a domain for which the process has no memory is refused with the remedy, before anything of it exists; the others go on", async () => {
  const t = await testSystem();
  const { kernel } = t.system;
  const seat = await t.add(domain("first", { exports: { call: "(i32.const 1)" } }));
  const other = await t.add(domain("second", { exports: { call: "(i32.const 1)" } }));
  const told = t.events.length;
  await withoutMemory(async () => {
    const error = await failure(t, "third", {});
    assert.is(error.code, "quota-invalid");
    assert.match(error.message, /^domain third: .*no room for one more WebAssembly memory: destroy domains/);
    assert.ok(error.cause instanceof RangeError);
    assert.is(t.events.length, told);
    assert.is(attempt(t, "first", "call", 0), "ok 1");
    // The memory of who died serves the next generation, and only one.
    t.system.kill("first");
    assert.ok(createDomain(kernel, seat).ok);
    t.system.kill("second");
    kernel.memories.take(1, 16, "nobody");
    const { generations } = other;
    assert.throws(() => createDomain(kernel, other), /^domain second: this process has no room/);
    assert.is(other.generations, generations);
    assert.is(attempt(t, "first", "call", 0), "ok 1");
  });
  assert.ok(createDomain(kernel, other).ok);
  assert.is(attempt(t, "second", "call", 0), "ok 1");
  await nothingIsLeft(t, "third");
  await t.end();
});

test("births and deaths without number: slots, memories and heap are back at their baseline", async () => {
  const t = await testSystem();
  const seat = await t.add(
    domain("phoenix", { init: "(drop (call $new))", exports: { call: "(if (local.get $n) (then unreachable)) (i32.const 3)" } }),
  );
  const before = t.system.kernel.heap.stats();
  for (let i = 0; i < 2000; i++) {
    if (i % 2 === 0) t.system.kill("phoenix");
    else attempt(t, "phoenix", "call", 1);
    assert.ok(createDomain(t.system.kernel, seat).ok);
  }
  assert.equal(t.system.kernel.heap.stats(), before);
  assert.is(attempt(t, "phoenix", "call", 0), "ok 3");
  await t.end();
});

test.run();
