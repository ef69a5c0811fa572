/** `sumac:nvme/nvme`: batches of requests, on the driver and on its shadow. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { type Answered, contentsOf, exchange, makeBatch, store, type Wanted } from "./nvme-client.ts";
import { BATCH_LIMITS, BLOCK_BYTES, type Lies, NvmeRig, type NvmeRigOptions } from "./nvme-rig.ts";

const test = suite("NVMe batches");

async function on(options: NvmeRigOptions, body: (rig: NvmeRig) => void): Promise<void> {
  const rig = await NvmeRig.start({ limits: BATCH_LIMITS, batches: true, ...options });
  body(rig);
  await rig.end();
}

const states = (answered: ReadonlyMap<number, Answered>): string[] => [...answered.values()].map(({ state }) => state);
const tails = (rig: NvmeRig): number[] => rig.writes.filter(([offset]) => offset >= 0x1008 && (offset & 4) === 0).map(([offset]) => offset);
const all = (count: number, of: (i: number) => Wanted): Wanted[] => Array.from({ length: count }, (_, i) => of(i));
const writes = (count: number): Wanted[] => all(count, (i) => ({ operation: "write", lba: i, bytes: BLOCK_BYTES, fill: i + 1 }));
const reads = (count: number): Wanted[] => all(count, (i) => ({ operation: "read", lba: i, bytes: BLOCK_BYTES }));

for (const domain of ["driver", "batches"] as const) {
  test(`exchange with ${domain}: 32 requests go out with one doorbell and come back done`, () =>
    on({}, (rig) => {
      rig.writes = [];
      assert.equal(states(exchange(rig, writes(32), { domain })), new Array(32).fill("done"));
      assert.equal(tails(rig), [0x1008]);
      for (let i = 0; i < 32; i++) assert.is(rig.store.bytes[i * BLOCK_BYTES + 7], i + 1);
      const back = exchange(rig, reads(32), { domain });
      for (let i = 0; i < 32; i++) assert.equal(back.get(i + 1)?.data, new Uint8Array(BLOCK_BYTES).fill(i + 1));
    }));

  test(`exchange with ${domain}: what is in flight stays with the driver and comes back later, once`, () =>
    on({ deferred: {}, lies: { read: (_offset, rig) => void rig.model.advance(1) } }, (rig) => {
      rig.lies = {};
      assert.is(exchange(rig, writes(20), { domain, atLeast: 0 }).size, 0);
      assert.is(rig.model.inFlight, 20);
      rig.model.advance(7);
      const first = exchange(rig, [], { domain, atLeast: 0 });
      assert.is(first.size, 7);
      rig.model.advance(13);
      const rest = exchange(rig, [], { domain, atLeast: 0 });
      assert.is(rest.size, 13);
      assert.is(new Set([...first.keys(), ...rest.keys()]).size, 20);
      assert.equal([...new Set([...states(first), ...states(rest)])], ["done"]);
    }));

  test(`exchange with ${domain}: at least so many are waited for`, () =>
    on({ deferred: {}, lies: { read: (_offset, rig) => void rig.model.advance(1) } }, (rig) => {
      const back = exchange(rig, writes(9), { domain, atLeast: 5 });
      assert.ok(back.size >= 5 && back.size < 9, String(back.size));
      assert.is(back.size + exchange(rig, [], { domain }).size, 9);
    }));
}

test("exchange: queues are independent, and their numbers count modulo how many there are", () =>
  on({ ioQueues: 3 }, (rig) => {
    assert.equal(rig.call("driver", "queues"), { ok: true, value: 3 });
    rig.writes = [];
    for (const queue of [0, 1, 2, 3, 0xffff_ffff]) assert.equal(states(exchange(rig, writes(2), { queue })), ["done", "done"]);
    assert.equal(tails(rig), [0x1008, 0x1010, 0x1018, 0x1008, 0x1008]);
  }));

/** CAP.MQES = 3: three commands at a time. The controller completes one at each register that is read. */
const FOUR_ENTRIES: Lies = {
  read(offset, rig) {
    rig.model.advance(1);
    return offset === 0 ? 0x0201_0003 : undefined;
  },
};

test("exchange: without room, requests stay fresh", () =>
  on({ deferred: {}, lies: FOUR_ENTRIES }, (rig) => {
    rig.lies = {};
    const back = exchange(rig, writes(5), { atLeast: 0 });
    assert.equal(states(back), ["fresh", "fresh"]);
    rig.model.advance(3);
    assert.is(exchange(rig, []).size, 3);
  }));

test("exchange: several namespaces, each with its own blocks", () => {
  const second = new MemoryStore(64);
  return on({ more: [{ store: second, lbaBytes: 512 }] }, (rig) => {
    const described = rig.call("driver", "namespaceAt", 1);
    assert.equal(described, {
      ok: true,
      value: { tag: "ok", val: { nsid: 2, blockSize: 512, blocks: 512n, mostBlocks: 2048 } },
    });
    assert.equal(rig.call("driver", "namespaceAt", 2), { ok: true, value: { tag: "err", val: "no-namespace" } });
    const back = exchange(rig, [
      { operation: "write", nsid: 2, lba: 9, blocks: 3, bytes: 1536, fill: 5 },
      { operation: "write", nsid: 1, lba: 9, bytes: BLOCK_BYTES, fill: 6 },
      { operation: "read", nsid: 3, bytes: BLOCK_BYTES },
    ]);
    assert.equal(
      [1, 2, 3].map((tag) => back.get(tag)?.state),
      ["done", "done", "refused"],
    );
    assert.equal(
      second.bytes.subarray(8 * 512, 13 * 512),
      Uint8Array.from({ length: 5 * 512 }, (_, i) => (i < 512 || i >= 2048 ? 0 : 5)),
    );
    assert.is(rig.store.bytes[9 * BLOCK_BYTES], 6);
  });
});

for (const bytes of [1 << 20, 4 << 20]) {
  test(`exchange: one request of ${bytes >> 20} MiB, by a list of pages that chains`, () =>
    on({ blocks: 1100, mdts: 10 }, (rig) => {
      const blocks = bytes / BLOCK_BYTES;
      const data = Uint8Array.from({ length: bytes }, (_, i) => (i >> 12) * 7 + 1);
      const batch = makeBatch(rig, [{ operation: "write", lba: 40, blocks, bytes }]);
      const { u8, u32 } = rig.system.kernel.heap;
      u8.set(data, u32[((u32[(batch + 8) >>> 2] ?? 0) + 24) >>> 2] ?? 0);
      const called = rig.call("driver", "exchange", 0, batch, 1);
      assert.ok(called.ok);
      assert.equal(states(contentsOf(rig, batch)), ["done"]);
      rig.drop(batch);
      assert.ok(Buffer.from(rig.store.bytes.subarray(40 * BLOCK_BYTES, 40 * BLOCK_BYTES + bytes)).equals(data));
      const back = exchange(rig, [{ operation: "read", lba: 40, blocks, bytes }]).get(1)?.data ?? new Uint8Array();
      assert.ok(Buffer.from(back).equals(data));
    }));
}

const REFUSED: readonly (readonly [string, Wanted])[] = [
  ["no blocks", { operation: "read", blocks: 0, bytes: BLOCK_BYTES }],
  ["more blocks than a command may have", { operation: "read", blocks: 257, bytes: 257 * BLOCK_BYTES }],
  ["as many blocks as wrap", { operation: "read", blocks: 0x10_0001, bytes: BLOCK_BYTES }],
  ["a buffer that is too small", { operation: "write", blocks: 2, bytes: 2 * BLOCK_BYTES - 1 }],
  ["no buffer", { operation: "write" }],
  ["an operation that there is not", { operation: 9, bytes: BLOCK_BYTES }],
  ["no such namespace", { operation: "flush", nsid: 7 }],
];
for (const [what, wanted] of REFUSED) {
  test(`exchange: ${what} is refused, and the rest of the batch is done`, () =>
    on({}, (rig) => {
      const back = exchange(rig, [wanted, ...writes(1)]);
      assert.equal([back.get(1)?.state, back.get(2)?.state], ["refused", "done"]);
      assert.is(rig.deaths.length, 0);
    }));
}

test("exchange: a status of the device is told, with its type and Do Not Retry", () =>
  on({ blocks: 8 }, (rig) => {
    const back = exchange(rig, [{ operation: "read", lba: 8, bytes: BLOCK_BYTES }]);
    assert.is(back.get(1)?.state, "failed");
    assert.is((back.get(1)?.status ?? 0) & 0x7ff, 0x080);
  }));

test("exchange: flush and zeroes need no buffer", () =>
  on({}, (rig) => {
    rig.store.bytes.fill(3);
    const back = exchange(rig, [
      { operation: "write-zeroes", lba: 2, blocks: 3 },
      { operation: "flush", blocks: 0 },
    ]);
    assert.equal(states(back), ["done", "done"]);
    assert.equal([...rig.store.bytes.subarray(2 * BLOCK_BYTES - 1, 2 * BLOCK_BYTES + 1)], [3, 0]);
    assert.equal([...rig.store.bytes.subarray(5 * BLOCK_BYTES - 1, 5 * BLOCK_BYTES + 1)], [0, 3]);
  }));

test("exchange: a batch that lies is survived: a request in two places, states that are nobody's, counts beyond the end", () =>
  on({ deferred: { accesses: 4 } }, (rig) => {
    const batch = makeBatch(rig, [...writes(2), { operation: "read", bytes: BLOCK_BYTES, state: 5 }]);
    const { u32 } = rig.system.kernel.heap;
    u32[(batch + 20) >>> 2] = u32[(batch + 8) >>> 2] ?? 0;
    u32[(batch + 4) >>> 2] = 99;
    const called = rig.call("driver", "exchange", 0, batch, 0);
    assert.ok(called.ok);
    rig.drop(Number(called.value));
    assert.is(exchange(rig, []).size, 2);
    assert.is(rig.deaths.length, 0);
  }));

test("bdev and batches share a queue, and neither takes what is the other's", () =>
  on({ deferred: { accesses: 6, shuffle: 3 } }, (rig) => {
    assert.is(exchange(rig, writes(10), { atLeast: 0 }).size, 0);
    assert.is(rig.write(100, 9), "ok");
    assert.is(rig.writeMany(200, 32, 1), "ok");
    assert.is(rig.flush(), "ok");
    assert.equal(states(exchange(rig, [])), new Array(10).fill("done"));
    assert.is(rig.store.bytes[100 * BLOCK_BYTES], 9);
  }));

test("store: all of a lent batch is stored, and it stays its owner's", () =>
  on({}, (rig) => {
    assert.is(store(rig, [...writes(31), { operation: "write-zeroes", lba: 3 }]), "ok");
    for (const i of [0, 1, 2, 4, 30]) assert.is(rig.store.bytes[i * BLOCK_BYTES], i + 1);
    assert.is(store(rig, [...writes(1), ...reads(1)]), "refused");
    assert.is(store(rig, [{ operation: "write", lba: 5000, bytes: BLOCK_BYTES }]), "failed");
  }));

/* Deaths. */

const dyingAtDoorbell = (times: number): NvmeRigOptions["lies"] => {
  let left = times;
  return {
    write(offset, value, rig) {
      if (offset !== 0x1008 || left === 0) return undefined;
      left--;
      rig.model.write32(offset, value);
      rig.system.kill("driver");
      return "swallowed";
    },
  };
};

test("exchange through a death: reads, flushes and zeroes are done, writes come back as lost, without data", () =>
  on({ deferred: { accesses: 2 } }, (rig) => {
    rig.store.bytes.fill(4);
    rig.lies = dyingAtDoorbell(2) ?? {};
    const back = exchange(
      rig,
      [
        ...reads(2),
        { operation: "flush" },
        { operation: "write", lba: 5, bytes: BLOCK_BYTES, fill: 1 },
        { operation: "write-zeroes", lba: 6 },
      ],
      { domain: "batches" },
    );
    assert.equal(
      [1, 2, 3, 4, 5].map((tag) => back.get(tag)?.state),
      ["done", "done", "done", "lost", "done"],
    );
    assert.equal(back.get(1)?.data, new Uint8Array(BLOCK_BYTES).fill(4));
    assert.is(back.get(4)?.data, undefined);
    assert.is(rig.store.bytes[6 * BLOCK_BYTES], 0);
    assert.is(rig.deaths.length, 2);
  }));

test("exchange after a death: what was away on other queues comes back there", () =>
  on({ deferred: { accesses: 50 } }, (rig) => {
    assert.is(exchange(rig, [...reads(3), ...writes(2)], { domain: "batches", queue: 1, atLeast: 0 }).size, 0);
    rig.lies = dyingAtDoorbell(1) ?? {};
    assert.is(exchange(rig, reads(1), { domain: "batches", queue: 0, firstTag: 50 }).get(50)?.state, "done");
    const back = exchange(rig, [], { domain: "batches", queue: 1 });
    assert.equal(
      [1, 2, 3, 4, 5].map((tag) => back.get(tag)?.state),
      ["done", "done", "done", "lost", "lost"],
    );
  }));

test("store through a death: repeated whole", () =>
  on({ deferred: { accesses: 2 } }, (rig) => {
    rig.lies = dyingAtDoorbell(3) ?? {};
    assert.is(store(rig, writes(20), { domain: "batches" }), "ok");
    for (let i = 0; i < 20; i++) assert.is(rig.store.bytes[i * BLOCK_BYTES], i + 1);
    assert.is(rig.deaths.length, 3);
  }));

test("a driver that dies every time: what cannot be done comes back as lost, store is unavailable", () =>
  on({}, (rig) => {
    rig.lies = dyingAtDoorbell(1000) ?? {};
    assert.equal(states(exchange(rig, [...reads(1), ...writes(1)], { domain: "batches" })), ["lost", "lost"]);
    assert.is(store(rig, writes(1), { domain: "batches" }), "unavailable");
  }));

test("bdev and bulk go to a queue on which no batch is in flight, and to the first where there is none", () =>
  on({ deferred: { accesses: 3 } }, (rig) => {
    rig.writes = [];
    for (let queue = 0; queue < 4; queue++) {
      exchange(rig, writes(2), { queue, atLeast: 0 });
      rig.writes = [];
      assert.is(rig.write(40, queue), "ok");
      const used = new Set(rig.writes.filter(([offset]) => offset >= 0x1008 && offset % 8 === 0).map(([offset]) => (offset - 0x1008) / 8));
      assert.equal([...used], [queue === 3 ? 0 : queue + 1]);
      rig.model.advance(0);
    }
  }));

test.run();
