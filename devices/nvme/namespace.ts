/**
 * A namespace: logical blocks over a store whose own blocks may be larger, moved to and from the runs of a command's data.
 * Whole store blocks go straight between store and memory; a part of one, or one that two runs share, goes by a private copy.
 * Called by the I/O commands, which have checked the range and mapped the data. Source: [NVME-1.4] section 6.1.
 */
import type { BlockStore } from "../ports.ts";
import type { Segments } from "./segments.ts";

export class Namespace {
  readonly lbaBytes: number;
  /** Size in logical blocks. */
  readonly blocks: number;
  readonly #store: BlockStore;
  readonly #unit: number;
  readonly #part: Uint8Array;

  constructor(store: BlockStore, lbaBytes: number) {
    if (store.blockBytes % lbaBytes !== 0)
      throw new Error(`a store with blocks of ${store.blockBytes} bytes cannot hold logical blocks of ${lbaBytes}`);
    this.#store = store;
    this.lbaBytes = lbaBytes;
    this.#unit = store.blockBytes;
    this.#part = new Uint8Array(this.#unit);
    this.blocks = store.blocks * (store.blockBytes / lbaBytes);
  }

  // HOT: one run of whole blocks is one call of the store.
  read(lba: number, data: Segments): void {
    let at = lba * this.lbaBytes;
    let loaded = -1;
    for (let i = 0; i < data.count; i++) {
      const view = data.views[i];
      if (view === undefined) return;
      for (let done = 0; done < view.length; ) {
        const within = at % this.#unit;
        const whole = view.length - done - ((view.length - done) % this.#unit);
        let bytes = whole;
        if (within === 0 && whole > 0) {
          this.#store.read(at / this.#unit, whole === view.length ? view : view.subarray(done, done + whole));
        } else {
          const block = (at - within) / this.#unit;
          if (block !== loaded) this.#store.read(block, this.#part);
          loaded = block;
          bytes = Math.min(view.length - done, this.#unit - within);
          view.set(this.#part.subarray(within, within + bytes), done);
        }
        at += bytes;
        done += bytes;
      }
    }
  }

  // HOT: the same walk towards the store. A block that is written in part is read first.
  write(lba: number, data: Segments, totalBytes: number): void {
    let at = lba * this.lbaBytes;
    const end = at + totalBytes;
    let gathered = false;
    for (let i = 0; i < data.count; i++) {
      const view = data.views[i];
      if (view === undefined) return;
      for (let done = 0; done < view.length; ) {
        const within = at % this.#unit;
        const whole = view.length - done - ((view.length - done) % this.#unit);
        let bytes = whole;
        if (within === 0 && whole > 0) {
          this.#store.write(at / this.#unit, whole === view.length ? view : view.subarray(done, done + whole));
        } else {
          const start = at - within;
          const replaced = start >= lba * this.lbaBytes && start + this.#unit <= end;
          if (!gathered && !replaced) this.#store.read(start / this.#unit, this.#part);
          gathered = true;
          bytes = Math.min(view.length - done, this.#unit - within);
          this.#part.set(view.subarray(done, done + bytes), within);
          if (within + bytes === this.#unit || at + bytes === end) {
            this.#store.write(start / this.#unit, this.#part);
            gathered = false;
          }
        }
        at += bytes;
        done += bytes;
      }
    }
  }

  flush(): void {
    this.#store.flush();
  }
}
