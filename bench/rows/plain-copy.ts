/**
 * The baseline of the copy rows: the same two passes in a plain program, block by block with positioned reads and writes.
 * Same files, same sizes of access, same order; one buffer, and nobody in between.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { plainSha256 } from "../support/plain-sha256.ts";

const BLOCK_BYTES = 4096;

/** Looks at what lies in `buffer` as it comes by; `finish` gives the digest of a pass. */
export interface Watcher {
  readonly buffer: Uint8Array;
  init(): void;
  update(bytes: number): void;
  finish(): string;
}

export type Hashing = "none" | "wasm" | "node";

export interface PlainCopy {
  /** @returns the digests of both passes, empty without hashing */
  run(): readonly [string, string];
  end(): void;
}

export function plainCopy(input: string, image: string, bytes: number, watcher: Watcher): PlainCopy {
  const from = openSync(input, "r");
  const to = openSync(image, "w+");
  return {
    run: () => [fileToDisk(from, to, bytes, watcher), readBack(to, bytes, watcher)],
    end() {
      closeSync(from);
      closeSync(to);
    },
  };
}

function fileToDisk(from: number, to: number, bytes: number, watcher: Watcher): string {
  const { buffer } = watcher;
  watcher.init();
  for (let offset = 0; offset < bytes; offset += BLOCK_BYTES) {
    const got = readSync(from, buffer, 0, BLOCK_BYTES, offset);
    watcher.update(got);
    writeSync(to, buffer, 0, got, offset);
  }
  return watcher.finish();
}

function readBack(to: number, bytes: number, watcher: Watcher): string {
  const { buffer } = watcher;
  watcher.init();
  for (let offset = 0; offset < bytes; offset += BLOCK_BYTES) watcher.update(readSync(to, buffer, 0, BLOCK_BYTES, offset));
  return watcher.finish();
}

export async function watcherOf(hashing: Hashing): Promise<Watcher> {
  if (hashing === "wasm") return await plainSha256();
  const buffer = new Uint8Array(BLOCK_BYTES);
  if (hashing === "none") return { buffer, init: () => {}, update: () => {}, finish: () => "" };
  let hash = createHash("sha256");
  return {
    buffer,
    init() {
      hash = createHash("sha256");
    },
    update(bytes) {
      hash.update(buffer.subarray(0, bytes));
    },
    finish: () => hash.digest("hex"),
  };
}
