/** The watchdog's accounts of CPU time, driven sample by sample without a thread or a clock. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cpuWords, FRAME_WORDS, FrameWord } from "../../host/kernel/words.ts";
import { Accountant, AccountsWord, AccountWord, accountIndex, newAccounts } from "../../host/platform/cpu-accounts.ts";
import { SAMPLE_MS, Sampler } from "../../host/platform/watchdog-loop.ts";
import { DOMAIN_SLOT_BITS, DOMAIN_SLOT_MASK, DOMAIN_SLOTS, USAGE, USAGE_SIZE } from "../../shared-heap/layout.ts";

const test = suite("CPU accounts");

const WORDS = cpuWords(0);
/** Owner words of two domains in slots 7 and 8, and of the next one in slot 7. */
const [A, B, A2] = [(3 << DOMAIN_SLOT_BITS) | 7, (1 << DOMAIN_SLOT_BITS) | 8, (4 << DOMAIN_SLOT_BITS) | 7] as const;

class Watched {
  readonly accounts: Int32Array = newAccounts();
  readonly i32: Int32Array = new Int32Array(new SharedArrayBuffer(USAGE + USAGE_SIZE * DOMAIN_SLOTS));
  readonly accountant: Accountant = new Accountant(this.accounts);
  readonly sampler: Sampler;
  nowMs = 5000.5;

  constructor(random?: () => number) {
    this.sampler = new Sampler(this.i32, 0, { accountant: this.accountant, ...(random === undefined ? {} : { random }) });
    this.sampler.rest(this.nowMs);
  }

  /** As the kernel does. */
  open(id: number, budgetMs: number, windowMs: number): void {
    const account = accountIndex(id & DOMAIN_SLOT_MASK);
    this.accounts.fill(0, account, account + 8);
    this.accounts[account + AccountWord.budget] = budgetMs * 1000;
    this.accounts[account + AccountWord.window] = windowMs;
    this.accounts[account] = id;
  }

  of(id: number, word: keyof typeof AccountWord): number {
    return this.accounts[accountIndex(id & DOMAIN_SLOT_MASK) + AccountWord[word]] ?? 0;
  }

  /** The chain of calls: callee and number of each. */
  chain(...calls: readonly (readonly [callee: number, sequence: number])[]): void {
    for (const [depth, [callee, sequence]] of calls.entries()) {
      const frame = WORDS.frames + depth * FRAME_WORDS;
      this.i32[frame + FrameWord.callee] = callee;
      this.i32[frame] = sequence;
    }
    this.i32[WORDS.depth] = calls.length;
  }

  /** Samples every quarter of a millisecond. */
  pass(ms: number): void {
    for (let i = 0; i < ms * 4; i++) {
      this.nowMs += 0.25;
      this.sampler.sample(this.nowMs);
    }
  }

  /** What the kernel takes when it answers: who is spent, and which call is over. */
  take(): [spent: number, over: number, interrupt: number] {
    const { accounts, i32 } = this;
    const taken: [number, number, number] = [
      accounts[AccountsWord.spent] ?? 0,
      accounts[AccountsWord.over] ?? 0,
      i32[WORDS.interrupt] ?? 0,
    ];
    accounts.fill(0, 0, 2);
    i32[WORDS.interrupt] = 0;
    return taken;
  }
}

test("Accountant: below its budget nothing is told; at it, it is, and once per sample that sees it run", () => {
  const w = new Watched();
  w.open(A, 10, 100);
  w.chain([A, 101]);
  w.pass(9.75);
  assert.is(w.of(A, "used"), 9750);
  assert.equal(w.take(), [0, 0, 0]);
  assert.is(w.of(A, "spent"), 0);
  w.pass(0.25);
  assert.equal(w.take(), [A, 0, 1]);
  assert.is(w.of(A, "spent"), A);
  w.pass(0.25);
  assert.equal(w.take(), [A, 0, 1]);
  w.chain();
  w.pass(10);
  assert.equal(w.take(), [0, 0, 0], "nobody runs");
});

test("Accountant: who has used its budget twice, and what a stall may charge, is told of with the call that it is in", () => {
  const w = new Watched();
  w.open(A, 10, 1000);
  w.chain([A, 1]);
  w.pass(10 + 10 + 4.75);
  assert.equal(w.take(), [A, 0, 1]);
  w.pass(0.25);
  assert.equal(w.take(), [A, 1, 1]);
});

test("Accountant: no change of calls or threads helps who runs on, nor calls of others in between", () => {
  const w = new Watched();
  for (const id of [A, B]) w.open(id, 10, 100_000);
  let sequence = 1;
  for (let ms = 0; ms < 24; ms++) {
    sequence += 4;
    w.chain([A, sequence]);
    w.pass(1);
    assert.is(w.take()[1], 0);
    w.chain([A, sequence], [B, sequence + 2]);
    w.pass(0.5);
    w.take();
  }
  w.chain([A, sequence + 4]);
  w.pass(1);
  assert.is(w.take()[1], sequence + 4);
});

test("Accountant: what was used beyond the budget counts in the windows after", () => {
  const w = new Watched();
  w.open(A, 10, 100);
  w.chain([A, 1]);
  w.pass(35);
  w.chain();
  w.take();
  for (const [ms, used] of [
    [64, 35_000],
    [2, 25_000],
    [100, 15_000],
    [98, 15_000],
    [2, 5000],
  ] as const) {
    assert.is(w.of(A, "spent"), A);
    w.pass(ms);
    assert.is(w.of(A, "used"), used);
  }
  assert.is(w.of(A, "spent"), 0);
  w.chain([A, 3]);
  w.pass(4.75);
  assert.equal(w.take(), [0, 0, 0]);
  w.pass(0.25);
  assert.is(w.take()[0], A);
  w.chain();
  w.pass(10_000);
  w.chain([A, 5]);
  w.pass(0.25);
  assert.is(w.of(A, "used"), 250, "everything is paid some day");
});

test("Accountant: when its window has ended a domain is let in again, and its time begins anew with its next call", () => {
  const w = new Watched();
  w.open(A, 10, 100);
  w.chain([A, 1]);
  w.pass(12);
  w.take();
  w.chain();
  w.pass(87);
  assert.is(w.of(A, "spent"), A, "a window lasts as long as it must");
  w.pass(2);
  assert.is(w.of(A, "spent"), 0);
  w.pass(1000);
  w.chain([A, 3]);
  w.pass(9.75);
  assert.equal(w.take(), [0, 0, 0]);
  w.pass(0.25);
  assert.is(w.take()[0], A);
});

test("Accountant: lift says how long until the next window ends, also while nothing runs", () => {
  const w = new Watched();
  assert.is(w.accountant.lift(w.nowMs), Number.POSITIVE_INFINITY);
  w.open(A, 10, 100);
  w.chain([A, 1]);
  w.pass(10);
  w.chain();
  assert.is(w.accountant.lift(w.nowMs), 90);
  assert.is(w.accountant.lift(w.nowMs + 91), Number.POSITIVE_INFINITY);
  assert.is(w.of(A, "spent"), 0);
});

test("Accountant: a domain pays for itself, not for those that it calls, nor for others in its slot", () => {
  const w = new Watched();
  w.open(A, 10, 100);
  w.chain([A, 1], [B, 3]);
  w.pass(50);
  assert.is(w.of(A, "used"), 0);
  w.chain([B, 5], [A, 7]);
  w.pass(5);
  assert.is(w.of(A, "used"), 5000);
  w.chain([A2, 9]);
  w.pass(50);
  assert.is(w.of(A, "used"), 5000);
  assert.equal(w.take(), [0, 0, 0]);
  w.chain([0, 9]);
  w.pass(50);
  assert.equal(w.take(), [0, 0, 0], "nobody is nobody's");
});

test("Accountant: a birth is counted and is not kept from its end; what it used beyond the budget keeps callers out after it", () => {
  const w = new Watched();
  w.open(A, 2, 1000);
  w.accounts[accountIndex(A & DOMAIN_SLOT_MASK) + AccountWord.birth] = 1;
  w.chain([A, 1]);
  w.pass(20);
  assert.equal(w.take(), [0, 0, 0]);
  assert.ok(w.of(A, "used") >= 19_000 && w.of(A, "spent") === 0, String(w.of(A, "used")));
  w.accounts[accountIndex(A & DOMAIN_SLOT_MASK) + AccountWord.birth] = 0;
  w.chain([A, 2]);
  w.pass(0.25);
  assert.is(w.take()[0], A);
});

test("Accountant: what waits to be taken is not written over; the other one is told later", () => {
  const w = new Watched();
  for (const id of [A, B]) w.open(id, 1, 1000);
  w.chain([A, 1]);
  w.pass(1);
  w.chain([B, 3]);
  w.pass(1);
  assert.is(w.take()[0], A);
  w.pass(0.25);
  assert.is(w.take()[0], B);
});

test("Accountant: a stall of the watchdog's own thread is charged with five milliseconds at most", () => {
  const w = new Watched();
  w.open(A, 10, 100_000);
  w.chain([A, 1]);
  w.nowMs += 30_000;
  w.sampler.sample(w.nowMs);
  assert.is(w.of(A, "used"), 5000);
});

/** A generator of pauses that a test can repeat. */
function seeded(seed: number): () => number {
  let x = seed >>> 0;
  return () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return x / 2 ** 32;
  };
}

/** What a domain is charged, as a part of what it has used, when it runs where `runs` says so. */
function chargedPart(random: (() => number) | undefined, runs: (nowMs: number) => boolean): number {
  const w = new Watched(random);
  w.open(A, 60_000, 1_000_000);
  const STEP_MS = 0.01;
  let [used, next] = [0, w.nowMs];
  for (let step = 0; step < 2_000_000; step++) {
    w.nowMs += STEP_MS;
    const isRunning = runs(w.nowMs);
    if (isRunning) used += STEP_MS;
    if (w.nowMs < next) continue;
    w.chain(isRunning ? [A, 2 * step + 1] : [B, 2 * step + 1]);
    next = w.nowMs + w.sampler.sample(w.nowMs);
  }
  return w.of(A, "used") / 1000 / used;
}

/** Patterns of someone who wants to be away when a sample comes. */
const EVASIONS: Readonly<Record<string, (nowMs: number) => boolean>> = {
  "away for a moment, in step with the samples": (nowMs) => nowMs % SAMPLE_MS < SAMPLE_MS * 0.9,
  "away half of the time, in step": (nowMs) => (nowMs + 0.1) % SAMPLE_MS < SAMPLE_MS / 2,
  "in short bursts": (nowMs) => nowMs % 1 < 0.1,
  "in long bursts": (nowMs) => nowMs % 40 < 3,
  always: () => true,
};

for (const [how, runs] of Object.entries(EVASIONS)) {
  test(`Sampler charges a domain what it uses, on average, when it runs ${how}`, () => {
    const part = chargedPart(seeded(99), runs);
    assert.ok(Math.abs(part - 1) < 0.05, `${part}`);
  });
}

test("Sampler: with pauses that are all the same a domain could be away for each sample; with these it cannot", () => {
  // Begins where the first sample was, and is away where the next one must come.
  const inStep = (nowMs: number): boolean => ((nowMs - 5000.5) % SAMPLE_MS) / SAMPLE_MS > 0.1;
  assert.ok(Math.abs(chargedPart(seeded(7), inStep) - 1) < 0.05);
  const fixed = chargedPart(undefined, inStep);
  assert.ok(Math.abs(fixed - 1) > 0.05, `${fixed}: this test would not notice`);
});

test.run();
