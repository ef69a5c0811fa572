/**
 * Reading ahead for whoever reads a file in order: the second of two reads that follow each other fetches more than it was asked for,
 * and those after it are copies. A system call between two pieces of other work costs twice what it costs in a loop of its own.
 * Used by file-store.ts, which says what it writes. A change of the file by somebody else is seen at the next fetch only.
 */

const WINDOW_BYTES: number = 128 << 10;
/** Larger reads gain nothing. */
const LARGEST_BYTES: number = 32 << 10;

export class ReadAhead {
  readonly #fetch: (at: number, into: Uint8Array) => void;
  readonly #size: number;
  #window: Uint8Array | undefined = undefined;
  /** Which bytes of the file the window holds. */
  #from = 0;
  #to = 0;
  /** Where the last read ended. */
  #next = -1;

  /** `fetch` fills `into` from the file or throws; `size`: where the file ends. */
  constructor(size: number, fetch: (at: number, into: Uint8Array) => void) {
    this.#size = size;
    this.#fetch = fetch;
  }

  // HOT: `false`: not here, and not worth fetching more for.
  read(at: number, into: Uint8Array): boolean {
    const end = at + into.length;
    const follows = at === this.#next;
    this.#next = end;
    if (at < this.#from || end > this.#to) {
      if (!follows || into.length > LARGEST_BYTES || end > this.#size || !this.#fill(at, end)) return false;
    }
    const window = this.#window;
    if (window === undefined) return false;
    into.set(window.subarray(at - this.#from, end - this.#from));
    return true;
  }

  /** These bytes of the file are about to change. */
  forget(at: number, bytes: number): void {
    if (at < this.#to && at + bytes > this.#from) this.#to = this.#from;
  }

  /** What cannot be read ahead may still be readable piece by piece. */
  #fill(at: number, end: number): boolean {
    this.#window ??= new Uint8Array(WINDOW_BYTES);
    const to = Math.min(at + WINDOW_BYTES, this.#size);
    this.#from = at;
    this.#to = at;
    try {
      this.#fetch(at, this.#window.subarray(0, to - at));
    } catch {
      return false;
    }
    this.#to = to;
    return end <= to;
  }
}
