/**
 * Where a command's data lies in memory: runs of bytes, in order, and the views of them that the bus granted.
 * Filled by the walkers of pointers, used by whatever moves data. Memory is touched through the Dma port only, all or nothing:
 * either every run was granted, or no byte moves.
 */
import type { Dma } from "../ports.ts";

export class Segments {
  count = 0;
  readonly addresses: Float64Array;
  readonly lengths: Uint32Array;
  /** Filled by `map`, one for each run, until `release`. */
  readonly views: (Uint8Array | undefined)[];
  /** Set by `pin`, until `release`. */
  #pinned = false;
  /** Pages of this size have been joined where they were neighbours; an object border may part them again. */
  #pageBytes = 0;

  constructor(most: number) {
    this.addresses = new Float64Array(most);
    this.lengths = new Uint32Array(most);
    this.views = new Array(most).fill(undefined);
  }

  clear(pageBytes: number): void {
    this.count = 0;
    this.#pageBytes = pageBytes;
  }

  // HOT: a block that straddles a page is one run, one question to the bus and one transfer.
  add(address: number, bytes: number): void {
    const last = this.count - 1;
    if (last >= 0 && (this.addresses[last] ?? 0) + (this.lengths[last] ?? 0) === address) {
      this.lengths[last] = (this.lengths[last] ?? 0) + bytes;
      return;
    }
    this.addresses[this.count] = address;
    this.lengths[this.count] = bytes;
    this.count++;
  }

  /** One more run, joined with none; `false` if there is no room for it. */
  append(address: number, bytes: number): boolean {
    if (this.count === this.lengths.length) return false;
    this.addresses[this.count] = address;
    this.lengths[this.count] = bytes;
    this.count++;
    return true;
  }

  /** Keeps the objects in place while the command is in flight; `false` leaves nothing pinned. */
  pin(dma: Dma): boolean {
    this.#pinned = this.#pinAll(dma) || (this.#part() && this.#pinAll(dma));
    return this.#pinned;
  }

  /** Asks the bus for every run: the device writes to memory, or reads from it. */
  map(dma: Dma, toMemory: boolean): boolean {
    return this.#mapAll(dma, toMemory) || (!this.#pinned && this.#part() && this.#mapAll(dma, toMemory));
  }

  release(dma: Dma): void {
    for (let i = 0; i < this.count; i++) {
      this.views[i] = undefined;
      if (this.#pinned) dma.unpin(this.addresses[i] ?? 0);
    }
    this.#pinned = false;
    this.count = 0;
  }

  /** Copies private bytes to the host's memory; what is missing at the end arrives as zeros. After `map`. */
  fill(source: Uint8Array, from: number): void {
    let at = from;
    for (let i = 0; i < this.count; i++) {
      const view = this.views[i];
      if (view === undefined) return;
      const bytes = Math.max(0, Math.min(view.length, source.length - at));
      view.set(source.subarray(at, at + bytes));
      view.fill(0, bytes);
      at += bytes;
    }
  }

  #pinAll(dma: Dma): boolean {
    for (let i = 0; i < this.count; i++) {
      if (dma.pin(this.addresses[i] ?? 0, this.lengths[i] ?? 0)) continue;
      while (--i >= 0) dma.unpin(this.addresses[i] ?? 0);
      return false;
    }
    return true;
  }

  #mapAll(dma: Dma, toMemory: boolean): boolean {
    for (let i = 0; i < this.count; i++) {
      const address = this.addresses[i] ?? 0;
      const bytes = this.lengths[i] ?? 0;
      const view = toMemory ? dma.writable(address, bytes) : dma.readable(address, bytes);
      if (view === undefined) return false;
      this.views[i] = view;
    }
    return true;
  }

  /** Copies the host's memory to private bytes; returns how many there were. After `map`. */
  gather(into: Uint8Array): number {
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      const view = this.views[i];
      if (view === undefined) break;
      into.set(at + view.length <= into.length ? view : view.subarray(0, into.length - at), at);
      at = Math.min(into.length, at + view.length);
    }
    return at;
  }

  /** Undoes the joining of neighbours; `false` if there was none. A run of one list came from at most as many pages as there is room for. */
  #part(): boolean {
    const pieces = this.#pieces();
    if (pieces === this.count || pieces > this.lengths.length) return false;
    const runs = Array.from({ length: this.count }, (_, i) => [this.addresses[i] ?? 0, this.lengths[i] ?? 0] as const);
    this.count = 0;
    for (const [address, bytes] of runs) {
      for (let at = address; at < address + bytes; ) {
        const end = Math.min(address + bytes, at - (at % this.#pageBytes) + this.#pageBytes);
        this.addresses[this.count] = at;
        this.lengths[this.count] = end - at;
        this.count++;
        at = end;
      }
    }
    return true;
  }

  #pieces(): number {
    let pieces = 0;
    for (let i = 0; i < this.count; i++) {
      const within = (this.addresses[i] ?? 0) % this.#pageBytes;
      pieces += Math.ceil((within + (this.lengths[i] ?? 0)) / this.#pageBytes);
    }
    return pieces;
  }
}
