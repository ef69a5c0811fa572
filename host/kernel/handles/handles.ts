/**
 * Handles: the numbers by which a domain names the instances of capabilities that it holds. One table per domain and one for the
 * host; a number means nothing in any other table, and nothing after it was dropped or handed on.
 *
 *     bit   30 .. 16          15 .. 0
 *         generation, from 1  index, 1 .. 65535    a freed index waits behind others and comes back with the next generation
 *
 * An instance lives in its *exporter*, which knows it by a *representation*, a number other than 0 that it chose itself. An entry is
 * *owned* (it may be handed on or dropped, and the instance ends with it) or *borrowed* (it goes when the call ends that brought it).
 * Called by proxies, through `passage.ts`, and by whoever drops. Never calls a domain.
 */
import type { ResourceType } from "../../idl/idl.ts";
import type { Domain } from "../domain.ts";

const INDEX_BITS = 16;
export const INDEX_MASK = 0xffff;
const MAX_GENERATION = 0x7fff;
/** Freed indices that must be waiting before one is used again. */
const REUSE_DELAY = 64;
/** What `limits.handles` may be at most: indices that wait come on top. */
export const MAX_HANDLES = 65_000;
/** Instances of one exporter whose destructors may wait before it can give out no more. */
export const MAX_WAITING = 65_536;

/** In `lends`: the instance is being handed on, or the entry is gone. */
const ON_ITS_WAY = -1;

/** Destructors that have not run yet and are somebody's doing. */
export class Waiting {
  count = 0;
}

/** Functions of the host that have instances of their own. */
export interface HostExporter {
  readonly name: string;
  readonly unfinished: Waiting;
  readonly isGone: boolean;
  /** Hash of the interface that they implement. */
  readonly implements: string;
  /** What handles mean to them. */
  readonly side: HandleSide;
  /** By core name, `[method]x.f`; the first word is the representation. */
  readonly methods: Readonly<Record<string, (...words: number[]) => number>>;
  /** What a call of a method needs of the stack, see `probe.ts`. */
  rank(): number;
  /** The instance has lost its owner. Never throws. */
  drop(type: number, rep: number): void;
}

/** Whoever has instances of its own: a generation of a domain, or functions of the host. */
export type Exporter = Domain | HostExporter;

export interface HandleEntry {
  readonly handle: number;
  /** Number of the capability's type, see `CapabilityTypes`. */
  readonly type: number;
  readonly exporter: Exporter;
  readonly rep: number;
  readonly isOwn: boolean;
  /** Calls in progress that it is lent to; below 0 it may not be used any more. */
  lends: number;
}

export class HandleTable {
  /** By index; proxies look into it. */
  readonly entries: (HandleEntry | undefined)[] = [undefined];
  readonly #limit: number;
  /** Destructors that wait because of this holder and its earlier generations: they count as handles until they have run. */
  readonly waiting: Waiting;
  readonly #generations: number[] = [0];
  #free: number[] = [];
  #head = 0;
  #live = 0;

  constructor(limit: number, waiting: Waiting) {
    this.#limit = limit;
    this.waiting = waiting;
  }

  get live(): number {
    return this.#live;
  }

  get hasRoom(): boolean {
    return this.#live + this.waiting.count < this.#limit;
  }

  /** HOT: the entry that a domain means, or undefined when the number is forged, stale, on its way, or of another type. */
  find(handle: number, type: number): HandleEntry | undefined {
    const entry = this.entries[handle & INDEX_MASK];
    return entry !== undefined && entry.handle === handle && entry.type === type && entry.lends >= 0 ? entry : undefined;
  }

  /** Only after `hasRoom`. */
  insert(type: number, exporter: Exporter, rep: number, isOwn: boolean): HandleEntry {
    const index = this.#takeIndex();
    const generation = ((this.#generations[index] ?? 0) % MAX_GENERATION) + 1;
    this.#generations[index] = generation;
    const entry = { handle: (generation << INDEX_BITS) | index, type, exporter, rep, isOwn, lends: 0 };
    this.entries[index] = entry;
    this.#live++;
    return entry;
  }

  remove(entry: HandleEntry): void {
    const index = entry.handle & INDEX_MASK;
    if (this.entries[index] !== entry) return;
    entry.lends = ON_ITS_WAY;
    this.entries[index] = undefined;
    this.#free.push(index);
    this.#live--;
  }

  /** The holder is dead: nothing can be named any more. Gives the entries that it owned. */
  clear(): HandleEntry[] {
    const owned = this.entries.filter((entry) => entry?.isOwn === true) as HandleEntry[];
    this.entries.fill(undefined);
    this.#free = [];
    this.#head = 0;
    this.#live = 0;
    return owned;
  }

  #takeIndex(): number {
    const waiting = this.#free.length - this.#head;
    if (waiting <= REUSE_DELAY && this.entries.length <= INDEX_MASK) {
      this.entries.push(undefined);
      return this.entries.length - 1;
    }
    const index = this.#free[this.#head++] ?? 0;
    if (this.#head > 1024 && this.#head * 2 > this.#free.length) {
      this.#free = this.#free.slice(this.#head);
      this.#head = 0;
    }
    return index;
  }
}

/** Keeps an owned entry from being used while it is handed on. */
export function holdBack(entry: HandleEntry): void {
  entry.lends = ON_ITS_WAY;
}

export function letGo(entry: HandleEntry): void {
  entry.lends = 0;
}

/** What a capability means on one side of a call: a number of its table, or, for the types in `reps`, its own representation. */
export interface HandleSide {
  readonly table: HandleTable;
  readonly exporter: Exporter | undefined;
  readonly reps: ReadonlySet<number>;
}

/** Capabilities by number: two worlds mean the same one if and only if its members, written out, are the same text. */
export class CapabilityTypes {
  readonly #numbers: Map<string, number> = new Map();
  readonly #resources: ResourceType[] = [];

  numberOf(resource: ResourceType): number {
    const known = this.#numbers.get(resource.canonical);
    if (known !== undefined) return known;
    this.#resources.push(resource);
    this.#numbers.set(resource.canonical, this.#resources.length);
    return this.#resources.length;
  }

  get(type: number): ResourceType {
    const found = this.#resources[type - 1];
    if (found === undefined) throw new Error(`no capability has the number ${type}`);
    return found;
  }
}
