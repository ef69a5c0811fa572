/** Queues of waiters by themselves: wakes that are passed on, however far. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Waiter, WaitQueue } from "../../../host/kernel/threads/wait-queue.ts";

const test = suite("wait queue");

interface Named extends Waiter {
  readonly number: number;
}

function waiterOf(number: number): Named {
  return { number, queues: new Set(), owed: undefined };
}

test("WaitQueue.wakeOne: a wake that goes from queue to queue needs no stack, however many there are", () => {
  const count = 50_000;
  const woken: number[] = [];
  const queues = Array.from({ length: count + 1 }, () => new WaitQueue((waiter) => woken.push((waiter as Named).number)));
  // Waiter i stands in queues i and i + 1, and is the first in the second of them.
  const waiters = Array.from({ length: count }, (_, i) => waiterOf(i));
  for (const waiter of waiters) {
    queues[waiter.number + 1]?.enter(waiter);
    queues[waiter.number]?.enter(waiter);
  }
  for (let i = 1; i <= count; i++) queues[i]?.wakeOne();
  assert.is(woken.length, count);
  assert.ok(waiters.every(({ number, owed }) => owed === queues[number + 1]));
  // Each is woken by its other queue, and the wake that it had goes to the next in line.
  queues[0]?.wakeOne();
  assert.is(woken.length, 2 * count);
  assert.ok(waiters.every(({ number, owed, queues: standsIn }) => owed === queues[number] && standsIn.size === 0));
});

test.run();
