/**
 * What the campaign does to a rig, and what must come of it: each case is one request or one death, judged by the image file, which
 * QEMU reads and writes behind the controller and this side reads and writes directly.
 */
import { readSync, writeSync } from "node:fs";
import { BATCH_CASES } from "./batch-cases.ts";
import { SECOND_BYTES } from "./machine.ts";
import type { Random } from "./random.ts";
import { BLOCK_BYTES, MOST_BLOCKS, type Rig, type RigOptions } from "./rig.ts";

export interface Case {
  readonly name: string;
  /** How often it comes, relative to the others. */
  readonly weight: number;
  /** The controllers that it is for; all, when left out. */
  suits?(options: RigOptions): boolean;
  /** Throws when something is wrong. */
  run(bench: Bench): void;
}

const PAGE_BYTES = 4096;
/** A list of 32 addresses. */
const FULL_LIST_BYTES = 256;

/** A rig, what its image must hold, and random numbers. */
export class Bench {
  readonly rig: Rig;
  readonly random: Random;
  readonly expected: Buffer;
  /** The same of the second namespace. */
  readonly second: Buffer = Buffer.alloc(SECOND_BYTES);

  constructor(rig: Rig, random: Random) {
    this.rig = rig;
    this.random = random;
    this.expected = Buffer.alloc(rig.options.blocks * BLOCK_BYTES);
  }

  /** Where `blocks` blocks begin that all exist. */
  place(blocks: number): number {
    return this.random.below(this.rig.options.blocks - blocks + 1);
  }

  /** New random bytes in an object. */
  fill(base: number, blocks: number): Uint8Array {
    const bytes = this.rig.bytes(base, blocks * BLOCK_BYTES);
    this.random.fill(bytes);
    return bytes;
  }

  /** New random bytes in the image, not by way of the controller. */
  seed(lba: number, blocks: number): void {
    const from = lba * BLOCK_BYTES;
    this.random.fill(this.expected.subarray(from, from + blocks * BLOCK_BYTES));
    writeSync(this.rig.machine.image, this.expected, from, blocks * BLOCK_BYTES, from);
  }

  inImage(lba: number, blocks: number): Buffer {
    const bytes = Buffer.alloc(blocks * BLOCK_BYTES);
    readSync(this.rig.machine.image, bytes, 0, bytes.length, lba * BLOCK_BYTES);
    return bytes;
  }

  /** The image holds what was written, at these blocks and their neighbours. */
  checkImage(lba: number, blocks: number): void {
    const from = Math.max(0, lba - 1);
    const to = Math.min(this.rig.options.blocks, lba + blocks + 1);
    const wanted = this.expected.subarray(from * BLOCK_BYTES, to * BLOCK_BYTES);
    if (!this.inImage(from, to - from).equals(wanted)) throw new Error(`the image differs in blocks ${from} to ${to - 1}`);
  }

  /** From the image of a namespace. */
  bytesInImage(nsid: number, from: number, count: number): Buffer {
    const bytes = Buffer.alloc(count);
    readSync(nsid === 2 ? this.rig.machine.second : this.rig.machine.image, bytes, 0, count, from);
    return bytes;
  }

  /** The second namespace holds what was written, all of it. */
  checkSecond(): void {
    const now = Buffer.alloc(SECOND_BYTES);
    readSync(this.rig.machine.second, now, 0, now.length, 0);
    if (!now.equals(this.second)) throw new Error("the second namespace's image differs");
  }

  expectWritten(lba: number, bytes: Uint8Array): void {
    this.expected.set(bytes, lba * BLOCK_BYTES);
    this.checkImage(lba, bytes.length / BLOCK_BYTES);
  }

  /** A write that was not answered well may have been done, block by block. */
  acceptEither(lba: number, bytes: Buffer): void {
    const now = this.inImage(lba, bytes.length / BLOCK_BYTES);
    for (let at = 0; at < now.length; at += BLOCK_BYTES) {
      const block = now.subarray(at, at + BLOCK_BYTES);
      const old = this.expected.subarray(lba * BLOCK_BYTES + at, lba * BLOCK_BYTES + at + BLOCK_BYTES);
      if (!block.equals(old) && !block.equals(bytes.subarray(at, at + BLOCK_BYTES))) throw new Error("a block is neither old nor new");
    }
    this.expected.set(now, lba * BLOCK_BYTES);
  }

  checkRead(lba: number, blocks: number, base: number): void {
    const from = lba * BLOCK_BYTES;
    const wanted = this.expected.subarray(from, from + blocks * BLOCK_BYTES);
    if (!wanted.equals(this.rig.bytes(base, blocks * BLOCK_BYTES))) throw new Error(`read other bytes than blocks ${lba}+${blocks} hold`);
  }

  writeMany(lba: number, blocks: number): void {
    const base = this.rig.create("extent");
    const bytes = this.fill(base, blocks);
    want(this.rig.bulk("writeMany", BigInt(lba), blocks, base), "ok");
    this.expectWritten(lba, bytes);
    this.rig.drop(base);
  }

  readMany(lba: number, blocks: number): void {
    const base = this.rig.create("extent");
    this.random.fill(this.rig.bytes(base, MOST_BLOCKS * BLOCK_BYTES));
    const behind = this.rig.bytes(base, MOST_BLOCKS * BLOCK_BYTES).slice(blocks * BLOCK_BYTES);
    want(this.rig.bulk("readMany", BigInt(lba), blocks, base), "ok");
    this.checkRead(lba, blocks, base);
    if (!Buffer.from(behind).equals(this.rig.bytes(base + blocks * BLOCK_BYTES, behind.length)))
      throw new Error("read beyond the blocks asked for");
    this.rig.drop(base);
  }

  writeOne(lba: number, base: number = this.rig.create("block")): void {
    const bytes = this.fill(base, 1);
    want(this.rig.bdev("write", BigInt(lba), base), "ok");
    this.expectWritten(lba, bytes);
    this.rig.drop(base);
  }

  /** The block that comes back need not be the one that was given. */
  readOne(lba: number, base: number = this.rig.create("block")): void {
    this.rig.bridge.lendable.delete(base);
    const { val } = want(this.rig.bdev("read", BigInt(lba), base), "ok");
    this.checkRead(lba, 1, Number(val));
    this.rig.drop(Number(val));
  }

  /** Runs something in which the driver must die once and be started again, unnoticed. */
  throughDeath(what: () => void): void {
    const before = this.rig.deaths.length;
    what();
    const deaths = this.rig.deaths.slice(before).map(({ cause, detail }) => `${cause} (${detail})`);
    if (deaths.length !== 1 || !deaths[0]?.startsWith("killed"))
      throw new Error(`expected one death by a kill, saw: ${deaths.join(", ") || "none"}`);
  }

  /** A block or list at a chosen kind of address: makes objects until one fits, and gives the others back when done. */
  withObjectAt(make: () => number, drop: (base: number) => void, fits: (base: number) => boolean, use: (base: number) => void): void {
    const others: number[] = [];
    let base = make();
    for (; !fits(base); base = make()) others.push(base);
    use(base);
    for (const other of others) drop(other);
  }
}

function want(answer: { tag: string; val: unknown }, tag: string, val?: string): { tag: string; val: unknown } {
  if (answer.tag !== tag || (val !== undefined && answer.val !== val)) {
    throw new Error(`expected ${[tag, val].join(" ").trim()}, got ${answer.tag} ${String(answer.val ?? "")}`);
  }
  return answer;
}

/** Once per rig, before all others. */
export const INIT: Case = {
  name: "init and identify",
  weight: 0,
  run({ rig }) {
    const { val } = rig.bdev("identify") as unknown as { val: { blocks: bigint; blockSize: number } };
    if (val.blocks !== BigInt(rig.options.blocks) || val.blockSize !== BLOCK_BYTES) {
      throw new Error(`identify says ${val.blocks} blocks of ${val.blockSize}`);
    }
  },
};

/** The last case of a rig. */
export const WHOLE_IMAGE: Case = {
  name: "the whole image",
  weight: 0,
  run(bench) {
    want(bench.rig.bdev("flush"), "ok");
    bench.checkImage(0, bench.rig.options.blocks);
    bench.checkSecond();
  },
};

/** Each of these is run once per rig, then at random by weight. */
export const CASES: readonly Case[] = [
  { name: "write a block", weight: 4, run: (bench) => bench.writeOne(bench.place(1)) },
  {
    name: "read a block",
    weight: 4,
    run(bench) {
      const lba = bench.place(1);
      bench.seed(lba, 1);
      bench.readOne(lba);
    },
  },
  {
    name: "a block in one page (PRP1 alone)",
    weight: 1,
    run(bench) {
      const isAligned = (base: number): boolean => base % PAGE_BYTES === 0;
      const make = (): number => bench.rig.create("block");
      const drop = (base: number): void => bench.rig.drop(base);
      bench.withObjectAt(make, drop, isAligned, (base) => bench.writeOne(bench.place(1), base));
      bench.withObjectAt(make, drop, isAligned, (base) => bench.readOne(bench.place(1), base));
    },
  },
  {
    name: "a block in two pages (PRP2)",
    weight: 1,
    run(bench) {
      const isSplit = (base: number): boolean => base % PAGE_BYTES !== 0;
      const make = (): number => bench.rig.create("block");
      const drop = (base: number): void => bench.rig.drop(base);
      bench.withObjectAt(make, drop, isSplit, (base) => bench.writeOne(bench.place(1), base));
    },
  },
  {
    name: "write 1 to 32 blocks",
    weight: 8,
    run(bench) {
      const blocks = 1 + bench.random.below(MOST_BLOCKS);
      bench.writeMany(bench.place(blocks), blocks);
    },
  },
  {
    name: "read 1 to 32 blocks",
    weight: 8,
    run(bench) {
      const blocks = 1 + bench.random.below(MOST_BLOCKS);
      const lba = bench.place(blocks);
      bench.seed(lba, blocks);
      bench.readMany(lba, blocks);
    },
  },
  {
    name: "a PRP list that goes on in another page",
    weight: 2,
    suits: ({ mdts }) => mostBlocks(mdts) === MOST_BLOCKS,
    run(bench) {
      const { rig } = bench;
      const isCrossing = (base: number): boolean => PAGE_BYTES - (base % PAGE_BYTES) < FULL_LIST_BYTES;
      // What was freed last is given out first: the driver's next list takes this place.
      const use = (base: number): void => {
        rig.dropFiller(base);
        if (bench.random.below(2) === 0) bench.writeMany(bench.place(MOST_BLOCKS), MOST_BLOCKS);
        else bench.readMany(bench.place(MOST_BLOCKS), MOST_BLOCKS);
        if (!rig.bridge.seen.lists.includes(base)) throw new Error("the driver's list lies elsewhere: the case missed its aim");
      };
      bench.withObjectAt(
        () => rig.createFiller(),
        (base) => rig.dropFiller(base),
        isCrossing,
        use,
      );
    },
  },
  { name: "flush", weight: 1, run: ({ rig }) => void want(rig.bdev("flush"), "ok") },
  {
    name: "a block beyond the end",
    weight: 2,
    run(bench) {
      const { rig } = bench;
      const lba = bench.random.pick([
        BigInt(rig.options.blocks),
        BigInt(rig.options.blocks) * 2n,
        (1n << 61n) - 1n,
        1n << 61n,
        (1n << 64n) - 1n,
      ]);
      const base = rig.create("block");
      want(rig.bdev("write", lba, base), "err", "out-of-range");
      rig.bridge.lendable.delete(base);
      want(rig.bdev("read", lba, base), "err", "out-of-range");
    },
  },
  {
    name: "blocks that reach beyond the end",
    weight: 1,
    run(bench) {
      const { rig } = bench;
      const blocks = 2 + bench.random.below(MOST_BLOCKS - 1);
      const inside = 1 + bench.random.below(blocks - 1);
      const lba = rig.options.blocks - inside;
      const base = rig.create("extent");
      const bytes = Buffer.from(bench.fill(base, blocks));
      want(rig.bulk("writeMany", BigInt(lba), blocks, base), "err", "out-of-range");
      rig.drop(base);
      bench.acceptEither(lba, bytes.subarray(0, inside * BLOCK_BYTES));
      const extent = rig.create("extent");
      rig.bridge.lendable.delete(extent);
      want(rig.bulk("readMany", BigInt(lba), blocks, extent), "err", "out-of-range");
    },
  },
  {
    name: "no blocks, and too many",
    weight: 1,
    run(bench) {
      const base = bench.rig.create("extent");
      for (const blocks of [0, MOST_BLOCKS + 1, 0xffff_ffff]) want(bench.rig.bulk("writeMany", 0n, blocks, base), "err", "out-of-range");
      bench.rig.drop(base);
    },
  },
  {
    name: "the driver is killed between two requests",
    weight: 1,
    run(bench) {
      const { rig } = bench;
      // Its successor finds the controller reset, or as it was left: enabled and with queues.
      rig.bridge.resetsAtDeath = bench.random.below(2) === 0;
      bench.throughDeath(() => {
        rig.system.kill("driver");
        bench.writeOne(bench.place(1));
      });
      rig.bridge.resetsAtDeath = true;
    },
  },
  {
    name: "the driver is killed with a command in flight",
    weight: 1,
    run(bench) {
      const { rig } = bench;
      killAtDoorbell(rig, 1);
      bench.throughDeath(() => (bench.random.below(2) === 0 ? bench.writeOne(bench.place(1)) : bench.readOne(bench.place(1))));
    },
  },
  {
    name: "the driver is killed with several commands in flight",
    weight: 1,
    run(bench) {
      const { rig, random } = bench;
      const blocks = 2 + random.below(MOST_BLOCKS - 1);
      const lba = bench.place(blocks);
      killAtDoorbell(rig, 1);
      const isWrite = random.below(2) === 0;
      const base = rig.create("extent");
      const bytes = Buffer.from(bench.fill(base, blocks));
      if (!isWrite) rig.bridge.lendable.delete(base);
      bench.throughDeath(() => {
        const what = rig.bulkCause(isWrite ? "writeMany" : "readMany", BigInt(lba), blocks, base);
        if (what !== "killed") throw new Error(`expected the driver to be killed, saw: ${what}`);
      });
      if (isWrite) {
        rig.drop(base);
        bench.acceptEither(lba, bytes);
      }
      // The shadow finds a dead driver and starts the next.
      bench.writeOne(bench.place(1));
      bench.checkImage(lba, blocks);
    },
  },
  ...BATCH_CASES,
];

/** Kills the driver when it has rung an I/O queue's doorbell so many times. */
export function killAtDoorbell({ bridge, system }: Rig, doorbells: number): void {
  let left = doorbells;
  bridge.onDoorbell = (driver) => {
    if (--left > 0) return;
    bridge.onDoorbell = () => {};
    system.kernel.kill(driver, "killed by the campaign");
  };
}

/** In one command of the driver. */
function mostBlocks(mdts: number): number {
  return mdts === 0 ? MOST_BLOCKS : Math.min(MOST_BLOCKS, 1 << mdts);
}
