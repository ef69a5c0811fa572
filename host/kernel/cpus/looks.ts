/**
 * How long a CPU looks for an answer before it goes to sleep for it: longer than it takes to wake the other one, and less where that was
 * in vain lately. Where there are more threads than processors, whoever looks keeps the one from running that is to answer.
 *
 * Two CPUs that both sleep at once answer each other in some 50 µs for ever. One of them has to look for longer than that to find out that
 * the other one is there, so a trial that ends earlier would never end well.
 * Called by `cpu.ts`. Counts only.
 */

/** Some 100 µs. */
const MOST = 2048;
const FEWEST = 1;
/** One of so many waits looks for as long as it may, to find out whether that is worth it again. */
const TRIAL = 32;

export class Looks {
  #most = MOST;
  #waits = 0;

  /** For the wait that begins. */
  most(): number {
    return ++this.#waits % TRIAL === 0 ? MOST : this.#most;
  }

  /** @param found whether there was something before the looking ended, which is the answer */
  ended(found: boolean): boolean {
    this.#most = found ? MOST : Math.max(this.#most >> 2, FEWEST);
    return found;
  }
}
