/** Domains that misuse calls, values and time: C1 to C15, T1 to T5, and a start that never ends (L8). */

import { SumacError } from "../../host/errors.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { attempt, deaths, domain, outcome, type Parts } from "../support/domain.ts";
import { ATTACK, ID, Values } from "../support/message-domains.ts";
import { calls, host, restarts, type TestSystem } from "../support/system.ts";
import { id } from "../support/world.ts";
import { foreign, type HostileCase, scene } from "./case.ts";

const STATUS = "(call $status (i32.const 0))";
const FOREVER = "(loop $l (br $l)) unreachable";
const BUDGET = { callBudgetMs: 40, initBudgetMs: 40 };

/** `evil` calls `innocent`'s neighbour, who takes, looks and answers; what its one attempt came to. */
async function against(
  t: TestSystem,
  evil: Omit<Parts, "imports"> & { readonly uses: readonly ("take" | "look" | "call" | "give" | "attempt" | "swap")[] },
  n = 0,
  neighbour: Parts = NEIGHBOUR,
): Promise<string> {
  const seat = await t.add(domain("neighbour", neighbour));
  const { uses, ...parts } = evil;
  await t.add(domain("evil", { guard: ["status"], ...parts, imports: Object.fromEntries(uses.map((name) => [name, calls(seat)])) }));
  return attempt(t, "evil", "call", n);
}

const NEIGHBOUR: Parts = {
  exports: {
    take: "(call $drop (local.get $b))",
    look: "(i32.const 1)",
    call: "(local.get $n)",
    give: "(call $new)",
    swap: "(local.get $b)",
    attempt: "(i32.const 64)",
  },
};

/** What a caller sees when `evil` answers it with this body. */
async function answering(
  t: TestSystem,
  parts: Parts,
  use: string,
  uses: readonly ("call" | "give" | "attempt" | "swap" | "look" | "take")[],
): Promise<string> {
  const evil = await t.add(domain("evil", parts));
  await t.add(
    domain("caller", {
      imports: Object.fromEntries(uses.map((name) => [name, calls(evil)])),
      guard: ["status", "store32"],
      exports: { call: `${use} ${STATUS}` },
    }),
  );
  const got = attempt(t, "caller", "call", 0);
  return [got, ...deaths(t)].join(", ");
}

async function birth(t: TestSystem, parts: Parts): Promise<string> {
  const objects = t.system.liveObjects();
  try {
    await t.add(domain("evil", { ...parts, limits: BUDGET, exports: { call: "(i32.const 0)" } }));
    return "born";
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    return `${error.code}, ${t.system.liveObjects() - objects} objects`;
  }
}

/** `evil` sends so many bytes as a message of a string; 1000 times the status, plus the detail. */
async function message(t: TestSystem, type: string, bytes: readonly number[], prepare = "", length = 4 + bytes.length): Promise<string> {
  const values = new Values([type]);
  const victim = await t.add(values.echo("victim"));
  await t.add(values.sender("evil", calls(victim), prepare));
  t.system.seat("evil").current?.bytes.set(bytes, 4);
  return sent(t, length);
}

function sent(t: TestSystem, length: number): string {
  const { run } = t.system.export("evil", ATTACK);
  const { entered } = t.system.export("victim", ID);
  if (run === undefined || entered === undefined) throw new Error("evil and its victim export no functions");
  const got = outcome(run(0, length));
  return `${got}, entered ${outcome(entered()).slice(3)}`;
}

/**
 * Two domains that call each other, as a supervisor can arrange it: how many levels were entered, plus a thousand times the status of
 * the call that was not made.
 */
async function circle(t: TestSystem, name: "call" | "circle"): Promise<string> {
  const end = await t.add(domain("end", { exports: { [name]: "(i32.const 0)" } }));
  const onward = `(local.set $n (call $${name} (i32.add (local.get $n) (i32.const 1))))
    (if (result i32) ${STATUS} (then (i32.mul (i32.const 1000) ${STATUS})) (else (i32.add (i32.const 1) (local.get $n))))`;
  const exports = { [name]: onward };
  const second = await t.add(domain("second", { imports: { [name]: calls(end) }, guard: ["status"], exports }));
  const imports = { [name]: calls(second), restart: restarts(t, second) };
  const evil = await t.add(domain("evil", { imports, guard: ["status"], exports: { ...exports, quick: "(call $restart)" } }));
  (second.spec.grants as Map<string, Provider>).set(id(name), calls(evil));
  attempt(t, "evil", "quick", 0);
  return attempt(t, "evil", name, 0);
}

const ask = (rule: string, name: string, expected: string, evil: Parameters<typeof against>[1], neighbour?: Parts): HostileCase =>
  scene(rule, name, expected, (t) => against(t, evil, foreign(t), neighbour));
const u32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];

export const CALLERS: readonly HostileCase[] = [
  ask("C1", "gives away what is somebody else's", "ok 6", { uses: ["take"], exports: { call: `(call $take (local.get $n)) ${STATUS}` } }),
  ask("C1", "gives away an object of another type", "ok 6", {
    uses: ["take"],
    exports: { call: `(call $take (call $newNote)) ${STATUS}` },
  }),
  ask("C1", "gives away an address inside an object", "ok 6", {
    uses: ["take"],
    exports: { call: `(call $take (i32.add (call $new) (i32.const 64))) ${STATUS}` },
  }),
  ask("C1", "lends what is somebody else's", "ok 6", { uses: ["look"], exports: { call: `(drop (call $look (local.get $n))) ${STATUS}` } }),
  scene("C2", "dies while it holds what it was lent", "ok 1, trap evil#1", (t) =>
    answering(
      t,
      { exports: { look: "unreachable" } },
      "(local.set $n (call $new)) (drop (call $look (local.get $n))) (call $store32 (local.get $n) (i32.const 1)) (call $drop (local.get $n))",
      ["look"],
    ),
  ),
  scene("C3", "dies with what it was given", "ok 1, trap evil#1", (t) =>
    answering(t, { exports: { take: "unreachable" } }, "(call $take (call $new))", ["take"]),
  ),
  ...[0, 3, 65, 0x80000000, 0xffffffff].map((value) =>
    scene("C4", `returns the bit pattern 0x${value.toString(16)} where a result belongs`, "ok 6", (t) =>
      answering(t, { exports: { attempt: `(i32.const ${value | 0})` } }, "(drop (call $attempt (i32.const 0)))", ["attempt"]),
    ),
  ),
  scene("C5", "traps in the middle of a call", "ok 1, trap evil#1", (t) =>
    answering(t, { exports: { call: "(i32.div_u (i32.const 1) (i32.const 0))" } }, "(drop (call $call (i32.const 0)))", ["call"]),
  ),
  scene("C6", "has itself killed while it waits for its callee, and goes on", "ok 3, killed evil#1", async (t) => {
    const kill = host({
      run: () => {
        t.system.kill("evil");
        return 1;
      },
    });
    return answering(
      t,
      { imports: { call: kill }, exports: { call: `(drop (call $new)) (drop (call $call (i32.const 0))) ${FOREVER}` } },
      "(drop (call $call (i32.const 0)))",
      ["call"],
    );
  }),
  scene("C7", "calls on after its callee died, and was born again", "ok 7", async (t) => {
    const mortal = await t.add(domain("mortal", { exports: { call: "(local.get $n)" } }));
    await t.add(
      domain("evil", {
        imports: { call: calls(mortal) },
        guard: ["status"],
        exports: { call: `(drop (call $call (i32.const 1))) ${STATUS}` },
      }),
    );
    t.system.kill("mortal");
    await t.add(domain("helper", { imports: { restart: restarts(t, mortal) }, exports: { quick: "(call $restart)" } }));
    attempt(t, "helper", "quick", 0);
    return attempt(t, "evil", "call", 0);
  }),
  scene("C8", "uses the stack up and calls at every depth", "stack evil#1, ok 4", async (t) => {
    const neighbour = await t.add(domain("neighbour", NEIGHBOUR));
    const code = "(func $deeper (drop (call $call (i32.const 1))) (call $deeper) (drop (call $call (i32.const 2))))";
    await t.add(
      domain("evil", {
        imports: { call: calls(neighbour) },
        code,
        limits: { callBudgetMs: 20_000 },
        exports: { call: "(call $deeper) (i32.const 0)" },
      }),
    );
    return `${attempt(t, "evil", "call", 0)}, ${attempt(t, "neighbour", "call", 4)}`;
  }),
  scene("C9", "calls itself in a circle", "ok 12001", (t) => circle(t, "call")),
  scene("C10", "calls itself without end where that is allowed", "ok 10254", (t) => circle(t, "circle")),
  scene("C11", "has a host function throw through it", "ok 11", async (t) => {
    const throws = host({
      run: () => {
        throw new WebAssembly.RuntimeError("no");
      },
    });
    await t.add(
      domain("evil", { imports: { call: throws }, guard: ["status"], exports: { call: `(drop (call $call (i32.const 0))) ${STATUS}` } }),
    );
    return attempt(t, "evil", "call", 0);
  }),
  scene("C12", "gives a call up in which nothing had failed", "trap evil#1", async (t) => {
    await t.add(domain("evil", { kernel: ["relay"], exports: { call: "(call $relay) (i32.const 1)" } }));
    return attempt(t, "evil", "call", 0);
  }),
  ...(
    [
      ["a string that is no UTF-8", "string", [...u32(2), 0xc0, 0x80]],
      ["a string longer than its message", "string", u32(0xffffffff)],
      ["a list of four thousand million", "list<u32>", u32(0xffffffff)],
      ["a case that the variant does not have", "shape", [4]],
      ["a truth that is neither", "bool", [2]],
      ["a surrogate as a character", "char", u32(0xd800)],
    ] as const
  ).map(([name, type, bytes]) => scene("C13", `sends ${name}`, "ok 6000, entered 0", (t) => message(t, type, bytes))),
  scene("C14", "sends an object that is not its own, behind one that is", "ok 6000, entered 0", async (t) => {
    const own = "(local.set $a (call $new)) (i32.store (i32.const 8) (local.get $a))";
    return message(t, "list<block>", [...u32(2), ...u32(0), ...u32(foreign(t))], `${own} (drop (local.get $b))`);
  }),
  scene("C15", "sends an object of somebody else's as its message", "ok 6000, entered 0", async (t) => {
    const values = new Values(["string"]);
    const victim = await t.add(values.echo("victim"));
    const sender = values.sender("evil", calls(victim));
    // In place of the message that it made, the innocent's object; its own is dropped all the same.
    const wat = sender.wat.replace("(call $v0 (local.get $m))", `(call $v0 (i32.const ${foreign(t)}))`);
    await t.add({ ...sender, wat });
    return sent(t, 8);
  }),

  ...(
    [
      ["an empty loop", FOREVER, {}],
      [
        "calls that double",
        "(call $f (i32.const 60)) (i32.const 0)",
        {
          code: "(func $f (param $d i32) (if (local.get $d) (then (call $f (i32.sub (local.get $d) (i32.const 1))) (call $f (i32.sub (local.get $d) (i32.const 1))))))",
        },
      ],
      ["a branch table", "(loop $l (br_table $l $l (local.get $n))) unreachable", {}],
      ["questions for its status", "(loop $l (drop (call $status (i32.const 0))) (br $l)) unreachable", { guard: ["status"] }],
    ] as const
  ).map(([name, code, parts]) =>
    scene("T1", `never ends, by ${name}`, "deadline evil#1", async (t) => {
      await t.add(domain("evil", { ...parts, limits: BUDGET, exports: { call: code } }));
      return attempt(t, "evil", "call", 0);
    }),
  ),
  scene("T2", "fills a gigabyte in one instruction", "deadline evil#1", async (t) => {
    const exports = { call: "(memory.fill (i32.const 0) (i32.const 1) (i32.const 0x40000000)) (i32.const 0)" };
    await t.add(domain("evil", { limits: { memoryPages: 16_384, callBudgetMs: 40 }, code: "(memory 16384)", exports }));
    return attempt(t, "evil", "call", 0);
  }),
  scene("T3", "lets its caller wait for ever", "ok 2, deadline evil#1", (t) =>
    answering(t, { limits: BUDGET, exports: { call: FOREVER } }, "(drop (call $call (i32.const 0)))", ["call"]),
  ),
  scene("T4", "never ends its init", "domain-failed-to-start, 0 objects", (t) => birth(t, { init: `(drop (call $new)) ${FOREVER}` })),
  scene("L8", "never ends its start function", "domain-failed-to-start, 0 objects", (t) =>
    birth(t, { start: `(drop (call $new)) ${FOREVER}` }),
  ),
  scene("T5", "sets a deadline to kill its callee with", "ok 8, ok 3", async (t) => {
    const work =
      "(local $w i32) (local.set $w (i32.const 20000000)) (loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1))))) (local.get $n)";
    const neighbour = await t.add(domain("neighbour", { exports: { call: work } }));
    await t.add(
      domain("evil", {
        imports: { call: calls(neighbour) },
        guard: ["status"],
        kernel: ["deadline"],
        exports: { call: `(call $deadline (i32.const 1000)) (drop (call $call (i32.const 3))) ${STATUS}` },
      }),
    );
    return `${attempt(t, "evil", "call", 0)}, ${attempt(t, "neighbour", "call", 3)}`;
  }),
];
