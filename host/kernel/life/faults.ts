/**
 * Injects real deaths into one seat's domain, so that recovery is exercised by what it is for.
 *
 * Armed, it looks on at each safepoint of the chosen domain and strikes at a random one: the domain's own code then
 * executes `unreachable` (a trap, or a kill), or finds its heap quota used up at the next allocation, or waits for a
 * device that never answers until its budget ends it. Kinds come in rounds, each once a round in random order.
 */

import { seededRandom } from "../../platform/seeded-random.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import type { Seat } from "../seat.ts";
import { Cause } from "../status.ts";
import { RecordWord } from "../words.ts";

export type FaultKind = "trap" | "deadline" | "killed" | "quota";
export const FAULT_KINDS: readonly FaultKind[] = ["trap", "deadline", "killed", "quota"];

/** How many safepoints of the domain may pass between arming and striking: more than a request has, so that any place may be hit. */
const MOST_SAFEPOINTS = 64;

export interface FaultPlan {
  readonly seat: Seat;
  readonly kinds: readonly FaultKind[];
  readonly seed: number;
  /** Makes the domain's device swallow its next command. */
  readonly hangDevice: () => void;
}

export class FaultInjector {
  readonly #kernel: Kernel;
  readonly #plan: FaultPlan;
  readonly #random: () => number;
  #round: FaultKind[] = [];
  #countdown = 0;
  #armed = false;
  /** The generation whose quota is kept used up until it dies of it. */
  #pressed: Domain | undefined;

  constructor(kernel: Kernel, plan: FaultPlan) {
    this.#kernel = kernel;
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
  }

  /** The next fault is due: strike at one of the domain's next safepoints. */
  arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#countdown = Math.floor(this.#random() * MOST_SAFEPOINTS);
    this.#kernel.stepHook = (running) => this.#step(running);
  }

  #step(running: Domain | undefined): void {
    if (this.#pressed !== undefined && this.#kernel.isGone(this.#pressed)) this.#finish();
    if (!this.#armed || running === undefined || running !== this.#plan.seat.current) return;
    if (this.#pressed === running) this.#press(running);
    else if (this.#countdown-- <= 0) this.#strike(this.#nextKind(), running);
  }

  #strike(kind: FaultKind, domain: Domain): void {
    if (kind === "quota") {
      // What it frees between two safepoints makes room again, so the hook stays until the domain has died.
      this.#pressed = domain;
      this.#countdown = MOST_SAFEPOINTS;
      this.#useUpQuota(domain);
      return;
    }
    this.#finish();
    switch (kind) {
      case "trap":
        this.#kernel.doom(domain, Cause.trap, "injected fault: unreachable executed");
        break;
      case "killed":
        this.#kernel.kill(domain, "injected fault: killed");
        break;
      case "deadline":
        this.#plan.hangDevice();
        break;
      default:
        kind satisfies never;
    }
  }

  #finish(): void {
    this.#armed = false;
    this.#pressed = undefined;
    this.#kernel.stepHook = undefined;
  }

  /** One that allocates nothing in all that time is ended as if it had: the fault was due. */
  #press(domain: Domain): void {
    this.#useUpQuota(domain);
    if (this.#countdown-- > 0) return;
    this.#finish();
    this.#kernel.doom(domain, Cause.quota, "injected fault: quota used up");
  }

  #useUpQuota(domain: Domain): void {
    const { i32 } = this.#kernel;
    i32[domain.record + RecordWord.maxBytes] = i32[domain.record + RecordWord.bytesUsed] ?? 0;
  }

  #nextKind(): FaultKind {
    if (this.#round.length === 0) this.#round = shuffled(this.#plan.kinds, this.#random);
    return this.#round.pop() ?? "trap";
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}
