/** A store in memory that works asynchronously: operations take place when the test says so, oldest first. */
import type { AsyncBlockStore } from "../../devices/ports.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { type Operation, OperationQueue } from "../../host/backends/operation-queue.ts";

export class StagedStore extends MemoryStore implements AsyncBlockStore {
  readonly #queue: OperationQueue = new OperationQueue();
  readonly #begun: (() => void)[] = [];
  fails: unknown;

  begin(kind: "read" | "write" | "flush" | "alone", lba: number, bytes: Uint8Array, done: (error?: unknown) => void): void {
    const start: Operation["start"] = (ended) => {
      this.#begun.push(() => {
        if (this.fails === undefined && kind === "read") this.read(lba, bytes);
        if (this.fails === undefined && kind === "write") this.write(lba, bytes);
        done(this.fails);
        ended();
      });
    };
    this.#queue.add({ from: lba, to: lba + bytes.length / this.blockBytes, writes: kind === "write", alone: kind === "alone", start });
  }

  abandon(): void {
    this.#queue.abandon();
  }

  /** How many took place. */
  work(most: number = Number.POSITIVE_INFINITY): number {
    let done = 0;
    while (done < most && this.#begun.length > 0) {
      this.#begun.shift()?.();
      done++;
    }
    return done;
  }
}
