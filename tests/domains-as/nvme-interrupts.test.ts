/**
 * The NVMe driver that waits for interrupts: callers of batches wait at home, on media that work later, with interrupts that are lost or masked,
 * commands that are stuck, and a driver that dies meanwhile. NVMe 1.4 §7.5.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { NvmeFault } from "../../devices/nvme/faults.ts";
import { REG } from "../../devices/nvme/registers.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { source, WORK } from "../kernel/threads/rig.ts";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { StagedStore } from "../support/staged-store.ts";
import type { TestSystem } from "../support/system.ts";
import { exchange, makeBatch } from "./nvme-client.ts";
import { BATCH_LIMITS, BLOCK_BYTES, NvmeRig, type NvmeRigOptions } from "./nvme-rig.ts";

const NVME = "sumac:nvme/nvme@0.1.0";
const WIT = `package test:threads@1.0.0;
interface work { start: func(what: u32, n: u32) -> u32; outcome: func() -> s32; state: func() -> u32; end: func(); }
world client { import ${NVME}; export work; }
`;
/** Eight requests a batch. Entries of threads: all that is written is read again; reads only; four waiters on one queue. Each returns what was good. */
const CODE = `
import { nvme } from "./gen/nvme";
import { Batch, Buffer, Operation, Request, State } from "./gen/types";
const EACH: u32 = 8;
function batch(operation: Operation, first: u32): Batch {
  const made = Batch.create();
  for (let i: u32 = 0; i < EACH; i++) {
    const one = Request.create();
    const data = Buffer.create(4096);
    data.setAt(0, <u8>(first + i + 1));
    one.lba = first + i;
    one.nsid = 1;
    one.blocks = 1;
    one.operation = operation;
    one.putData(data);
    made.pushBack(one);
  }
  return made;
}
function pass(operation: Operation, first: u32, queue: u32): i32 {
  let good = 0;
  const back = nvme.exchange(queue, batch(operation, first), EACH);
  for (let one = back.popFront(); one !== null; one = back.popFront()) {
    const data = one.data;
    if (one.state == State.done && data !== null && data.at(0) == <u8>(<u32>one.lba + 1)) good++;
    one.drop();
  }
  back.drop();
  return good;
}
function both(n: u32): i32 {
  let good = 0;
  for (let i: u32 = 0; i < n; i++) good += pass(Operation.write, i * EACH, 1) + pass(Operation.read, i * EACH, 0);
  return good;
}
function reads(n: u32): i32 {
  let good = 0;
  for (let i: u32 = 0; i < n; i++) good += pass(Operation.read, i * EACH, 0);
  return good;
}
function reader(i: u32): i32 { return pass(Operation.read, i * EACH, 2); }
function four(n: u32): i32 {
  const all: Thread[] = [];
  for (let i: u32 = 0; i < 4; i++) all.push(threads.create<u32>(reader, i)!);
  let ended = 0;
  for (let i = 0; i < 4; i++) if (threads.join(all[i])) ended++;
  return ended;
}
`;
const CASES = ["both", "reads", "four"] as const;
const [BOTH, READS, FOUR] = [0, 1, 2];
const CLIENT_LIMITS = { threads: 6, ...BATCH_LIMITS };
const client = await compileAs(WIT, "client", source(CODE, CASES, false));

const test = suite("NVMe driver by interrupts");

interface Scene {
  readonly rig: NvmeRig;
  /** Starts a case, and lets threads run and the medium work until its thread has ended; what that returned. */
  perform(what: number, n: number, each?: (turn: number) => void): Promise<string>;
}

async function on(options: NvmeRigOptions, body: (scene: Scene) => Promise<void>): Promise<void> {
  const rig = await NvmeRig.start({ interrupts: true, ...options });
  const t = { system: rig.system } as TestSystem;
  const seat = rig.system.seat(options.batches === true ? "batches" : "driver");
  const grants: Record<string, Provider> = { [NVME]: { kind: "domain", seat } };
  try {
    await addAs(t, { name: "client", module: client, grants, limits: CLIENT_LIMITS });
    await body({
      rig,
      async perform(what, n, each) {
        assert.is(run(t, "client", WORK, "start", what, n), "ok 1");
        const { threads } = rig.system.kernel;
        for (let turn = 0; run(t, "client", WORK, "state") === "ok 0"; turn++) {
          assert.ok(turn < 2000, "the client goes on");
          await threads.run();
          if (each !== undefined) each(turn);
          else if (rig.store instanceof StagedStore) rig.store.work(3);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        return run(t, "client", WORK, "outcome");
      },
    });
  } finally {
    await rig.end();
  }
}

const later = (options: NvmeRigOptions = {}): NvmeRigOptions => ({ store: filled(), asynchronous: true, ...options });

/** Block `i` begins with `i + 1`. */
function filled(): StagedStore {
  const store = new StagedStore(128);
  for (let i = 0; i < 128; i++) store.bytes[i * BLOCK_BYTES] = i + 1;
  return store;
}

/** Commands of I/O queues meet these, one after the other, and then nothing. */
const meeting = (...faults: NvmeFault[]) => ({ next: (sqId: number) => (sqId === 0 ? undefined : faults.shift()) });

test("what ends inside the doorbell is answered by the call that sent it", () =>
  on({}, async ({ rig, perform }) => {
    assert.is(await perform(BOTH, 3), "ok 48");
    assert.equal(rig.deaths, []);
  }));

test("on a medium that works later, callers wait at home and get all that they sent", () =>
  on(later(), async ({ rig, perform }) => {
    let waited = 0;
    rig.system.kernel.threads.onChange = ({ domain }, what) => {
      if (domain.name === "client" && what === "parks") waited++;
    };
    assert.is(await perform(BOTH, 4), "ok 64");
    assert.is(waited, 8, "once for each batch: who is woken has what it asked for");
    assert.equal(rig.deaths, []);
  }));

test("several threads wait for requests of one queue, and each comes back", () =>
  on(later(), async ({ perform }) => {
    assert.is(await perform(FOUR, 0), "ok 4");
  }));

test("through the shadow, callers wait at home too", () =>
  on(later({ batches: true }), async ({ rig, perform }) => {
    assert.is(await perform(BOTH, 3), "ok 48");
    assert.equal(rig.deaths, []);
  }));

test("a lost interrupt only takes longer", () =>
  on(later({ faults: meeting(...new Array<NvmeFault>(8).fill({ kind: "lost-interrupt" })) }), async ({ rig, perform }) => {
    assert.is(await perform(READS, 2), "ok 16");
    assert.equal(rig.deaths, []);
  }));

test("what ends while the controller's interrupts are masked is taken when they are not", () =>
  on(later(), async ({ rig, perform }) => {
    const store = rig.store as StagedStore;
    const each = (turn: number): void => {
      rig.model.write32(turn % 2 === 0 ? REG.intms : REG.intmc, 1);
      store.work();
    };
    assert.is(await perform(READS, 4, each), "ok 32");
    assert.equal(rig.deaths, []);
  }));

test("a command that is stuck is aborted, or the controller reset, while nobody polls", () =>
  on(later({ faults: meeting({ kind: "stuck", deaf: false }, { kind: "stuck", deaf: true }) }), async ({ rig, perform }) => {
    const each = (): void => {
      rig.micros += 100_000;
      (rig.store as StagedStore).work();
    };
    rig.lies = {
      read: () => {
        rig.micros += 10_000;
        return undefined;
      },
    };
    assert.is(await perform(READS, 2, each), "ok 16");
    assert.is(rig.writes.filter(([offset, value]) => offset === REG.cc && value !== 0).length, 2, "one reset after the start");
    assert.equal(rig.deaths, []);
  }));

test("the driver dies while callers wait at home: behind the shadow they get what they asked for", () =>
  on(later({ batches: true }), async ({ rig, perform }) => {
    const each = (turn: number): void => {
      if (turn === 2) rig.system.kill("driver", "by the test");
      (rig.store as StagedStore).work(1);
    };
    assert.is(await perform(READS, 3, each), "ok 24");
    assert.is(rig.deaths.length, 1);
  }));

test("a caller that cannot wait is told, has its batch again, and finds what has ended later", () =>
  on(later(), async ({ rig }) => {
    const batch = makeBatch(rig, [{ operation: "read", lba: 4, bytes: BLOCK_BYTES }]);
    const called = rig.call("driver", "exchange", 0, batch, 1);
    assert.is(called.ok ? "ok" : called.error.cause, "gave-up");
    rig.drop(batch);
    (rig.store as StagedStore).work();
    await rig.system.kernel.threads.run();
    const found = exchange(rig, [], { atLeast: 0 });
    assert.equal(
      [...found.values()].map(({ state, data }) => [state, data?.[0]]),
      [["done", 5]],
    );
  }));

test("bdev and bulk are served beside batches, without threads of their callers", () =>
  on({}, async ({ rig, perform }) => {
    assert.is(rig.write(100, 7), "ok");
    assert.is(await perform(BOTH, 2), "ok 32");
    assert.is((rig.read(100) as Uint8Array)[9], 7);
  }));

test.run();
