/**
 * Chains of domains, each calling the next: one of them is killed, runs out of its budget or traps, at every position.
 * Every living caller gets the right error, nobody else dies, and what lies below the dead one goes on working.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KernelEvent } from "../../host/kernel/events.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { calls, host, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("chains");

const LENGTHS = [1, 2, 3, 17, 64] as const;
type Fate = "killed" | "deadline" | "trap";

/**
 * Member k calls member k + 1. Each makes an object, lends it to the next, moves another one there, calls it, and then
 * tells the host what the status words say (`told`); the host answers what it does next.
 */
interface Chain {
  readonly t: TestSystem;
  readonly seats: readonly Seat[];
  /** Runs when the innermost member is reached. */
  atEnd: () => void;
  /** What a member does after its callee returned: 0 goes on, 1 traps. */
  afterwards: (member: number) => number;
  /** Per member: what status, blamed domain and generation it saw. */
  readonly told: Map<number, readonly number[]>;
}

const MEMBER_BUDGET_MS = 60_000;

async function chainOf(length: number, budgetMs: (member: number) => number = () => MEMBER_BUDGET_MS): Promise<Chain> {
  const t = await testSystem();
  const seats: Seat[] = [];
  const chain: { -readonly [K in keyof Chain]: Chain[K] } = { t, seats, atEnd: () => {}, afterwards: () => 0, told: new Map() };
  for (let member = length - 1; member >= 0; member--) {
    const next = seats[0];
    const hostSide = host({ run: (what = 0) => hostCall(chain, member, what) });
    const below =
      next === undefined
        ? ""
        : `(drop (call $look (global.get $lent)))
           (call $take (call $new))
           (drop (call $call (i32.add (local.get $n) (i32.const 1))))`;
    const link = next === undefined ? {} : { call: calls(next), look: calls(next), take: calls(next) };
    seats.unshift(
      await t.add(
        domain(`m${member}`, {
          imports: { quick: hostSide, ...link },
          guard: ["status", "load32", "store32"],
          limits: { callBudgetMs: budgetMs(member) },
          code: `(global $lent (mut i32) (i32.const 0)) (global $kept (mut i32) (i32.const 0))`,
          exports: {
            call: `(local $after i32)
              (global.set $lent (call $new)) (call $store32 (global.get $lent) (local.get $n))
              ${below}
              (local.set $after (call $quick (i32.or (i32.const 0x10000000) (call $status (i32.const 0)))))
              (drop (call $quick (i32.or (i32.const 0x20000000) (call $status (i32.const 1)))))
              (drop (call $quick (i32.or (i32.const 0x40000000) (call $status (i32.const 2)))))
              (if (i32.eq (local.get $after) (i32.const 1)) (then unreachable))
              (if (i32.ne (call $load32 (global.get $lent)) (local.get $n)) (then unreachable))
              (call $drop (global.get $lent))
              (local.get $n)`,
            look: "(call $load32 (local.get $b))",
            take: "(if (global.get $kept) (then (call $drop (global.get $kept)))) (global.set $kept (local.get $b))",
          },
        }),
      ),
    );
  }
  t.events.length = 0;
  return chain;
}

function hostCall(chain: Chain, member: number, what: number): number {
  const value = what & 0x0fffffff;
  if (what & 0x10000000) {
    if (member === chain.seats.length - 1) chain.atEnd();
    chain.told.set(member, [value]);
    return chain.afterwards(member);
  }
  if (what & 0x60000000) chain.told.set(member, [...(chain.told.get(member) ?? []), value]);
  return 0;
}

/** Which members saw the failure of which: exactly the caller of `dead`, if it has one in the chain. */
function onlyItsCallerWasTold(chain: Chain, dead: number, cause: number): void {
  const id = chain.seats[dead]?.current?.id;
  for (const [member, told] of chain.told) {
    if (member === dead - 1) assert.equal(told, [cause, id, 1], `member ${member} after the death of ${dead}`);
    else if (member !== dead) assert.is(told[0], 0, `member ${member} saw a failure that is not its own`);
  }
}

const CODE = { killed: 3, deadline: 2, trap: 1 } as const;

/** One death at `dead`, in a fresh chain; the members above return, those below serve on. */
async function oneDeath(length: number, dead: number, fate: Fate): Promise<void> {
  const chain = await chainOf(length, (member) => (fate === "deadline" && member === dead ? 60 : MEMBER_BUDGET_MS));
  const { t } = chain;
  const name = `m${dead}`;
  let living: KernelEvent["kind"][] = [];
  chain.atEnd = () => {
    if (fate === "killed") t.system.kill(name);
    // It is over its budget while a deeper one is still busy, which has more: it must not die before that returns.
    if (fate === "deadline") busyUntilExpired(t);
    living = t.events.map(({ kind }) => kind).filter((kind) => kind === "death");
  };
  chain.afterwards = (member) => (fate === "trap" && member === dead ? 1 : 0);

  const expected = dead === 0 ? `${fate} m0#1` : "ok 0";
  assert.is(attempt(t, "m0", "call", 0), expected, `${fate} at ${dead} of ${length}`);
  assert.equal(living, [], "nobody is buried while its callee runs");
  assert.equal(deaths(t), [`${fate} ${name}#1`]);
  onlyItsCallerWasTold(chain, dead, CODE[fate]);
  assert.is(t.system.kernel.depth, 0);

  chain.atEnd = () => {};
  chain.afterwards = () => 0;
  if (dead + 1 < length) assert.is(attempt(t, `m${dead + 1}`, "call", 5), "ok 5", "the chain below serves on");
  if (dead > 0) {
    assert.is(attempt(t, "m0", "call", 0), "ok 0", "the chain above meets the dead one, and lives");
    assert.equal(chain.told.get(dead - 1)?.[0], 7);
  }
  assert.equal(deaths(t), [`${fate} ${name}#1`]);
  await t.end();
}

/** Stands for a callee with a larger budget: returns when the watchdog has told of the overrun. */
function busyUntilExpired(t: TestSystem): void {
  const { i32, cpu } = t.system.kernel;
  const patience = performance.now() + 10_000;
  while (Atomics.load(i32, cpu.interrupt) === 0) {
    if (performance.now() > patience) throw new Error("the watchdog does not see the overrun");
  }
}

function positions(length: number): number[] {
  return Array.from({ length }, (_, position) => position);
}

test("a member killed while deeper ones run: its caller is told who was killed, nobody else dies", async () => {
  for (const length of LENGTHS) for (const dead of positions(length)) await oneDeath(length, dead, "killed");
});

test("a member over its budget while deeper ones run: its caller is told the deadline, nobody else dies", async () => {
  for (const length of LENGTHS) for (const dead of positions(length)) await oneDeath(length, dead, "deadline");
});

test("a member that traps after its callee returned: its caller is told the trap, nobody else dies", async () => {
  for (const length of LENGTHS) for (const dead of positions(length)) await oneDeath(length, dead, "trap");
});

test("every position of a chain of 64, killed one after the other from the end: each time the caller above is told", async () => {
  const chain = await chainOf(64);
  const { t } = chain;
  const expected: string[] = [];
  for (let dead = 63; dead > 0; dead--) {
    chain.told.clear();
    chain.afterwards = (member) => {
      if (member === dead) t.system.kill(`m${dead}`);
      return 0;
    };
    assert.is(attempt(t, "m0", "call", 0), "ok 0");
    expected.push(`killed m${dead}#1`);
    assert.equal(deaths(t), expected);
    assert.is(chain.told.get(dead - 1)?.[0], 3);
  }
  await t.end();
});

test("several members die in one call: each living caller is told of its own callee only", async () => {
  const chain = await chainOf(9);
  const { t } = chain;
  chain.atEnd = () => {
    for (const name of ["m2", "m5", "m6"]) t.system.kill(name);
  };
  chain.afterwards = (member) => (member === 8 ? 1 : 0);
  assert.is(attempt(t, "m0", "call", 0), "ok 0");
  assert.equal(deaths(t), ["trap m8#1", "killed m6#1", "killed m5#1", "killed m2#1"]);
  assert.equal(
    [...chain.told].sort(([a], [b]) => a - b).map(([member, [cause]]) => `${member}:${cause}`),
    ["0:0", "1:3", "3:0", "4:3", "7:1", "8:0"],
    "2, 5 and 6 died before they could be told",
  );
  await t.end();
});

test("a whole chain killed at its end: the host is told of the outermost, all are gone", async () => {
  const chain = await chainOf(17);
  const { t } = chain;
  chain.atEnd = () => {
    for (let member = 0; member < 17; member++) t.system.kill(`m${member}`);
  };
  assert.is(attempt(t, "m0", "call", 0), "killed m0#1");
  assert.equal(
    deaths(t),
    Array.from({ length: 17 }, (_, i) => `killed m${16 - i}#1`),
  );
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test.run();
