/**
 * Linear memories of dead domains, zeroed and kept for the next one: a memory that V8 has already mapped costs a
 * quarter of a fresh one. A memory goes back only after every frame of its domain is gone.
 */
import { SumacError } from "../errors.ts";

/** Memories kept per size; more are left to the garbage collector. */
const KEEP_PER_SIZE = 4;
/** Above this a memory is not worth zeroing by hand: a fresh one is zero already. */
const LARGEST_KEPT_BYTES = 4 << 20;

export class MemoryPool {
  readonly #free: Map<string, WebAssembly.Memory[]> = new Map();

  /**
   * @param domain whose it is to be
   * @throws SumacError where the process has no room for one more: an engine reserves gigabytes of addresses for each
   */
  take(minPages: number, maxPages: number, domain: string): WebAssembly.Memory {
    const kept = this.#free.get(`${minPages}/${maxPages}`)?.pop();
    if (kept !== undefined) return kept;
    try {
      return new WebAssembly.Memory({ initial: minPages, maximum: maxPages });
    } catch (cause) {
      const remedy = "destroy domains before creating more, or spread them over several processes";
      throw new SumacError("quota-invalid", `domain ${domain}: this process has no room for one more WebAssembly memory: ${remedy}`, {
        cause,
      });
    }
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
