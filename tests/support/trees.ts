/**
 * Two domains that exchange trees of shared objects: `driver` builds, checks and drops them, `keeper` gets them moved and lent.
 * For tests of children, in AssemblyScript as any domain is written.
 */
import type { DomainLimits } from "../../host/kernel/domain.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { addAs, compileAs, run } from "./as-domain.ts";
import { calls, type TestSystem } from "./system.ts";

export const TREES_WIT = `package acme:trees@0.1.0;
interface types {
  resource leaf { constructor(n: u32); }
  resource node { constructor(value: u64, next: option<node>, leaf: option<leaf>); }
  resource shelf { constructor(tag: u32, leaves: list<option<leaf>, 8>); }
  /// @deque
  resource queue { constructor(all: list<option<leaf>, 32>); }
  resource text { constructor(bytes: list<u8>); }
}
interface keeper {
  use types.{leaf, node, shelf, queue, text};
  sum: func(chain: borrow<node>) -> u64;
  leaf-of: func(leaf: borrow<leaf>) -> u32;
  reverse: func(chain: node) -> node;
  swallow: func(chain: node);
  keep: func(chain: node);
  crash-with: func(chain: node) -> node;
  steal-from: func(chain: borrow<node>);
  put-into: func(chain: borrow<node>);
  sort: func(shelf: shelf) -> shelf;
  turn: func(queue: queue) -> queue;
  shout: func(text: text) -> text;
  /// The base of a node that the keeper owns.
  where: func() -> u32;
  /// 1 for a next, 2 for a leaf; then fills and empties both, and drops the node.
  inspect: func(chain: node) -> u32;
  /// How many leaves there are; then fills all slots, and drops the shelf.
  count: func(shelf: shelf) -> u32;
  /// How many leaves come out at the front; then fills and drops the queue.
  drain: func(queue: queue) -> u32;
}
interface driver {
  chain: func(length: u32) -> u64;
  lend: func(length: u32) -> u64;
  drop: func(length: u32) -> u32;
  swallowed: func(length: u32) -> u32;
  kept: func(length: u32) -> u32;
  crashed: func(length: u32) -> u32;
  lend-child: func() -> u32;
  shelf: func() -> u32;
  queue: func(rounds: u32) -> u32;
  text: func(length: u32) -> u32;
  steal: func() -> u32;
  misuse: func(how: u32) -> u32;
}
world drives { import keeper; export driver; }
interface forge {
  forge: func(how: u32, word: u32) -> u32;
}
world forges { import keeper; export forge; }
world keeps { import types; export keeper; }
`;

const KEEPER_INDEX = `
import { Leaf, Node, Queue, Shelf, Text } from "./gen/types";

let kept: Node | null = null;

export namespace keeper {
  export function sum(chain: Node): u64 {
    let total: u64 = 0;
    let at: Node | null = chain;
    while (at !== null) {
      total += at.value;
      const leaf = at.leaf;
      if (leaf !== null) total += leaf.n;
      at = at.next;
    }
    return total;
  }
  export function leafOf(leaf: Leaf): u32 { return leaf.n; }
  export function reverse(chain: Node): Node {
    let done: Node | null = null;
    let at: Node | null = chain;
    while (at !== null) {
      const next = at.takeNext();
      if (done !== null) at.putNext(done);
      done = at;
      at = next;
    }
    return done!;
  }
  export function swallow(chain: Node): void { chain.drop(); }
  export function keep(chain: Node): void { kept = chain; }
  export function crashWith(chain: Node): Node {
    const rest = chain.takeNext();
    chain.drop();
    assert(false);
    return rest!;
  }
  export function stealFrom(chain: Node): void { chain.takeNext(); }
  export function putInto(chain: Node): void { chain.putNext(Node.create()); }
  export function sort(shelf: Shelf): Shelf {
    const leaves = shelf.leaves;
    for (let i: u32 = 1; i < leaves.length; i++) {
      for (let j = i; j > 0; j--) {
        const a = leaves.at(j - 1);
        const b = leaves.at(j);
        if (b === null || (a !== null && a.n <= b.n)) break;
        const moved = leaves.take(j);
        const other = leaves.take(j - 1);
        if (moved !== null) leaves.put(j - 1, moved);
        if (other !== null) leaves.put(j, other);
      }
    }
    shelf.tag++;
    return shelf;
  }
  export function turn(queue: Queue): Queue {
    const front = queue.popFront();
    if (front !== null) {
      front.n += 1000;
      if (!queue.pushBack(front)) assert(false);
    }
    const back = queue.popBack();
    if (back !== null && !queue.pushFront(back)) assert(false);
    return queue;
  }
  export function shout(text: Text): Text {
    const loud = Text.create(text.length + 1);
    for (let i: u32 = 0; i < text.length; i++) loud.setAt(i, text.at(i) - 32);
    loud.setAt(text.length, 0x21);
    text.drop();
    return loud;
  }
  export function where(): u32 {
    if (kept === null) kept = Node.create();
    return kept!.base;
  }
  export function inspect(chain: Node): u32 {
    const seen: u32 = (chain.next !== null ? 1 : 0) | (chain.leaf !== null ? 2 : 0);
    const next = chain.takeNext();
    const leaf = chain.takeLeaf();
    assert((next !== null) == ((seen & 1) != 0) && (leaf !== null) == ((seen & 2) != 0));
    assert(chain.takeNext() === null && chain.takeLeaf() === null);
    chain.putNext(next !== null ? next : Node.create());
    chain.putLeaf(leaf !== null ? leaf : Leaf.create());
    assert(chain.next !== null && chain.leaf !== null);
    const old = chain.replaceNext(Node.create());
    assert(old !== null && (next === null || old == next));
    old!.drop();
    chain.drop();
    return seen;
  }
  export function count(shelf: Shelf): u32 {
    const leaves = shelf.leaves;
    let found: u32 = 0;
    for (let i = leaves.nextFull(); i < 8; i = leaves.nextFull(i + 1)) {
      // Two slots may name one child: it goes with the first.
      const leaf = leaves.take(i);
      if (leaf === null) continue;
      found++;
      leaf.drop();
    }
    for (let i = leaves.nextEmpty(); i < 8; i = leaves.nextEmpty(i + 1)) leaves.put(i, Leaf.create());
    assert(leaves.nextEmpty() == 8);
    shelf.drop();
    return found;
  }
  export function drain(queue: Queue): u32 {
    let found: u32 = 0;
    assert(queue.length <= 32);
    for (let leaf = queue.popFront(); leaf !== null; leaf = queue.popFront()) {
      found++;
      leaf.drop();
    }
    assert(queue.length == 0 && queue.popBack() === null);
    let leaf = Leaf.create();
    while (queue.pushBack(leaf)) leaf = Leaf.create();
    leaf.drop();
    queue.drop();
    return found;
  }
}
`;

const DRIVER_INDEX = `
import { keeper } from "./gen/keeper";
import { lastStatus } from "sumac/rpc";
import { Leaf, Node, Queue, Shelf, Text } from "./gen/types";

function build(length: u32): Node {
  let chain = Node.create();
  chain.value = length;
  for (let i = length - 1; i > 0; i--) {
    const before = Node.create();
    before.value = i;
    before.putNext(chain);
    if (i % 3 == 0) {
      const leaf = Leaf.create();
      leaf.n = i;
      before.putLeaf(leaf);
    }
    chain = before;
  }
  return chain;
}

export namespace driver {
  export function chain(length: u32): u64 {
    let back = keeper.reverse(build(length));
    let total: u64 = 0;
    let expected: u64 = length;
    let at: Node | null = back;
    while (at !== null) {
      if (at.value != expected--) assert(false);
      total += at.value;
      at = at.next;
    }
    back.drop();
    return total;
  }
  export function lend(length: u32): u64 {
    const chain = build(length);
    const total = keeper.sum(chain);
    if (lastStatus() != 0) return 0;
    chain.value = 7;
    chain.drop();
    return total;
  }
  export function drop(length: u32): u32 { build(length).drop(); return 1; }
  export function swallowed(length: u32): u32 { keeper.swallow(build(length)); return lastStatus(); }
  export function kept(length: u32): u32 { keeper.keep(build(length)); return lastStatus(); }
  export function crashed(length: u32): u32 { keeper.crashWith(build(length)); return lastStatus(); }
  export function lendChild(): u32 {
    const chain = build(3);
    const leaf = Leaf.create();
    leaf.n = 77;
    chain.putLeaf(leaf);
    const got = keeper.leafOf(leaf);
    leaf.n = 78;
    const taken = chain.takeLeaf();
    const ok = taken !== null && taken.n == 78 && chain.leaf === null;
    if (taken !== null) taken.drop();
    chain.drop();
    return ok ? got : 0;
  }
  export function shelf(): u32 {
    let shelf = Shelf.create();
    for (let i: u32 = 0; i < 8; i++) {
      if (i == 5) continue;
      const leaf = Leaf.create();
      leaf.n = (i * 5) % 8 + 1;
      shelf.leaves.put(i, leaf);
    }
    if (shelf.leaves.nextEmpty() != 5) assert(false);
    shelf = keeper.sort(shelf);
    let digits: u32 = 0;
    const leaves = shelf.leaves;
    for (let i = leaves.nextFull(); i < leaves.length; i = leaves.nextFull(i + 1)) {
      const leaf = leaves.at(i);
      if (leaf !== null) digits = digits * 10 + leaf.n;
    }
    if (shelf.tag != 1) assert(false);
    shelf.drop();
    return digits;
  }
  export function queue(rounds: u32): u32 {
    let queue = Queue.create();
    let n: u32 = 0;
    while (!queue.isFull) {
      const leaf = Leaf.create();
      leaf.n = n++;
      if (!queue.pushBack(leaf)) assert(false);
    }
    const extra = Leaf.create();
    if (queue.pushBack(extra) || queue.pushFront(extra)) assert(false);
    extra.drop();
    for (let i: u32 = 0; i < rounds; i++) queue = keeper.turn(queue);
    let sum: u32 = 0;
    if (queue.length != queue.capacity || queue.at(32) !== null) assert(false);
    const front = queue.front;
    const back = queue.back;
    if (front === null || back === null) assert(false);
    for (let leaf = queue.popFront(); leaf !== null; leaf = queue.popFront()) {
      sum += leaf.n;
      leaf.drop();
    }
    if (queue.length != 0 || queue.popBack() !== null || queue.front !== null || queue.back !== null) assert(false);
    queue.drop();
    return sum;
  }
  export function text(length: u32): u32 {
    let text = Text.create(length);
    if (text.length != length) assert(false);
    for (let i: u32 = 0; i < length; i++) text.setAt(i, <u8>(0x61 + i % 26));
    text = keeper.shout(text);
    let sum: u32 = 0;
    for (let i: u32 = 0; i < text.length; i++) sum = sum * 31 + text.at(i);
    text.drop();
    return sum;
  }
  export function steal(): u32 {
    const chain = build(3);
    keeper.stealFrom(chain);
    const first = lastStatus();
    keeper.putInto(chain);
    const next = chain.next;
    const intact = next !== null && next.value == 2;
    chain.drop();
    return intact ? first : 99;
  }
  export function misuse(how: u32): u32 {
    const chain = build(3);
    const next = chain.next!;
    if (how == 0) chain.putNext(Node.create());
    if (how == 1) next.drop();
    if (how == 2) keeper.swallow(next);
    if (how == 3) next.putNext(chain);
    if (how == 4) { chain.drop(); return <u32>next.value; }
    if (how == 5) { keeper.keep(chain); return <u32>next.value; }
    if (how == 6) { const other = Node.create(); other.putNext(next); }
    if (how == 7) { const shelf = Shelf.create(); shelf.leaves.at(8); }
    if (how == 8) Text.create(0);
    if (how == 9) Text.create(0x1000001);
    if (how == 10) Text.create(0xffffffff);
    return lastStatus();
  }
}
`;

export const DRIVER = "acme:trees/driver@0.1.0";
export const KEEPER = "acme:trees/keeper@0.1.0";

const modules = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

function module(world: "drives" | "keeps"): Promise<Uint8Array<ArrayBuffer>> {
  const known = modules.get(world) ?? compileAs(TREES_WIT, world, world === "drives" ? DRIVER_INDEX : KEEPER_INDEX);
  modules.set(world, known);
  return known;
}

/** Adds both; the driver calls the keeper. */
export async function addTrees(t: TestSystem, limits: Partial<DomainLimits> = {}): Promise<{ keeper: Seat; driver: Seat }> {
  const keeper = await addAs(t, { name: "keeper", module: await module("keeps"), limits });
  const driver = await addAs(t, { name: "driver", module: await module("drives"), grants: { [KEEPER]: calls(keeper) }, limits });
  return { keeper, driver };
}

/** Calls a function of the driver and says how it went. */
export function drive(t: TestSystem, method: string, ...args: number[]): string {
  return run(t, "driver", DRIVER, method, ...args);
}
