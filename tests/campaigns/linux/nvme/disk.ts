/**
 * The medium behind the controller of a campaign, in memory or in a file, as the host sees it past the controller.
 * Called by cases.ts. It begins with bytes that differ from block to block, and outlives the boots that use it.
 */
import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BlockStore } from "../../../../devices/ports.ts";
import { AsyncFileStore } from "../../../../host/backends/async-file-store.ts";
import { MemoryStore } from "../../../../host/backends/memory-store.ts";
import { seededRandom } from "../../../../host/platform/seeded-random.ts";

const MEMORY_BLOCK_BYTES = 4096;
/** 64 MiB. */
export const DISK_BYTES: number = 64 << 20;

export interface Disk {
  readonly store: BlockStore;
  read(at: number, bytes: number): Uint8Array;
  close(): void;
}

export function memoryDisk(seed: number): Disk {
  const store = new MemoryStore(DISK_BYTES / MEMORY_BLOCK_BYTES);
  store.bytes.set(content(seed));
  return { store, read: (at, bytes) => store.bytes.subarray(at, at + bytes), close: () => {} };
}

/** Works by the thread pool, in blocks of that size, on a file that nobody else can open by name. */
export function fileDisk(seed: number, blockBytes: number): Disk {
  const folder = mkdtempSync(join(tmpdir(), "sumac-linux-"));
  const fd = openSync(join(folder, "disk.img"), "w+");
  rmSync(folder, { recursive: true });
  ftruncateSync(fd, DISK_BYTES);
  writeSync(fd, content(seed), 0, DISK_BYTES, 0);
  const read = (at: number, bytes: number): Uint8Array => {
    const into = new Uint8Array(bytes);
    readSync(fd, into, 0, bytes, at);
    return into;
  };
  return { store: new AsyncFileStore(fd, DISK_BYTES / blockBytes, "sync", blockBytes), read, close: () => closeSync(fd) };
}

export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

function content(seed: number): Uint8Array {
  const words = new Uint32Array(DISK_BYTES / 4);
  const random = seededRandom(seed);
  for (let i = 0; i < words.length; i += 64) words[i] = random() * 2 ** 32;
  return new Uint8Array(words.buffer);
}
