/** The watchdog's sampler, driven step by step without a thread or a clock; then what the kernel makes of what it says. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cpuWords, FRAME_WORDS, FrameWord } from "../../host/kernel/words.ts";
import { SAMPLE_MS, Sampler } from "../../host/platform/watchdog-loop.ts";
import { DOMAIN_SLOTS, FRAMES_PER_CPU, USAGE, USAGE_SIZE } from "../../shared-heap/layout.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { calls, host, testSystem } from "../support/system.ts";

const test = suite("watchdog");

const CPU = 0;
const WORDS = cpuWords(CPU);

/** A memory with frames, and the sampler that looks at it. */
class Watched {
  readonly i32: Int32Array = new Int32Array(new SharedArrayBuffer(USAGE + USAGE_SIZE * DOMAIN_SLOTS));
  readonly sampler: Sampler = new Sampler(this.i32, CPU);
  #nowMs = 1000;

  constructor() {
    this.sampler.rest(this.#nowMs);
  }

  /** A call with this sequence number and budget is now the one at this depth, and the innermost. */
  enter(depth: number, sequence: number, budgetMs: number): void {
    const frame = WORDS.frames + depth * FRAME_WORDS;
    this.i32[frame + FrameWord.budget] = budgetMs * 1000;
    this.i32[frame] = sequence;
    this.i32[WORDS.depth] = depth + 1;
  }

  leaveTo(depth: number): void {
    this.i32[WORDS.depth] = depth;
  }

  /** Samples once after so many milliseconds; returns the pause that the sampler asks for. */
  after(ms: number): number {
    this.#nowMs += ms;
    return this.sampler.sample(this.#nowMs);
  }

  /** Samples every millisecond, so many times. */
  pass(ms: number): void {
    for (let i = 0; i < ms; i++) this.after(1);
  }

  get expired(): number {
    return this.i32[WORDS.expired] ?? 0;
  }

  get interrupt(): number {
    return this.i32[WORDS.interrupt] ?? 0;
  }

  /** What the kernel does when it answers. */
  answer(): number {
    const { expired } = this;
    this.i32[WORDS.interrupt] = 0;
    this.i32[WORDS.expired] = 0;
    return expired;
  }
}

test("Sampler tells of a call that used up its budget, once, and raises the interrupt word", () => {
  const w = new Watched();
  w.enter(0, 101, 10);
  w.pass(10);
  assert.equal([w.expired, w.interrupt], [0, 0]);
  w.pass(1);
  assert.equal([w.expired, w.interrupt], [101, 1]);
  w.answer();
  w.pass(50);
  assert.equal([w.expired, w.interrupt], [0, 0], "it is told once");
});

test("Sampler charges a call only for the time between two samples that saw it", () => {
  const w = new Watched();
  for (let sequence = 1; sequence < 100; sequence += 2) {
    w.enter(0, sequence, 4);
    w.after(3);
    w.after(3);
  }
  assert.is(w.expired, 0, "the time before a call was first seen is not its own");
  w.pass(5);
  assert.is(w.expired, 99);
});

test("Sampler starts anew with every sequence number at the same depth, also after calls that it never saw", () => {
  const w = new Watched();
  w.enter(0, 1, 10);
  w.pass(10);
  w.enter(0, 7, 10);
  w.pass(10);
  assert.is(w.expired, 0);
  w.pass(1);
  assert.is(w.expired, 7);
});

test("Sampler does not charge time in which it was not scheduled itself", () => {
  const w = new Watched();
  w.enter(0, 1, 100);
  w.after(1);
  for (let i = 0; i < 10; i++) w.after(60_000);
  assert.is(w.expired, 0, "ten stalls of a minute are charged with five milliseconds each");
  for (let i = 0; i < 10; i++) w.after(60_000);
  assert.is(w.expired, 1);
});

test("Sampler watches nested calls each with its own budget, and tells one number at a time", () => {
  const w = new Watched();
  w.enter(0, 1, 20);
  w.enter(1, 3, 10);
  w.enter(2, 5, 0);
  w.pass(11);
  assert.is(w.expired, 3, "the middle one is over its budget");
  w.pass(20);
  assert.is(w.expired, 3, "the outer one, too, but the word is taken");
  assert.is(w.answer(), 3);
  w.pass(1);
  assert.is(w.expired, 1);
  w.answer();
  w.pass(1000);
  assert.is(w.expired, 0, "a budget of 0 is none");
});

test("Sampler forgets what was above a depth that has become smaller", () => {
  const w = new Watched();
  w.enter(0, 1, 1000);
  w.enter(1, 3, 10);
  w.pass(9);
  w.leaveTo(1);
  w.after(1);
  w.enter(1, 3, 10);
  w.pass(9);
  assert.is(w.expired, 0);
});

test("Sampler takes sequence numbers as they come when they wrap", () => {
  const w = new Watched();
  w.enter(0, 0x7fffffff, 5);
  w.pass(3);
  w.enter(0, 1, 5);
  w.pass(5);
  assert.is(w.expired, 0);
  w.pass(1);
  assert.is(w.expired, 1);
});

test("Sampler reads a budget of more than 35 minutes as what it is", () => {
  const w = new Watched();
  w.enter(0, 1, 3_600_000);
  w.pass(1000);
  assert.is(w.expired, 0);
});

test("Sampler asks for no pause while nothing runs, else for one that ends with the next budget", () => {
  const w = new Watched();
  assert.is(w.after(1), 0);
  w.enter(0, 1, 1.2);
  assert.is(w.after(1), SAMPLE_MS);
  assert.ok(Math.abs(w.after(1) - 0.2) < 1e-9);
  w.leaveTo(0);
  assert.is(w.after(1), 0);
  w.sampler.rest(1_000_000);
});

test("Sampler watches the deepest frame that there can be", () => {
  const w = new Watched();
  for (let depth = 0; depth < FRAMES_PER_CPU; depth++) w.enter(depth, 2 * depth + 1, depth === FRAMES_PER_CPU - 1 ? 3 : 0);
  w.pass(5);
  assert.is(w.expired, 2 * FRAMES_PER_CPU - 1);
});

test("a late tick: the number of a call that has ended, or never was, ends nobody", async () => {
  const t = await testSystem();
  const { i32, cpu } = t.system.kernel;
  let ended = 0;
  const tick = host({
    run: (which = 0) => {
      const own = i32[cpu.sequence] ?? 0;
      if (which === 0) ended = own;
      else {
        i32[cpu.expired] = [ended, 0x7fffffff, 4, -1][which - 1] ?? 0;
        i32[cpu.interrupt] = 1;
      }
      return 1;
    },
  });
  const SPIN = "(local $i i32) (local.set $i (i32.const 10000)) (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";
  await t.add(
    domain("innocent", { imports: { quick: tick }, exports: { call: `${SPIN} (drop (call $quick (local.get $n))) (i32.const 3)` } }),
  );
  for (const which of [0, 1, 2, 3, 4]) assert.is(attempt(t, "innocent", "call", which), "ok 3");
  assert.is(i32[cpu.expired], 0, "each was answered");
  assert.equal(deaths(t), []);
  await t.end();
});

test("a tick for a call further up ends that one alone, when control comes back to it", async () => {
  const t = await testSystem();
  const { i32, cpu } = t.system.kernel;
  const tick = host({
    run: (depth = 0) => {
      i32[cpu.expired] = i32[cpu.frames + depth * FRAME_WORDS] ?? 0;
      i32[cpu.interrupt] = 1;
      return 1;
    },
  });
  const bottom = await t.add(domain("bottom", { imports: { quick: tick }, exports: { call: "(call $quick (local.get $n))" } }));
  const middle = await t.add(domain("middle", { imports: { call: calls(bottom) }, exports: { call: "(call $call (local.get $n))" } }));
  await t.add(
    domain("top", {
      imports: { call: calls(middle) },
      guard: ["status"],
      exports: { call: "(drop (call $call (local.get $n))) (call $status (i32.const 0))" },
    }),
  );
  assert.is(attempt(t, "top", "call", 1), "ok 2");
  assert.equal(deaths(t), ["deadline middle#1"]);
  assert.is(attempt(t, "bottom", "call", 7), "ok 1", "no frame is that deep");
  await t.end();
});

test.run();
