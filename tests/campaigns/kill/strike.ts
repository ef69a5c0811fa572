/**
 * Where on another CPU somebody is to be killed: words that the campaign writes and that CPU reads at each safepoint and crossing.
 * The campaign's process is started with `there.ts` imported, which every thread of it runs first.
 */
import type { Kernel } from "../../../host/kernel/kernel.ts";

/** What worker threads are given the words by. */
export const STRIKE_KEY = "sumac-campaign-kill";

/** `point`: how many are passed before. `call`: counts the calls. `victim`: see VICTIMS in `trials.ts`. `target`: whom it was, as PARTIES has them. */
export const StrikeWord = { isArmed: 0, point: 1, victim: 2, isDone: 3, target: 4, call: 5 } as const;

/**
 * Points in their order, from `first` on. A CPU that waits for another one answers interrupts as often as it looks: that is one point
 * however long it takes, or their number would be another one each time.
 */
export class Points {
  #left: number;
  #isWaiting = false;

  constructor(first: number) {
    this.#left = first;
  }

  /** @returns whether this is the one */
  pass({ cpus }: Kernel): boolean {
    const waits = cpus !== undefined && cpus.cpu.level > 0 && cpus.cpu.serving < 0;
    const isSame = waits && this.#isWaiting;
    this.#isWaiting = waits;
    return !isSame && this.#left-- === 0;
  }
}

export const STRIKE_WORDS = 8;

/** Place 0: nobody. */
export const PARTIES = ["", "front", "middle", "back"] as const;
