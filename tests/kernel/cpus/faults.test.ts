/** CPUs that break their promises: one that does not answer, and one whose kernel failed. Nobody waits for them for ever. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Board, CpuEnd, Lane, LEVELS, MOST_CHAIN, Place, SlotWord } from "../../../host/kernel/cpus/board.ts";
import { Cpu, Kind } from "../../../host/kernel/cpus/cpu.ts";
import { failureText, readFailure } from "../../../host/kernel/cpus/failure-text.ts";
import { SystemFault } from "../../../host/kernel/cpus/remote-failure.ts";
import { call, domain } from "../../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../../support/system.ts";

const test = suite("cpus: faults");

/** The first of two CPUs, of which nobody is the second. */
function alone(t: TestSystem, silenceMs: number): { readonly cpu: Cpu; readonly board: Board } {
  const board = new Board(2);
  const cpu = new Cpu({ kernel: t.system.kernel, board, index: 0, call: () => {}, applications: new Set([0]), silenceMs });
  cpu.server = { call: () => {}, order: () => true, frameInTheWay: () => -1, frameNeeded: () => -1 };
  return { cpu, board };
}

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.instance(error, SystemFault);
    return (error as SystemFault).message;
  }
  return "";
}

test("Cpu.request: a CPU that passes no safepoint is a fault, with a reason, and it was interrupted first", async () => {
  const t = await testSystem();
  const { cpu } = alone(t, 300);
  const slot = cpu.begin(Kind.order) ?? 0;
  assert.match(
    faultOf(() => cpu.request(slot, Lane.calls, 1)),
    "CPU 1 does not answer: it has passed no safepoint for ",
  );
  const line = (0x1000 + 128) >> 2;
  assert.is(t.system.kernel.i32[line], 1, "its interrupt word");
  await t.end();
});

test("Cpu.request: a CPU that ended by a fault is one at once, with what it left", async () => {
  const t = await testSystem();
  const { cpu, board } = alone(t, 60_000);
  board.writeText(board.slotNumber(1, 2 * LEVELS - 1), "CPU 1: Error: the roof");
  Atomics.store(board.i32, board.place(1, Place.end), CpuEnd.fault);
  const slot = cpu.begin(Kind.order) ?? 0;
  assert.is(
    faultOf(() => cpu.request(slot, Lane.calls, 1)),
    "CPU 1 has ended: CPU 1: Error: the roof",
  );
  await t.end();
});

/** As if somebody asked for something all the time, for so often at most. */
function flood(cpu: Cpu, times: number): { left: number } {
  const flood = { left: times };
  cpu.hasMore = () => flood.left > 0;
  cpu.lookAround = () => flood.left-- > 0;
  return flood;
}

test("Cpu.request: a wait that is over ends although others ask for something without a pause", async () => {
  const t = await testSystem();
  const { cpu } = alone(t, 60_000);
  const asked = flood(cpu, 100_000);
  const slot = cpu.begin(Kind.order) ?? 0;
  assert.is(
    cpu.request(slot, Lane.calls, 1, () => true),
    false,
  );
  assert.ok(asked.left > 0, "the others were served to the end first");
  await t.end();
});

test("Cpu.request: a CPU that has ended is noticed although others ask for something without a pause", async () => {
  const t = await testSystem();
  const { cpu, board } = alone(t, 60_000);
  const asked = flood(cpu, 100_000);
  Atomics.store(board.i32, board.place(1, Place.end), CpuEnd.ended);
  const slot = cpu.begin(Kind.order) ?? 0;
  assert.is(
    faultOf(() => cpu.request(slot, Lane.calls, 1)),
    "CPU 1 has ended: it was stopped",
  );
  assert.ok(asked.left > 0, "the others were served to the end first");
  await t.end();
});

test("Cpu.begin: a chain of whatever length fits, and its innermost callers are kept", async () => {
  const t = await testSystem();
  const { cpu, board } = alone(t, 1000);
  const { kernel } = t.system;
  for (let depth = 0; depth < 200; depth++) kernel.i32[kernel.cpu.frames + depth * 16 + 1] = 1000 + depth;
  kernel.i32[kernel.cpu.depth] = 200;
  const at = board.slot(cpu.begin(Kind.call) ?? 0);
  kernel.i32[kernel.cpu.depth] = 0;
  assert.is(board.i32[at + SlotWord.chainLength], MOST_CHAIN);
  assert.is(board.i32[at + SlotWord.chain + MOST_CHAIN - 1], 1199);
  await t.end();
});

test("failureText: whatever a failure says, it fits between two CPUs", () => {
  const failure = { cause: "trap", domain: "x".repeat(60), generation: 1, detail: "é".repeat(5000) } as const;
  const error = { kind: "rpc-error", ...failure, chain: Array.from({ length: 100 }, () => failure) } as const;
  const text = failureText(error);
  assert.ok(new Board(2).writeText(3, text), `${text.length} characters`);
  assert.is(readFailure(text).chain.length, 8);
  assert.equal(readFailure(""), { domain: "host", detail: "", chain: [] });
});

test("a kernel that fails ends the system loudly: callers there and here get the reason, and stop ends all and says it", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const back = await t.add({ ...domain("back", { exports: { call: "(local.get $n)" } }), cpu: 1 });
  await t.add(domain("front", { imports: { call: calls(back) }, exports: { quick: "(call $call (local.get $n))" } }));
  const { cpus } = t.system.kernel;
  if (cpus === undefined) throw new Error("there is one CPU");
  const { cpu } = cpus;
  const slot = cpu.begin(Kind.order) ?? 0;
  cpu.board.writeText(slot, "no order at all");
  assert.match(
    faultOf(() => cpu.request(slot, Lane.calls, 1)),
    /CPU 1 has ended: CPU 1: SyntaxError/,
  );
  assert.match(
    faultOf(() => call(t, "back", "call", 1)),
    /CPU 1 has ended/,
  );
  assert.match(
    faultOf(() => call(t, "front", "quick", 1)),
    /CPU 1 has ended/,
  );
  let stopped = "";
  await t.system.stop().catch((error: Error) => {
    stopped = error.message;
  });
  assert.match(stopped, /CPU 1 has ended: CPU 1: SyntaxError/);
});

test("what ends a kernel outside of its loop is told, too, so that nobody waits until it has been silent for too long", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  // News of a domain with a name as no system has it go into no ring.
  const name = "x".repeat(200_000);
  await t.add({ ...domain(name, { exports: { call: "(local.get $n)" } }), cpu: 1 });
  await t.add({ ...domain("back", { exports: { call: "(local.get $n)" } }), cpu: 1 });
  t.system.kill(name);
  let said = "";
  while (said === "") said = faultOf(() => call(t, "back", "call", 1));
  assert.match(said, /CPU 1 has ended: CPU 1: RangeError: a post of/);
  await t.system.stop().catch(() => {});
});

test.run();
