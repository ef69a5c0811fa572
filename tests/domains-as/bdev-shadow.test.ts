/** The shadow under every way in which a driver can fail it; whose block it is, is checked after each. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cause, type CauseName, Refusal } from "../../host/kernel/status.ts";
import { type CoreFunction, compileDomain, FakeDomain, FakeHeap } from "../support/fake-kernel.ts";

const module = compileDomain("shadows/bdev");
const OK = 64;
const [IO, OUT_OF_RANGE, UNAVAILABLE] = [1, 2, 3];
const DEATHS: readonly CauseName[] = ["trap", "deadline", "killed", "quota", "stack"];
/** The call was not made or was undone: the shadow has its block back. */
const NOT_MADE: readonly CauseName[] = ["refused", "depth", "reentrant", "host"];

/** What the driver does in each call; the last entry stays. */
type Step = CauseName | "badResult" | "calleeFull" | "mustWait" | number;
type Script = readonly Step[];

async function setup(script: Script): Promise<{ shadow: FakeDomain; heap: FakeHeap; counts: { calls: number; restarts: number } }> {
  const heap = new FakeHeap();
  const shadow = new FakeDomain("shadow", heap);
  const counts = { calls: 0, restarts: 0 };
  const next = (): Step => script[Math.min(counts.calls++, script.length - 1)] ?? OK;
  const outcome = (step: Step): number => {
    if (typeof step === "number") return shadow.answer(step);
    if (step === "mustWait") return shadow.fail("gave-up", Cause.blocked);
    if (step === "badResult") return shadow.fail("refused", Refusal.result);
    return step === "calleeFull" ? shadow.fail("refused", Refusal.calleeFull) : shadow.fail(step);
  };
  const plain: CoreFunction = () => outcome(next());
  const services = {
    bdev: {
      identify: () => {
        if (plain() !== 0) [shadow.results[0], shadow.results[1], shadow.results[2]] = [99, 1, 4096];
        return 0;
      },
      read: (lba = 0, _high = 0, base = 0) => {
        heap.owned(base, "shadow");
        const step = next();
        if (step === OK) {
          heap.bytes[base] = lba;
          return shadow.answer(base);
        }
        const isBack = step === "dead" || step === "calleeFull" || step === "mustWait" || NOT_MADE.includes(step as CauseName);
        if (!isBack) heap.drop(base, "shadow");
        return outcome(step);
      },
      write: (_lba = 0, _high = 0, base = 0) => {
        heap.check("shadow", base, 4096, false);
        return plain();
      },
      flush: plain,
    },
    supervisor: {
      restart: () => {
        counts.restarts++;
        return shadow.answer(OK);
      },
    },
  };
  return { shadow: shadow.start(await module, services), heap, counts };
}

const test = suite("bdev shadow");

test("a driver's answers pass through, good and bad", async () => {
  for (const answer of [OK, IO, OUT_OF_RANGE, UNAVAILABLE]) {
    const { shadow, heap, counts } = await setup([answer]);
    const block = heap.alloc("shadow", "block", 4096);
    assert.is(shadow.call("bdev_read", 3, 0, block), answer === OK ? block : answer);
    assert.is(shadow.call("bdev_flush"), answer);
    assert.is(counts.restarts, 0);
  }
});

test("each kind of death: the driver is restarted, the call repeated, a lost block replaced", async () => {
  for (const death of DEATHS) {
    const { shadow, heap, counts } = await setup([death, death, OK]);
    const given = heap.alloc("shadow", "block", 4096);
    const returned = shadow.call("bdev_read", 3, 0, given);
    assert.is(heap.owned(returned, "shadow").type, "block");
    assert.is(heap.bytes[returned], 3);
    assert.equal([counts.calls, counts.restarts, heap.objects.size], [3, 2, 1], death);
  }
});

test("a driver found dead, or without room for the block, is restarted and gets the same block", async () => {
  for (const found of ["dead", "calleeFull"] as const) {
    const { shadow, heap, counts } = await setup([found, OK]);
    const given = heap.alloc("shadow", "block", 4096);
    assert.is(shadow.call("bdev_read", 1, 0, given), given);
    assert.equal([heap.allocated, counts.restarts], [1, 1], found);
  }
});

test("write lends the caller's block again, flush and identify are repeated", async () => {
  const { shadow, heap, counts } = await setup(["trap", "dead", OK]);
  const block = heap.alloc("copier", "block", 4096);
  heap.owned(block, "copier").readers.push("shadow");
  assert.is(shadow.call("bdev_write", 1, 0, block), OK);
  counts.calls = 0;
  assert.is(shadow.call("bdev_flush"), OK);
  counts.calls = 0;
  shadow.call("bdev_identify");
  assert.equal(shadow.results.slice(0, 3), [99, 1, 4096]);
  assert.is(counts.restarts, 6);
  assert.equal(heap.owners(), ["copier:block"]);
});

test("after eight attempts a request is unavailable, and no block is left", async () => {
  for (const death of ["trap", "dead"] as const) {
    const { shadow, heap, counts } = await setup([death]);
    assert.is(shadow.call("bdev_read", 0, 0, heap.alloc("shadow", "block", 4096)), UNAVAILABLE);
    assert.is(counts.calls, 8);
    assert.is(heap.objects.size, 0);
    counts.calls = 0;
    assert.is(shadow.call("bdev_flush"), UNAVAILABLE);
    assert.is(counts.calls, 8);
    assert.is(shadow.call("bdev_write", 0, 0, heap.alloc("shadow", "block", 4096)), UNAVAILABLE);
    shadow.call("bdev_identify");
    assert.equal(shadow.results.slice(0, 3), [0, 0, 0]);
  }
});

test("a call that was not made is io without a restart, and the block is dropped once", async () => {
  for (const cause of [...NOT_MADE, "late", "badResult"] as const) {
    const { shadow, heap, counts } = await setup([cause]);
    assert.is(shadow.call("bdev_read", 0, 0, heap.alloc("shadow", "block", 4096)), IO, cause);
    assert.is(heap.objects.size, 0, cause);
    assert.is(shadow.call("bdev_flush"), IO);
    assert.equal([counts.calls, counts.restarts], [2, 0]);
  }
});

test("a shadow without room for a new block ends itself", async () => {
  const { shadow, heap } = await setup(["killed", OK]);
  const given = heap.alloc("shadow", "block", 4096);
  heap.isFull = true;
  assert.throws(() => shadow.call("bdev_read", 0, 0, given), /unreachable/);
  assert.match(shadow.said[0] ?? "", /^panic 2 /);
});

test("a driver that lets its callers wait: the call ends for its reason, and nobody is restarted", async () => {
  const { shadow, heap, counts } = await setup(["mustWait"]);
  const given = heap.alloc("shadow", "block", 4096);
  shadow.call("bdev_read", 3, 0, given);
  assert.equal([shadow.said, counts.restarts, heap.owned(given, "shadow").base], [["relay"], 0, given]);
});

test.run();
