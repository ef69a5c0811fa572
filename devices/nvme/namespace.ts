/**
 * A namespace: logical blocks over a store whose own blocks may be larger or smaller, moved to and from the runs of a command's data.
 * Whole store blocks go straight between store and memory; a part of one, or one that two runs share, goes by a private copy.
 * Called by the I/O commands, which have checked the range and mapped the data. Source: [NVME-1.4] section 6.1.
 */
import type { BlockStore } from "../ports.ts";
import { Segments } from "./segments.ts";
import { Unreadable } from "./unreadable.ts";

/** Where bytes come from or go to: runs of memory, in order. */
interface Runs {
  readonly count: number;
  readonly views: readonly (Uint8Array | undefined)[];
}

export type LbaBytes = 512 | 4096;

const ZERO_PIECE = 1 << 18;
/** Made when it is first needed, for all namespaces. */
let zeros: Uint8Array | undefined;

export class Namespace {
  readonly id: number;
  readonly uuid: Uint8Array;
  readonly unreadable: Unreadable = new Unreadable();
  /** The format that it was made with, which Identify lists first. */
  readonly firstFormat: LbaBytes;
  lbaBytes: LbaBytes;
  /** Size in logical blocks. */
  blocks = 0;
  #store: BlockStore;
  #unit: number;
  #part: Uint8Array;
  readonly #private: Segments = new Segments(1);

  constructor(id: number, uuid: Uint8Array, store: BlockStore, lbaBytes: LbaBytes) {
    this.id = id;
    this.uuid = uuid;
    this.#store = store;
    this.#unit = store.blockBytes;
    this.#part = new Uint8Array(this.#unit);
    this.firstFormat = lbaBytes;
    this.lbaBytes = lbaBytes;
    this.#measure();
  }

  get store(): BlockStore {
    return this.#store;
  }

  /** Whether every logical block is a whole number of the store's, so that writes need not read. */
  get isAligned(): boolean {
    return this.lbaBytes % this.#unit === 0;
  }

  /** Another store takes the first one's place, with another size perhaps. */
  replaceStore(store: BlockStore): void {
    this.#store = store;
    this.#unit = store.blockBytes;
    this.#part = new Uint8Array(this.#unit);
    this.#measure();
  }

  /** The content is gone: the blocks are zeros, of another size perhaps. A store that can only write zeros may not be larger than that. */
  format(lbaBytes: LbaBytes, mostZeroedBytes: number): void {
    const { blocks } = this.#store;
    if (this.#store.punch?.(0, blocks) !== true) {
      if (blocks * this.#unit > mostZeroedBytes)
        throw new Error(`namespace ${this.id}: its store of ${blocks} blocks cannot give space back`);
      this.#zeroUnits(0, blocks);
    }
    this.unreadable.forget();
    this.lbaBytes = lbaBytes;
    this.#measure();
  }

  // HOT: one run of whole blocks is one call of the store.
  read(lba: number, data: Runs): void {
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
  write(lba: number, data: Runs, totalBytes: number): void {
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

  /** As safe as after a flush when it returns. */
  writeThrough(lba: number, data: Segments, totalBytes: number): void {
    const { writeThrough } = this.#store;
    const only = data.count === 1 ? data.views[0] : undefined;
    if (writeThrough !== undefined && only !== undefined && this.isAligned) {
      writeThrough.call(this.#store, (lba * this.lbaBytes) / this.#unit, only);
      return;
    }
    this.write(lba, data, totalBytes);
    this.#store.flush();
  }

  /** Reads whole logical blocks into private bytes. */
  readPrivate(lba: number, into: Uint8Array): void {
    this.read(lba, this.#asRuns(into));
  }

  /** Makes logical blocks zero; `deallocate`: by giving their space back, where the store can. */
  zero(lba: number, blocks: number, deallocate: boolean): void {
    const [from, to] = [lba * this.lbaBytes, (lba + blocks) * this.lbaBytes];
    const first = Math.min(Math.ceil(from / this.#unit) * this.#unit, to);
    const last = Math.max(Math.floor(to / this.#unit) * this.#unit, first);
    this.#zeroPart(from, first);
    if (last > first && !(deallocate && this.#punch(first, last))) this.#zeroUnits(first / this.#unit, (last - first) / this.#unit);
    this.#zeroPart(last, to);
  }

  /** Gives back what space the store can give back: advice, and no block need change. */
  deallocate(lba: number, blocks: number): void {
    const first = Math.ceil((lba * this.lbaBytes) / this.#unit) * this.#unit;
    const last = Math.floor(((lba + blocks) * this.lbaBytes) / this.#unit) * this.#unit;
    if (last <= first || !this.#punch(first, last)) return;
    this.unreadable.clear(Math.ceil(first / this.lbaBytes), Math.floor(last / this.lbaBytes) - Math.ceil(first / this.lbaBytes));
  }

  flush(): void {
    this.#store.flush();
  }

  #measure(): void {
    const { blockBytes } = this.#store;
    if (blockBytes % this.lbaBytes !== 0 && this.lbaBytes % blockBytes !== 0)
      throw new Error(`a store with blocks of ${blockBytes} bytes cannot hold logical blocks of ${this.lbaBytes}`);
    this.blocks = Math.floor((this.#store.blocks * blockBytes) / this.lbaBytes);
  }

  #asRuns(bytes: Uint8Array): Runs {
    this.#private.clear(bytes.length);
    this.#private.append(0, bytes.length);
    this.#private.views[0] = bytes;
    return this.#private;
  }

  #punch(from: number, to: number): boolean {
    return this.#store.punch?.(from / this.#unit, (to - from) / this.#unit) ?? false;
  }

  /** A part of one store block, or nothing. */
  #zeroPart(from: number, to: number): void {
    if (from >= to) return;
    const start = from - (from % this.#unit);
    this.#store.read(start / this.#unit, this.#part);
    this.#part.fill(0, from - start, to - start);
    this.#store.write(start / this.#unit, this.#part);
  }

  #zeroUnits(first: number, count: number): void {
    if (this.#store.zero !== undefined) {
      this.#store.zero(first, count);
      return;
    }
    zeros ??= new Uint8Array(ZERO_PIECE);
    const most = Math.max(1, Math.floor(ZERO_PIECE / this.#unit));
    for (let done = 0; done < count; done += most) {
      const bytes = Math.min(most, count - done) * this.#unit;
      this.#store.write(first + done, bytes <= zeros.length ? zeros.subarray(0, bytes) : new Uint8Array(bytes));
    }
  }
}
