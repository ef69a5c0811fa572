/** The words between CPUs by themselves: slots, marks, posts and the directory, with several views of one buffer and no thread. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Activation,
  Board,
  Lane,
  LEVELS,
  Place,
  SLOTS,
  SlotState,
  SlotWord,
  STATE_MASK,
  stateWith,
} from "../../../host/kernel/cpus/board.ts";
import { levelsBehind, wayBack } from "../../../host/kernel/cpus/circles.ts";
import { Directory } from "../../../host/kernel/cpus/directory.ts";
import { MOST_POST_BYTES, PostRing } from "../../../host/kernel/cpus/posts.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";

const test = suite("cpus: board");

test("Board: what a CPU asks is marked for its target alone, in its lane, until it is taken", () => {
  const board = new Board(3);
  const other = new Board(3, board.buffer);
  const slot = board.slotNumber(2, 5);
  board.ask(slot, Lane.calls, 1);
  assert.is(other.hasAnyMarks(0), false);
  assert.is(other.hasMarks(1, Lane.urgent), false);
  const found: number[] = [];
  other.collect(0, Lane.calls, found);
  other.collect(1, Lane.urgent, found);
  assert.equal(found, []);
  other.collect(1, Lane.calls, found);
  other.collect(1, Lane.calls, found);
  assert.equal(found, [slot]);
  assert.is(other.stateOf(slot) & STATE_MASK, SlotState.pending);
  assert.equal(other.askerOf(slot), { cpu: 2, index: 5 });
});

test("Board: a request is taken back only while nobody has begun with it", () => {
  const board = new Board(2);
  const slot = board.slotNumber(0, 1);
  assert.is(board.takeBack(slot), false, "there is none");
  for (const [state, isBack] of [
    [SlotState.pending, true],
    [SlotState.deferred, true],
    [SlotState.postponed, true],
    [SlotState.served, false],
    [SlotState.done, false],
  ] as const) {
    board.advance(slot, SlotState.free, stateWith(state, 1, 7));
    assert.is(board.takeBack(slot), isBack, `state ${state}`);
    board.advance(slot, stateWith(state, 1, 7), SlotState.free);
    assert.is(board.stateOf(slot), SlotState.free);
  }
});

test("Board: of two that advance a slot from the same state one succeeds", () => {
  const board = new Board(2);
  const slot = board.slotNumber(0, 0);
  board.ask(slot, Lane.calls, 1);
  const asked = board.stateOf(slot);
  assert.ok(board.advance(slot, asked, stateWith(SlotState.served, 1, 7)));
  assert.not(board.advance(slot, asked, SlotState.free));
  assert.is(board.stateOf(slot), stateWith(SlotState.served, 1, 7));
});

test("Board: what is asked anew in the slot of a request that was taken back is not taken for that one", () => {
  const board = new Board(3);
  const slot = board.slotNumber(0, 0);
  board.ask(slot, Lane.calls, 1);
  const asked = board.stateOf(slot);
  assert.ok(board.advance(slot, asked, SlotState.free));
  board.ask(slot, Lane.calls, 2);
  assert.not(board.advance(slot, asked, stateWith(SlotState.served, 1, 7)));
});

test("Board: a text comes out as it went in, and one that is too long is not written", () => {
  const board = new Board(2);
  const slot = board.slotNumber(1, SLOTS - 1);
  assert.ok(board.writeText(slot, "déjà vu 🙂"));
  assert.is(board.readText(slot), "déjà vu 🙂");
  assert.not(board.writeText(slot, "x".repeat(8193)));
  assert.is(board.readText(slot), "déjà vu 🙂");
});

test("Board: a count of bytes from elsewhere is never believed beyond the text's place", () => {
  const board = new Board(2);
  const slot = board.slotNumber(0, 0);
  board.i32[board.slot(slot) + SlotWord.textBytes] = 0x7fffffff;
  assert.is(board.readText(slot).length, 8192);
  board.i32[board.slot(slot) + SlotWord.textBytes] = -1;
  assert.is(board.readText(slot), "");
});

test("Board: ring tells once that a CPU in its event loop has to be called", () => {
  const board = new Board(2);
  assert.not(board.ring(0));
  Atomics.store(board.i32, board.place(0, Place.loop), 1);
  assert.ok(board.ring(0));
  assert.not(board.ring(0));
});

test("PostRing: texts of any length come out in order, through many turns of the ring", () => {
  const board = new Board(2);
  const write = new PostRing(board, 1);
  const read = new PostRing(new Board(2, board.buffer), 1);
  const random = seededRandom(5);
  const expected: string[] = [];
  for (let i = 0; i < 20_000; i++) {
    const text = `${i} ${"é".repeat(Math.floor(random() * 300))}`;
    if (write.write(text)) expected.push(text);
    if (random() < 0.45) assert.is(read.take(), expected.shift());
  }
  while (expected.length > 0) assert.is(read.take(), expected.shift());
  assert.is(read.take(), undefined);
  assert.ok(read.isEmpty);
});

test("PostRing: a full ring takes nothing, and takes again when there is room", () => {
  const ring = new PostRing(new Board(2), 1);
  const text = "x".repeat(MOST_POST_BYTES - 8);
  assert.ok(ring.write(text));
  assert.ok(ring.write("y".repeat(MOST_POST_BYTES - 8)));
  assert.not(ring.write(text));
  assert.is(ring.take(), text);
  assert.ok(ring.write(text));
});

test("PostRing: goes on where its counters pass 2^32", () => {
  const board = new Board(2);
  const start = board.posts(1) >> 2;
  board.i32[start] = board.i32[start + 1] = -16;
  const ring = new PostRing(board, 1);
  for (const text of ["one", "two and a half", "three"]) assert.ok(ring.write(text));
  for (const text of ["one", "two and a half", "three"]) assert.is(ring.take(), text);
});

test("Directory: seats are numbered from 1, and tell who sits there and who follows", () => {
  const board = new Board(2);
  const first = new Directory(board);
  const second = new Directory(new Board(2, board.buffer));
  const seat = first.add(1);
  assert.is(seat, 1);
  assert.is(second.cpuOf(seat), 1);
  assert.is(second.occupant(seat), undefined);
  second.publish(seat, { birth: 0x8021, id: 0x8021, generation: 1 });
  assert.equal(first.occupant(seat), { birth: 0x8021, id: 0x8021, generation: 1 });
  first.follow(seat, 1);
  assert.ok(second.hasFollowers(seat));
  second.follow(seat, -1);
  assert.not(first.hasFollowers(seat));
});

/** Activation `level` of a CPU waits for its slot, which `target` serves, or puts off because of its activation `by`. */
function waits(board: Board, cpu: number, level: number, target: number, by: number, state: number): void {
  const slot = board.slotNumber(cpu, level);
  board.ask(slot, Lane.calls, target);
  board.i32[board.activation(cpu, level) + Activation.waits] = slot + 1;
  const serial = board.i32[board.activation(target, by) + Activation.serial] ?? 0;
  board.advance(slot, board.stateOf(slot), stateWith(state, by, serial));
  if (state === SlotState.served) board.i32[board.activation(target, by) + Activation.serves] = slot + 1;
}

function depths(board: Board, ...of: readonly number[]): void {
  for (const [cpu, depth] of of.entries()) {
    board.i32[board.place(cpu, Place.depth)] = depth;
    for (let level = 0; level < depth; level++) board.i32[board.activation(cpu, level) + Activation.serial] = 100 * cpu + level;
  }
}

test("wayBack: a call back into the chain that it comes from is a circle", () => {
  const board = new Board(2);
  depths(board, 1, 2);
  waits(board, 0, 0, 1, 1, SlotState.served);
  board.ask(board.slotNumber(1, 1), Lane.calls, 0);
  assert.is(wayBack(board, board.slotNumber(1, 1), 0, 0), "circle");
  assert.equal([...levelsBehind(board, board.slotNumber(1, 1), 0)], [0]);
});

test("wayBack: two calls that wait for each other's callee are one; the first of them alone is none", () => {
  const board = new Board(2);
  depths(board, 1, 1);
  // CPU 0 holds a and wants b, CPU 1 holds b and wants a.
  board.ask(board.slotNumber(0, 0), Lane.calls, 1);
  board.i32[board.activation(0, 0) + Activation.waits] = board.slotNumber(0, 0) + 1;
  assert.is(wayBack(board, board.slotNumber(0, 0), 1, 0), "ends");
  waits(board, 0, 0, 1, 0, SlotState.deferred);
  assert.is(wayBack(board, board.slotNumber(1, 0), 0, 0), "circle");
});

test("wayBack: a circle with somebody in it who is only postponed is open", () => {
  const board = new Board(2);
  depths(board, 1, 1);
  waits(board, 0, 0, 1, 0, SlotState.postponed);
  assert.is(wayBack(board, board.slotNumber(1, 0), 0, 0), "open");
});

test("wayBack: who is buried under another activation of its CPU waits for that too", () => {
  const board = new Board(2);
  depths(board, 2, 1);
  // On CPU 0 activation 0 holds the callee, under activation 1, which waits for CPU 1's only one.
  waits(board, 0, 1, 1, 0, SlotState.deferred);
  assert.is(wayBack(board, board.slotNumber(1, 0), 0, 0), "circle");
});

test("wayBack: an activation that has ended is in nobody's way, even if another has its place", () => {
  const board = new Board(2);
  depths(board, 2, 1);
  waits(board, 0, 1, 1, 0, SlotState.deferred);
  board.i32[board.activation(1, 0) + Activation.serial] = 55;
  assert.is(wayBack(board, board.slotNumber(1, 0), 0, 0), "ends");
});

test("wayBack: a call that nobody waits for closes none", () => {
  const board = new Board(2);
  depths(board, 1, 2);
  waits(board, 0, 0, 1, 1, SlotState.served);
  assert.is(wayBack(board, board.slotNumber(1, LEVELS), 0, 0), "ends");
});

test.run();
