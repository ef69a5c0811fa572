/** Hostile domains that misuse calls: after a deadline, in circles, too deep, of the dead, with texts that they do not have. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { attempt, call, deaths, domain } from "../support/domain.ts";
import { calls, host, restarts, testSystem } from "../support/system.ts";
import { type InterfaceName, id } from "../support/world.ts";

const test = suite("hostile calls");

/** Some 20 ms of work. */
const WORK =
  "(local $w i32) (local.set $w (i32.const 20000000)) (loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1)))))";
const STATUS = "(call $status (i32.const 0))";

test("a callee that goes on after its caller's deadline: the caller gets late, the callee lives, its late object is dropped", async () => {
  const t = await testSystem();
  const slow = await t.add(
    domain("slow", {
      exports: {
        give: `${WORK} (call $new)`,
        swap: `${WORK} (call $drop (local.get $b)) (call $new)`,
        call: `${WORK} (local.get $n)`,
        look: `${WORK} (i32.const 1)`,
        quick: "(local.get $n)",
      },
    }),
  );
  const uses: readonly (readonly [InterfaceName, string])[] = [
    ["give", "(call $give)"],
    ["swap", "(call $swap (call $new))"],
    ["call", "(call $call (i32.const 3))"],
    ["look", "(call $look (global.get $own))"],
  ];
  for (const [name, use] of uses) {
    await t.add(
      domain(`hasty ${name}`, {
        imports: { [name]: calls(slow), quick: calls(slow) },
        guard: ["status", "store32"],
        kernel: ["deadline"],
        code: "(global $own (mut i32) (i32.const 0))",
        exports: {
          call: `(local $r i32) (global.set $own (call $new)) (call $deadline (i32.const 1000)) (local.set $r ${use})
            (call $store32 (global.get $own) (i32.const 1)) (call $drop (global.get $own))
            (i32.add (i32.mul (i32.const 1000) ${STATUS}) (i32.ne (local.get $r) (i32.const 0)))`,
          // The deadline is for one call only, and can be taken back.
          attempt: `(call $deadline (i32.const 1000)) (drop (call $quick (i32.const 1))) (if ${STATUS} (then (return (i32.const 1))))
            (call $deadline (i32.const 1000)) (call $deadline (i32.const 0)) (drop (call $quick (i32.const 1))) (i32.add (i32.const 64) ${STATUS})`,
        },
      }),
    );
    assert.is(attempt(t, `hasty ${name}`, "call", 0), "ok 8000", name);
    assert.is(attempt(t, `hasty ${name}`, "attempt", 0), "ok ok undefined", name);
    assert.is(t.system.liveObjects(), 0, name);
  }
  assert.equal(deaths(t), []);
  assert.is(attempt(t, "slow", "call", 5), "ok 5");
  await t.end();
});

test("a callee that overruns its own budget dies, although its caller's deadline passed long before", async () => {
  const t = await testSystem();
  const endless = await t.add(domain("endless", { limits: { callBudgetMs: 50 }, exports: { call: "(loop $l (br $l)) unreachable" } }));
  await t.add(
    domain("hasty", {
      imports: { call: calls(endless) },
      guard: ["status"],
      kernel: ["deadline"],
      exports: { call: `(call $deadline (i32.const 1000)) (drop (call $call (i32.const 0))) ${STATUS}` },
    }),
  );
  assert.is(attempt(t, "hasty", "call", 0), "ok 2");
  assert.equal(deaths(t), ["deadline endless#1"]);
  await t.end();
});

test("a dead domain answers dead, takes no object, and its restart does not bring old links back", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: "(local.get $n)", take: "(call $drop (local.get $b))" } }));
  await t.add(
    domain("caller", {
      imports: { call: calls(mortal), take: calls(mortal) },
      guard: ["status", "store32"],
      exports: {
        call: `(drop (call $call (i32.const 1))) ${STATUS}`,
        quick: `(local.set $n (call $new)) (call $take (local.get $n)) ${STATUS} (call $store32 (local.get $n) (i32.const 1)) (call $drop (local.get $n))`,
      },
    }),
  );
  const held = t.system.export("mortal", id("call"));
  t.system.kill("mortal");
  assert.is(attempt(t, "caller", "call", 0), "ok 7");
  assert.is(attempt(t, "caller", "quick", 0), "ok 7");
  assert.ok(createDomain(t.system.kernel, mortal).ok);
  assert.is(attempt(t, "mortal", "call", 4), "ok 4", "the second generation serves");
  assert.is(attempt(t, "caller", "call", 0), "ok 7");
  assert.is(attempt(t, "caller", "quick", 0), "ok 7");
  assert.match(JSON.stringify(held.run?.(1)), /"cause":"dead","domain":"mortal","generation":1/);
  await t.end();
});

/** Two domains that call each other: `first` restarts `second` with a grant of `first`, and holds links to it. */
async function circle(): Promise<Awaited<ReturnType<typeof testSystem>>> {
  const t = await testSystem();
  const end = await t.add(domain("end", { exports: { call: "(i32.const 0)", circle: "(i32.const 0)" } }));
  /** Answers how many levels below it were entered, plus a thousand times the status of the one that was not. */
  const onward = (name: string): string => `(local.set $n (call $${name} (i32.add (local.get $n) (i32.const 1))))
    (if (result i32) ${STATUS} (then (i32.mul (i32.const 1000) ${STATUS})) (else (i32.add (i32.const 1) (local.get $n))))`;
  const both = { call: onward("call"), circle: onward("circle") };
  const second = await t.add(domain("second", { imports: { call: calls(end), circle: calls(end) }, guard: ["status"], exports: both }));
  const first = await t.add(
    domain("first", {
      imports: { call: calls(second), circle: calls(second), restart: restarts(t, second) },
      guard: ["status"],
      exports: { ...both, quick: "(call $restart)" },
    }),
  );
  const grants = second.spec.grants as Map<string, Provider>;
  for (const name of ["call", "circle"] as const) grants.set(id(name), calls(first));
  assert.is(attempt(t, "first", "quick", 0), "ok 64");
  t.events.length = 0;
  return t;
}

test("a circle of calls is refused where it closes, and everybody in it lives", async () => {
  const t = await circle();
  assert.is(attempt(t, "first", "call", 0), "ok 12001");
  assert.is(attempt(t, "second", "call", 0), "ok 12001");
  assert.equal(deaths(t), []);
  await t.end();
});

test("the error of a circle names every domain in it", async () => {
  const t = await testSystem();
  let told = "";
  const back = (): number => {
    const called = call(t, "first", "call", 1);
    told = called.ok ? "it was entered" : called.error.detail;
    return 1;
  };
  const second = await t.add(
    domain("second", { imports: { call: host({ run: back }) }, exports: { call: "(call $call (local.get $n))" } }),
  );
  await t.add(domain("first", { imports: { call: calls(second) }, exports: { call: "(call $call (local.get $n))" } }));
  assert.is(attempt(t, "first", "call", 0), "ok 1");
  assert.match(told, /circle: first → second → first/);
  await t.end();
});

test("a chain of calls ends at 255 by an error of the one that went too deep, and everybody lives", async () => {
  const t = await circle();
  assert.is(attempt(t, "first", "circle", 0), `ok ${254 + 10_000}`);
  assert.is(attempt(t, "first", "circle", 0), `ok ${254 + 10_000}`);
  assert.equal(deaths(t), []);
  assert.is(t.system.kernel.depth, 0);
  await t.end();
});

/** Texts of a domain with one page of memory. */
const TEXTS: readonly (readonly [pointer: number, length: number, isInside: boolean])[] = [
  [0, 65536, true],
  [65536, 0, true],
  [65535, 1, true],
  [65535, 2, false],
  [65536, 1, false],
  [0, 65537, false],
  [0x7fffffff, 16, false],
  [0xffffffff, 1, false],
  [0xfffffff0, 32, false],
  [16, 0xfffffff0, false],
  [0, 0xffffffff, false],
];

test("a text outside the domain's memory is a trap, also where its end wraps", async () => {
  const t = await testSystem();
  const expected: string[] = [];
  for (const name of ["log", "panic"] as const) {
    for (const [pointer, length, isInside] of TEXTS) {
      const seat = `${name} ${pointer}+${length}`;
      const use = `(call $${name} ${name === "panic" ? "(i32.const 1)" : ""} (i32.const ${pointer}) (i32.const ${length}))`;
      await t.add(domain(seat, { kernel: [name], exports: { call: `${use} (i32.const 0)` } }));
      assert.is(attempt(t, seat, "call", 0), isInside ? "ok 0" : `trap ${seat}#1`);
      if (!isInside) expected.push(`trap ${seat}#1`);
    }
  }
  assert.equal(deaths(t), expected);
  await t.end();
});

test("a flood of log lines is cut to the quota and said to be, and control characters are shown", async () => {
  const t = await testSystem();
  await t.add(
    domain("chatty", {
      kernel: ["log"],
      limits: { logLinesPerSecond: 10 },
      code: '(memory 1) (data (i32.const 0) "\\1b[2J\\0d\\0a\\e2\\80\\ae\\00bell\\07") (data (i32.const 100) "\\ff\\fe")',
      exports: {
        call: "(loop $l (call $log (i32.const 0) (i32.const 15)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 0)",
        quick: "(call $log (i32.const 0) (i32.const 65536)) (i32.const 0)",
      },
    }),
  );
  assert.is(attempt(t, "chatty", "call", 5000), "ok 0");
  const lines = t.events.flatMap((event) => (event.kind === "log" ? [event.line] : []));
  assert.ok(lines.length >= 10 && lines.length < 60, `${lines.length} lines`);
  assert.is(lines[0], "\\x1b[2J\\x0d\\x0a\\x202e\\x00bell\\x07");
  while (!t.events.some(({ kind }) => kind === "log-dropped")) {
    attempt(t, "chatty", "quick", 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const long = t.events.findLast((event) => event.kind === "log");
  assert.ok(long?.kind === "log" && long.line.length <= 1024 * 4, "a line is at most 1024 bytes of the domain");
  await t.end();
});

test("a domain that has itself killed, or its caller, dies when control comes back to it, and the rest goes on", async () => {
  const t = await testSystem();
  const kill = host({
    run: (which = 0) => {
      t.system.kill(which === 0 ? "killer" : "front");
      return 1;
    },
  });
  const killer = await t.add(
    domain("killer", {
      imports: { call: kill },
      exports: { call: "(drop (call $new)) (drop (call $call (local.get $n))) (local.get $n)" },
    }),
  );
  await t.add(
    domain("front", {
      imports: { call: calls(killer) },
      exports: { call: "(drop (call $new)) (drop (call $call (local.get $n))) (loop $l (br $l)) unreachable" },
    }),
  );
  assert.is(attempt(t, "front", "call", 1), "killed front#1");
  assert.is(attempt(t, "killer", "call", 2), "ok 2", "killing the dead does nothing");
  assert.is(attempt(t, "killer", "call", 0), "killed killer#1");
  assert.equal(deaths(t), ["killed front#1", "killed killer#1"]);
  await t.end();
});

test("what a host function throws is an error of the call; the caller lives and gets its objects back", async () => {
  const t = await testSystem();
  const thrown = [new Error("no"), new TypeError("no"), new WebAssembly.RuntimeError("no"), new RangeError("no"), "no", undefined];
  let next = 0;
  const throws = host({
    run: () => {
      throw thrown[next++];
    },
  });
  await t.add(
    domain("caller", {
      imports: { take: throws, look: throws, call: throws },
      guard: ["status", "store32"],
      exports: {
        call: `(local.set $n (call $new)) (call $take (local.get $n)) (call $store32 (local.get $n) ${STATUS})
          (drop (call $look (local.get $n))) (call $store32 (local.get $n) ${STATUS}) (call $drop (local.get $n))
          (drop (call $call (i32.const 0))) ${STATUS}`,
      },
    }),
  );
  for (let i = 0; i < thrown.length / 3; i++) assert.is(attempt(t, "caller", "call", 0), "ok 11");
  assert.equal(deaths(t), []);
  await t.end();
});

test.run();
