/**
 * A disk's blocks in an open file or block special file: positioned reads and writes straight from and to the caller's
 * view of the shared heap, no buffer in between, except for small reads in order (read-ahead.ts).
 * Called by a disk model through the BlockStore port; opened, renamed and closed by image.ts.
 * Never changes the size of its file. A failed system call throws, which the model reports as a media error.
 */
import { fdatasyncSync, readSync, writeSync } from "node:fs";
import type { BlockStore } from "../../devices/ports.ts";
import { punchHole } from "./holes.ts";
import { ReadAhead } from "./read-ahead.ts";

const BLOCK_BYTES = 4096;
const ZERO_PIECE = 1 << 20;
/** Made when it is first needed. */
let zeros: Uint8Array | undefined;

/**
 * What a flush does. `sync`: it returns when the bytes are on stable storage. `commit`: nothing, because a file that only
 * its commit presents is worthless after a crash before that; the commit syncs it. A sync of a large file takes longer
 * than any budget that a driver should have for a request.
 */
export type Flushing = "sync" | "commit";

export class FileStore implements BlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly #fd: number;
  readonly #flushing: Flushing;
  readonly #ahead: ReadAhead;

  /** `blockBytes`: what it reads and writes at least, and all offsets are multiples of. */
  constructor(fd: number, blocks: number, flushing: Flushing, blockBytes: number = BLOCK_BYTES) {
    this.#fd = fd;
    this.#flushing = flushing;
    this.blocks = blocks;
    this.blockBytes = blockBytes;
    this.#ahead = new ReadAhead(blocks * blockBytes, (at, into) => this.#readAt(at, into));
  }

  read(lba: number, into: Uint8Array): void {
    const at = lba * this.blockBytes;
    if (!this.#ahead.read(at, into)) this.#readAt(at, into);
  }

  write(lba: number, from: Uint8Array): void {
    this.#writeAt(lba * this.blockBytes, from);
  }

  writeThrough(lba: number, from: Uint8Array): void {
    this.write(lba, from);
    this.flush();
  }

  zero(lba: number, blocks: number): void {
    const [at, bytes] = [lba * this.blockBytes, blocks * this.blockBytes];
    zeros ??= new Uint8Array(ZERO_PIECE);
    for (let done = 0; done < bytes; done += ZERO_PIECE) this.#writeAt(at + done, zeros.subarray(0, Math.min(ZERO_PIECE, bytes - done)));
  }

  /** Somebody writes those bytes another way. */
  forget(at: number, bytes: number): void {
    this.#ahead.forget(at, bytes);
  }

  /** Small holes are not worth a process each: see holes.ts. */
  punch(lba: number, blocks: number): boolean {
    const [at, bytes] = [lba * this.blockBytes, blocks * this.blockBytes];
    this.#ahead.forget(at, bytes);
    return punchHole(this.#fd, at, bytes);
  }

  #readAt(at: number, into: Uint8Array): void {
    for (let done = 0; done < into.length; ) {
      const got = readSync(this.#fd, into, done, into.length - done, at + done);
      if (got === 0) throw new Error(`the image ends at byte ${at + done}: it was cut short while in use`);
      done += got;
    }
  }

  #writeAt(at: number, from: Uint8Array): void {
    this.#ahead.forget(at, from.length);
    for (let done = 0; done < from.length; ) done += writeSync(this.#fd, from, done, from.length - done, at + done);
  }

  flush(): void {
    if (this.#flushing === "sync") fdatasyncSync(this.#fd);
  }
}
