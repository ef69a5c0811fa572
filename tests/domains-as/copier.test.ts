/** The copier: bytes and digests of both passes, what it reports, and no block left whatever fails. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CauseName } from "../../host/kernel/status.ts";
import { compileDomain, FakeDomain, FakeHeap } from "../support/fake-kernel.ts";

const module = compileDomain("apps/copier");
const OK = 64;
const ERROR = { input: 1, inputShrank: 2, disk: 3, tooSmall: 4, mismatch: 5 };

interface World {
  input: Uint8Array;
  disk: Uint8Array;
  blockSize: number;
  calls: string[];
  progress: number[][];
  /** By the name of a call and its number: what goes wrong there. A number is an error case, packed. */
  trouble: Map<string, CauseName | number | "corrupt">;
}

async function setup(
  bytes: number,
  diskBlocks = 1000,
): Promise<World & { run(name?: string): number; copier: FakeDomain; heap: FakeHeap }> {
  const heap = new FakeHeap();
  const copier = new FakeDomain("copier", heap);
  const world: World = {
    input: Uint8Array.from({ length: bytes }, (_, i) => (i * 2654435761) >>> 13),
    disk: new Uint8Array(diskBlocks * 4096),
    blockSize: 4096,
    calls: [],
    progress: [],
    trouble: new Map(),
  };
  const counts = new Map<string, number>();
  /** Notes the call and says what is to go wrong in it. */
  const step = (name: string): CauseName | number | "corrupt" | undefined => {
    const number = counts.get(name) ?? 0;
    counts.set(name, number + 1);
    world.calls.push(name);
    return world.trouble.get(`${name} ${number}`);
  };
  const fail = (trouble: CauseName | number, base?: number, isHost = false): number => {
    const isBack = isHost || trouble === "dead" || trouble === "refused";
    if (base !== undefined && (typeof trouble === "number" || !isBack)) heap.drop(base, "copier");
    return typeof trouble === "number" ? copier.answer(trouble) : copier.fail(trouble);
  };
  const plain = (name: string): number => {
    const trouble = step(name);
    return trouble === undefined || trouble === "corrupt" ? copier.answer(OK) : fail(trouble);
  };
  const words = (...values: number[]): number => {
    values.forEach((value, i) => {
      copier.results[i] = value;
    });
    return 0;
  };
  copier.start(await module, {
    file: {
      size: () => (plain("size") === 0 ? 0 : words(world.input.length, 0)),
      "read-at": (low = 0, _high = 0, base = 0) => {
        const trouble = step("read-at");
        if (trouble !== undefined && trouble !== "corrupt") return fail(trouble, base, true);
        heap.owned(base, "copier");
        heap.bytes.fill(0, base, base + 4096).set(world.input.subarray(low, low + 4096), base);
        return copier.answer(base);
      },
    },
    bdev: {
      identify: () => (plain("identify") === 0 ? words(0, 0, 0) : words(world.disk.length / 4096, 0, world.blockSize)),
      read: (low = 0, _high = 0, base = 0) => {
        const trouble = step("read");
        if (trouble !== undefined && trouble !== "corrupt") return fail(trouble, base);
        heap.drop(base, "copier");
        const other = heap.alloc("copier", "block", 4096);
        heap.bytes.set(world.disk.subarray(low * 4096, (low + 1) * 4096), other);
        if (trouble === "corrupt") heap.bytes[other] = (heap.bytes[other] ?? 0) ^ 1;
        return copier.answer(other);
      },
      write: (low = 0, _high = 0, base = 0) => {
        world.disk.set(heap.bytes.subarray(heap.check("copier", base, 4096, false), base + 4096), low * 4096);
        return plain("write");
      },
      flush: () => plain("flush"),
    },
    progress: {
      report: (phase = 0, done = 0, _doneHigh = 0, total = 0) => {
        world.progress.push([phase, done, total]);
        return copier.answer(0);
      },
    },
  });
  return Object.assign(world, { run: (name = "copy_run") => copier.call(name), copier, heap });
}

const test = suite("copier");

for (const bytes of [0, 1, 4095, 4096, 4097, 300_000]) {
  test(`run copies ${bytes} bytes and reports both digests over exactly these bytes`, async () => {
    const w = await setup(bytes);
    const report = w.run();
    assert.is(w.heap.owned(report, "copier").type, "report");
    assert.is(w.heap.view.getBigUint64(report, true), BigInt(bytes));
    const digest = createHash("sha256").update(w.input).digest("hex");
    const hex = (at: number): string => Buffer.from(w.heap.bytes.subarray(at, at + 32)).toString("hex");
    assert.equal([hex(report + 8), hex(report + 40)], [digest, digest]);
    assert.equal(w.disk.slice(0, bytes), w.input);
    assert.equal(w.heap.owners(), ["copier:report"]);
    const blocks = Math.ceil(bytes / 4096);
    assert.equal(w.calls.filter((name) => name === "write").length, blocks);
    assert.is(w.calls.indexOf("flush"), 2 + 2 * blocks, "the flush stands between the passes");
  });
}

test("run twice in one domain gives the same digests", async () => {
  const w = await setup(10_000);
  const [first, second] = [w.run(), w.run()];
  assert.equal(w.heap.bytes.slice(second, second + 72), w.heap.bytes.slice(first, first + 72));
});

test("transfer moves the same bytes and leaves the digests zero", async () => {
  const w = await setup(9000);
  const report = w.run("copy_transfer");
  assert.is(w.heap.view.getBigUint64(report, true), 9000n);
  assert.ok(w.heap.bytes.slice(report + 8, report + 72).every((byte) => byte === 0));
  assert.equal(w.disk.slice(0, 9000), w.input);
});

test("progress is told at the start, once per MiB and at the end of each pass", async () => {
  const bytes = 2_500_000;
  const w = await setup(bytes);
  w.run();
  const expected = [0, 1].flatMap((phase) => [0, 1 << 20, 2 << 20, bytes].map((done) => [phase, done, bytes]));
  assert.equal(w.progress, expected);
});

test("a disk that is too small is found before anything is read", async () => {
  const w = await setup(4097, 1);
  assert.is(w.run(), ERROR.tooSmall);
  assert.equal(w.calls, ["size", "identify"]);
});

test("a disk with other blocks, or none at all, is a disk error", async () => {
  const w = await setup(10);
  w.blockSize = 512;
  assert.is(w.run(), ERROR.disk);
});

const troubles: [string, CauseName | number, number][] = [
  ["size 0", "host", ERROR.input],
  ["identify 0", "trap", ERROR.disk],
  ["read-at 1", 1, ERROR.input],
  ["read-at 1", 2, ERROR.inputShrank],
  ["read-at 1", 3, ERROR.input],
  ["read-at 1", "host", ERROR.input],
  ["write 2", 1, ERROR.disk],
  ["write 2", 3, ERROR.disk],
  ["write 2", "trap", ERROR.disk],
  ["flush 0", 1, ERROR.disk],
  ["flush 0", "dead", ERROR.disk],
  ["read 1", 2, ERROR.disk],
  ["read 1", "killed", ERROR.disk],
  ["read 1", "dead", ERROR.disk],
  ["read 1", "refused", ERROR.disk],
];
for (const [where, trouble, error] of troubles) {
  test(`"${trouble}" in ${where} ends the job as error ${error} with nothing left on the heap`, async () => {
    const w = await setup(20_000);
    w.trouble.set(where, trouble);
    assert.is(w.run(), error);
    assert.is(w.heap.objects.size, 0);
  });
}

test("a disk that returns other bytes than it was given is a mismatch", async () => {
  const w = await setup(20_000);
  w.trouble.set("read 3", "corrupt");
  assert.is(w.run(), ERROR.mismatch);
  assert.is(w.heap.objects.size, 0);
});

test.run();
