/** Words about threads that wait on another CPU, when rings are full and words late: both ends of two CPUs, without what runs on them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Board, SlotWord, WAKE_ENTRIES } from "../../../host/kernel/cpus/board.ts";
import type { Cpu } from "../../../host/kernel/cpus/cpu.ts";
import { Wakes } from "../../../host/kernel/cpus/wakes.ts";
import type { Thread } from "../../../host/kernel/threads/thread.ts";
import { type Waiter, WaitQueue } from "../../../host/kernel/threads/wait-queue.ts";

const test = suite("wakes between CPUs");

interface Side {
  readonly wakes: Wakes;
  readonly cpu: { serving: number };
  readonly threads: Map<number, Thread>;
  readonly woken: number[];
  /** It parks for something else, or ends. */
  leave(id: number, isOver: boolean): void;
}

function side(board: Board, index: number): Side {
  const threads = new Map<number, Thread>();
  const woken: number[] = [];
  const scheduler = {
    table: { find: (id: number) => threads.get(id) },
    wake: (thread: Thread) => woken.push(thread.id),
    onAway: (_thread: Thread, _isOver: boolean): void => {},
  };
  const cpu = { board, index, level: 0, serving: -1, alert: () => {}, kernel: { threads: scheduler } };
  const wakes = new Wakes(cpu as unknown as Cpu);
  return { wakes, cpu, threads, woken, leave: (id, isOver) => scheduler.onAway(threads.get(id) as Thread, isOver) };
}

/** Threads of the first CPU that wait on the second one. */
class Scene {
  readonly board: Board = new Board(2);
  readonly home: Side = side(this.board, 0);
  readonly there: Side = side(this.board, 1);

  queue(): WaitQueue {
    return new WaitQueue((waiter) => this.there.wakes.wake(waiter));
  }

  /** The thread calls, and does not get what it wants. */
  ask(id: number, queue: WaitQueue): void {
    const { threads } = this.home;
    if (!threads.has(id)) threads.set(id, { id, state: "parked", isAway: false, away: undefined } as unknown as Thread);
    const slot = this.board.slotNumber(0, 0);
    this.board.i32[this.board.slot(slot) + SlotWord.thread] = id;
    this.board.i32[this.board.slot(slot) + SlotWord.thread + 1] = 0;
    this.there.cpu.serving = slot;
    const waiter = this.there.wakes.waiter() as Waiter;
    queue.enter(waiter);
    this.there.wakes.waits(waiter);
    this.there.cpu.serving = -1;
  }

  /** So many others that wait at a queue and have been told so. */
  crowd(first: number, count: number, queue: WaitQueue): void {
    for (let id = first; id < first + count; id++) {
      this.ask(id, queue);
      this.home.wakes.take();
    }
  }
}

const T = 5;

test("what a thread gives back and is told late of is not what it waits for by then", () => {
  const s = new Scene();
  const queue = s.queue();
  const others = s.queue();
  s.crowd(100, WAKE_ENTRIES, others);
  s.ask(T, queue);
  queue.wakeOne();
  s.home.wakes.take();
  assert.equal(s.home.woken, [T]);
  for (let id = 100; id < 100 + WAKE_ENTRIES; id++) s.home.leave(id, true);
  // There is no room for it.
  s.home.leave(T, false);
  s.there.wakes.take();
  assert.is(others.length, 0);
  s.ask(T, queue);
  s.home.wakes.take();
  s.there.wakes.take();
  assert.is(queue.length, 1, "it waits");
  queue.wakeOne();
  s.home.wakes.take();
  assert.equal(s.home.woken, [T, T]);
});

test("a thread that waits again and is told late of it does not give that back with what it had before", () => {
  const s = new Scene();
  const queue = s.queue();
  const others = s.queue();
  s.crowd(100, WAKE_ENTRIES, others);
  s.ask(T, queue);
  queue.wakeOne();
  s.home.wakes.take();
  others.wakeAll();
  s.ask(T, queue);
  // It parks, and all that it knows is that it was woken.
  s.home.leave(T, false);
  s.there.wakes.take();
  assert.is(queue.length, 1, "it waits");
  s.home.wakes.take();
  s.there.wakes.take();
  queue.wakeOne();
  s.home.wakes.take();
  assert.is(s.home.woken.filter((id) => id === T).length, 2);
});

test("what is given back in time is the next one's", () => {
  const s = new Scene();
  const queue = s.queue();
  s.crowd(T, 3, queue);
  queue.wakeOne();
  s.home.wakes.take();
  s.home.leave(T, false);
  s.there.wakes.take();
  s.home.wakes.take();
  assert.equal(s.home.woken, [T, T + 1]);
  s.home.leave(T + 2, true);
  s.there.wakes.take();
  assert.is(queue.length, 0);
});

test.run();
