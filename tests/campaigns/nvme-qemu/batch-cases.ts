/** What the campaign does with batches: several queues and namespaces, large transfers, requests left in flight, deaths. */
import { type Answered, contentsOf, makeBatch, type Wanted } from "../../domains-as/nvme-client.ts";
import { type Bench, type Case, killAtDoorbell } from "./cases.ts";
import { SECOND_BYTES, secondSectorBytes } from "./machine.ts";
import { BLOCK_BYTES } from "./rig.ts";

const MOST_IN_BATCH = 32;
/** The driver's own limit on one command is 4 MiB; QEMU's is 1024 pieces of memory, each a page here. */
const MOST_BYTES: number = (4 << 20) - 2 * 4096;

/** A request and where its bytes lie in its namespace. */
interface Piece extends Wanted {
  readonly from: number;
  readonly length: number;
}

/** What a namespace must hold. */
function expectedOf(bench: Bench, nsid: number | undefined): Buffer {
  return nsid === 2 ? bench.second : bench.expected;
}

function mostBytes({ rig }: Bench): number {
  return rig.options.mdts === 0 ? MOST_BYTES : Math.min(MOST_BYTES, BLOCK_BYTES << rig.options.mdts);
}

/** A random request; `at` and `room` bound its place in sectors of its namespace. */
function piece(bench: Bench, nsid: number, operation: "read" | "write" | "write-zeroes", at: number, room: number): Piece {
  const { random, rig } = bench;
  const sector = nsid === 2 ? secondSectorBytes(rig.options.sectorBytes) : rig.options.sectorBytes;
  const blocks = 1 + random.below(Math.min(room, 32 * (4096 / sector), mostBytes(bench) / sector));
  const length = blocks * sector;
  const bytes = operation === "write-zeroes" ? {} : { bytes: length + 64 * random.below(3), fill: 1 + random.below(255) };
  return { operation, nsid, lba: at, blocks, from: at * sector, length, ...bytes };
}

/** Up to 32 requests in places that do not overlap, on both namespaces. */
function pieces(bench: Bench, kinds: readonly ("read" | "write" | "write-zeroes")[]): Piece[] {
  const { random, rig } = bench;
  const list: Piece[] = [];
  const sectorBytes = [rig.options.sectorBytes, secondSectorBytes(rig.options.sectorBytes)];
  const sizes = [rig.options.blocks * BLOCK_BYTES, SECOND_BYTES];
  const next = [0, 0];
  for (let count = 1 + random.below(MOST_IN_BATCH); count > 0; count--) {
    const which = random.below(2);
    const sectors = (sizes[which] ?? 0) / (sectorBytes[which] ?? 1);
    const at = (next[which] ?? 0) + random.below(9);
    if (at >= sectors) continue;
    const one = piece(bench, which + 1, random.pick(kinds), at, sectors - at);
    next[which] = at + (one.blocks ?? 0);
    list.push(one);
  }
  return list;
}

function called(bench: Bench, domain: "driver" | "batches", queue: number, batch: number, atLeast: number): Map<number, Answered> {
  const answer = bench.rig.call(domain, "exchange", queue, batch, atLeast);
  if (!answer.ok) throw new Error(`exchange was not answered: ${answer.error.cause}: ${answer.error.detail}`);
  const contents = contentsOf(bench.rig, Number(answer.value));
  bench.rig.drop(Number(answer.value));
  return contents;
}

/** A batch moves to the driver: none of its objects is lent. */
function made(bench: Bench, wanted: readonly Wanted[]): number {
  const batch = makeBatch(bench.rig, wanted);
  bench.rig.bridge.lendable.clear();
  return batch;
}

/** What came back is what was asked for. */
function judge(bench: Bench, wanted: readonly Piece[], answered: ReadonlyMap<number, Answered>, lostWrites = false): void {
  for (const [i, { operation, nsid, from, length, fill = 0 }] of wanted.entries()) {
    const answer = answered.get(i + 1);
    const expected = expectedOf(bench, nsid).subarray(from, from + length);
    if (answer?.state === "lost" && lostWrites && operation === "write") continue;
    if (answer?.state !== "done") throw new Error(`${operation} of ${length} bytes: ${answer?.state} ${answer?.status.toString(16)}`);
    if (operation === "write") expected.fill(fill);
    else if (operation === "write-zeroes") expected.fill(0);
    else if (!expected.equals(answer.data?.subarray(0, length) ?? new Uint8Array()))
      throw new Error("other bytes were read than are there");
    else if (answer.data?.subarray(length).some((byte) => byte !== fill && byte !== 0)) throw new Error("read beyond the bytes asked for");
  }
}

function checkAll(bench: Bench): void {
  bench.checkImage(0, bench.rig.options.blocks);
  bench.checkSecond();
}

export const BATCH_CASES: readonly Case[] = [
  {
    name: "a batch of any kind, on any queue and both namespaces",
    weight: 8,
    run(bench) {
      const wanted = pieces(bench, ["read", "write", "write", "write-zeroes"]);
      const domain = bench.random.below(2) === 0 ? "driver" : "batches";
      judge(bench, wanted, called(bench, domain, bench.random.below(9), made(bench, wanted), MOST_IN_BATCH));
      checkAll(bench);
    },
  },
  {
    name: "a batch that is left in flight and collected later",
    weight: 4,
    run(bench) {
      const wanted = pieces(bench, ["read", "write"]);
      const queue = bench.random.below(4);
      const answered = called(bench, "driver", queue, made(bench, wanted), 0);
      for (let tries = 0; answered.size < wanted.length && tries < 1000; tries++) {
        for (const [tag, answer] of called(bench, "driver", queue, made(bench, []), bench.random.below(2))) answered.set(tag, answer);
      }
      judge(bench, wanted, answered);
      checkAll(bench);
    },
  },
  {
    name: "a large transfer, by a list of pages that chains where it must",
    weight: 2,
    run(bench) {
      const { rig, random } = bench;
      const sector = rig.options.sectorBytes;
      const length = mostBytes(bench) - sector * random.below(Math.min(9, mostBytes(bench) / sector));
      const lba = random.below((rig.options.blocks * BLOCK_BYTES - length) / sector + 1);
      const one: Piece = {
        operation: "write",
        lba,
        blocks: length / sector,
        bytes: length,
        fill: 1 + random.below(255),
        from: lba * sector,
        length,
      };
      judge(bench, [one], called(bench, "driver", 1, made(bench, [one]), 1));
      checkAll(bench);
      const back: Piece = { ...one, operation: "read" };
      judge(bench, [back], called(bench, "batches", 2, made(bench, [back]), 1));
    },
  },
  {
    name: "requests beyond the end or of no namespace in a batch",
    weight: 1,
    run(bench) {
      const end = (bench.rig.options.blocks * BLOCK_BYTES) / bench.rig.options.sectorBytes;
      const answered = called(
        bench,
        "driver",
        0,
        made(bench, [
          { operation: "read", lba: end, bytes: BLOCK_BYTES },
          { operation: "read", nsid: 3, bytes: BLOCK_BYTES },
          { operation: "flush" },
        ]),
        MOST_IN_BATCH,
      );
      const states = [1, 2, 3].map((tag) => answered.get(tag)?.state).join(" ");
      if (states !== "failed refused done") throw new Error(`expected failed refused done, got ${states}`);
    },
  },
  {
    name: "the driver is killed with a batch in flight",
    weight: 2,
    run(bench) {
      const wanted = pieces(bench, ["read", "read", "write", "write-zeroes"]);
      const before = new Map([1, 2].map((nsid) => [nsid, Buffer.from(expectedOf(bench, nsid))]));
      killAtDoorbell(bench.rig, 1);
      bench.throughDeath(() => {
        const answered = called(bench, "batches", bench.random.below(4), made(bench, wanted), MOST_IN_BATCH);
        judge(bench, wanted, answered, true);
      });
      // A write that was lost was done, or not, or in part.
      for (const { operation, nsid, from, length, fill = 0 } of wanted) {
        if (operation !== "write") continue;
        const now = bench.bytesInImage(nsid ?? 1, from, length);
        const old = before.get(nsid ?? 1)?.subarray(from, from + length) ?? now;
        if (now.some((byte, i) => byte !== fill && byte !== old[i])) throw new Error("a lost write has left foreign bytes");
        now.copy(expectedOf(bench, nsid), from);
      }
      checkAll(bench);
    },
  },
];
