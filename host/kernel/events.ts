/** What the kernel tells those who watch it. */
import type { LifeState } from "./domain.ts";
import type { Death, Failure } from "./status.ts";

export type KernelEvent =
  | { readonly kind: "death"; readonly death: Death }
  /** A generation has got so far in its life. The last two come before `death`, which says why. */
  | { readonly kind: "state"; readonly domain: string; readonly generation: number; readonly state: LifeState }
  /** From a snapshot and its `recover`, or by its start function and `init`. */
  | { readonly kind: "restart"; readonly domain: string; readonly generation: number; readonly from: "init" | "snapshot" }
  /** A group of supervised domains restarts no more; `chain` is all that led to it, oldest first. */
  | { readonly kind: "gave-up"; readonly group: string; readonly reason: string; readonly chain: readonly Failure[] }
  /** A call was answered again after `micros` since the death that broke it. */
  | { readonly kind: "recovered"; readonly domain: string; readonly generation: number; readonly micros: number }
  /** A function of the host that the domain called threw, or answered with a value that is none of its type. */
  | { readonly kind: "host-error"; readonly domain: string; readonly function: string; readonly error: unknown }
  | { readonly kind: "log"; readonly domain: string; readonly generation: number; readonly line: string }
  /** Lines that the rate limit swallowed, told with the next line that passes. */
  | { readonly kind: "log-dropped"; readonly domain: string; readonly lines: number };

export type Listener<T> = (event: T) => void;

/** A listener that throws must not break the burial that tells it: its error surfaces on the host's own turn. */
export class Emitter<T> {
  readonly #listeners: Set<Listener<T>> = new Set();

  /** Returns the function that stops the listening. */
  on(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
