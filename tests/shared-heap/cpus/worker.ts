/**
 * One CPU of the test of several: a thread with an instance of the heap, one domain, and the guard as that domain has it.
 * Objects go from CPU to CPU by the kernel, as move or as loan; every byte of an object is its owner's number, and whatever the
 * guard lets through is looked at. Throws at the first thing that is not as it must be.
 */
import { workerData } from "node:worker_threads";
import { SharedHeap } from "../../../shared-heap/heap.ts";
import * as L from "../../../shared-heap/layout.ts";
import { type Guard, guardOf, random } from "../support.ts";
import { type CpuData, MAILBOX_WORDS, MAILBOXES, POST_DONE, POST_LOANS, POST_UNDERWAY } from "./post.ts";

const GIVEN = 1;
const LENT = 2;
const RETURNED = 3;
/** The first words of an object are slots for children; the rest is its owner's number in every byte. */
const SLOTS = 2;
const TYPE = 7;
const MOST_OBJECTS = 40;

const data = workerData as CpuData;
const { cpu, cpus, post } = data;
const heap = SharedHeap.attach(data.memory, data.heapWasm);
const next = random(data.seed * 31 + cpu + 1);
const number = (who: number): number => (who + 1) * 0x01010101;

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`CPU ${cpu}: ${what}`);
}

let id = 0x4000 + 1 + cpu;
let guard: Guard = guardOf(heap, id, { cpu });
/** Roots that the domain owns, free to use, and those that are on loan to another CPU. */
const roots = new Set<number>();
const onLoan = new Set<number>();
/** Children of what the domain owns that are on loan by themselves: their parents are not lent, and change meanwhile. */
const childLoans = new Set<number>();
/** What others lend to the domain, and who. */
const borrowed = new Map<number, number>();

const pick = (bases: ReadonlySet<number>): number => [...bases][next(bases.size)] ?? 0;

const slotsOf = (base: number): number[] => Array.from({ length: SLOTS }, (_, i) => base + 4 * i);

/** The objects that an object owns, and itself. */
function tree(base: number): number[] {
  return [base, ...slotsOf(base).flatMap((slot) => (guard.load32(slot) === 0 ? [] : tree(guard.load32(slot) >>> 0)))];
}

const hasChildOnLoan = (base: number): boolean => tree(base).some((each) => childLoans.has(each));

function fill(base: number): void {
  const size = guard.sizeOf(base);
  guard.fill(base + SLOTS * 4, number(cpu) & 0xff, size - SLOTS * 4);
  for (let slot = base; slot < base + SLOTS * 4; slot += 4) if (guard.load32(slot) !== 0) fill(guard.load32(slot) >>> 0);
}

/** Some words of the object, and of those that it owns, through the guard: no trap, and nobody's number but `who`'s. */
function look(base: number, who: number): void {
  const words = guard.sizeOf(base) >>> 2;
  for (let i = 0; i < 4; i++) {
    const at = base + 4 * (SLOTS + next(words - SLOTS));
    const word = guard.load32(at);
    expect(word === number(who), `0x${at.toString(16)} holds ${word.toString(16)}, not ${who}'s number`);
  }
  for (let slot = base; slot < base + SLOTS * 4; slot += 4) if (guard.load32(slot) !== 0) look(guard.load32(slot) >>> 0, who);
}

function holds(address: number): boolean {
  for (const base of [...roots, ...onLoan, ...borrowed.keys()]) if (within(base, address)) return true;
  return false;
}

function within(base: number, address: number): boolean {
  if (address >= base && address < base + Math.ceil(guard.sizeOf(base) / 64) * 64 + 64 * 64 && heap.exports.objectAt(address) === base)
    return true;
  for (let slot = base; slot < base + SLOTS * 4; slot += 4) {
    if (guard.load32(slot) !== 0 && within(guard.load32(slot) >>> 0, address)) return true;
  }
  return false;
}

/** Any address: the guard traps, or the domain has the object. */
function snoop(): void {
  const heapBase = heap.u32[L.H_HEAP_BASE >>> 2] ?? 0;
  const address = next(2) === 0 ? heapBase + next(1 << 20) : next(heap.maxBytes);
  try {
    guard.load32(address);
  } catch {
    return;
  }
  expect(holds(address & ~3), `the guard lets it read 0x${address.toString(16)}`);
}

function mailbox(from: number, to: number): number {
  return MAILBOXES + (from * cpus + to) * MAILBOX_WORDS;
}

function send(to: number, kind: number, base: number): boolean {
  const at = mailbox(cpu, to);
  if (Atomics.load(post, at) !== 0) return false;
  Atomics.add(post, POST_UNDERWAY, 1);
  if (kind === LENT) Atomics.add(post, POST_LOANS, 1);
  Atomics.store(post, at + 1, base);
  Atomics.store(post, at, kind);
  return true;
}

/** A loan must come back, whatever else is under way. */
const toReturn: [to: number, base: number][] = [];

function receive(): void {
  for (let from = 0; from < cpus; from++) {
    const at = mailbox(from, cpu);
    const kind = Atomics.load(post, at);
    if (kind === 0) continue;
    const base = Atomics.load(post, at + 1);
    Atomics.store(post, at, 0);
    Atomics.sub(post, POST_UNDERWAY, 1);
    if (kind === GIVEN) {
      expect(heap.exports.move(base, TYPE, L.KERNEL_ID, id) === 0, "what was given arrives");
      look(base, from);
      fill(base);
      roots.add(base);
    } else if (kind === LENT) {
      expect(heap.exports.borrow(base, TYPE, L.KERNEL_ID, id) === 0, "what was lent arrives");
      borrowed.set(base, from);
      look(base, from);
    } else {
      expect(heap.exports.endBorrow(base, L.KERNEL_ID) === 0, "what was lent comes back");
      if (onLoan.delete(base)) roots.add(base);
      else childLoans.delete(base);
      Atomics.sub(post, POST_LOANS, 1);
    }
  }
  const [due] = toReturn;
  if (due !== undefined && send(due[0], RETURNED, due[1])) toReturn.shift();
}

function giveBack(): void {
  const [base = 0] = [...borrowed.keys()].slice(next(borrowed.size));
  if (base === 0) return;
  const from = borrowed.get(base) ?? 0;
  look(base, from);
  borrowed.delete(base);
  expect(heap.exports.endBorrow(base, id) === 0, "a loan ends");
  toReturn.push([from, base]);
}

/** Death on the own CPU: what is on loan becomes the kernel's; another domain takes the slot. */
function die(): void {
  expect(heap.exports.dropAll(id) >= roots.size, "it owned what it had");
  for (const [base, from] of borrowed) toReturn.push([from, base]);
  expect(heap.exports.endAllBorrows(id) >= borrowed.size, "it borrowed what it had");
  for (const set of [roots, onLoan, childLoans, borrowed]) set.clear();
  expect(heap.exports.domainClose(id & L.DOMAIN_SLOT_MASK) === 0, "nothing is left of it");
  id += 1 << L.DOMAIN_SLOT_BITS;
  expect(heap.exports.domainOpen(id & L.DOMAIN_SLOT_MASK, id, heap.maxBytes, 1 << 20) === 0, "its successor is born");
  guard = guardOf(heap, id, { cpu });
}

function step(): void {
  const { alloc, put, take, move, borrow, endBorrow, drop, pin, unpin } = heap.exports;
  const choice = next(100);
  const base = pick(roots);
  const other = (cpu + 1 + next(cpus - 1)) % cpus;
  if (choice < 22) {
    if (roots.size + onLoan.size > MOST_OBJECTS) return;
    const born = alloc(id, TYPE, 64 + 4 * next([1, 16, 200, 1000, 20_000][next(5)] ?? 1));
    if (born === 0) return;
    fill(born);
    roots.add(born);
  } else if (choice < 32) {
    const child = pick(roots);
    if (base === 0 || child === base || put(base + 4 * next(SLOTS), child, id) !== 0) return;
    roots.delete(child);
  } else if (choice < 38) {
    const child = base === 0 ? 0 : take(base + 4 * next(SLOTS), TYPE, id);
    if (child !== 0) (childLoans.delete(child) ? onLoan : roots).add(child);
  } else if (choice < 46 && base !== 0) {
    const child = tree(base).at(-1) ?? base;
    if (child === base || childLoans.has(child)) return;
    expect(borrow(child, TYPE, id, L.KERNEL_ID) === 0, "what it owns can be lent without its parent");
    if (send(other, LENT, child)) childLoans.add(child);
    else expect(endBorrow(child, L.KERNEL_ID) === 0, "and taken back");
  } else if (choice < 52 && base !== 0) {
    if (hasChildOnLoan(base)) {
      expect(move(base, TYPE, id, L.KERNEL_ID) === L.STATUS_REFUSED, "a loan holds the tree that it is of");
      return;
    }
    expect(move(base, TYPE, id, L.KERNEL_ID) === 0, "what it owns can be given");
    roots.delete(base);
    if (send(other, GIVEN, base)) return;
    expect(move(base, TYPE, L.KERNEL_ID, id) === 0, "and taken back");
    roots.add(base);
  } else if (choice < 64 && base !== 0) {
    if (hasChildOnLoan(base)) return;
    expect(borrow(base, TYPE, id, L.KERNEL_ID) === 0, "what it owns can be lent");
    roots.delete(base);
    onLoan.add(base);
    if (send(other, LENT, base)) return;
    expect(endBorrow(base, L.KERNEL_ID) === 0, "and taken back");
    onLoan.delete(base);
    roots.add(base);
  } else if (choice < 74) {
    giveBack();
  } else if (choice < 82 && base !== 0) {
    look(base, cpu);
    roots.delete(base);
    for (const each of tree(base)) childLoans.delete(each);
    expect(drop(base, id) === 0, "what it owns can be dropped");
  } else if (choice < 84 && base !== 0) {
    expect(pin(base, id) === 0 && move(base, TYPE, id, L.KERNEL_ID) === L.STATUS_REFUSED && unpin(base) === 0, "a pin holds it");
  } else if (choice < 88) {
    snoop();
  } else if (choice < 98) {
    for (const lent of onLoan) look(lent, cpu);
    for (const [each, from] of borrowed) look(each, from);
    if (base !== 0) look(base, cpu);
  } else if (next(40) === 0) {
    die();
  }
}

expect(heap.exports.cpuEnter(cpu) === 0, "it is the only one of its number");
for (let i = 0; i < data.steps; i++) {
  receive();
  step();
}
Atomics.add(post, POST_DONE, 1);
while (Atomics.load(post, POST_DONE) < cpus || Atomics.load(post, POST_UNDERWAY) > 0 || Atomics.load(post, POST_LOANS) > 0) {
  receive();
  giveBack();
}
expect(heap.exports.dropAll(id) >= roots.size, "it owned what it had");
expect(heap.exports.cpuLeave() === 0, "it leaves");
