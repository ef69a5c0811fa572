/**
 * Linear memories of dead domains, zeroed and kept for the next one: a memory that V8 has already mapped costs a
 * quarter of a fresh one. A memory goes back only after every frame of its domain is gone.
 */

/** Memories kept per size; more are left to the garbage collector. */
const KEEP_PER_SIZE = 4;
/** Above this a memory is not worth zeroing by hand: a fresh one is zero already. */
const LARGEST_KEPT_BYTES = 4 << 20;

export class MemoryPool {
  readonly #free: Map<string, WebAssembly.Memory[]> = new Map();

  take(minPages: number, maxPages: number): WebAssembly.Memory {
    const kept = this.#free.get(`${minPages}/${maxPages}`)?.pop();
    return kept ?? new WebAssembly.Memory({ initial: minPages, maximum: maxPages });
  }

  /** A memory that has grown cannot shrink, so it serves only a domain that starts at that size: it is dropped. */
  give(memory: WebAssembly.Memory, minPages: number, maxPages: number): void {
    const bytes = memory.buffer.byteLength;
    if (bytes !== minPages * 65536 || bytes > LARGEST_KEPT_BYTES) return;
    const key = `${minPages}/${maxPages}`;
    const list = this.#free.get(key) ?? [];
    if (list.length >= KEEP_PER_SIZE) return;
    new Uint8Array(memory.buffer).fill(0);
    list.push(memory);
    this.#free.set(key, list);
  }
}
