/**
 * The NVMe model driven by host code: 4 KiB reads and writes, one command at a time and 32 with one doorbell, on a store in memory
 * (`direct`) and on an image file (`file`), which is compared with a loop of positioned reads or writes on the same file (`plain`).
 */
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileStore } from "../../host/backends/file-store.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import type { Row } from "../row.ts";
import { NvmeDirect } from "../support/nvme-direct.ts";
import { Shared } from "../support/shared.ts";

const BLOCKS = 1024;
const BLOCK_BYTES = 4096;
const DEPTH = 32;
const CONTENT = 7;

interface Shape {
  readonly name: string;
  readonly kind: "read" | "write";
  readonly depth: number;
}

const SHAPES: readonly Shape[] = [
  { name: "nvme/read-4k-qd1", kind: "read", depth: 1 },
  { name: "nvme/read-4k-qd32", kind: "read", depth: DEPTH },
  { name: "nvme/write-4k-qd32", kind: "write", depth: DEPTH },
];

/** One file for all rows, small enough to stay in the page cache. */
const file = new Shared<{ readonly fd: number; readonly folder: string }>(
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "sumac-bench-nvme-"));
    const fd = openSync(join(folder, "image"), "w+");
    ftruncateSync(fd, BLOCKS * BLOCK_BYTES);
    writeSync(fd, new Uint8Array(BLOCKS * BLOCK_BYTES).fill(CONTENT), 0, BLOCKS * BLOCK_BYTES, 0);
    return { fd, folder };
  },
  async ({ fd, folder }) => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  },
);

/** `count` operations over the whole device, again and again. */
function drive(nvme: NvmeDirect, { name, kind, depth }: Shape, count: number): void {
  let done = 0;
  if (depth === 1) for (; done < count; done++) nvme.read(done & (BLOCKS - 1));
  for (; done < count; done += depth) nvme.batch(kind, done & (BLOCKS - 1), Math.min(depth, count - done));
  if (nvme.block[BLOCK_BYTES - 1] !== CONTENT) throw new Error(`${name}: the block was not moved`);
}

/** What is written is what the others read: the rows share a file. */
function filled(nvme: NvmeDirect, { kind }: Shape): void {
  if (kind === "write") nvme.blocks.fill(CONTENT);
}

function onMemory(shape: Shape): Row {
  return {
    name: `${shape.name}/direct`,
    unit: "op/s",
    async prepare() {
      const store = new MemoryStore(BLOCKS);
      store.bytes.fill(CONTENT);
      const nvme = new NvmeDirect(store);
      filled(nvme, shape);
      return { run: (count) => drive(nvme, shape, count) };
    },
  };
}

function onFile(shape: Shape): Row {
  return {
    name: `${shape.name}/file`,
    unit: "op/s",
    ratio: { to: `${shape.name}/plain`, atLeast: 0.8 },
    async prepare() {
      const { fd } = await file.take();
      const nvme = new NvmeDirect(new FileStore(fd, BLOCKS, "sync"));
      filled(nvme, shape);
      return { run: (count) => drive(nvme, shape, count), end: () => file.give() };
    },
  };
}

function plain({ name, kind, depth }: Shape): Row {
  return {
    name: `${name}/plain`,
    unit: "op/s",
    async prepare() {
      const { fd } = await file.take();
      const memory = new Uint8Array(DEPTH * BLOCK_BYTES).fill(CONTENT);
      const buffers = Array.from({ length: depth }, (_, i) => memory.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
      const move: (buffer: Uint8Array, at: number) => number =
        kind === "read"
          ? (buffer, at) => readSync(fd, buffer, 0, BLOCK_BYTES, at)
          : (buffer, at) => writeSync(fd, buffer, 0, BLOCK_BYTES, at);
      return {
        run(count) {
          for (let i = 0; i < count; i++) {
            const buffer = buffers[i % depth] as Uint8Array;
            if (move(buffer, (i & (BLOCKS - 1)) * BLOCK_BYTES) !== BLOCK_BYTES) throw new Error(`${name}/plain: a part only`);
          }
        },
        end: () => file.give(),
      };
    },
  };
}

export const nvmeModelRows: readonly Row[] = SHAPES.flatMap((shape) => [onMemory(shape), plain(shape), onFile(shape)]);
