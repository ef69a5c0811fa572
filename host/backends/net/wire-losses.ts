/**
 * Frames that a wire has lost, by their way and by the reason: a network may lose frames, but none unseen. Counted by the wires of this folder
 * and by their threads; summed up for each card by host/system/network.ts, for those who look on.
 */
import type { Wire } from "../../../devices/net-wire.ts";
import type { LossCounts, LossReason, WireLosses } from "../../control/protocol.ts";

/**
 * A table, so that none is left out: a place in the words of a tally. `full`: there was no room; `tooLong`: for what is at the other end;
 * `down`: nobody is there; `refused`: by the machine or the network for another reason; `faults`: the manifest wants it so.
 */
const PLACES: Readonly<Record<LossReason, number>> = { full: 0, tooLong: 1, down: 2, refused: 3, faults: 4 };
const REASONS = Object.keys(PLACES) as readonly LossReason[];

export const TALLY_BYTES: number = REASONS.length * BigUint64Array.BYTES_PER_ELEMENT;

export interface CountingWire extends Wire {
  /** Its own, and not those of a wire that it wraps. */
  readonly losses: WireLosses;
}

/** Two threads may count in one, where it lies in shared memory. */
export class LossTally {
  readonly #words: BigUint64Array;

  /** @param words `TALLY_BYTES` of them, all zero */
  constructor(words: BigUint64Array = new BigUint64Array(REASONS.length)) {
    this.#words = words;
  }

  add(reason: LossReason): void {
    Atomics.add(this.#words, PLACES[reason], 1n);
  }

  get counts(): LossCounts {
    return countsOf((reason) => Number(Atomics.load(this.#words, PLACES[reason])));
  }
}

/** By both or all ways of losing them. */
export function sumOf(...all: readonly LossCounts[]): LossCounts {
  return countsOf((reason) => all.reduce((sum, counts) => sum + counts[reason], 0));
}

/** Of a card's wire, which may be of several, one around the other; those that lose nothing do not count. */
export function lossesOf(wires: readonly Wire[]): WireLosses {
  const counting = wires.filter((wire): wire is CountingWire => "losses" in wire);
  return { in: sumOf(...counting.map(({ losses }) => losses.in)), out: sumOf(...counting.map(({ losses }) => losses.out)) };
}

function countsOf(count: (reason: LossReason) => number): LossCounts {
  return Object.fromEntries(REASONS.map((reason) => [reason, count(reason)])) as Record<LossReason, number>;
}
