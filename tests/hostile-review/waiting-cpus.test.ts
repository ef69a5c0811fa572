/** What a CPU has found to do and not begun is done by whoever waits on it: the one may be what the other waits for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Board, Lane, type LaneCode, SlotState, SlotWord, STATE_MASK } from "../../host/kernel/cpus/board.ts";
import { Cpu, Kind } from "../../host/kernel/cpus/cpu.ts";
import { testSystem } from "../support/system.ts";

const test = suite("review: waiting CPUs");

/** Two requests of CPU 1 are found at once; serving the first waits for what only the second can bring about. */
async function inside(first: LaneCode, second: LaneCode): Promise<boolean> {
  const t = await testSystem();
  const board = new Board(2);
  const cpu = new Cpu({ kernel: t.system.kernel, board, index: 0, call: () => {}, applications: new Set([0]), silenceMs: 60_000 });
  const [one, two] = [board.slotNumber(1, 0), board.slotNumber(1, 1)];
  let asked = -1;
  let isAnswered = false;
  const serve = (number: number): boolean => {
    if (number === two) {
      Atomics.store(board.i32, board.slot(asked) + SlotWord.state, SlotState.done);
      return true;
    }
    asked = cpu.begin(Kind.order) ?? -1;
    const end = performance.now() + 1000;
    isAnswered = cpu.request(asked, Lane.calls, 1, () => performance.now() > end);
    return true;
  };
  cpu.server = { call: serve, order: serve, frameInTheWay: () => -1, frameNeeded: () => -1 };
  for (const [number, lane] of [
    [one, first],
    [two, second],
  ] as const) {
    board.i32[board.slot(number) + SlotWord.kind] = Kind.order;
    board.ask(number, lane, 0);
  }
  cpu.serve();
  await t.end();
  return isAnswered;
}

test("Cpu.serve: a wait inside of what is served first goes on with what was found with it", async () => {
  assert.ok(await inside(Lane.calls, Lane.calls));
});

test("Cpu.look: the same with what does not wait for calls to end", async () => {
  assert.ok(await inside(Lane.urgent, Lane.urgent));
});

test("Cpu.serve: what was found, taken back and asked of another CPU meanwhile is that one's", async () => {
  const t = await testSystem();
  const board = new Board(3);
  const cpu = new Cpu({ kernel: t.system.kernel, board, index: 0, call: () => {}, applications: new Set([0]), silenceMs: 60_000 });
  const [one, two] = [board.slotNumber(1, 0), board.slotNumber(1, 1)];
  const served: number[] = [];
  const serve = (number: number): boolean => {
    served.push(number);
    if (number === two) return true;
    // While this one is served, the other one's asker gives it up and asks somebody else for something.
    assert.ok(board.advance(two, board.stateOf(two), SlotState.free));
    board.ask(two, Lane.calls, 2);
    return true;
  };
  cpu.server = { call: serve, order: serve, frameInTheWay: () => -1, frameNeeded: () => -1 };
  for (const number of [one, two]) {
    board.i32[board.slot(number) + SlotWord.kind] = Kind.order;
    board.ask(number, Lane.calls, 0);
  }
  cpu.serve();
  assert.equal(served, [one]);
  assert.is(board.stateOf(two) & STATE_MASK, SlotState.pending, "it waits for the one that it is for");
  await t.end();
});

test.run();
