/** The rate limit of a domain's log. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LogGate } from "../../host/kernel/log-gate.ts";

const test = suite("log gate");

/** How many of `lines` pass at one moment. */
function burst(gate: LogGate, nowMs: number, lines: number): number {
  let passed = 0;
  for (let i = 0; i < lines; i++) if (gate.pass(nowMs)) passed++;
  return passed;
}

test("LogGate passes one second's worth at once, then refills with time, and no further than that", () => {
  const gate = new LogGate(10);
  assert.is(burst(gate, 1000, 100), 10);
  assert.is(burst(gate, 1100, 100), 1);
  assert.is(burst(gate, 1600, 100), 5);
  assert.is(burst(gate, 100_000, 100), 10);
});

test("LogGate counts what it dropped until the next line passes", () => {
  const gate = new LogGate(2);
  burst(gate, 1000, 5);
  assert.is(gate.dropped, 3);
  gate.pass(1500);
  assert.is(gate.dropped, 0);
});

test("LogGate with a limit of 0 passes nothing", () => {
  assert.is(burst(new LogGate(0), 1000, 10), 0);
});

test.run();
