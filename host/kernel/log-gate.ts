/** Limits a domain's log lines: a bucket that holds one second's worth and refills with time. */
export class LogGate {
  readonly #perSecond: number;
  #tokens: number;
  #lastMs = 0;
  /** Lines refused since the last one that passed. */
  dropped = 0;

  constructor(linesPerSecond: number) {
    this.#perSecond = linesPerSecond;
    this.#tokens = linesPerSecond;
  }

  /** @param nowMs monotonic time */
  pass(nowMs: number): boolean {
    if (this.#lastMs > 0) {
      this.#tokens = Math.min(this.#perSecond, this.#tokens + ((nowMs - this.#lastMs) / 1000) * this.#perSecond);
    }
    this.#lastMs = nowMs;
    if (this.#tokens < 1) {
      this.dropped++;
      return false;
    }
    this.#tokens -= 1;
    this.dropped = 0;
    return true;
  }
}
