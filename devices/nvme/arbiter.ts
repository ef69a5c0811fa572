/**
 * Whose turn it is: round robin over the submission queues that have work, or weighted round robin with an urgent class.
 * Asked by the engine, which serves a burst of commands from the queue that it is given and says how many they were.
 * Source: [NVME-1.4] section 4.13.
 *
 *   round robin           admin and I/O queues take turns
 *   weighted round robin  admin first, then urgent queues, then high : medium : low by their weights; round robin within a class
 */
import { PRIORITY, type Queues, type SubmissionQueue } from "./queues.ts";

/** Weights of high, medium and low, in commands for each round. */
export type Weights = readonly [high: number, medium: number, low: number];

const URGENT_AND_ADMIN = -1;

export class Arbiter {
  weighted = false;
  readonly #queues: Queues;
  readonly #weights: () => Weights;
  #cursor = 0;
  /** Commands that each class may still send in this round: high, medium, low. */
  readonly #credits: Int32Array = new Int32Array(3);
  #class = URGENT_AND_ADMIN;

  constructor(queues: Queues, weights: () => Weights) {
    this.#queues = queues;
    this.#weights = weights;
  }

  reset(weighted: boolean): void {
    this.weighted = weighted;
    this.#cursor = 0;
    this.#credits.fill(0);
  }

  // HOT: twice for each doorbell.
  next(): SubmissionQueue | undefined {
    if (this.weighted) return this.#nextWeighted();
    const { active } = this.#queues;
    for (let tried = 0; tried < active.length; tried++) {
      if (this.#cursor >= active.length) this.#cursor = 0;
      const sq = active[this.#cursor++];
      if (sq?.ready) return sq;
    }
    return undefined;
  }

  /** The most that may be fetched from the queue that `next` gave, before another is asked for. */
  limit(chosen: SubmissionQueue, burst: number): number {
    if (this.weighted) return this.#class === URGENT_AND_ADMIN ? burst : Math.min(burst, this.#credits[this.#class] ?? 0);
    return this.#isAlone(chosen) ? Number.MAX_SAFE_INTEGER : burst;
  }

  served(commands: number): void {
    if (this.weighted && this.#class !== URGENT_AND_ADMIN) this.#credits[this.#class] = (this.#credits[this.#class] ?? 0) - commands;
  }

  /** A queue that competes with no other has every turn. */
  #isAlone(chosen: SubmissionQueue): boolean {
    for (const sq of this.#queues.active) if (sq !== chosen && sq.ready) return false;
    return true;
  }

  #nextWeighted(): SubmissionQueue | undefined {
    this.#class = URGENT_AND_ADMIN;
    const admin = this.#queues.submission[0];
    if (admin?.ready) return admin;
    const urgent = this.#inClass(PRIORITY.urgent);
    if (urgent !== undefined) return urgent;
    // The second pass is a new round: a class that has work and no credit left waits for those that have.
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 3; index++) {
        const sq = (this.#credits[index] ?? 0) > 0 ? this.#inClass(PRIORITY.high + index) : undefined;
        if (sq === undefined) continue;
        this.#class = index;
        return sq;
      }
      for (const [index, weight] of this.#weights().entries()) this.#credits[index] = weight;
    }
    return undefined;
  }

  #inClass(priority: number): SubmissionQueue | undefined {
    const { active } = this.#queues;
    for (let tried = 0; tried < active.length; tried++) {
      if (this.#cursor >= active.length) this.#cursor = 0;
      const sq = active[this.#cursor++];
      if (sq !== undefined && sq.id !== 0 && sq.priority === priority && sq.ready) return sq;
    }
    return undefined;
  }
}
