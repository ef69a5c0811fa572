/**
 * Hostile domains that recurse until the stack ends: by themselves, and right before they call the kernel, the host or
 * another domain, at every depth and with frames of many sizes, so that the end lies at every place of trusted code.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHARE_BYTES } from "../../host/kernel/calls/probe.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("hostile stack");

/** Locals that are alive across the recursion: each makes a frame 8 bytes larger, so that the depths are shifted. */
const FRAME_LOCALS = [0, 1, 2, 3, 5, 8, 13, 29, 64] as const;

/** A domain whose `call` recurses without end; every level first does `work`, once, where it may use `$n`. */
function recursing(name: string, locals: number, work: string, parts: Parts = {}): ReturnType<typeof domain> {
  const names = Array.from({ length: locals }, (_, i) => `$l${i}`);
  const code = `${parts.code ?? ""}
    (global $sink (mut i64) (i64.const 0)) (global $levels (mut i32) (i32.const 0))
    (func $deeper (param $n i32) ${names.map((each) => `(local ${each} i64)`).join(" ")}
      ${names.map((each) => `(local.set ${each} (i64.add (global.get $sink) (i64.extend_i32_u (local.get $n))))`).join("\n")}
      ${work}
      (call $deeper (i32.add (local.get $n) (i32.const 1)))
      ${names.map((each) => `(global.set $sink (i64.xor (global.get $sink) (local.get ${each})))`).join("\n")})`;
  const limits = { callBudgetMs: 20_000, heapObjects: 100_000, heapBytes: 1 << 24, logLinesPerSecond: 1, ...parts.limits };
  return domain(name, { ...parts, code, limits, exports: { call: "(call $deeper (i32.const 0)) (i32.const 0)", ...parts.exports } });
}

/** A service that itself makes objects, uses some stack, and calls a further service. */
async function services(t: TestSystem): Promise<{ leaf: Seat; middle: Seat; front: Seat }> {
  const leaf = await t.add(
    domain("leaf", {
      exports: { call: "(call $drop (call $new)) (local.get $n)", take: "(call $drop (local.get $b))", look: "(i32.const 1)" },
    }),
  );
  const through = (next: Seat): Parts => ({
    imports: { call: calls(next), look: calls(next) },
    code: "(global $own (mut i32) (i32.const 0))",
    exports: {
      call: `(global.set $own (call $new)) (drop (call $look (global.get $own))) (call $drop (global.get $own)) (call $call (local.get $n))`,
      look: "(call $look (local.get $b))",
    },
  });
  const middle = await t.add(domain("middle", through(leaf)));
  const front = await t.add(domain("front", through(middle)));
  return { leaf, middle, front };
}

/** What a level does before it recurses; every one of these ends somewhere inside trusted code, or just before it. */
const WORK: readonly (readonly [name: string, work: string, parts: (s: { leaf: Seat; middle: Seat; front: Seat }) => Parts])[] = [
  ["nothing", "", () => ({})],
  ["makes an object", "(drop (call $new))", () => ({})],
  ["makes and drops an object", "(call $drop (call $new))", () => ({})],
  ["logs", "(call $log (i32.const 0) (i32.const 60))", () => ({ kernel: ["log"] })],
  ["speaks its last words", "(call $panic (i32.const 0) (i32.const 0) (i32.const 60))", () => ({ kernel: ["panic"] })],
  ["calls a leaf", "(drop (call $call (local.get $n)))", ({ leaf }) => ({ imports: { call: calls(leaf) } })],
  ["calls a service of a service", "(drop (call $call (local.get $n)))", ({ front }) => ({ imports: { call: calls(front) } })],
  ["lends to a leaf", "(drop (call $look (call $new)))", ({ leaf }) => ({ imports: { look: calls(leaf) } })],
  ["lends to a service of a service", "(drop (call $look (call $new)))", ({ front }) => ({ imports: { look: calls(front) } })],
  ["moves to a leaf", "(call $take (call $new))", ({ leaf }) => ({ imports: { take: calls(leaf) } })],
  ["calls the host", "(drop (call $call (local.get $n)))", () => ({ imports: { call: host({ run: (n = 0) => n }) } })],
  ["calls a host that throws", "(drop (call $call (local.get $n)))", () => ({ imports: { call: host({ run: throwing }) } })],
];

function throwing(): number {
  throw new Error("no");
}

for (const [name, work, parts] of WORK) {
  test(`a domain that recurses and ${name} at every depth dies of the stack, and nobody else`, async () => {
    const t = await testSystem();
    const all = await services(t);
    for (const locals of FRAME_LOCALS) {
      const evil = `evil ${locals}`;
      await t.add(recursing(evil, locals, work, parts(all)));
      assert.is(attempt(t, evil, "call", 0), `stack ${evil}#1`);
    }
    assert.equal(
      deaths(t),
      FRAME_LOCALS.map((locals) => `stack evil ${locals}#1`),
    );
    for (const service of ["leaf", "middle", "front"]) assert.is(attempt(t, service, "call", 4), "ok 4");
    assert.is(t.system.liveObjects(), 0);
    await t.end();
  });
}

/** Traps at its call number `$at`; `quick` sets that, or tells how many calls there were. */
const MORTAL: Parts = {
  guard: ["status"],
  code: "(global $at (mut i32) (i32.const -1)) (global $calls (mut i32) (i32.const 0))",
  exports: {
    call: `(drop (call $new)) (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (if (i32.eq (global.get $calls) (global.get $at)) (then unreachable)) (i32.const 0)`,
    quick: "(if (local.get $n) (then (global.set $at (local.get $n)))) (global.get $calls)",
  },
  limits: { heapObjects: 100_000, heapBytes: 1 << 30 },
};

test("a callee that dies where its caller has used the stack up is buried all the same, and its caller told", async () => {
  const t = await testSystem({ heapMegabytes: 256 });
  // Recurses, and dies by `unreachable` when it was told of a death.
  const work = "(drop (call $call (local.get $n))) (if (i32.eq (call $status (i32.const 0)) (i32.const 1)) (then unreachable))";
  for (const locals of FRAME_LOCALS) {
    const add = async (suffix: string): Promise<string> => {
      const mortal = await t.add(domain(`mortal ${suffix}`, MORTAL));
      await t.add(recursing(`evil ${suffix}`, locals, work, { imports: { call: calls(mortal) }, guard: ["status"] }));
      return suffix;
    };
    // The first run is made by code that was not optimised yet, whose frames have other sizes.
    let depths = 0;
    for (const round of ["first", "second"]) {
      const run = await add(`${locals} ${round}`);
      assert.is(attempt(t, `evil ${run}`, "call", 0), `stack evil ${run}#1`);
      depths = Number(attempt(t, `mortal ${run}`, "quick", 0).slice(3));
    }
    assert.ok(depths > 100, `only ${depths} levels`);
    for (const fromTheEnd of [0, 1, 2, 5]) {
      const next = await add(`${locals}-${fromTheEnd}`);
      attempt(t, `mortal ${next}`, "quick", depths - fromTheEnd);
      const ended = attempt(t, `evil ${next}`, "call", 0);
      assert.match(ended, new RegExp(`^(trap|stack) evil ${next}#1$`));
      if (ended.startsWith("trap")) assert.is(attempt(t, `mortal ${next}`, "call", 0), `dead mortal ${next}#1`);
    }
  }
  assert.ok(deaths(t).filter((death) => death.startsWith("trap mortal")).length >= FRAME_LOCALS.length);
  await t.end();
});

test("a supervisor that restarts at every depth leaves no half-born domain", async () => {
  const t = await testSystem();
  const { middle } = await services(t);
  for (const locals of [128, 129, 131, 135, 143, 159]) {
    const mortal = await t.add(
      domain(`mortal ${locals}`, {
        imports: { call: calls(middle) },
        init: "(drop (call $call (i32.const 1)))",
        exports: { call: "(drop (call $new)) unreachable" },
      }),
    );
    const work = `(if (i32.gt_u (local.get $n) (i32.const ${Math.floor(300_000 / (locals * 8))})) (then
      (drop (call $call (local.get $n))) (if (i32.ne (call $restart) (i32.const 64)) (then unreachable))))`;
    const patient = { tries: 1000, firstWaitMs: 0, mostWaitMs: 0, patienceMs: 60_000 };
    const imports = { call: calls(mortal), restart: restarts(t, mortal, patient) };
    await t.add(recursing(`evil ${locals}`, locals, work, { imports }));
    assert.is(attempt(t, `evil ${locals}`, "call", 0), `stack evil ${locals}#1`);
    // Dead, or alive and whole: what it must not be is something between.
    const after = attempt(t, `mortal ${locals}`, "call", 0);
    assert.match(after, /^(trap|dead) mortal /);
    assert.ok((mortal.current?.generation ?? 0) > 10, "it was restarted");
  }
  assert.is(attempt(t, "middle", "call", 4), "ok 4");
  await t.end();
});

test("every callee has its share of the stack, whatever its caller left", async () => {
  const t = await testSystem();
  // Recurses to nearly its share, in frames of at least 8 bytes a local, wherever it stands.
  const names = Array.from({ length: 100 }, (_, i) => `$l${i}`);
  const levels = Math.floor((SHARE_BYTES * 0.75) / (names.length * 8 + 64));
  const deep: Parts = {
    code: `(global $sink (mut i64) (i64.const 0))
      (func $deeper (param $n i32) ${names.map((each) => `(local ${each} i64)`).join(" ")}
        ${names.map((each) => `(local.set ${each} (i64.add (global.get $sink) (i64.extend_i32_u (local.get $n))))`).join("\n")}
        (if (local.get $n) (then (call $deeper (i32.sub (local.get $n) (i32.const 1)))))
        ${names.map((each) => `(global.set $sink (i64.xor (global.get $sink) (local.get ${each})))`).join("\n")})`,
    exports: { call: `(call $deeper (i32.const ${levels})) (local.get $n)` },
  };
  const deepLeaf = await t.add(domain("deep leaf", deep));
  await t.add(
    domain("deep front", {
      ...deep,
      imports: { look: calls(await t.add(domain("looker", { exports: { look: "(i32.const 1)" } }))), call: calls(deepLeaf) },
      exports: { quick: `(call $deeper (i32.const ${levels})) (drop (call $look (call $new))) (call $call (local.get $n))` },
    }),
  );
  for (const locals of FRAME_LOCALS) {
    const imports = { call: calls(deepLeaf), quick: calls(t.system.seat("deep front")) };
    await t.add(recursing(`evil ${locals}`, locals, "(drop (call $call (i32.const 1))) (drop (call $quick (i32.const 1)))", { imports }));
    assert.is(attempt(t, `evil ${locals}`, "call", 0), `stack evil ${locals}#1`);
  }
  assert.is(attempt(t, "deep front", "quick", 3), "ok 3");
  await t.end();
});

test.run();
