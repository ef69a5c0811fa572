/** The NVMe driver domain on the controller model: bring-up, requests, statuses, deaths. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { FaultSource, NvmeFault } from "../../devices/nvme/faults.ts";
import { CSTS, REG } from "../../devices/nvme/registers.ts";
import { RecordWord } from "../../host/kernel/words.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";
import { BLOCK_BYTES, type Lies, NvmeRig, type NvmeRigOptions } from "./nvme-rig.ts";

const IO_TAIL = 0x1008;
const ADMIN_TAIL = 0x1000;
const SECOND = 1_000_000;
/** Admin queues, four pairs of I/O queues, slack. */
const QUEUES_BYTES = 12 * 4096;

const test = suite("NVMe driver");

/** Runs a test on a rig and checks at the end that nothing is left. */
async function on(options: NvmeRigOptions, body: (rig: NvmeRig) => void): Promise<void> {
  const rig = await NvmeRig.start(options);
  body(rig);
  await rig.end();
}

/** A fault for the I/O commands with these numbers, counted from 1 as they are fetched. */
function faultsAt(numbers: readonly number[], fault: NvmeFault): FaultSource {
  let fetched = 0;
  return { next: (sqId) => (sqId !== 0 && numbers.includes(++fetched) ? fault : undefined) };
}

/** Why the driver does not start. */
async function refusal(lies: Lies, options: NvmeRigOptions = {}): Promise<string> {
  try {
    await NvmeRig.start({ ...options, lies });
  } catch (error) {
    return (error as Error).message;
  }
  return "it started";
}

/** Where the driver's first I/O queues lie: Create I/O Completion Queue and Create I/O Submission Queue say so. */
function queueAddresses(rig: NvmeRig): { submission: number; completion: number } {
  const asq = rig.writes.find(([offset]) => offset === REG.asq)?.[1] ?? 0;
  const { u32 } = rig.system.kernel.heap;
  const found = { submission: 0, completion: 0 };
  for (let entry = asq >>> 2; entry < (asq >>> 2) + 16 * 16; entry += 16) {
    const opcode = (u32[entry] ?? 0) & 0xff;
    if (((u32[entry + 10] ?? 0) & 0xffff) !== 1) continue;
    if (opcode === 1) found.submission = u32[entry + 6] ?? 0;
    if (opcode === 5) found.completion = u32[entry + 6] ?? 0;
  }
  return found;
}

/* Bring-up. */

test("the registers are written in the order of section 7.6.1", () =>
  on({}, (rig) => {
    const registers = rig.writes.filter(([offset]) => offset < ADMIN_TAIL);
    const offsets = registers.map(([offset]) => offset);
    assert.equal(offsets, [REG.aqa, REG.asq, REG.asq + 4, REG.acq, REG.acq + 4, REG.cc, REG.intms]);
    assert.is(
      registers.find(([offset]) => offset === REG.cc)?.[1],
      0x0046_0001,
      "64- and 16-byte entries, round robin, 4 KiB pages, enabled",
    );
    assert.is(registers[0]?.[1], 0x000f_000f);
  }));

test("queues begin at pages", () =>
  on({}, (rig) => {
    const { submission, completion } = queueAddresses(rig);
    for (const at of [submission, completion, rig.writes.find(([offset]) => offset === REG.asq)?.[1] ?? 1]) {
      assert.is(at % 4096, 0);
      assert.is.not(at, 0);
    }
  }));

test("a controller that is still enabled is reset first", async () => {
  let reads = 0;
  // Enabled and not yet ready at the first looks: CC.EN may be cleared only once it is ready.
  const lies: Lies = {
    read(offset, rig) {
      const isReset = rig.writes.some(([at]) => at === REG.cc);
      if (isReset) return undefined;
      if (offset === REG.cc) return 0x0046_0001;
      return offset === REG.csts ? (++reads < 5 ? 0 : CSTS.ready) : undefined;
    },
  };
  await on({ lies }, (rig) => {
    assert.equal(rig.writes[0], [REG.cc, 0]);
    assert.is(reads, 5);
    assert.is(rig.write(1, 7), "ok");
  });
});

test("a controller that failed fatally before is reset without waiting", async () => {
  const isReset = (rig: NvmeRig): boolean => rig.writes.some(([at]) => at === REG.cc);
  const lies: Lies = {
    read(offset, rig) {
      if (isReset(rig)) return undefined;
      return offset === REG.cc ? 0x0046_0001 : offset === REG.csts ? CSTS.fatal : undefined;
    },
  };
  await on({ lies }, (rig) => assert.equal(rig.writes[0], [REG.cc, 0]));
});

const CAP_HIGH = REG.cap + 4;
const REFUSALS: readonly [string, Lies, RegExp][] = [
  ["nobody on the bus", { read: () => 0xffff_ffff }, /gone from the bus/],
  ["no NVM command set", { read: (offset) => (offset === CAP_HIGH ? 0 : undefined) }, /no NVM command set/],
  ["pages of at least 8 KiB", { read: (offset) => (offset === CAP_HIGH ? 0x0011_0020 : undefined) }, /pages of 4096 bytes/],
  ["queues of one entry", { read: (offset) => (offset === REG.cap ? 0x0101_0000 : undefined) }, /queues hold nothing/],
];
for (const [what, lies, reason] of REFUSALS) {
  test(`a controller that it cannot drive is refused by name: ${what}`, async () => assert.match(await refusal(lies), reason));
}

test("a controller that fails to start is refused", async () => {
  const lies: Lies = { read: (offset, rig) => (offset === REG.csts && rig.writes.some(([at]) => at === REG.cc) ? CSTS.fatal : undefined) };
  assert.match(await refusal(lies), /fails to start \(CSTS\.CFS\)/);
});

for (const [what, stuck] of [
  ["ready", 0],
  ["idle", CSTS.ready],
] as const) {
  test(`a controller that does not become ${what} is waited for as long as CAP.TO says`, async () => {
    let looks = 0;
    const lies: Lies = {
      read(offset, rig) {
        if (offset !== REG.csts) return undefined;
        // CAP.TO is 2: one second.
        rig.micros += SECOND / 10;
        looks++;
        return stuck;
      },
    };
    assert.match(await refusal(lies), /within CAP\.TO/);
    assert.ok(looks >= 10 && looks <= 14, `${looks} looks`);
  });
}

test("an admin command that fails ends the start", async () => {
  // The entry is changed after it was written: an opcode that does not exist.
  const lies: Lies = {
    write(offset, value, rig) {
      const asq = rig.writes.find(([at]) => at === REG.asq)?.[1] ?? 0;
      if (offset === ADMIN_TAIL && value === 4) rig.u8[asq + 3 * 64] = 0x7f;
      return undefined;
    },
  };
  assert.match(await refusal(lies), /refuses Set Features/);
});

for (const lbaBytes of [512, 4096] as const) {
  test(`identify counts blocks of 4096 bytes over sectors of ${lbaBytes}`, () =>
    on({ lbaBytes, blocks: 77 }, (rig) => {
      assert.equal(rig.call("driver", "identify"), { ok: true, value: { blocks: 77n, blockSize: 4096 } });
    }));
}

/* Requests, on every kind of controller. */

const CONTROLLERS: readonly (NvmeRigOptions & { readonly name: string })[] = [
  { name: "synchronous, sectors of 4096 bytes" },
  { name: "synchronous, sectors of 512 bytes", lbaBytes: 512 },
  { name: "deferred by one access", deferred: { accesses: 1 } },
  { name: "deferred by many accesses", lbaBytes: 512, deferred: { accesses: 9 } },
  { name: "two blocks a command", mdts: 1 },
  { name: "two blocks a command, deferred", mdts: 1, lbaBytes: 512, deferred: { accesses: 5 } },
];
for (const { name, ...options } of CONTROLLERS) {
  test(`blocks go to their place and come back: ${name}`, () =>
    on(options, (rig) => {
      for (const lba of [0, 1, 100, 255]) {
        assert.is(rig.write(lba, lba + 1), "ok");
        assert.is(rig.store.bytes[lba * BLOCK_BYTES], (lba + 1) & 0xff);
        assert.is(rig.store.bytes[(lba + 1) * BLOCK_BYTES - 1], (lba + 1) & 0xff);
      }
      assert.is(rig.flush(), "ok");
      for (const lba of [255, 100, 1, 0]) assert.equal(rig.read(lba), new Uint8Array(BLOCK_BYTES).fill(lba + 1));
      assert.equal(rig.read(2), new Uint8Array(BLOCK_BYTES), "no neighbour was written");
    }));

  test(`1 to 32 blocks in one request: ${name}`, () =>
    on(options, (rig) => {
      for (let blocks = 1; blocks <= 32; blocks++) {
        assert.is(rig.writeMany(blocks * 3, blocks, blocks), "ok");
        const stored = rig.store.bytes.subarray(blocks * 3 * BLOCK_BYTES, (blocks * 3 + blocks) * BLOCK_BYTES);
        for (let i = 0; i < blocks; i++) assert.is(stored[(i + 1) * BLOCK_BYTES - 1], blocks + i);
        const read = rig.readMany(blocks * 3, blocks);
        assert.ok(typeof read !== "string" && Buffer.from(read).equals(stored));
      }
    }));

  test(`the rings go round many times: ${name}`, () =>
    on(options, (rig) => {
      for (let i = 0; i < 300; i++) assert.is(rig.write(i % 256, i), "ok");
      assert.is(rig.deaths.length, 0);
    }));
}

test("a request larger than a command keeps several commands in flight", async () => {
  let most = 0;
  const lies: Lies = {
    read(_offset, rig) {
      most = Math.max(most, rig.model.inFlight);
      return undefined;
    },
  };
  await on({ mdts: 1, deferred: { accesses: 20 }, lies }, (rig) => assert.is(rig.writeMany(0, 32, 1), "ok"));
  assert.is(most, 16);
});

test("a small queue is filled, never overfilled", async () => {
  // MQES = 3: queues of four entries, of which three are used.
  let most = 0;
  const lies: Lies = {
    read(offset, rig) {
      most = Math.max(most, rig.model.inFlight);
      return offset === REG.cap ? 0x0201_0003 : undefined;
    },
  };
  await on({ mdts: 1, deferred: { accesses: 30 }, lies }, (rig) => {
    for (let i = 0; i < 10; i++) assert.is(rig.writeMany(0, 32, i), "ok");
    assert.is(rig.store.bytes[31 * BLOCK_BYTES], 9 + 31);
  });
  assert.is(most, 3);
});

test("a PRP list may cross a page boundary", () =>
  on({}, (rig) => {
    const { alloc, free } = rig.system.kernel.heap.exports;
    const fillers: number[] = [];
    let base = 0;
    do {
      base = alloc(KERNEL_ID, 1, 264);
      fillers.push(base);
    } while (4096 - (base % 4096) >= 256);
    // What was freed last is given out next: the driver's list takes this place.
    free(fillers.pop() ?? 0);
    assert.is(rig.writeMany(5, 32, 1), "ok");
    for (let i = 0; i < 32; i++) assert.is(rig.store.bytes[(5 + i) * BLOCK_BYTES + 9], 1 + i);
    for (const filler of fillers) free(filler);
  }));

/* Completions. */

/** For a controller that completes only when told to: one command at each register read. */
const ADVANCING: Lies = { read: (_offset, rig) => void rig.model.advance(1) };

test("completions are matched by command id, in whatever order they come", () =>
  on({ mdts: 1, deferred: {}, lies: ADVANCING }, (rig) => {
    rig.lies = {
      read(_offset) {
        // All complete at once; then the first and the last completion change places, as if done in another order.
        const count = rig.model.advance(rig.model.inFlight);
        if (count !== 16) return undefined;
        const { u32 } = rig.system.kernel.heap;
        const first = (queueAddresses(rig).completion >>> 2) + 3;
        const last = first + (count - 1) * 4;
        [u32[first], u32[last]] = [u32[last] ?? 0, u32[first] ?? 0];
        return undefined;
      },
    };
    // The first piece fails once. Taken by its place, the failure would be the last piece's, and the first would stay unwritten.
    const { write } = rig.store;
    let isFirst = true;
    rig.store.write = (lba, from) => {
      if (isFirst) {
        isFirst = false;
        throw new Error("bad sector");
      }
      write.call(rig.store, lba, from);
    };
    assert.is(rig.writeMany(0, 32, 1), "ok");
    for (let i = 0; i < 32; i++) assert.is(rig.store.bytes[i * BLOCK_BYTES], 1 + i);
    assert.is(rig.deaths.length, 0);
  }));

/** Changes the last dwords of the completion that was just posted, before the driver looks at it. */
function tampering(change: (dwords: Uint32Array, at: number) => void): Lies {
  return {
    write(offset, value, rig) {
      if (offset !== IO_TAIL) return undefined;
      rig.model.write32(offset, value);
      const { completion } = queueAddresses(rig);
      change(rig.system.kernel.heap.u32, (completion >>> 2) + (value - 1) * 4);
      return "swallowed";
    },
  };
}

/** Inverts bits of one dword of a completion. */
function flipping(dword: number, bits: number): (dwords: Uint32Array, at: number) => void {
  return (dwords, at) => {
    dwords[at + dword] = (dwords[at + dword] ?? 0) ^ bits;
  };
}

const WRONG_COMPLETIONS: readonly [string, (dwords: Uint32Array, at: number) => void, RegExp][] = [
  ["an unknown command id", flipping(3, 0x40), /not outstanding/],
  ["the id of an empty slot", flipping(3, 1), /not outstanding/],
  ["another submission queue", flipping(2, 0x2_0000), /another submission queue/],
  ["a head beyond the queue", flipping(2, 0x40), /beyond its end/],
];
for (const [what, change, reason] of WRONG_COMPLETIONS) {
  test(`a completion with ${what} ends the driver, and the shadow carries on`, () =>
    on({}, (rig) => {
      rig.lies = tampering(change);
      assert.match(rig.write(3, 1), /^trap: /);
      assert.match(rig.deaths[0]?.detail ?? "", reason);
      rig.lies = {};
      assert.is(rig.write(3, 9, "shadow"), "ok");
      assert.is(rig.store.bytes[3 * BLOCK_BYTES], 9);
    }));
}

/** Status field with its DNR bit at 14. */
function statusOf(field: number): (dwords: Uint32Array, at: number) => void {
  return (dwords, at) => {
    dwords[at + 3] = ((dwords[at + 3] ?? 0) & 0x1_ffff) | (field << 17);
  };
}

const STATUSES: readonly [string, number, string, number][] = [
  ["LBA out of range", 0x4080, "out-of-range", 1],
  ["namespace not ready, for good", 0x4082, "unavailable", 1],
  ["namespace not ready, for now", 0x0082, "unavailable", 3],
  ["data transfer error", 0x0004, "io", 3],
  ["invalid field", 0x4002, "io", 1],
  ["write fault", 0x0280, "io", 3],
  ["unrecovered read error, for good", 0x4281, "io", 1],
  ["a vendor's own status", 0x47ff, "io", 1],
  ["success with the M bit", 0x2000, "ok", 1],
];
for (const [what, field, outcome, tries] of STATUSES) {
  test(`status ${what}: ${outcome} after ${tries} ${tries === 1 ? "try" : "tries"}`, () =>
    on({}, (rig) => {
      rig.lies = tampering(statusOf(field));
      rig.writes = rig.writes.filter(([offset]) => offset < IO_TAIL);
      assert.is(rig.write(3, 1), outcome);
      assert.is(rig.writes.filter(([offset]) => offset === IO_TAIL).length, tries);
      rig.lies = {};
      assert.is(rig.write(3, 2), "ok", "the driver lives");
      assert.is(rig.deaths.length, 0);
    }));
}

test("an error that goes away is not seen by the caller", () =>
  on({}, (rig) => {
    let left = 2;
    const { write } = rig.store;
    rig.store.write = (lba, from) => {
      if (left-- > 0) throw new Error("bad sector");
      write.call(rig.store, lba, from);
    };
    assert.is(rig.write(3, 5), "ok");
    assert.is(rig.store.bytes[3 * BLOCK_BYTES], 5);
  }));

test("a medium that fails for good is io, for each method", () =>
  on({}, (rig) => {
    rig.store.read =
      rig.store.write =
      rig.store.flush =
        () => {
          throw new Error("bad sector");
        };
    assert.is(rig.write(3, 5), "io");
    assert.is(rig.read(3), "io");
    assert.is(rig.writeMany(3, 20, 5), "io");
    assert.is(rig.readMany(3, 20), "io");
    assert.is(rig.deaths.length, 0);
  }));

test("blocks that do not exist are out-of-range, also where the number wraps", () =>
  on({ lbaBytes: 512, blocks: 40 }, (rig) => {
    for (const lba of [40n, 1n << 32n, 1n << 61n, (1n << 61n) - 1n, (1n << 64n) - 1n, (1n << 64n) - 31n]) {
      assert.is(rig.write(lba, 1), "out-of-range", String(lba));
      assert.is(rig.read(lba), "out-of-range", String(lba));
      assert.is(rig.readMany(lba, 32), "out-of-range", String(lba));
    }
    assert.is(rig.writeMany(20, 21, 1), "out-of-range");
    for (const blocks of [0, 33, 0xffff_ffff]) assert.is(rig.writeMany(0, blocks, 1), "out-of-range");
    assert.is(rig.writeMany(20, 20, 1), "ok");
  }));

test("after an error nothing further is sent, and what was sent is awaited", () =>
  on({ mdts: 1, deferred: { accesses: 3 }, blocks: 40 }, (rig) => {
    assert.is(rig.writeMany(30, 32, 1), "out-of-range");
    assert.is(rig.model.inFlight, 0);
    assert.is(rig.write(0, 1), "ok");
  }));

/* Deaths. */

/** Time goes on with each look at the controller. */
const BUSY_CLOCK: Lies = {
  read(offset, rig) {
    if (offset === REG.csts) rig.micros += SECOND;
    return undefined;
  },
};
const isReset = ([offset, value]: readonly [number, number]): boolean => offset === REG.cc && value === 0;
const isAbort = (rig: NvmeRig): boolean => rig.writes.some(([offset, value]) => offset === ADMIN_TAIL && value === 13);

test("a command that does not complete is aborted and sent again", () =>
  on({ limits: { callBudgetMs: 0 }, faults: faultsAt([1], { kind: "stuck", deaf: false }) }, (rig) => {
    rig.lies = BUSY_CLOCK;
    assert.is(rig.write(3, 7), "ok");
    assert.is(rig.store.bytes[3 * BLOCK_BYTES], 7);
    assert.ok(isAbort(rig));
    assert.not.ok(rig.writes.some(isReset));
    assert.is(rig.deaths.length, 0);
  }));

test("a command that no Abort reaches is sent again after a controller reset, as are the others in flight", () =>
  on({ mdts: 1, limits: { callBudgetMs: 0 }, faults: faultsAt([5], { kind: "stuck", deaf: true }) }, (rig) => {
    rig.lies = BUSY_CLOCK;
    assert.is(rig.writeMany(3, 32, 1), "ok");
    for (let i = 0; i < 32; i++) assert.is(rig.store.bytes[(3 + i) * BLOCK_BYTES], 1 + i);
    assert.is(rig.writes.filter(isReset).length, 1);
    assert.is(rig.write(3, 9), "ok");
    assert.is(rig.deaths.length, 0);
  }));

test("a command that never completes is an error after three tries, and the driver lives", () =>
  on({ limits: { callBudgetMs: 0 }, faults: faultsAt([1, 2, 3], { kind: "stuck", deaf: true }) }, (rig) => {
    rig.lies = BUSY_CLOCK;
    assert.is(rig.write(3, 7), "io");
    assert.is(rig.write(3, 8), "ok");
    assert.is(rig.deaths.length, 0);
    assert.is(rig.model.inFlight, 0);
  }));

test("a controller that fails fatally is reset, and what was in flight is sent again", () =>
  on({ mdts: 1, faults: faultsAt([4, 10], { kind: "fatal" }) }, (rig) => {
    assert.is(rig.writeMany(3, 32, 1), "ok");
    for (let i = 0; i < 32; i++) assert.is(rig.store.bytes[(3 + i) * BLOCK_BYTES], 1 + i);
    assert.is(rig.writes.filter(isReset).length, 2);
    assert.is(rig.deaths.length, 0);
  }));

test("a controller that does not come back from a reset ends the driver, and the shadow carries on", () =>
  on({ faults: faultsAt([1], { kind: "fatal" }) }, (rig) => {
    rig.lies = {
      read(offset) {
        if (offset !== REG.csts || !rig.writes.some(isReset) || rig.deaths.length > 0) return undefined;
        rig.micros += SECOND;
        return CSTS.fatal;
      },
    };
    assert.match(rig.write(3, 1), /^trap: /);
    assert.match(rig.deaths[0]?.detail ?? "", /fails to start \(CSTS\.CFS\)|within CAP\.TO/);
    assert.is(rig.write(3, 2, "shadow"), "ok");
  }));

test("without a clock that moves, the budget of the call ends it", () =>
  on({ limits: { callBudgetMs: 20 } }, (rig) => {
    rig.model.nextCommandHangs = true;
    assert.equal(rig.read(3, "shadow"), new Uint8Array(BLOCK_BYTES));
    assert.is(rig.deaths[0]?.cause, "deadline");
  }));

test("a controller that left the bus ends the driver while it waits", () =>
  on({ limits: { callBudgetMs: 0 } }, (rig) => {
    let isHanging = true;
    rig.model.nextCommandHangs = true;
    rig.lies = { read: (offset) => (offset === REG.csts && isHanging ? 0xffff_ffff : undefined) };
    assert.match(rig.write(3, 1), /^trap: /);
    assert.match(rig.deaths[0]?.detail ?? "", /gone from the bus/);
    isHanging = false;
    assert.is(rig.write(3, 2, "shadow"), "ok");
  }));

test("a controller that is not ready any more is reset", () =>
  on({ limits: { callBudgetMs: 0 } }, (rig) => {
    rig.model.nextCommandHangs = true;
    rig.lies = { read: (offset) => (offset === REG.csts && !rig.writes.some(isReset) ? 0 : undefined) };
    rig.writes = [];
    assert.is(rig.write(3, 1), "ok");
    assert.is(rig.writes.filter(isReset).length, 1);
    assert.is(rig.deaths.length, 0);
  }));

test("a driver whose quota is used up ends with that cause, and the shadow carries on", () =>
  on({}, (rig) => {
    const { i32 } = rig.system.kernel;
    const driver = rig.system.seat("driver").current;
    const record = driver?.record ?? 0;
    i32[record + RecordWord.maxBytes] = i32[record + RecordWord.bytesUsed] ?? 0;
    assert.match(rig.writeMany(3, 32, 7), /^quota: /);
    assert.match(rig.deaths[0]?.detail ?? "", /no room for a prp-list/);
    assert.is(rig.write(3, 7, "shadow"), "ok");
    assert.is(rig.store.bytes[3 * BLOCK_BYTES], 7);
  }));

test("nothing is left of a request: the driver owns its queues and its grant, and no more", () =>
  on({ mdts: 5 }, (rig) => {
    const { nextOwned, sizeOf } = rig.system.kernel.heap.exports;
    const owned = (): number[] => {
      const id = rig.system.seat("driver").current?.id ?? 0;
      const sizes: number[] = [];
      for (let base = nextOwned(id, 0); base !== 0; base = nextOwned(id, base)) sizes.push(sizeOf(base));
      return sizes.sort((a, b) => a - b);
    };
    assert.equal(owned(), [64, QUEUES_BYTES]);
    rig.writeMany(0, 32, 1);
    rig.readMany(0, 32);
    rig.read(1 << 20);
    rig.flush();
    assert.equal(owned(), [64, QUEUES_BYTES]);
  }));

test("killed with commands in flight, it takes the controller along before its memory goes", () =>
  on({ mdts: 1, deferred: {}, lies: ADVANCING }, (rig) => {
    const { kernel } = rig.system;
    let held: { inFlight: number; live: number } | undefined;
    const { stop } = rig.model;
    rig.model.stop = () => {
      held ??= { inFlight: rig.model.inFlight, live: kernel.heap.stats().liveObjects };
      stop.call(rig.model);
    };
    const live = kernel.heap.stats().liveObjects;
    rig.lies = {
      write(offset, value) {
        if (offset !== IO_TAIL) return undefined;
        rig.model.write32(offset, value);
        rig.system.kill("driver");
        return "swallowed";
      },
    };
    assert.match(rig.writeMany(0, 32, 1), /^killed: /);
    // The extent, and a list (of two blocks at any address) for each of the commands of one doorbell.
    assert.equal(held, { inFlight: 16, live: live + 1 + 16 });
    assert.is(rig.model.inFlight, 0);
    rig.lies = ADVANCING;
    assert.is(rig.model.advance(100), 0);
    assert.equal(rig.store.bytes, new Uint8Array(rig.store.bytes.length), "nothing was written after the death");
    assert.is(rig.write(3, 7, "shadow"), "ok");
  }));

test("a write that a death interrupts is done once it is answered, with commands in flight each time", () =>
  on({ deferred: { accesses: 3 } }, (rig) => {
    for (let round = 1; round <= 20; round++) {
      let isDue = true;
      rig.lies = {
        read(offset) {
          if (offset === REG.csts && isDue && rig.model.inFlight > 0 && rig.writes.some(([at]) => at === IO_TAIL)) {
            isDue = false;
            rig.system.kill("driver");
          }
          return undefined;
        },
      };
      const outcome = round % 2 === 0 ? rig.write(round, round, "shadow") : rig.read(round, "shadow");
      assert.ok(outcome === "ok" || typeof outcome !== "string", String(outcome));
      assert.is(rig.deaths.length, round);
      if (round % 2 === 0) assert.is(rig.store.bytes[round * BLOCK_BYTES], round);
    }
  }));

test.run();
