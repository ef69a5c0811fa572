/**
 * A disk's blocks in an open file or block special file: positioned reads and writes straight from and to the caller's
 * view of the shared heap, no buffer in between.
 * Called by a disk model through the BlockStore port; opened, renamed and closed by image.ts.
 * Never changes the size of its file. A failed system call throws, which the model reports as a media error.
 */
import { fdatasyncSync, readSync, writeSync } from "node:fs";
import type { BlockStore } from "../../devices/ports.ts";

const BLOCK_BYTES = 4096;

/**
 * What a flush does. `sync`: it returns when the bytes are on stable storage. `commit`: nothing, because a file that only
 * its commit presents is worthless after a crash before that; the commit syncs it. A sync of a large file takes longer
 * than any budget that a driver should have for a request.
 */
export type Flushing = "sync" | "commit";

export class FileStore implements BlockStore {
  readonly blockBytes: number = BLOCK_BYTES;
  readonly blocks: number;
  readonly #fd: number;
  readonly #flushing: Flushing;

  constructor(fd: number, blocks: number, flushing: Flushing) {
    this.#fd = fd;
    this.#flushing = flushing;
    this.blocks = blocks;
  }

  read(lba: number, into: Uint8Array): void {
    const at = lba * BLOCK_BYTES;
    for (let done = 0; done < into.length; ) {
      const got = readSync(this.#fd, into, done, into.length - done, at + done);
      if (got === 0) throw new Error(`the image ends at byte ${at + done}: it was cut short while in use`);
      done += got;
    }
  }

  write(lba: number, from: Uint8Array): void {
    const at = lba * BLOCK_BYTES;
    for (let done = 0; done < from.length; ) done += writeSync(this.#fd, from, done, from.length - done, at + done);
  }

  flush(): void {
    if (this.#flushing === "sync") fdatasyncSync(this.#fd);
  }
}
