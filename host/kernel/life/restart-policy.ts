/**
 * How patient the holder of a restart capability may be: numbers of the grant, and the arithmetic of waiting.
 * Called by `supervisor.ts`, by `host/supervision/`, and by `boot.ts`, which reads the numbers from the manifest. No clock, no randomness of its own.
 */
import type { DomainLimits } from "../domain.ts";
import type { Allowance } from "../provider.ts";

export interface RestartPolicy {
  /** Restarts that one call of the holder may cause; the next one is refused. */
  readonly tries: number;
  /** Wait before the second restart in a row without an answered call between them; each further one doubles it. */
  readonly firstWaitMs: number;
  readonly mostWaitMs: number;
  /** The share of a wait, 0 to 1, that chance may take away, so that those who broke together do not come back together. */
  readonly jitter: number;
  /** No restart begins later than this after the first one in the same call. */
  readonly patienceMs: number;
}

/** Of restarts one after the other. */
export type Waits = Pick<RestartPolicy, "firstWaitMs" | "mostWaitMs" | "jitter">;

/** Eight tries wait 63 ms together at most, far below the default budget of a caller. */
export const DEFAULT_RESTARTS: RestartPolicy = { tries: 8, firstWaitMs: 1, mostWaitMs: 100, jitter: 0.5, patienceMs: 500 };

/**
 * @param fruitless restarts since a call was last answered
 * @param chance 0 to 1: how much of what chance may take away it takes
 */
export function waitBefore({ firstWaitMs, mostWaitMs, jitter }: Waits, fruitless: number, chance: number): number {
  if (fruitless === 0) return 0;
  return Math.min(mostWaitMs, firstWaitMs * 2 ** Math.min(fruitless - 1, 30)) * (1 - chance * jitter);
}

/** What a method's deadline is stretched by for the holder: each try may use it up, and restarts take time. */
export function allowanceOf(policy: RestartPolicy, supervised: DomainLimits): Allowance {
  return { tries: policy.tries + 1, extraMs: policy.patienceMs + supervised.initBudgetMs };
}

/** The restarts of one call of the holder. */
export class Patience {
  readonly #policy: RestartPolicy;
  #sequence = 0;
  #tries = 0;
  #sinceMs = 0;

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /**
   * Whether the holder's call with this number may cause one more restart, which would begin in `waitMs`; counts it.
   * @param nowMs monotonic
   */
  allows(sequence: number, nowMs: number, waitMs: number): boolean {
    if (sequence !== this.#sequence) {
      this.#sequence = sequence;
      this.#tries = 0;
      this.#sinceMs = nowMs;
    }
    if (this.#tries >= this.#policy.tries || nowMs + waitMs - this.#sinceMs > this.#policy.patienceMs) return false;
    this.#tries++;
    return true;
  }
}
