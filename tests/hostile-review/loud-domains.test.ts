/** Domains that say more than the first CPU reads keep nobody waiting for it, themselves included. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LEVELS, SlotState } from "../../host/kernel/cpus/board.ts";
import { deaths, domain, outcome } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("review: loud domains");

const LINES = 100;
/** What the first CPU does that reads nothing meanwhile; ended as soon as the call is done. */
const AWAY_MS = 3000;

test("a domain that logs while the first CPU reads nothing goes on; what there was no room for is counted", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const body = `(local.set $n (i32.const ${LINES})) (loop $l (call $log (i32.const 0) (i32.const 1024))
    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 1)`;
  const quick = "(call $log (i32.const 0) (i32.const 1)) (local.get $n)";
  await t.add({ ...domain("loud", { limits: { logLinesPerSecond: LINES }, kernel: ["log"], exports: { call: body, quick } }), cpu: 1 });
  const board = t.system.kernel.cpus?.cpu.board;
  if (board === undefined) throw new Error("there is one CPU");
  const called = t.system.exportUnwaited("loud", id("call")).run?.(0);
  const away = new Int32Array(new SharedArrayBuffer(4));
  const isDone = (): boolean => board.stateOf(board.slotNumber(0, LEVELS)) === SlotState.done;
  for (let waited = 0; waited < AWAY_MS && !isDone(); waited += 10) Atomics.wait(away, 0, 0, 10);
  assert.ok(isDone(), "it waits for the first CPU");
  assert.is(called && outcome(await called), "ok 1");
  const said = (): number =>
    t.events.reduce((sum, each) => sum + (each.kind === "log" ? 1 : each.kind === "log-dropped" ? each.lines : 0), 0);
  // With the next line it is told how many there was no room for.
  let extra = 0;
  while (said() < LINES + extra || extra === 0) {
    extra++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const again = t.system.exportUnwaited("loud", id("quick")).run?.(7);
    assert.is(again && outcome(await again), "ok 7");
  }
  assert.ok(t.events.some(({ kind }) => kind === "log-dropped"));
  assert.equal(deaths(t), []);
  await t.end();
});

test.run();
