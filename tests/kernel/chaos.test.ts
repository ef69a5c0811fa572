/**
 * Domains whose every step is drawn by lot: they make, lend, move, swap and drop objects down a chain, trap, loop, give up and set
 * deadlines, while the host kills, restarts, raises ticks and calls into the middle of it. After every call from outside the
 * kernel must be at rest and the heap's tables must agree; the same seed gives the same run, up to what the clock decides.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { FRAME_WORDS, RecordWord } from "../../host/kernel/words.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { STATE_RUNNING } from "../../shared-heap/layout.ts";
import { call, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";
import type { InterfaceName } from "../support/world.ts";

const test = suite("chaos");

const LENGTH = 6;
const ROUNDS = 400;
const SLOTS = 8;

/** What a step may be; the host answers with one of these, and a slot in the next byte. */
const STEPS = [
  "return",
  "new",
  "drop",
  "call",
  "look",
  "take",
  "give",
  "swap",
  "write",
  "deadline",
  "restart",
  "giveUp",
  "trap",
  "loop",
] as const;
type Step = (typeof STEPS)[number];
const WEIGHTS: Readonly<Record<Step, number>> = {
  ...{ return: 14, new: 12, drop: 5, call: 8, look: 8, take: 8, give: 6, swap: 8, write: 6 },
  ...{ deadline: 1, restart: 3, giveUp: 2, trap: 2, loop: 0.15 },
};

const slot = "(local.get $at)";
const held = `(i32.load ${slot})`;
const keep = (value: string): string => `(i32.store ${slot} ${value})`;
/** A call that was not made leaves its argument with the caller: refused (but for its result), dead, too deep, in a circle. */
const unlessNotMade = (body: string): string => `(if (i32.eqz (call $notMade)) (then ${body}))`;

const BODIES: Readonly<Record<Step, string>> = {
  return: "(return)",
  new: `(if (i32.eqz ${held}) (then ${keep("(call $new)")}))`,
  drop: `(if ${held} (then (call $drop ${held}) ${keep("(i32.const 0)")}))`,
  call: "(drop (call $call (i32.const 0)))",
  look: `(if ${held} (then (drop (call $look ${held}))))`,
  take: `(if ${held} (then (call $take ${held}) ${unlessNotMade(keep("(i32.const 0)"))}))`,
  give: `(if (i32.eqz ${held}) (then ${keep("(call $give)")}))`,
  swap: `(if ${held} (then (local.set $r (call $swap ${held})) ${unlessNotMade(keep("(select (local.get $r) (i32.const 0) (i32.ge_u (local.get $r) (i32.const 64)))"))}))`,
  write: `(if ${held} (then (call $store32 ${held} (i32.const 1))))`,
  deadline: "(call $deadline (i32.const 1))",
  restart: "(drop (call $restart))",
  // Sometimes it goes on after that, which is a fault.
  giveUp: `(drop (call $call (i32.const 0)))
    (if (call $status (i32.const 0)) (then (call $relay) (if ${slot} (then (return)))))`,
  trap: "unreachable",
  loop: "(loop $l (br $l))",
};

function member(next: Seat | undefined, t: TestSystem, decide: () => number): Parts {
  const onward =
    next === undefined
      ? {}
      : { call: calls(next), look: calls(next), take: calls(next), give: calls(next), swap: calls(next), restart: restarts(t, next) };
  const steps = STEPS.map((step, i) => {
    const needsNext = ["call", "look", "take", "give", "swap", "restart", "giveUp"].includes(step);
    return needsNext && next === undefined ? "" : `(if (i32.eq (local.get $step) (i32.const ${i})) (then ${BODIES[step]}))`;
  });
  return {
    imports: { quick: host({ run: decide }), ...onward },
    guard: ["store32", "status"],
    kernel: ["deadline", "relay"],
    limits: { callBudgetMs: 15, heapObjects: 12 },
    code: `(memory 1)
      (func $notMade (result i32) (local $s i32) (local.set $s (call $status (i32.const 0)))
        (i32.or (i32.and (i32.eq (local.get $s) (i32.const 6)) (i32.ne (call $status (i32.const 3)) (i32.const 1)))
          (i32.or (i32.eq (local.get $s) (i32.const 7)) (i32.or (i32.eq (local.get $s) (i32.const 10)) (i32.eq (local.get $s) (i32.const 12))))))
      (func $steps (local $step i32) (local $at i32) (local $r i32) (loop $next
        (local.set $step (call $quick (i32.const 0)))
        (local.set $at (i32.and (i32.shr_u (local.get $step) (i32.const 6)) (i32.const ${(SLOTS - 1) * 4})))
        (local.set $step (i32.and (local.get $step) (i32.const 255)))
        ${steps.join("\n")}
        (br $next)))
      (func $store (param $b i32) (local $at i32) (loop $l
        (if (i32.eqz (i32.load (local.get $at))) (then (i32.store (local.get $at) (local.get $b)) (return)))
        (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4))) (i32.const ${SLOTS * 4}))))
        (call $drop (local.get $b)))`,
    exports: {
      call: "(call $steps) (i32.const 1)",
      look: "(call $steps) (i32.const 1)",
      take: "(call $store (local.get $b)) (call $steps)",
      give: "(call $steps) (call $new)",
      swap: `(call $steps) (if (result i32) (i32.and (local.get $b) (i32.const 0x1000)) (then (local.get $b)) (else (call $drop (local.get $b)) (i32.const 1)))`,
    },
  };
}

class Chaos {
  readonly seats: Seat[] = [];
  readonly t: TestSystem;
  readonly #random: () => number;
  readonly counts: Map<string, number> = new Map();

  constructor(t: TestSystem, seed: number) {
    this.t = t;
    this.#random = randomOf(seed);
  }

  /** Called by every domain at every step. */
  decide(): number {
    const { kernel } = this.t.system;
    this.#meddle();
    const deep = kernel.depth > 12;
    const step = deep ? 0 : this.#weighted();
    return step | (this.#below(SLOTS) << 8);
  }

  /** What the host does while domains are in the middle of calls. */
  #meddle(): void {
    const { kernel } = this.t.system;
    const lot = this.#below(120);
    const seat = this.seats[this.#below(this.seats.length)];
    if (seat?.current === undefined) return;
    if (lot === 0) kernel.kill(seat.current, "by lot");
    else if (lot === 1 && kernel.isGone(seat.current)) createDomain(kernel, seat);
    else if (lot === 2) {
      kernel.i32[kernel.cpu.expired] = kernel.i32[kernel.cpu.frames + this.#below(kernel.depth) * FRAME_WORDS] ?? 0;
      kernel.i32[kernel.cpu.interrupt] = 1;
    } else if (lot === 3) this.fromOutside();
    else if (lot === 4) assert.equal(auditHeap(kernel.heap).problems, []);
    else if (lot === 5) throw new Error("by lot");
  }

  /** One call from the host into some domain; what comes back to the host is freed. */
  fromOutside(): void {
    const { kernel } = this.t.system;
    const seat = this.seats[this.#below(3)];
    const through = (["call", "give", "call"] as const satisfies InterfaceName[])[this.#below(3)] ?? "call";
    if (seat?.current === undefined) return;
    if (kernel.isGone(seat.current)) createDomain(kernel, seat);
    const called = call(this.t, seat.spec.name, through, ...(through === "call" ? [0] : []));
    const how = called.ok ? "ok" : called.error.cause;
    this.counts.set(how, (this.counts.get(how) ?? 0) + 1);
    if (called.ok && through === "give") assert.is(kernel.heap.exports.free(Number(called.value)), 0);
  }

  /** Between two calls from outside nobody runs, nothing is lent, and every table agrees. */
  atRest(): void {
    const { kernel } = this.t.system;
    assert.is(kernel.depth, 0);
    assert.is(kernel.heap.stats().borrows, 0);
    assert.is(kernel.heap.stats().orphans, 0);
    for (const { current, spec } of this.seats) {
      if (current === undefined || kernel.isGone(current)) continue;
      assert.is(kernel.i32[current.record + RecordWord.entered], 0, spec.name);
      assert.is(kernel.i32[current.record + RecordWord.state], STATE_RUNNING, spec.name);
    }
    const { problems } = auditHeap(kernel.heap);
    assert.equal(problems, []);
  }

  #weighted(): number {
    let lot = this.#random() * Object.values(WEIGHTS).reduce((a, b) => a + b, 0);
    for (const [i, step] of STEPS.entries()) {
      lot -= WEIGHTS[step];
      if (lot < 0) return i;
    }
    return 0;
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }
}

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("whatever happens in whatever order, the kernel comes to rest and the heap is whole", async () => {
  for (const seed of [1, 2, 3]) {
    const t = await testSystem();
    const chaos = new Chaos(t, seed);
    for (let i = LENGTH - 1; i >= 0; i--) {
      chaos.seats.unshift(
        await t.add(
          domain(
            `m${i}`,
            member(chaos.seats[0], t, () => chaos.decide()),
          ),
        ),
      );
    }
    for (let round = 0; round < ROUNDS; round++) {
      chaos.fromOutside();
      chaos.atRest();
    }
    const causes = new Set(deaths(t).map((death) => death.split(" ")[0]));
    for (const cause of ["trap", "killed", "deadline"]) assert.ok(causes.has(cause), `no ${cause} among ${[...causes]}`);
    assert.ok(chaos.counts.has("gave-up"), JSON.stringify([...chaos.counts]));
    assert.ok((chaos.counts.get("ok") ?? 0) > ROUNDS / 20, JSON.stringify([...chaos.counts]));
    await t.end();
  }
});

test.run();
