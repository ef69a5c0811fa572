/**
 * What goes with a domain to another CPU, as bytes in the bale of the CPU that it leaves: memory in pieces, and what is known of it as text.
 * Called by `departure.ts`, which packs, and by `arrival.ts`, which unpacks. Both sides are trusted code.
 *
 *     a bale of memory    piece after piece: offset, length, bytes
 */
import type { GlobalValue, Run } from "../life/snapshot.ts";

const HEAD_BYTES = 8;

/** A value of a global: BigInts as text, numbers by their bits, so that nothing is lost but which NaN it was. */
export type PackedGlobal = readonly [name: string, value: string | readonly [low: number, high: number]];

export function packGlobal([name, value]: readonly [string, GlobalValue]): PackedGlobal {
  if (typeof value === "bigint") return [name, String(value)];
  const [low = 0, high = 0] = new Int32Array(new Float64Array([value]).buffer);
  return [name, [low, high]];
}

export function unpackGlobal([name, value]: PackedGlobal): readonly [string, GlobalValue] {
  if (typeof value === "string") return [name, BigInt(value)];
  return [name, new Float64Array(new Int32Array(value).buffer)[0] ?? 0];
}

/** Fills the bale as often as it takes; each time gives how many bytes are in it. */
export function* packRuns(runs: Iterable<Run>, bale: Uint8Array): Generator<number> {
  let at = 0;
  for (const { start, bytes } of runs) {
    for (let from = 0; from < bytes.length; ) {
      if (bale.length - at <= HEAD_BYTES) {
        yield at;
        at = 0;
      }
      const piece = bytes.subarray(from, from + bale.length - at - HEAD_BYTES);
      bale.set(new Uint8Array(new Uint32Array([start + from, piece.length]).buffer), at);
      bale.set(piece, at + HEAD_BYTES);
      at += HEAD_BYTES + piece.length;
      from += piece.length;
    }
  }
  if (at > 0) yield at;
}

export function* unpackRuns(bale: Uint8Array): Generator<Run> {
  for (let at = 0; at < bale.length; ) {
    const [start = 0, length = 0] = new Uint32Array(bale.slice(at, at + HEAD_BYTES).buffer);
    at += HEAD_BYTES;
    yield { start, bytes: bale.subarray(at, at + length) };
    at += length;
  }
}

/** Undefined: there is more of it than a bale holds. */
export function packText(value: unknown, bale: Uint8Array): number | undefined {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  if (bytes.length > bale.length) return undefined;
  bale.set(bytes);
  return bytes.length;
}

export function unpackText<T>(bale: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bale.slice())) as T;
}
