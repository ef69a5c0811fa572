/**
 * A disk's blocks in an open file, read and written by the thread pool while its user goes on.
 * Called by a disk model through the AsyncBlockStore port: `begin` for transfers and flushes, the synchronous methods when it is alone.
 * Never calls `done` from inside `begin`, and never for what was abandoned before it began.
 */
import { fdatasync, read, write } from "node:fs";
import type { AsyncBlockStore } from "../../devices/ports.ts";
import { FileStore, type Flushing } from "./file-store.ts";
import { OperationQueue } from "./operation-queue.ts";

type Kind = Parameters<AsyncBlockStore["begin"]>[0];
type Done = (error?: unknown) => void;

export class AsyncFileStore implements AsyncBlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly #fd: number;
  readonly #sync: FileStore;
  readonly #flushing: Flushing;
  readonly #queue: OperationQueue = new OperationQueue();

  constructor(fd: number, blocks: number, flushing: Flushing, blockBytes: number) {
    this.#fd = fd;
    this.#sync = new FileStore(fd, blocks, flushing, blockBytes);
    this.#flushing = flushing;
    this.blocks = blocks;
    this.blockBytes = blockBytes;
  }

  /** Operations that were begun and are not over. */
  get busy(): number {
    return this.#queue.size;
  }

  begin(kind: Kind, lba: number, bytes: Uint8Array, done: Done): void {
    const to = lba + bytes.length / this.blockBytes;
    const start = (ended: () => void): void =>
      this.#start(kind, lba * this.blockBytes, bytes, (error) => {
        try {
          done(error);
        } finally {
          ended();
        }
      });
    this.#queue.add({ from: lba, to, writes: kind === "write", alone: kind === "alone", start });
  }

  abandon(): void {
    this.#queue.abandon();
  }

  read(lba: number, into: Uint8Array): void {
    this.#sync.read(lba, into);
  }

  write(lba: number, from: Uint8Array): void {
    this.#sync.write(lba, from);
  }

  writeThrough(lba: number, from: Uint8Array): void {
    this.#sync.writeThrough(lba, from);
  }

  zero(lba: number, blocks: number): void {
    this.#sync.zero(lba, blocks);
  }

  punch(lba: number, blocks: number): boolean {
    return this.#sync.punch(lba, blocks);
  }

  flush(): void {
    this.#sync.flush();
  }

  #start(kind: Kind, at: number, bytes: Uint8Array, done: Done): void {
    if (kind === "write") this.#sync.forget(at, bytes.length);
    if (kind === "alone" || (kind === "flush" && this.#flushing === "commit")) setImmediate(done);
    else if (kind === "flush") fdatasync(this.#fd, (error) => done(error ?? undefined));
    else if (kind === "read") this.#readFrom(at, bytes, 0, done);
    else this.#writeFrom(at, bytes, 0, done);
  }

  #readFrom(at: number, bytes: Uint8Array, from: number, done: Done): void {
    read(this.#fd, bytes, from, bytes.length - from, at + from, (error, got) => {
      if (error !== null) done(error);
      else if (got === 0) done(new Error(`the image ends at byte ${at + from}: it was cut short while in use`));
      else if (from + got === bytes.length) done();
      else this.#readFrom(at, bytes, from + got, done);
    });
  }

  #writeFrom(at: number, bytes: Uint8Array, from: number, done: Done): void {
    write(this.#fd, bytes, from, bytes.length - from, at + from, (error, put) => {
      if (error !== null) done(error);
      else if (from + put === bytes.length) done();
      else this.#writeFrom(at, bytes, from + put, done);
    });
  }
}
