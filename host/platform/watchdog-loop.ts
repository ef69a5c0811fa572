/**
 * How the watchdog watches: a pure step over the shared memory, so that tests can drive it without a thread or a clock.
 *
 * The kernel reads no clock when it enters a domain. It writes a frame: callee, budget, and last a sequence number. The
 * watchdog samples the frames; a sequence number that it saw at the same depth before belongs to a call that has
 * been running since. When such a call has used up its budget, its number goes into `expired` by compare-and-swap and
 * the interrupt word is raised. The kernel looks for a frame with that number: if the call has ended meanwhile there
 * is none, so a late tick never kills the next call.
 *
 * Time in which this thread itself was not scheduled is not charged to anybody: a machine that stalls must not look
 * like domains that hang.
 */
import {
  CPU_DEPTH,
  CPU_EXPIRED,
  CPU_INTERRUPT,
  CPU_LINE_SIZE,
  CPU_LINES,
  DOMAIN_SLOT_MASK,
  FRAME_SIZE,
  FRAMES,
  FRAMES_PER_CPU,
  USAGE,
  USAGE_MICROS,
  USAGE_SIZE,
} from "../../shared-heap/layout.ts";
import type { Accountant } from "./cpu-accounts.ts";

/** Pause between two samples while domains run, on average: it varies, so that no domain can know when the next one comes. */
export const SAMPLE_MS = 0.25;
/** The most that one sample charges to a call, whatever the clock says. */
const MOST_CHARGED_MS = 5;

const CALLEE_WORD = 1;
const BUDGET_WORD = 2;
/** Of the first frame, where a thread runs. */
const SLICE_WORD = 3;
/** See `FrameWord.paused`. */
const PAUSED_WORD = 15;
const NOT_COUNTED = 1;

export interface SamplerOptions {
  readonly accountant?: Accountant;
  /** From 0 to 1, as `Math.random`. */
  readonly random?: () => number;
}

export class Sampler {
  readonly #i32: Int32Array;
  readonly #interrupt: number;
  readonly #depth: number;
  readonly #expired: number;
  readonly #frames: number;
  readonly #seen: Int32Array = new Int32Array(FRAMES_PER_CPU);
  readonly #usedMs: Float64Array = new Float64Array(FRAMES_PER_CPU);
  readonly #told: Uint8Array = new Uint8Array(FRAMES_PER_CPU);
  readonly #accountant: Accountant | undefined;
  readonly #random: () => number;
  #lastMs = 0;
  /** How much of its slice the thread at its base has used. */
  #sliceMs = 0;

  constructor(i32: Int32Array, cpu: number, { accountant, random = () => 0.5 }: SamplerOptions = {}) {
    this.#accountant = accountant;
    this.#random = random;
    const line = (CPU_LINES + cpu * CPU_LINE_SIZE) >> 2;
    this.#i32 = i32;
    this.#interrupt = line + (CPU_INTERRUPT >> 2);
    this.#depth = line + (CPU_DEPTH >> 2);
    this.#expired = line + (CPU_EXPIRED >> 2);
    this.#frames = (FRAMES + cpu * FRAME_SIZE * FRAMES_PER_CPU) >> 2;
  }

  /** Forgets how long ago the last sample was: nothing was watched in between. */
  rest(nowMs: number): void {
    this.#lastMs = nowMs;
  }

  /**
   * Looks once. Returns the milliseconds until the next sample, less where a call can run out before; 0 when no call is running.
   */
  sample(nowMs: number): number {
    const i32 = this.#i32;
    const depth = Math.min(Atomics.load(i32, this.#depth), FRAMES_PER_CPU);
    const charge = Math.min(nowMs - this.#lastMs, MOST_CHARGED_MS);
    this.#lastMs = nowMs;
    let next = depth === 0 ? 0 : SAMPLE_MS * (0.1 + 1.8 * this.#random());
    this.#account(depth - 1, charge, nowMs);
    for (let d = 0; d < depth; d++) {
      const frame = this.#frames + d * (FRAME_SIZE >> 2);
      const sequence = Atomics.load(i32, frame);
      if (d === 0) next = Math.min(next, this.#slice(frame, sequence === this.#seen[0] ? charge : -1));
      if (this.#seen[d] !== sequence) {
        this.#seen[d] = sequence;
        this.#usedMs[d] = 0;
        this.#told[d] = 0;
        continue;
      }
      if (i32[frame + PAUSED_WORD] === NOT_COUNTED) continue;
      const used = (this.#usedMs[d] ?? 0) + charge;
      this.#usedMs[d] = used;
      const budget = ((i32[frame + BUDGET_WORD] ?? 0) >>> 0) / 1000;
      if (budget === 0 || this.#told[d] === 1) continue;
      if (used >= budget) {
        // One number at a time: where another is still waiting, this one comes with a later sample.
        if (Atomics.compareExchange(i32, this.#expired, 0, sequence) === 0) {
          this.#told[d] = 1;
          Atomics.compareExchange(i32, this.#interrupt, 0, 1);
        }
      } else next = Math.min(next, budget - used);
    }
    for (let d = depth; d < FRAMES_PER_CPU && this.#seen[d] !== 0; d++) this.#seen[d] = 0;
    return next;
  }

  /** The time since the last sample goes to whoever runs now. */
  #account(innermost: number, charge: number, nowMs: number): void {
    this.#accountant?.lift(nowMs);
    if (innermost < 0) return;
    const frame = this.#frames + innermost * (FRAME_SIZE >> 2);
    if (this.#i32[frame + PAUSED_WORD] !== 0) return;
    const sequence = Atomics.load(this.#i32, frame);
    const callee = this.#i32[frame + CALLEE_WORD] ?? 0;
    Atomics.add(this.#i32, (USAGE + USAGE_MICROS + (callee & DOMAIN_SLOT_MASK) * USAGE_SIZE) >> 2, Math.round(charge * 1000));
    if (this.#accountant === undefined) return;
    if (this.#accountant.charge(callee, sequence, charge, nowMs)) Atomics.compareExchange(this.#i32, this.#interrupt, 0, 1);
  }

  /** Raises the interrupt word whenever a slice is over. @param charge below 0: another thread runs now. @returns ms until it is over */
  #slice(frame: number, charge: number): number {
    const slice = (this.#i32[frame + SLICE_WORD] ?? 0) / 1000;
    if (slice === 0) return Number.POSITIVE_INFINITY;
    this.#sliceMs = charge < 0 ? 0 : this.#sliceMs + charge;
    if (this.#sliceMs < slice) return slice - this.#sliceMs;
    this.#sliceMs = 0;
    Atomics.compareExchange(this.#i32, this.#interrupt, 0, 1);
    return slice;
  }
}
