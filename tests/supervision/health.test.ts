/** Health calls: who does not answer in time, or answers that it is not well, is restarted. */
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { CLOSED, RecordWord } from "../../host/kernel/words.ts";
import type { HealthSettings } from "../../host/supervision/settings.ts";
import { AMPLE, spend } from "../support/cpu-time.ts";
import { deaths } from "../support/domain.ts";
import { host, type TestDomain, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("health calls");

const HEALTH = "test:health/health@0.1.0";
const ASK = "test:health/ask@0.1.0";

const PACKAGE = `package test:health@0.1.0 {
  interface health {
    enum problem { tired }
    ping: func();
    well: func() -> bool;
    check: func() -> result<_, problem>;
    report: func() -> result<u32, string>;
    count: func() -> u32;
    echo: func(n: u32);
  }
  interface ask { what: func() -> u32; }
}`;

/** Each function asks the host what to do: 0 is well, 1 is not, 2 traps, 3 loops. */
function patient(name: string, ask: () => number): TestDomain {
  const body = (well: string, unwell: string): string => `(local $what i32) (local.set $what (call $ask))
    (if (i32.eq (local.get $what) (i32.const 2)) (then unreachable))
    (if (i32.eq (local.get $what) (i32.const 3)) (then (loop $l (br $l))))
    (if (i32.eq (local.get $what) (i32.const 1)) (then ${unwell})) ${well}`;
  const world = `package test:domain@0.1.0;\nworld domain { import ${ASK}; export ${HEALTH}; }\n${PACKAGE}`;
  const answer = (value: number): string => `(return (i32.const ${value}))`;
  return {
    name,
    world,
    wat: `(module (import "${ASK}" "what" (func $ask (result i32))) (memory 1)
      (func (export "${HEALTH}#ping") ${body("", "unreachable")})
      (func (export "${HEALTH}#well") (result i32) ${body("(i32.const 1)", answer(0))})
      (func (export "${HEALTH}#check") (result i32) ${body("(i32.const 64)", answer(1))})
      (func (export "${HEALTH}#report") (result i32) unreachable)
      (func (export "${HEALTH}#count") (result i32) (i32.const 0))
      (func (export "${HEALTH}#echo") (param i32)))`,
    grants: { [ASK]: host({ what: ask }) },
  };
}

async function start(intensity = 100): Promise<TestSystem> {
  return await testSystem({ heapMegabytes: 32, supervision: { intensity, firstWaitMs: 0 } });
}

function settings(method: string, more: Partial<HealthSettings> = {}): HealthSettings {
  return { interface: HEALTH, method, everyMs: 5, deadlineMs: 20, ...more };
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !condition(); i++) await sleep(2);
  assert.ok(condition(), "it never came true");
}

for (const [method, what, death] of [
  ["ping", 2, "trap patient#1"],
  ["ping", 3, "deadline patient#1"],
  ["well", 1, "killed patient#1"],
  ["check", 1, "killed patient#1"],
  ["check", 2, "trap patient#1"],
] as const) {
  test(`health: ${method} that ${["", "says no", "traps", "does not answer"][what]} is a death, and the next generation is asked again`, async () => {
    const t = await start();
    let asked = 0;
    let answers = [0, what];
    await t.add(
      patient("patient", () => {
        asked++;
        return answers.shift() ?? 0;
      }),
    );
    t.system.supervise("patient", { restart: "transient", health: settings(method) });
    await until(() => asked >= 5);
    assert.equal(deaths(t), [death]);
    assert.is(t.system.seat("patient").current?.generation, 2);
    answers = [what];
    await until(() => deaths(t).length === 2);
    await t.end();
  });
}

test("health: what it answered is in the death", async () => {
  const t = await start();
  let answers = [1];
  await t.add(patient("patient", () => answers.shift() ?? 0));
  t.system.supervise("patient", { health: settings("check") });
  await until(() => deaths(t).length === 1);
  const death = t.events.find((event) => event.kind === "death");
  assert.ok(death?.kind === "death");
  assert.is(death.death.detail, `health call ${HEALTH}#check: answered the error "tired"`);
  answers = [];
  await t.end();
});

test("health: no call while a call is in progress, and none after the domain is gone or the system is stopped", async () => {
  const t = await start();
  let asked = 0;
  await t.add(
    patient("patient", () => {
      asked++;
      return 0;
    }),
  );
  t.system.supervise("patient", { health: settings("ping", { everyMs: 1 }) });
  await until(() => asked > 3);
  t.system.destroy("patient");
  const before = asked;
  await sleep(30);
  assert.is(asked, before);
  await t.end();
});

test("health: who has used up its CPU time is not asked, and not unwell for it", async () => {
  const t = await start();
  let asked = 0;
  const seat = await t.add({
    ...patient("patient", () => {
      asked++;
      return 0;
    }),
    limits: AMPLE,
  });
  t.system.supervise("patient", { health: settings("ping", { everyMs: 1 }) });
  await until(() => asked > 3);
  spend(t, seat);
  const isClosed = (): boolean => (t.system.kernel.i32[(seat.current?.record ?? 0) + RecordWord.entered] ?? 0) >= CLOSED;
  await until(isClosed);
  const before = asked;
  await sleep(30);
  assert.is(asked, before);
  spend(t, seat, false);
  await until(() => asked > before + 3);
  assert.equal(deaths(t), []);
  await t.end();
});

test("health: one that is never well ends in giving up, with its deaths in the chain", async () => {
  const t = await start(2);
  await t.add(patient("patient", () => 1));
  t.system.supervise("patient", { health: settings("well", { everyMs: 1 }) });
  await until(() => t.system.gaveUp !== undefined);
  const details = t.system.gaveUp?.chain.map(({ detail }) => detail);
  assert.equal(details?.slice(0, 3), Array(3).fill(`health call ${HEALTH}#well: answered false`));
  await t.end();
});

test("health: a function that there is not, or with parameters, or of another kind is refused", async () => {
  const t = await start();
  await t.add(patient("patient", () => 0));
  for (const [given, message] of [
    [settings("pong"), /has no function "pong"; there is: ping, well, check, report, count, echo/],
    [settings("count"), /must have no parameters, and return nothing, a bool or a result/],
    [settings("echo"), /must have no parameters/],
    [settings("ping", { interface: ASK }), /does not export test:health\/ask/],
  ] as const) {
    assert.throws(
      () => t.system.supervise("patient", { health: given }),
      (error: unknown) => error instanceof SumacError && error.code === "manifest-invalid" && message.test(error.message),
    );
  }
  await t.end();
});

test.run();
