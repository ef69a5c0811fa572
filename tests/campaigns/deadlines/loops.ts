/**
 * Endless loops of every kind, each ended by its budget, and how much later than that. Called by `scripts/campaign-deadlines.ts` and by a
 * test. The calls that follow each loop have done nothing wrong and must not be ended.
 */

import { startNext } from "../../../host/kernel/life/next-generation.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import { Seat } from "../../../host/kernel/seat.ts";
import { attempt, domain, type Parts } from "../../support/domain.ts";
import { type TestSystem, testSystem } from "../../support/system.ts";

/** Milliseconds: for one call, or for the start function and `init`. */
export const BUDGET_MS = 2;

export const LOOPS = ["plain", "functions", "calls", "chain", "fill", "copy", "init", "start"] as const;
export type Loop = (typeof LOOPS)[number];

const CODE =
  "(memory 8) (func $nothing (param $n i32) (result i32) (if (result i32) (local.get $n) (then (call $nothing (i32.const 0))) (else (i32.const 1))))";
const PAGES = 8 * 65536;

/** Bodies that never end. Two of them are made of calls: of the domain's own functions, and of another domain. */
const BODIES: Readonly<Record<Exclude<Loop, "init" | "start">, string>> = {
  plain: "(loop $l (br $l)) unreachable",
  functions: "(loop $l (drop (call $nothing (i32.const 1))) (br $l)) unreachable",
  calls: "(loop $l (drop (call $quick (i32.const 1))) (br $l)) unreachable",
  chain: "(loop $l (br $l)) unreachable",
  fill: `(loop $l (memory.fill (i32.const 0) (local.get $n) (i32.const ${PAGES})) (br $l)) unreachable`,
  copy: `(loop $l (memory.copy (i32.const 0) (i32.const ${PAGES / 2}) (i32.const ${PAGES / 2})) (br $l)) unreachable`,
};

export interface Ended {
  /** Milliseconds beyond the budget until the caller had its error. */
  readonly overshootMs: number;
  readonly problem: string | undefined;
}

export class Loops {
  readonly t: TestSystem;
  readonly #seats: ReadonlyMap<Loop, Seat>;

  private constructor(t: TestSystem, seats: ReadonlyMap<Loop, Seat>) {
    this.t = t;
    this.#seats = seats;
  }

  /** @param cpus with two, what loops is on the other one, but for births: whoever says that they loop is the host */
  static async start(cpus = 1): Promise<Loops> {
    const t = await testSystem({ heapMegabytes: 32, cpus });
    const there = cpus - 1;
    const leaf = await t.add({ ...domain("leaf", { exports: { quick: "(local.get $n)" } }), cpu: there });
    const seats = new Map<Loop, Seat>();
    const add = async (name: Loop, parts: Parts, cpu = there): Promise<Seat> => {
      const limits = { callBudgetMs: BUDGET_MS, initBudgetMs: 1000, memoryPages: 16 };
      const seat = await t.add({ ...domain(name, { code: CODE, limits, ...parts }), cpu });
      seats.set(name, seat);
      return seat;
    };
    for (const [name, call] of Object.entries(BODIES) as [keyof typeof BODIES, string][]) {
      await add(name, { exports: { call }, ...(name === "calls" ? { imports: { quick: { kind: "domain", seat: leaf } } } : {}) });
    }
    // Born once; after that the host says that it loops.
    for (const name of ["init", "start"] as const) {
      let births = 0;
      const asked: Provider = { kind: "host", bind: () => ({ run: () => births++ }) };
      const body = "(if (call $quick (i32.const 0)) (then (loop $l (br $l))))";
      const seat = await add(name, { imports: { quick: asked }, [name]: body, limits: { initBudgetMs: 1000, memoryPages: 16 } }, 0);
      // What the first birth needed to be compiled in is not what the others have to wait for.
      seats.set(name, new Seat({ ...seat.spec, limits: { ...seat.spec.limits, initBudgetMs: BUDGET_MS } }));
    }
    await addChain(t, seats.get("chain") as Seat);
    return new Loops(t, seats);
  }

  /** Runs one loop to its end and the same domain's successor, which must not be ended. */
  run(loop: Loop): Ended {
    const { kernel } = this.t.system;
    const seat = this.#seats.get(loop) as Seat;
    this.t.events.length = 0;
    const started = performance.now();
    const how = loop === "init" || loop === "start" ? this.#birth(seat) : attempt(this.t, loop === "chain" ? "first" : loop, "call", 1);
    const overshootMs = performance.now() - started - BUDGET_MS;
    const deaths = this.t.events.flatMap((event) => (event.kind === "death" ? [`${event.death.cause} ${event.death.domain}`] : []));
    // Its callers had time to spare, and read what became of it.
    const expected = loop === "chain" ? "ok 102" : `deadline ${loop}`;
    const isRight = how === expected || how.startsWith(`${expected}#`);
    const problem = !isRight
      ? `${loop} ended with ${how}`
      : deaths.join() === `deadline ${loop}`
        ? undefined
        : `${loop}: died: ${deaths.join()}`;
    if (loop !== "init" && loop !== "start") startNext(kernel, seat);
    const after = attempt(this.t, "leaf", "quick", 4);
    return { overshootMs, problem: problem ?? (after === "ok 4" ? undefined : `after ${loop} an innocent call gave ${after}`) };
  }

  #birth(seat: Seat): string {
    const birth = startNext(this.t.system.kernel, seat);
    return birth.ok ? "born" : `${birth.error.cause} ${birth.error.domain}`;
  }

  async end(): Promise<void> {
    await this.t.end();
  }
}

/** Six domains that call each other in front of one that loops, each with more time than it. */
async function addChain(t: TestSystem, last: Seat): Promise<void> {
  let below: Provider = { kind: "domain", seat: last, rebind: true };
  for (const name of ["sixth", "fifth", "fourth", "third", "second", "first"]) {
    const body =
      "(local.set $n (call $call (local.get $n))) (if (call $status (i32.const 0)) (then (return (i32.add (i32.const 100) (call $status (i32.const 0)))))) (local.get $n)";
    const seat = await t.add(
      domain(name, { imports: { call: below }, guard: ["status"], limits: { callBudgetMs: 60_000 }, exports: { call: body } }),
    );
    below = { kind: "domain", seat };
  }
}
