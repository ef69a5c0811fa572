/**
 * What the loader remembers of modules that it let in, so that the next load of the same bytes is a comparison and not a proof.
 * Called by load.ts only. Found by comparing every byte with a copy of its own: no digest has to be made or believed.
 * Holds nothing that depends on the time or on what a system demands: both are judged at every load.
 */
import type { CheckedSignatures, TrustedKey } from "./signature.ts";

/** Bytes of modules that are kept; the oldest make room. */
const MAX_KEPT_BYTES: number = 64 * 1024 * 1024;

export class CachedModule<T> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly detached: Uint8Array<ArrayBuffer> | undefined;
  /** By memory quota in pages. */
  readonly built: Map<number, T> = new Map();
  #verdicts: { readonly trusted: readonly TrustedKey[]; readonly checked: CheckedSignatures }[] = [];

  /** @param bytes and `detached` belong to the cache from now on */
  constructor(bytes: Uint8Array<ArrayBuffer>, detached: Uint8Array<ArrayBuffer> | undefined) {
    this.bytes = bytes;
    this.detached = detached;
  }

  /** What was found when exactly these keys were trusted. */
  verdict(trusted: readonly TrustedKey[]): CheckedSignatures | undefined {
    return this.#verdicts.find((one) => one.trusted.length === trusted.length && trusted.every((key, i) => key === one.trusted[i]))
      ?.checked;
  }

  remember(trusted: readonly TrustedKey[], checked: CheckedSignatures): void {
    // A host that makes new key objects for each load would fill the memory otherwise.
    this.#verdicts = [{ trusted: [...trusted], checked }, ...this.#verdicts.slice(0, 3)];
  }
}

export class ModuleCache<T> {
  readonly #modules: Set<CachedModule<T>> = new Set();
  #bytes = 0;

  find(bytes: Uint8Array, detached: Uint8Array | undefined): CachedModule<T> | undefined {
    for (const module of this.#modules) {
      if (sameBytes(module.bytes, bytes) && sameDetached(module.detached, detached)) return module;
    }
    return undefined;
  }

  add(module: CachedModule<T>): void {
    if (this.#modules.has(module)) return;
    this.#modules.add(module);
    this.#bytes += module.bytes.length;
    for (const oldest of this.#modules) {
      if (this.#bytes <= MAX_KEPT_BYTES || oldest === module) break;
      this.#modules.delete(oldest);
      this.#bytes -= oldest.bytes.length;
    }
  }
}

function sameDetached(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameBytes(a, b);
}

/** HOT: all that a warm load does with the module; words where both lie on word boundaries (2.5 µs for 10 KB). */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  if (((a.byteOffset | b.byteOffset) & 3) === 0) {
    const words = a.length >>> 2;
    const [left, right] = [new Uint32Array(a.buffer, a.byteOffset, words), new Uint32Array(b.buffer, b.byteOffset, words)];
    for (let i = 0; i < words; i++) if (left[i] !== right[i]) return false;
    at = words << 2;
  }
  for (; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
