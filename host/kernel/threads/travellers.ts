/**
 * Threads that go on at another entry, on this CPU or another one, and those that come from there. What travels is in `cpus/travel.ts`; here is what
 * becomes of a thread on either side. Called by the scheduler, where an entry ends or a thread is to start elsewhere, and by orders of other CPUs.
 */
import { SumacError } from "../../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { ThreadGroup } from "./group.ts";
import type { Migrate, SpawnRequest, ThreadEnd } from "./scheduler.ts";
import { type Next, Thread, type ThreadParts } from "./thread.ts";
import type { ThreadTable } from "./thread-table.ts";

/** What the scheduler does for them. */
export interface Station {
  readonly table: ThreadTable;
  create(group: ThreadGroup, parts: Omit<ThreadParts, "id" | "domain" | "number">, known: number): Thread | string;
  makeReady(thread: Thread): void;
  finish(thread: Thread, end: ThreadEnd): void;
  /** The same for one whose end is known everywhere else. */
  tellEnd(thread: Thread, end: ThreadEnd): void;
  forget(thread: Thread): void;
  /** It waits for nothing any more that it asked for. */
  leaves(thread: Thread): void;
}

export class Travellers {
  /** Where threads go that want to be on another CPU; without it they cannot. */
  onMigrate: Migrate | undefined = undefined;
  /** A thread of this CPU that is on another one is to end there. */
  onKillAway: ((cpu: number, threadId: number, detail: string) => void) | undefined = undefined;
  readonly #kernel: Kernel;
  readonly #station: Station;

  constructor(kernel: Kernel, station: Station) {
    this.#kernel = kernel;
    this.#station = station;
  }

  /** Starts a thread that was described elsewhere. @throws SumacError where there is no room */
  spawn(request: SpawnRequest): number {
    const domain = this.#kernel.domainNamed(request.domain);
    if (domain?.threads === undefined) {
      throw new SumacError("quota-invalid", `thread ${request.name}: no domain ${request.domain} with threads lives on this CPU`);
    }
    const { name, priority, entry, words, id } = request;
    const thread = this.#station.create(domain.threads, { name, priority, entry, words }, id);
    if (typeof thread === "string") throw new SumacError("quota-invalid", `thread ${name} of domain ${request.domain}: ${thread}`);
    // Whoever wants to know of its end is told at its home.
    thread.isDetached = this.#station.table.isVisitor(thread);
    return thread.id;
  }

  /** A thread that went to another CPU has ended there: its joiners here are told. */
  endedElsewhere(threadId: number, end: ThreadEnd): void {
    const thread = this.#station.table.find(threadId);
    if (thread === undefined || thread.end !== undefined) return;
    this.#station.tellEnd(thread, thread.doom === undefined ? end : { kind: "killed", detail: thread.doom });
  }

  /** A thread of this CPU comes back from another one. */
  comeHome({ id, entry, words }: SpawnRequest): void {
    const thread = this.#station.table.find(id);
    if (thread !== undefined && thread.end === undefined) this.#startAgain(thread, entry, words);
  }

  /** Its entry ended with the wish to go on at another one, here or on another CPU. */
  goOn(thread: Thread, next: Next): void {
    const { domain, name, id, ownPriority, doom } = thread;
    const request = { domain: domain.name, id, name, priority: ownPriority, entry: next.entry, words: next.words };
    thread.next = undefined;
    this.#station.leaves(thread);
    const isHere = next.cpu === this.#kernel.place.index;
    const why = doom ?? (isHere || this.onMigrate !== undefined ? undefined : `there is no CPU ${next.cpu} to go to`);
    if (why !== undefined) this.#station.finish(thread, { kind: "killed", detail: why });
    else if (isHere) this.#startAgain(thread, next.entry, next.words);
    else {
      // Here it is neither ready nor parked any more, but its joiners wait on.
      thread.state = "parked";
      thread.awayOn = next.cpu;
      if (this.#station.table.isVisitor(thread)) {
        thread.state = "ended";
        this.#station.forget(thread);
      }
      this.onMigrate?.(next.cpu, request);
    }
  }

  /** The same thread on a new stack: its number, its id and who waits for it stay. */
  #startAgain(thread: Thread, entry: number, words: readonly [number, number]): void {
    const { id, domain, number, name, ownPriority, joiners, isDetached } = thread;
    const again = new Thread({ id, domain, number, name, priority: ownPriority, entry, words }, joiners);
    again.isDetached = isDetached;
    again.watchers.push(...thread.watchers.splice(0));
    again.hasToken = thread.hasToken;
    thread.state = "ended";
    (domain.threads as ThreadGroup).threads[number] = again;
    this.#station.table.set(again);
    if (thread.doom === undefined) this.#station.makeReady(again);
    else this.#station.finish(again, { kind: "killed", detail: thread.doom });
  }
}
