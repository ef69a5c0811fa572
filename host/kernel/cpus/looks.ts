/**
 * How long a CPU looks for an answer before it goes to sleep for it: at most some 20 µs, and less where that was in vain lately. Where there
 * are more threads than processors, whoever looks keeps the one from running that is to answer.
 * Called by `cpu.ts`. Counts only.
 */

const MOST = 512;
const FEWEST = 1;
/** One of so many waits looks for as long as it may, to find out whether that is worth it again. */
const TRIAL = 64;

export class Looks {
  #most = MOST;
  #waits = 0;

  /** For the wait that begins. */
  most(): number {
    return ++this.#waits % TRIAL === 0 ? MOST : this.#most;
  }

  /** @param found whether there was something before the looking ended, which is the answer */
  ended(found: boolean): boolean {
    this.#most = found ? Math.min(this.#most * 2, MOST) : Math.max(this.#most >> 1, FEWEST);
    return found;
  }
}
