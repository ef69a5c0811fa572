/** What is known of a death: real domains in AssemblyScript die in every way, and the records name the lines where they did. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MOST_DEATHS } from "../../host/kernel/life/deaths.ts";
import type { Death } from "../../host/kernel/status.ts";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { domain, outcome } from "../support/domain.ts";
import { calls, host, type TestSystem, testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const WIT = `package t:t@0.1.0;
interface inner { go: func(n: u32) -> u32; }
interface outer { go: func(n: u32) -> u32; }
world lower { export inner; export init: func(); }
world upper { import inner; export outer; }`;

const LOWER = `import { log } from "sumac/log";
let table: StaticArray<u32> = [1, 2, 3];
function check(n: u32): u32 {
  assert(n != 1, "one"); // assertion
  return n * 2;
}
function forever(n: u32): u32 {
  let sum = n;
  while (true) { sum += table[sum % 3]; } // loop
  return sum;
}
function deep(n: u32): u32 {
  return deep(n + 1) + check(n); // recursion
}
export function init(): void { log("hello"); }
export namespace inner {
  export function go(n: u32): u32 {
    log("asked for " + (n == 4 ? "much" : "little"));
    if (n == 2) return forever(n);
    if (n == 3) return deep(n + 7);
    if (n == 4) return 7 / table[n - 4 + (table[0] - 1)] - table[1000]; // out of range
    if (n == 5) for (let i = 0; i < 30; i++) log(i < 20 ? "early" : i == 29 ? "last" : "late");
    return check(n); // call
  }
}`;

const UPPER = `import { inner } from "./gen/inner";
export namespace outer {
  export function go(n: u32): u32 {
    return inner.go(n) + 1; // crossing
  }
}`;

const lower = await compileAs(WIT, "lower", LOWER);
const upper = await compileAs(WIT, "upper", UPPER);

function lineOf(source: string, marker: string): number {
  return source.slice(0, source.indexOf(`// ${marker}`)).split("\n").length;
}

async function pair(t: TestSystem, name = "low"): Promise<void> {
  const seat = await addAs(t, { name, module: lower, limits: { callBudgetMs: 100, logLinesPerSecond: 5 } });
  await addAs(t, { name: `${name}-user`, module: upper, grants: { "t:t/inner@0.1.0": calls(seat) } });
}

function onlyDeath(t: TestSystem): Death {
  const found = t.system.kernel.deaths.list();
  assert.is(found.length, 1);
  return found[0] as Death;
}

/** `low check index.ts:4` */
function places(death: Death): string[] {
  return death.stack.filter(({ file }) => file === "index.ts").map((frame) => `${frame.domain} ${frame.function} ${frame.line}`);
}

test("deaths: a failed assertion names its line, the calls that led to it, and the caller's line", async () => {
  const t = await testSystem();
  await pair(t);
  run(t, "low-user", "t:t/outer@0.1.0", "go", 1);
  const death = onlyDeath(t);
  assert.is(death.cause, "trap");
  assert.match(death.detail, "one (index.ts:4:3)");
  assert.is(death.during, "t:t/inner@0.1.0#go");
  assert.equal(death.callers, [{ domain: "low-user", generation: 1 }]);
  assert.equal(death.lastLines, ["hello", "asked for little"]);
  assert.is(death.stack[0]?.file, "~lib/sumac/abort.ts");
  assert.equal(places(death), [`low index/check ${lineOf(LOWER, "assertion")}`, `low index/inner.go ${lineOf(LOWER, "call")}`]);
  assert.equal(
    death.stack.filter((frame) => frame.domain === "low-user").map(({ file, function: name }) => `${file} ${name}`),
    ["gen/inner.ts gen/world/outer_go"],
  );
  await t.end();
});

test("deaths: a deadline names the loop that did not end", async () => {
  const t = await testSystem();
  await pair(t);
  run(t, "low-user", "t:t/outer@0.1.0", "go", 2);
  const death = onlyDeath(t);
  assert.is(death.cause, "deadline");
  assert.match(places(death)[0] ?? "", new RegExp(`^low index/\\S+ ${lineOf(LOWER, "loop")}$`));
  await t.end();
});

test("deaths: endless recursion names the function that calls itself", async () => {
  const t = await testSystem();
  await pair(t);
  run(t, "low-user", "t:t/outer@0.1.0", "go", 3);
  const death = onlyDeath(t);
  assert.is(death.cause, "stack");
  const found = places(death);
  assert.ok(found.length >= 8, found.join("\n"));
  assert.is(found[1], `low index/deep ${lineOf(LOWER, "recursion")}`);
  await t.end();
});

test("deaths: an access out of range names its line", async () => {
  const t = await testSystem();
  await pair(t);
  run(t, "low", "t:t/inner@0.1.0", "go", 4);
  const death = onlyDeath(t);
  assert.equal(death.callers, []);
  assert.ok(places(death).includes(`low index/inner.go ${lineOf(LOWER, "out of range")}`), places(death).join("\n"));
  await t.end();
});

test("deaths: the last eight log lines are kept, also those that the rate limit swallowed", async () => {
  const t = await testSystem();
  await pair(t);
  run(t, "low", "t:t/inner@0.1.0", "go", 5);
  t.system.kill("low", "enough");
  const death = onlyDeath(t);
  assert.equal([death.cause, death.detail, death.during], ["killed", "enough", undefined]);
  assert.equal(death.lastLines, ["late", "late", "late", "late", "late", "late", "late", "last"]);
  assert.equal(death.stack, []);
  await t.end();
});

test("deaths: a domain killed in the middle of a chain names the call from which it did not come back", async () => {
  const t = await testSystem();
  const killMiddle = (): number => {
    t.system.kill("middle", "in the middle");
    return 1;
  };
  const end = await t.add(
    domain("end", {
      imports: { count: host({ run: killMiddle }) },
      exports: { call: "(call $count (local.get $n))" },
    }),
  );
  const middle = await t.add(
    domain("middle", {
      imports: { call: calls(end) },
      exports: { quick: "(call $helper (local.get $n))" },
      code: `(func $helper (param $n i32) (result i32) (i32.add (call $call (local.get $n)) (i32.const 1)))`,
    }),
  );
  await t.add(domain("top", { imports: { quick: calls(middle) }, exports: { circle: "(call $quick (local.get $n))" } }));
  const called = t.system.export("top", id("circle")).run?.(1);
  assert.ok(called?.ok, called === undefined ? "no call" : outcome(called));
  const death = onlyDeath(t);
  assert.equal([death.domain, death.cause, death.during], ["middle", "killed", `${id("quick")}#run`]);
  assert.equal(death.callers, [{ domain: "top", generation: 1 }]);
  assert.equal(
    death.stack.map((frame) => frame.domain),
    ["middle", "middle", "top"],
  );
  assert.is(death.stack[0]?.function, "helper");
  assert.ok((death.stack[0]?.offset ?? 0) > 0);
  await t.end();
});

test("deaths: what a domain died of in its birth says in which function", async () => {
  const t = await testSystem();
  for (const [name, part] of [
    ["init", { init: "unreachable" }],
    ["sumac:start", { start: "unreachable" }],
  ] as const) {
    let message = "";
    await t.add(domain(`bad ${name}`, part)).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, "unreachable");
    const death = t.system.kernel.deaths.list().at(-1);
    assert.is(death?.during, name);
    assert.is(death?.stack.length, 1);
  }
  await t.end();
});

test("deaths: names that would direct a terminal are shown, not obeyed; without names the export or the number stands", async () => {
  const t = await testSystem();
  const hostile = `(func $"\\1b[2Jcleared\\e2\\80\\ae" (param $n i32) (result i32) unreachable)`;
  await t.add(domain("evil", { exports: { call: `(call $"\\1b[2Jcleared\\e2\\80\\ae" (local.get $n))` }, code: hostile }));
  t.system.export("evil", id("call")).run?.(1);
  const [frame, caller] = onlyDeath(t).stack;
  assert.is(frame?.function, "\\x1b[2Jcleared\\x202e");
  assert.match(caller?.function ?? "", new RegExp(`^function \\d+$|^${id("call")}#run$`));
  await t.end();
});

test("deaths: a source map and names that are nonsense are left out", async () => {
  const t = await testSystem();
  const nonsense = `(@custom "name" "\\01\\ff\\ff\\ff\\ff\\0f") (@custom "sumac:source-map" "{\\"sources\\":[1],\\"mappings\\":\\"!!\\"}")`;
  await t.add(domain("odd", { exports: { call: "unreachable" }, code: nonsense }));
  t.system.export("odd", id("call")).run?.(1);
  const [frame] = onlyDeath(t).stack;
  assert.is(frame?.file, undefined);
  await t.end();
});

test("deaths: an application's hook for stack traces stays, and its frames and modules are nobody's", async () => {
  const hook = Error as { prepareStackTrace?: unknown };
  const before = hook.prepareStackTrace;
  const own = (): string => "the application's";
  const foreign = new WebAssembly.Instance(
    new WebAssembly.Module(
      Uint8Array.from([
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x6d, 1, 0x66, 0, 0, 3, 2, 1, 0],
        ...[7, 5, 1, 1, 0x67, 0, 1, 10, 6, 1, 4, 0, 0x10, 0, 0x0b],
      ]),
    ),
    { m: { f: () => t.system.export("low", "t:t/inner@0.1.0").go?.(1) } },
  ).exports as { g: () => void };
  const t = await testSystem();
  await pair(t);
  const proxy = (): number => {
    foreign.g();
    return 0;
  };
  await t.add(domain("top", { imports: { call: host({ run: proxy }) }, exports: { attempt: "(call $call (local.get $n))" } }));
  hook.prepareStackTrace = own;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  try {
    t.system.export("top", id("attempt")).run?.(1);
    assert.is(hook.prepareStackTrace, own);
  } finally {
    hook.prepareStackTrace = before;
    Error.stackTraceLimit = limit;
  }
  const death = onlyDeath(t);
  assert.equal(death.callers, [{ domain: "top", generation: 1 }]);
  assert.equal(death.stack.filter((frame) => frame.domain === "top").length, 1, JSON.stringify(death.stack));
  await t.end();
});

test("deaths: the ring is bounded, keeps the last, and counts all", async () => {
  const t = await testSystem();
  for (let i = 0; i < MOST_DEATHS + 10; i++) {
    await t.add(domain(`d${i}`));
    t.system.kill(`d${i}`);
  }
  const { deaths } = t.system.kernel;
  assert.is(deaths.total, MOST_DEATHS + 10);
  assert.is(deaths.list().length, MOST_DEATHS);
  assert.is(deaths.list()[0]?.domain, "d10");
  await t.end();
});

test("deaths: a record becomes JSON with its stack", async () => {
  const t = await testSystem();
  await pair(t);
  run(t, "low-user", "t:t/outer@0.1.0", "go", 1);
  const death = onlyDeath(t);
  assert.equal(JSON.parse(JSON.stringify(death)).stack, JSON.parse(JSON.stringify(death.stack)));
  assert.ok(death.stack.length >= 3);
  await t.end();
});

test.run();
