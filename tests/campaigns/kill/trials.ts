/**
 * Kills domains at every point of a scenario where a kill can take effect, and overflows the stack around each of its crossings.
 * Called by `scripts/campaign-kill.ts` and by a test. After each trial the kernel must be at rest, the heap's tables must agree, nobody
 * may have died who was not meant to, and once all domains are gone nothing may be left.
 */

import { setEnvironmentData } from "node:worker_threads";
import type { Domain } from "../../../host/kernel/domain.ts";
import { createDomain } from "../../../host/kernel/life/birth.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { cpuWords } from "../../../host/kernel/words.ts";
import { auditAtRest } from "../../support/audit-at-rest.ts";
import { attempt } from "../../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../../support/system.ts";
import { asker, back, FRAMES, front, hostCall, middle, type Scenario } from "./scenarios.ts";
import { PARTIES, Points, STRIKE_KEY, STRIKE_WORDS, StrikeWord } from "./strike.ts";

export interface Outcome {
  readonly points: number;
  readonly killed: number;
  readonly problems: readonly string[];
}

/** Whom a kill is aimed at, seen from the domain that runs at that point. */
export type Victim = "running" | "front" | "middle" | "back";
export const VICTIMS: readonly Victim[] = ["running", "front", "middle", "back"];

/**
 * Who is on the second CPU, where there is one. The one in the middle: each call goes there and back. The two at the ends: the stack that
 * `front` uses up is that CPU's.
 */
export type Layout = "middle there" | "ends there";

/** What the threads of the process were told, which must be before they begin. */
const strikeWords = new Int32Array(new SharedArrayBuffer(4 * STRIKE_WORDS));

const MOST_PROBLEMS = 20;
const MOST_SEARCHES = 20;
const MOST_ENDS = 4;
/** What the probe of the deepest chain here keeps free (`host/kernel/calls/probe.ts`): a crossing into `middle`, which calls `back`. */
const RESERVED_BYTES = 192 * 1024;

export class Trials {
  readonly #t: TestSystem;
  readonly #seats: { readonly back: Seat; readonly middle: Seat; readonly front: Seat };
  readonly #problems: string[] = [];
  readonly #scenario: Scenario;
  #onHostCall: () => void = () => undefined;
  #calls = 0;

  readonly #cpus: number;

  private constructor(t: TestSystem, scenario: Scenario, seats: { back: Seat; middle: Seat; front: Seat }) {
    this.#t = t;
    this.#cpus = t.system.cpus;
    this.#scenario = scenario;
    this.#seats = seats;
  }

  static async start(scenario: Scenario, cpus = 1, layout: Layout = "middle there"): Promise<Trials> {
    setEnvironmentData(STRIKE_KEY, strikeWords.buffer);
    const t = await testSystem({ heapMegabytes: 32, cpus });
    const [ends, inner] = layout === "middle there" ? [0, cpus - 1] : [cpus - 1, 0];
    const last = await t.add({ ...back(), cpu: ends });
    const between = await t.add({ ...middle(last), cpu: inner });
    const asked = hostCall(() => trials.#onHostCall());
    const attempts = ends === 0 ? asked : calls(await t.add(asker(asked)));
    const first = await t.add({ ...front(between, scenario, attempts), cpu: ends });
    const trials: Trials = new Trials(t, scenario, { back: last, middle: between, front: first });
    t.system.kernel.events.on(() => {
      t.events.length = 0;
    });
    return trials;
  }

  async end(): Promise<void> {
    await this.#t.end();
  }

  /**
   * Kills `victim` at each safepoint and kernel crossing of the scenario, one per run.
   * @param there at those of the second CPU, which kills by itself: only where `there.ts` was imported
   */
  killEverywhere(victim: Victim, there = false): Outcome {
    let points = 0;
    let killed = 0;
    let ends = 0;
    // The scenario decides how many points there are; it ends when a run comes to its end without reaching the next one.
    for (let point = 0; this.#problems.length < MOST_PROBLEMS; point++) {
      this.#revive();
      const target = there ? this.#runThere(point, victim) : this.#runUntil(point, victim);
      if (target === "not reached") {
        // With two CPUs a run may have passed a point less than others, where an answer came before anybody waited.
        if (++ends === (there || this.#cpus > 1 ? MOST_ENDS : 1)) break;
        point--;
        continue;
      }
      ends = 0;
      if (target === "nobody") continue;
      points++;
      if (this.#t.system.kernel.isGone(target)) killed++;
      else this.#report(`point ${point}: ${target.name} was killed and lives`);
      this.#check(`kill ${victim} at point ${point}`, new Set([target.name]));
    }
    if (killed !== points) this.#report(`kill ${victim}: ${points} points, ${killed} killed`);
    return { points, killed, problems: this.#problems.splice(0) };
  }

  /** The domain that was killed; "nobody" where the call had returned to the host already, so that no domain ran. */
  #runUntil(point: number, victim: Victim): Domain | "not reached" | "nobody" {
    const { kernel } = this.#t.system;
    const points = new Points(point);
    let target: Domain | "not reached" | "nobody" = "not reached";
    const strike = (running: Domain | undefined): void => {
      if (!points.pass(kernel)) return;
      kernel.stepHook = undefined;
      this.#onHostCall = () => undefined;
      target = (victim === "running" ? running : this.#seats[victim].current) ?? "nobody";
      if (target !== "nobody") kernel.kill(target, "by the campaign");
    };
    kernel.stepHook = strike;
    // Inside a function of the host no safepoint passes: that is a point too.
    this.#onHostCall = () => strike(this.#seats.front.current);
    attempt(this.#t, "front", "call", 0);
    kernel.stepHook = undefined;
    this.#onHostCall = () => undefined;
    kernel.answerInterrupt();
    return target;
  }

  /** The same, at a point of the other CPU. */
  #runThere(point: number, victim: Victim): Domain | "not reached" | "nobody" {
    const { kernel } = this.#t.system;
    strikeWords[StrikeWord.isDone] = strikeWords[StrikeWord.target] = 0;
    strikeWords[StrikeWord.point] = point;
    strikeWords[StrikeWord.call] = ++this.#calls;
    strikeWords[StrikeWord.victim] = VICTIMS.indexOf(victim);
    const before = Object.values(this.#seats).map(({ current }) => current);
    Atomics.store(strikeWords, StrikeWord.isArmed, 1);
    Atomics.store(kernel.i32, cpuWords(1).interrupt, 1);
    attempt(this.#t, "front", "call", 0);
    Atomics.store(strikeWords, StrikeWord.isArmed, 0);
    kernel.answerInterrupt();
    if (strikeWords[StrikeWord.isDone] === 0) return "not reached";
    const name = PARTIES[strikeWords[StrikeWord.target] ?? 0] ?? "";
    return before.find((each) => each?.name === name) ?? "nobody";
  }

  /**
   * Runs the scenario at depths of recursion from the deepest at which it succeeds to the end of the stack, with frames of each size.
   * Each crossing needs room of its own, so between the two lie the ends of all of them.
   * @param warmUp calls before: optimised code has other frames than cold code
   * @param beyond how many depths behind the deepest are tried
   */
  overflow(warmUp: number, beyond: number): Outcome {
    let points = 0;
    let killed = 0;
    for (const frame of FRAMES.keys()) {
      this.#revive();
      for (let i = 0; i < warmUp; i++) attempt(this.#t, "front", "call", 32 + frame);
      const deepest = this.#deepest(frame);
      const end = this.#endOfStack(frame, deepest);
      const depths = new Set([-3, -2, -1, 0, 1, 2, 3, 4].map((shift) => Math.max(0, deepest + shift)));
      for (let i = 1; i <= beyond; i++) depths.add(deepest + Math.round(((end - deepest) * i) / beyond));
      for (const depth of depths) {
        if (this.#problems.length >= MOST_PROBLEMS) break;
        this.#revive();
        const how = attempt(this.#t, "front", "call", depth * 32 + frame);
        points++;
        if (how.startsWith("stack front#")) killed++;
        else if (how !== "ok 7") this.#report(`depth ${depth}, frame ${frame}: ended by ${how}`);
        this.#check(`overflow at depth ${depth}, frame ${frame}`, new Set(how === "ok 7" ? [] : ["front"]));
      }
    }
    if (killed === 0) this.#report("no depth overflowed");
    return { points, killed, problems: this.#problems.splice(0) };
  }

  /** A depth at which the recursion itself, without any work, would not fit: all that the probes keep free is used up there. */
  #endOfStack(frame: number, deepest: number): number {
    const bytesPerLevel = 64 + 8 * (FRAMES[frame] ?? 0);
    return deepest + Math.ceil(RESERVED_BYTES / bytesPerLevel);
  }

  #deepest(frame: number): number {
    const fits = (depth: number): boolean => {
      this.#revive();
      return attempt(this.#t, "front", "call", depth * 32 + frame) === "ok 7";
    };
    let low = 0;
    let high = 1024;
    // V8 compiles in the middle of it, after which more fits: the answer counts once it is the same twice.
    for (let tries = 0; tries < MOST_SEARCHES; tries++) {
      while (fits(high)) {
        low = high;
        high *= 2;
      }
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (fits(middle)) low = middle;
        else high = middle;
      }
      if (!fits(low + 1)) return low;
      high = low + 2;
    }
    this.#report(`frame ${frame}: no depth is the deepest: the last was ${low}`);
    return low;
  }

  /** All three live, with links to each other's present generation. */
  #revive(): void {
    const { kernel } = this.#t.system;
    const order = [this.#seats.back, this.#seats.middle, this.#seats.front];
    const isGone = ({ current }: Seat): boolean => current === undefined || kernel.isGone(current);
    const first = order.findIndex(isGone);
    if (first < 0) return;
    // Whoever was linked to a dead generation stays so: he is born again too.
    for (const seat of order.slice(first)) {
      if (seat.current !== undefined) kernel.kill(seat.current, "to be linked anew");
      const birth = createDomain(kernel, seat);
      if (!birth.ok) this.#report(`${seat.spec.name} was not born again: ${birth.error.detail}`);
    }
  }

  #check(what: string, mayBeDead: ReadonlySet<string>): void {
    const { kernel } = this.#t.system;
    const { borrows, orphans } = kernel.heap.stats();
    if (kernel.depth !== 0) this.#report(`${what}: ${kernel.depth} frames are left`);
    if (borrows !== 0 || orphans !== 0) this.#report(`${what}: ${borrows} borrows and ${orphans} orphans are left`);
    for (const seat of Object.values(this.#seats)) {
      const isDead = seat.current === undefined || !kernel.isAlive(seat.current);
      if (isDead && !mayBeDead.has(seat.spec.name)) this.#report(`${what}: ${seat.spec.name} died as well`);
    }
    const { problems } = auditAtRest(kernel.heap);
    if (problems.length > 0) this.#report(`${what}: ${problems.join("; ")}`);
    for (const seat of Object.values(this.#seats)) if (seat.current !== undefined) kernel.kill(seat.current, "after the trial");
    const left = this.#t.system.liveObjects();
    if (left !== 0) this.#report(`${what}: ${left} objects are left`);
  }

  #report(problem: string): void {
    this.#problems.push(`${this.#scenario.name}: ${problem}`);
  }
}
