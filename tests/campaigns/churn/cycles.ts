/**
 * One create–use–die cycle of a domain, in several ways to live and to die. Called by `scripts/campaign-churn.ts` and by a test;
 * everything goes through the loader, the kernel and the proxies that production uses.
 */
import { createDomain } from "../../../host/kernel/life/birth.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { attempt, domain } from "../../support/domain.ts";
import type { TestSystem } from "../../support/system.ts";

/** How a cycle's domain ends. */
export type End = "killed" | "trap" | "quota" | "deadline" | "moved-in" | "lent-in" | "failed-init";

/** Deadlines cost milliseconds each, so they are rare. */
const ROUND: readonly End[] = ["killed", "trap", "quota", "moved-in", "lent-in", "failed-init", "trap", "killed"];
const DEADLINE_EVERY = 1000;

/** What a domain does when it is called with n: 0 uses the heap and its memory, 1 traps, 2 allocates until it is refused, 3 loops. */
const CALL = `
  (if (i32.eq (local.get $n) (i32.const 3)) (then (loop $l (br $l))))
  (if (i32.eq (local.get $n) (i32.const 2)) (then (loop $more (br_if $more (call $new))) unreachable))
  (drop (memory.grow (i32.const 3)))
  (i32.store (i32.const 200000) (i32.const 1))
  (call $keep) (call $keep) (call $keep)
  (call $drop (call $new))
  (if (i32.eq (local.get $n) (i32.const 1)) (then unreachable))
  (i32.const 7)`;

export class Churn {
  readonly #t: TestSystem;
  readonly #victim: Seat;
  readonly #stillborn: Seat;
  #cycles = 0;

  private constructor(t: TestSystem, victim: Seat, stillborn: Seat) {
    this.#t = t;
    this.#victim = victim;
    this.#stillborn = stillborn;
  }

  /** Puts the first generations into the system: a victim, a client that calls it, and one whose `init` will fail. */
  static async start(t: TestSystem): Promise<Churn> {
    const limits = { callBudgetMs: 200, heapObjects: 64, memoryPages: 4 };
    const code = `(memory 1) (func $keep (call $store32 (call $newSlab) (i32.const 1)) (call $store32 (call $new) (i32.const 2)))`;
    const parts = { code, guard: ["store32"], limits };
    const victim = await t.add(
      domain("victim", {
        ...parts,
        init: "(call $keep)",
        exports: { call: CALL, take: "(call $keep) unreachable", look: "(call $keep) unreachable" },
      }),
    );
    // It lives through its first birth only: `init` asks the host whether it may.
    let births = 0;
    const stillborn = await t.add(
      domain("stillborn", {
        ...parts,
        imports: { call: { kind: "host", bind: () => ({ run: () => births++ }) } },
        init: "(call $keep) (if (call $call (i32.const 0)) (then unreachable))",
      }),
    );
    return new Churn(t, victim, stillborn);
  }

  /** Which end the next cycle has, by turns. */
  next(): End {
    const cycle = this.#cycles++;
    return cycle % DEADLINE_EVERY === DEADLINE_EVERY - 1 ? "deadline" : (ROUND[cycle % ROUND.length] ?? "killed");
  }

  /** Creates a domain, uses it and lets it die. Returns what is wrong, or undefined. */
  async cycle(end: End): Promise<string | undefined> {
    const { kernel } = this.#t.system;
    if (end === "failed-init") {
      this.#end(this.#stillborn);
      const birth = createDomain(kernel, this.#stillborn);
      return birth.ok ? "a domain whose init traps was born" : undefined;
    }
    this.#end(this.#victim);
    const birth = createDomain(kernel, this.#victim);
    if (!birth.ok) return `was not born: ${birth.error.detail}`;
    const used = attempt(this.#t, "victim", "call", 0);
    if (used !== "ok 7") return `answered ${used}`;
    const how = this.#die(end);
    const expected = `${end === "quota" ? "trap" : end === "moved-in" || end === "lent-in" ? "trap" : end} victim#${birth.domain.generation}`;
    if (end !== "killed" && how !== expected) return `ended by ${how}, not ${expected}`;
    return kernel.isGone(birth.domain) ? undefined : "did not die";
  }

  #die(end: End): string {
    const { kernel } = this.#t.system;
    const { alloc, ownerOf, free } = kernel.heap.exports;
    switch (end) {
      case "trap":
        return attempt(this.#t, "victim", "call", 1);
      case "quota":
        return attempt(this.#t, "victim", "call", 2);
      case "deadline":
        return attempt(this.#t, "victim", "call", 3);
      case "moved-in":
      case "lent-in": {
        const block = this.#victim.spec.loaded.world.sharedTypes.find(({ name }) => name === "block");
        if (block === undefined) return "the world has no block";
        const base = alloc(HOST, block.id, block.sizeBytes);
        const how = attempt(this.#t, "victim", end === "moved-in" ? "take" : "look", base);
        // Moved into a callee that died: gone with it. Lent to one: still the host's.
        if (end === "moved-in") return ownerOf(base) === 0 ? how : "an object that was moved in outlived its owner";
        return free(base) === 0 ? how : "an object that was lent is not the host's any more";
      }
      default:
        this.#t.system.kill("victim");
        return "killed";
    }
  }

  #end(seat: Seat): void {
    const { kernel } = this.#t.system;
    if (seat.current !== undefined && !kernel.isGone(seat.current)) kernel.kill(seat.current, "its turn is over");
  }
}

/** Owner word of the kernel, as whose objects the host's appear. */
const HOST = 0x4000;
