/**
 * Tries to have a tick of the watchdog end the wrong call: calls that take about as long as their budget, so that the tick comes while they
 * end, and right behind each of them, at the same depth, calls that are far within theirs.
 */
import { startNext } from "../../../host/kernel/life/next-generation.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { attempt, domain } from "../../support/domain.ts";
import { type TestSystem, testSystem } from "../../support/system.ts";

const BUDGET_MS = 1;
/** Calls behind each one that races. */
const INNOCENT = 20;

export class LateTicks {
  readonly t: TestSystem;
  readonly #racer: Seat;
  /** Turns of the loop in a millisecond. */
  readonly #turnsPerMs: number;
  /** How the races ended. */
  readonly ended: { inTime: number; late: number } = { inTime: 0, late: 0 };

  private constructor(t: TestSystem, racer: Seat, turnsPerMs: number) {
    this.t = t;
    this.#racer = racer;
    this.#turnsPerMs = turnsPerMs;
  }

  /** @param cpus with two, the domains are on the other one */
  static async start(cpus = 1): Promise<LateTicks> {
    const t = await testSystem({ heapMegabytes: 32, cpus });
    const cpu = cpus - 1;
    const spin = "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 1)";
    await t.add({ ...domain("innocent", { limits: { callBudgetMs: 1000 }, exports: { call: "(local.get $n)" } }), cpu });
    await t.add({ ...domain("measured", { limits: { callBudgetMs: 0 }, exports: { call: spin } }), cpu });
    const racer = await t.add({ ...domain("racer", { limits: { callBudgetMs: BUDGET_MS }, exports: { call: spin } }), cpu });
    let turnsPerMs = 0;
    for (let i = 0; i < 30; i++) {
      const started = performance.now();
      attempt(t, "measured", "call", 500_000);
      turnsPerMs = Math.max(turnsPerMs, 500_000 / (performance.now() - started));
    }
    return new LateTicks(t, racer, turnsPerMs);
  }

  /** @param share of the budget that the call shall take. Returns what is wrong, or undefined. */
  race(share: number): string | undefined {
    const { kernel } = this.t.system;
    const how = attempt(this.t, "racer", "call", Math.max(1, Math.round(this.#turnsPerMs * BUDGET_MS * share)));
    for (let i = 0; i < INNOCENT; i++) {
      const answer = attempt(this.t, "innocent", "call", i);
      if (answer !== `ok ${i}`) return `an innocent call gave ${answer} after a race that ended with ${how}`;
    }
    this.t.events.length = 0;
    if (how === "ok 1") {
      this.ended.inTime++;
      return undefined;
    }
    this.ended.late++;
    if (!how.startsWith("deadline racer#")) return `the race ended with ${how}`;
    const birth = startNext(kernel, this.#racer);
    return birth.ok ? undefined : `was not born again: ${birth.error.detail}`;
  }

  async end(): Promise<void> {
    await this.t.end();
  }
}
