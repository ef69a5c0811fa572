/**
 * Runs a program on the real heap and on the model side by side, and throws at the first difference: every answer, and after
 * every operation all that anybody can see. Called by the test and by the campaign.
 */
import { auditHeap } from "../../../shared-heap/audit.ts";
import type { SharedHeap } from "../../../shared-heap/heap.ts";
import * as L from "../../../shared-heap/layout.ts";
import { charge, Model, type Thing } from "./model.ts";
import { type Kind, type Operation, type Program, shrink } from "./program.ts";

export interface MachineOptions {
  /** The audit looks at all that was ever used after every so many operations (at everything, at the end). */
  readonly auditEvery: number;
  /** Every eighth program gets it as a heap for several CPUs. */
  readonly newHeap: () => SharedHeap;
  /** Gets a line for each operation, with what its numbers named. */
  readonly trace?: (line: string) => void;
}

/** Far apart and close together, so that rows of borrow nodes collide now and then. */
const SLOTS = [5, 6, 7, 9, 300, 40, 8, 41];
const SIZES = [64, 64, 64, 256, 600, 5000, 30_000, 200_000];
const TYPES = 4;

export class Difference extends Error {}

function same<T>(actual: T, expected: T, what: string): void {
  if (actual !== expected) throw new Difference(`${what}: the heap says ${String(actual)}, the model ${String(expected)}`);
}

export class Machine {
  readonly #heap: SharedHeap;
  readonly #model: Model = new Model();
  readonly #domains: number[] = [];
  readonly #options: MachineOptions;
  /** Bases that named objects once. */
  readonly #stale: number[] = [];
  #numbers: readonly number[] = [];
  #at = 0;
  #births = 0;

  constructor(program: Program, options: MachineOptions) {
    this.#options = options;
    this.#heap = options.newHeap();
    if (program.seed % 8 === 0) {
      this.#heap.exports.share();
      same(this.#heap.exports.cpuEnter(0), 0, "cpuEnter");
    }
    for (let i = 0; i < program.domains; i++) this.#open(0x4000 + (SLOTS[i] ?? 0), i);
  }

  /** Throws a `Difference`, or returns. */
  static run(program: Program, options: MachineOptions): void {
    const machine = new Machine(program, options);
    for (const [step, operation] of program.operations.entries()) {
      machine.#do(operation);
      machine.#compare();
      if (step % options.auditEvery === 0) machine.#audit(true);
    }
    machine.#end();
  }

  #do({ kind, numbers }: Operation): void {
    this.#numbers = numbers;
    this.#at = 0;
    this.#operations[kind]();
  }

  /** A number below the limit, from the operation's. */
  #next(limit: number): number {
    const number = this.#numbers[this.#at++ % this.#numbers.length] ?? 0;
    return limit === 0 ? 0 : Math.floor((number / 0x7fffffff) * limit) % limit;
  }

  #pick<T>(items: readonly T[], otherwise: T): T {
    return items[this.#next(items.length)] ?? otherwise;
  }

  #say(text: string): void {
    this.#options.trace?.(text);
  }

  /** Mostly an object, now and then a number that names none. */
  #base(): number {
    const forge = this.#next(30);
    const bases = [...this.#model.things.keys()];
    const base = this.#pick(bases, 0);
    if (forge === 0) return this.#pick(this.#stale, 64);
    if (forge === 1) return this.#pick([0, base + 4, base + 64, 64, L.GRANULES, L.MIN_HEAP_BYTES, 0x7fffffff], 0);
    return base;
  }

  #domain(): number {
    const forge = this.#next(40);
    if (forge === 0) return this.#pick([0, 0x8005, 0x4063], 0);
    return forge < 4 ? L.KERNEL_ID : this.#pick(this.#domains, 0);
  }

  /** Mostly the object's owner. */
  #ownerOf(thing: Thing | undefined): number {
    return this.#next(8) === 0 ? this.#domain() : (thing?.owner ?? this.#domain());
  }

  #typeOf(thing: Thing | undefined): number {
    const choice = this.#next(20);
    if (choice === 0) return 99;
    return choice < 8 ? 0 : (thing?.type ?? 1);
  }

  /** Mostly an aligned word of the object. */
  #slotIn(base: number, thing: Thing | undefined): number {
    const size = thing?.size ?? 64;
    const offset = this.#next(20) === 0 ? this.#next(size + 70) : 4 * this.#next(Math.min(8, Math.ceil(size / 4)));
    return base + offset;
  }

  readonly #operations: Readonly<Record<Kind, () => void>> = {
    alloc: () => {
      const owner = this.#domain();
      const size = this.#next(60) === 0 ? this.#pick([0, L.MAX_OBJECT_BYTES + 1], 0) : 1 + this.#next(this.#pick(SIZES, 64));
      const type = 1 + this.#next(TYPES);
      this.#alloc(owner, type, size);
    },
    free: () => {
      const base = this.#base();
      this.#answer(`free(${hex(base)})`, this.#heap.exports.free(base), this.#model.free(base));
    },
    drop: () => {
      const base = this.#base();
      const owner = this.#ownerOf(this.#model.things.get(base));
      this.#answer(`drop(${hex(base)}, ${hex(owner)})`, this.#heap.exports.drop(base, owner), this.#model.drop(base, owner));
    },
    move: () => {
      const base = this.#base();
      const thing = this.#model.things.get(base);
      const [type, from, to] = [this.#typeOf(thing), this.#ownerOf(thing), this.#domain()];
      const call = `move(${hex(base)}, ${type}, ${hex(from)}, ${hex(to)})`;
      this.#answer(call, this.#heap.exports.move(base, type, from, to), this.#model.move(base, type, from, to));
    },
    borrow: () => {
      const base = this.#base();
      const thing = this.#model.things.get(base);
      const readers = [...(thing?.readers.keys() ?? [])];
      const lender = this.#next(3) === 0 ? this.#pick(readers, this.#domain()) : this.#ownerOf(thing);
      const [type, reader] = [this.#typeOf(thing), this.#domain()];
      const call = `borrow(${hex(base)}, ${type}, ${hex(lender)}, ${hex(reader)})`;
      this.#answer(call, this.#heap.exports.borrow(base, type, lender, reader), this.#model.borrow(base, type, lender, reader));
    },
    endBorrow: () => {
      const lent = [...this.#model.things.values()].filter(({ readers }) => readers.size > 0);
      const base = this.#next(10) === 0 ? this.#base() : (this.#pick<Thing | undefined>(lent, undefined)?.base ?? this.#base());
      const readers = [...(this.#model.things.get(base)?.readers.keys() ?? [])];
      const reader = this.#next(10) === 0 ? this.#domain() : this.#pick(readers, this.#domain());
      const call = `endBorrow(${hex(base)}, ${hex(reader)})`;
      this.#answer(call, this.#heap.exports.endBorrow(base, reader), this.#model.endBorrow(base, reader));
    },
    put: () => {
      const base = this.#base();
      const thing = this.#model.things.get(base);
      const owner = this.#ownerOf(thing);
      const slot = this.#slotIn(base, thing);
      const roots = [...this.#model.things.values()].filter((each) => each.owner === owner && each.parent === undefined);
      const child = this.#next(6) === 0 ? this.#base() : (this.#pick<Thing | undefined>(roots, undefined)?.base ?? this.#base());
      const call = `put(${hex(slot)}, ${hex(child)}, ${hex(owner)})`;
      this.#answer(call, this.#heap.exports.put(slot, child, owner), this.#model.put(slot, child, owner));
    },
    take: () => {
      const parents = [...this.#model.things.values()].filter(({ children }) => children.size > 0);
      const parent = this.#next(10) === 0 ? undefined : this.#pick<Thing | undefined>(parents, undefined);
      const base = parent?.base ?? this.#base();
      const thing = this.#model.things.get(base);
      const child = this.#pick<Thing | undefined>([...(thing?.children ?? [])], undefined);
      const naming = [...(thing?.words ?? [])].flatMap(([at, word]) => (word === child?.base ? [at] : []));
      const slot = this.#next(8) === 0 ? this.#slotIn(base, thing) : this.#pick(naming, base);
      const [type, owner] = [this.#typeOf(child), this.#ownerOf(thing)];
      const [expected, reason] = this.#model.take(slot, type, owner);
      this.#answer(`take(${hex(slot)}, ${type}, ${hex(owner)})`, this.#heap.exports.take(slot, type, owner), expected);
      if (expected === 0) same(this.#heap.exports.lastError(), reason, "take: lastError");
    },
    pin: () => {
      const base = this.#base();
      const owner = this.#next(2) === 0 ? 0 : this.#ownerOf(this.#model.things.get(base));
      this.#answer(`pin(${hex(base)}, ${hex(owner)})`, this.#heap.exports.pin(base, owner), this.#model.pin(base, owner));
    },
    unpin: () => {
      const pinned = [...this.#model.things.values()].filter(({ pins }) => pins > 0);
      const base = this.#next(8) === 0 ? this.#base() : (this.#pick<Thing | undefined>(pinned, undefined)?.base ?? this.#base());
      this.#answer(`unpin(${hex(base)})`, this.#heap.exports.unpin(base), this.#model.unpin(base));
    },
    scribble: () => {
      const base = this.#base();
      const thing = this.#model.things.get(base);
      const address = this.#slotIn(base, thing);
      const value = this.#next(3) === 0 ? this.#next(0x7fffffff) : this.#base();
      if (this.#model.store(address, value, this.#ownerOf(thing))) {
        this.#say(`store(${hex(address)}, ${hex(value)})`);
        this.#heap.u32[address >>> 2] = value;
      }
    },
    kill: () => this.#kill(this.#next(this.#domains.length)),
    dropAll: () => {
      const owner = this.#domain();
      this.#answer(`dropAll(${hex(owner)})`, this.#heap.exports.dropAll(owner), this.#model.dropAll(owner));
    },
    endAllBorrows: () => {
      const reader = this.#domain();
      this.#answer(`endAllBorrows(${hex(reader)})`, this.#heap.exports.endAllBorrows(reader), this.#model.endAllBorrows(reader));
    },
    trim: () => {
      this.#say("trim()");
      this.#heap.exports.trim();
      same(this.#heap.stats().spansSpare, 0, "spare spans after trim");
    },
  };

  #answer(call: string, actual: number, expected: number): void {
    this.#say(`${call} = ${hex(actual)}`);
    same(actual, expected, call);
  }

  #alloc(owner: number, type: number, size: number): void {
    const { exports, u32 } = this.#heap;
    const expected = this.#model.allocRefusal(owner, size);
    const holes = expected === 0 && !this.#mayOpenSpans(owner, size);
    const base = exports.alloc(owner, type, size);
    const call = `alloc(${hex(owner)}, ${type}, ${size})`;
    this.#say(`${call} = ${hex(base)}`);
    if (base === 0) {
      const reason = exports.lastError();
      const scarce = (reason === L.STATUS_QUOTA && holes) || (reason === L.ERROR_NO_MEMORY && !this.#hasSpans(size));
      if (expected !== 0 || !scarce) same(reason, expected, `${call}: lastError`);
      return;
    }
    same(0, expected, call);
    if (this.#model.things.has(base)) throw new Difference(`${call}: an object lives at ${hex(base)}`);
    for (let at = base >>> 2; at < (base + size) >>> 2; at++) if (u32[at] !== 0) throw new Difference(`${call}: not zeroed`);
    const thing = this.#model.born(base, owner, type, size);
    this.#births += 1;
    if (size < 8) return;
    const last = (base + size - 4) & ~3;
    thing.words.set(last, (0xa5000000 | this.#births) >>> 0); // nobody else may ever change it
    u32[last >>> 2] = 0xa5000000 | this.#births;
  }

  /** The rule about holes, from the accounts, which the audit has checked. */
  #mayOpenSpans(owner: number, size: number): boolean {
    const record = (L.DOMAINS + (owner & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE) >>> 2;
    const open = this.#heap.u32[record + (L.DOMAIN_OPEN_SPANS >>> 2)] ?? 0;
    const opened = charge(size) <= L.MAX_SMALL_GRANULES * L.GRANULE_SIZE ? 1 : 0;
    const owned = Math.ceil((this.#model.used(owner).bytes + charge(size)) / L.SPAN_BYTES);
    const most = Math.ceil((this.#model.domains.get(owner)?.maxBytes ?? 0) / L.SPAN_BYTES) + L.SIZE_CLASSES;
    return open + opened + owned <= most;
  }

  /** Whether there are neighbouring free spans for the object; asked after a refusal, when no span is kept as a spare. */
  #hasSpans(size: number): boolean {
    const { u32 } = this.#heap;
    const table = (u32[L.H_SPAN_TABLE >>> 2] ?? 0) >>> 2;
    const isSmall = charge(size) <= L.MAX_SMALL_GRANULES * L.GRANULE_SIZE;
    const shift = (((u32[L.H_STAGGER >>> 2] ?? 0) % L.STAGGER_STEPS) + 1) * L.STAGGER_BYTES;
    const needed = isSmall ? 1 : Math.ceil((charge(size) + shift) / L.SPAN_BYTES);
    let run = 0;
    for (let i = 0; i < this.#heap.stats().spansTotal; i++) {
      run = u32[table + i * (L.SPAN_RECORD_SIZE >>> 2)] === L.SPAN_FREE ? run + 1 : 0;
      if (run === needed) return true;
    }
    return false;
  }

  #open(id: number, index: number): void {
    const quota = { maxBytes: 64 * (1 + index * 7) * 256, maxObjects: 12 + index * 11 };
    same(this.#heap.exports.domainOpen(id & L.DOMAIN_SLOT_MASK, id, quota.maxBytes, quota.maxObjects), 0, `domainOpen(${hex(id)})`);
    this.#model.open(id, quota);
    this.#domains[index] = id;
  }

  /** The death of a domain as the kernel does it, in either order, and a new generation in the same slot. */
  #kill(index: number): void {
    const id = this.#domains[index] ?? 0;
    const { dropAll, endAllBorrows, domainClose } = this.#heap.exports;
    const steps = [
      () => this.#answer(`dropAll(${hex(id)})`, dropAll(id), this.#model.dropAll(id)),
      () => this.#answer(`endAllBorrows(${hex(id)})`, endAllBorrows(id), this.#model.endAllBorrows(id)),
    ];
    if (this.#next(2) === 0) steps.reverse();
    for (const step of steps) {
      if (this.#next(2) === 0) this.#answer(`domainClose(${hex(id)})`, this.#close(id, domainClose), this.#model.close(id));
      if (!this.#model.domains.has(id)) break;
      step();
    }
    if (this.#model.domains.has(id)) this.#answer(`domainClose(${hex(id)})`, this.#close(id, domainClose), this.#model.close(id));
    this.#open(id + (1 << L.DOMAIN_SLOT_BITS), index);
  }

  #close(id: number, domainClose: (slot: number) => number): number {
    return domainClose(id & L.DOMAIN_SLOT_MASK);
  }

  /** All that anybody can see. */
  #compare(): void {
    const { exports, u32 } = this.#heap;
    const entries = new Map<Thing, number>();
    const accounts = new Map<number, [objects: number, bytes: number]>();
    let [bytes, orphans, borrows] = [0, 0, 0];
    for (const thing of this.#model.things.values()) {
      const { base, owner, type, size, readers, words } = thing;
      if (exports.ownerOf(base) !== owner) same(exports.ownerOf(base), owner, `owner of ${hex(base)}`);
      if (exports.typeOf(base) !== type) same(exports.typeOf(base), type, `type of ${hex(base)}`);
      if (exports.sizeOf(base) !== size) same(exports.sizeOf(base), size, `size of ${hex(base)}`);
      for (const id of this.#model.domains.keys()) {
        const may = Number(owner === id || readers.has(id));
        if (exports.canRead(base, id) !== may) same(exports.canRead(base, id), may, `right of ${hex(id)} to read ${hex(base)}`);
      }
      for (const [at, word] of words) if (u32[at >>> 2] !== word) same(u32[at >>> 2], word, `word at ${hex(at)}`);
      entries.set(thing, u32[(L.GRANULES >>> 2) + (base >>> L.GRANULE_SHIFT)] ?? 0);
      const account = accounts.get(owner) ?? [0, 0];
      accounts.set(owner, [account[0] + 1, account[1] + charge(size)]);
      bytes += charge(size);
      if (thing.isOrphan) orphans += 1;
      for (const count of readers.values()) borrows += count;
    }
    for (const [thing, entry] of entries) {
      const parent = thing.parent === undefined ? 0 : (entries.get(thing.parent) ?? -1);
      if (u32[(entry + L.ENTRY_PARENT) >>> 2] !== parent) {
        same(u32[(entry + L.ENTRY_PARENT) >>> 2], parent, `parent of ${hex(thing.base)}`);
      }
    }
    for (const id of this.#model.domains.keys()) {
      const record = (L.DOMAINS + (id & L.DOMAIN_SLOT_MASK) * L.DOMAIN_SIZE) >>> 2;
      const [objects, used] = accounts.get(id) ?? [0, 0];
      same(u32[record + (L.DOMAIN_OBJECTS_USED >>> 2)], objects, `objects of ${hex(id)}`);
      same(u32[record + (L.DOMAIN_BYTES_USED >>> 2)], used, `bytes of ${hex(id)}`);
    }
    same(u32[L.H_LIVE_OBJECTS >>> 2], this.#model.things.size, "live objects");
    same(u32[L.H_LIVE_BYTES >>> 2], bytes, "live bytes");
    same(u32[L.H_ORPHANS >>> 2], orphans, "orphans");
    same(u32[L.H_BORROWS_LIVE >>> 2], borrows, "borrows");
    same(u32[L.H_BIRTHS >>> 2], this.#births, "births");
  }

  #audit(usedOnly: boolean): void {
    const { ok, problems } = auditHeap(this.#heap, { usedOnly });
    if (!ok) throw new Difference(`the audit finds ${problems[0]}`);
  }

  /** Everybody dies; nothing is left. */
  #end(): void {
    const { unpin, endAllBorrows, dropAll, domainClose, trim } = this.#heap.exports;
    this.#audit(false);
    for (const [base, { pins }] of [...this.#model.things]) for (let i = 0; i < pins; i++) unpin(base);
    for (const id of [...this.#domains, L.KERNEL_ID]) endAllBorrows(id);
    for (const id of [...this.#domains, L.KERNEL_ID]) dropAll(id);
    for (const id of this.#domains) same(domainClose(id & L.DOMAIN_SLOT_MASK), 0, `domainClose(${hex(id)}) at the end`);
    trim();
    const { liveObjects, liveBytes, orphans, borrows, spansUsed } = this.#heap.stats();
    same(liveObjects + liveBytes + orphans + borrows + spansUsed, 0, "what is left at the end");
    this.#audit(false);
  }
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}

/** Runs a program; when it fails, the problem and the shortest program with the same end, as a list of calls. */
export function report(program: Program, options: MachineOptions): string | undefined {
  const problemOf = (tried: Program, trace?: (line: string) => void): string | undefined => {
    try {
      Machine.run(tried, trace === undefined ? options : { ...options, auditEvery: 1, trace });
      return undefined;
    } catch (error) {
      return error instanceof Difference ? error.message : String(error);
    }
  };
  const problem = problemOf(program);
  if (problem === undefined) return undefined;
  const lines: string[] = [];
  const short = shrink(program, (tried) => problemOf(tried) !== undefined);
  const last = problemOf(short, (line) => void lines.push(line));
  return [`seed ${program.seed}, ${program.domains} domains: ${problem}`, `shortest: ${last}`, ...lines].join("\n  ");
}
