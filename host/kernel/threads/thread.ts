/**
 * One thread: who it is, where it is in its life, and what of it must be kept while it does not run.
 * Made and changed by the scheduler; wait queues and kernel objects hold it while it waits for them. Runs nothing.
 *
 *     fresh ──▶ ready ──▶ running ──▶ parked ──▶ ready …      running ──▶ ended
 *       └────────┴──────────┴──────────┴── kill ─────────────────────────────┘
 */

import type { Away } from "../cpus/wakes.ts";
import type { Domain } from "../domain.ts";
import type { ThreadEnd } from "./scheduler.ts";
import type { WaitQueue } from "./wait-queue.ts";

export type ThreadState = "fresh" | "ready" | "running" | "parked" | "ended";

/** 0 is the first to run. */
export const PRIORITIES = 8;
export const NORMAL_PRIORITY = 4;

/** What its base hands to the code that goes on: the thread is to die. Else the thread's number in its domain, from 1. */
export const DIE = 0;

/** Four words of status, the deadline, sixteen of the return area. */
const SAVED_WORDS = 21;

export class Thread {
  /** The same on whatever CPU it is; no other thread has it meanwhile. */
  readonly id: number;
  readonly domain: Domain;
  /** Its place among its domain's threads, from 1; used again after its end. */
  readonly number: number;
  readonly name: string;
  readonly entry: number;
  readonly words: readonly [number, number];
  /** As it was created with, and as it is now: who holds a lock that a thread before it waits for is lifted. */
  readonly ownPriority: number;
  priority: number;
  state: ThreadState = "fresh";
  /** It will not park the next time: it was unparked while it ran. */
  hasToken = false;
  /** It was asked to give way since it goes on. */
  wasAsked = false;
  /** Its wait ended by time. */
  timedOut = false;
  /** It waits for nothing but the time. */
  isSleeping = false;
  /** Milliseconds (monotonic) when its sleep ends; Infinity: it waits without end. */
  wakeAtMs: number = Number.POSITIVE_INFINITY;
  /** The same of its last `park`, which it may go on with. */
  parkUntilMs: number = Number.POSITIVE_INFINITY;
  /** Who waits for its end. */
  readonly joiners: WaitQueue;
  /** Queues that it stands in, and the one that has woken it while it has not asked again for what it waited for. */
  readonly queues: Set<WaitQueue> = new Set();
  owed: WaitQueue | undefined = undefined;
  /** What it has in queues of other CPUs, by CPU; undefined as long as it never had anything there. */
  away: Map<number, Away> | undefined = undefined;
  /** Lets its stack go on; while the stack is parked. */
  resume: ((number: number) => void) | undefined = undefined;
  /** Its code has begun, and its stack is not gone. */
  hasStack = false;
  /** Its stack comes to its end in a microtask. */
  isDying = false;
  /** Why it must die, once somebody has decided that. */
  doom: string | undefined = undefined;
  end: ThreadEnd | undefined = undefined;
  /** Of the host, told once. */
  readonly watchers: ((end: ThreadEnd) => void)[] = [];
  /** The CPU on which it goes on; undefined: this one. */
  awayOn: number | undefined = undefined;
  /** Nobody will ask for its end. */
  isDetached = false;
  /** What it had in its domain's record when it parked: status, deadline, return area. */
  readonly saved: Int32Array = new Int32Array(SAVED_WORDS);
  /** Where it goes on, and with what, when its entry returns. */
  next: Next | undefined = undefined;
  /** The CPU on which it is to start, where that is another one. */
  readonly startsOn: number | undefined;
  /** A promise of the host that it waits for. */
  awaited: Awaited | undefined = undefined;
  /** Its neighbours among those that are ready at its priority. */
  before: Thread | undefined = undefined;
  after: Thread | undefined = undefined;
  /** Index among the sleepers, -1 = it does not sleep. */
  sleepIndex = -1;
  sleepOrder = 0;

  constructor(parts: ThreadParts, joiners: WaitQueue) {
    this.id = parts.id;
    this.domain = parts.domain;
    this.number = parts.number;
    this.name = parts.name;
    this.entry = parts.entry;
    this.words = parts.words;
    this.ownPriority = this.priority = parts.priority;
    this.joiners = joiners;
    this.startsOn = parts.startsOn;
  }

  get isAway(): boolean {
    return this.awayOn !== undefined;
  }

  get isParked(): boolean {
    return this.state === "parked";
  }
}

/** For people: `maker#1/feeder`, or its number where it has no name. */
export function threadName({ name, domain, number }: Thread): string {
  return `${domain.name}#${domain.generation}/${name === "" ? number : name}`;
}

/** Which function of the host was asked, by whom, and for what. */
export interface Asked {
  readonly by: object;
  readonly from: Domain | undefined;
  readonly what: readonly unknown[];
}

/** What it promised. */
export interface Awaited extends Asked {
  outcome: { readonly ok: boolean; readonly value: unknown } | undefined;
}

export type ThreadParts = Pick<Thread, "id" | "domain" | "number" | "name" | "entry" | "words" | "priority"> & {
  readonly startsOn?: number | undefined;
};

/** Where a thread goes on, and with what. */
export interface Next {
  readonly cpu: number;
  readonly entry: number;
  readonly words: readonly [number, number];
}
