/**
 * What the controller counts of its own life, as the health log reports it. Counted by the I/O commands, the lifecycle and the host.
 * Source: [NVME-1.4] section 5.14.1.2.
 */

/** Where Identify puts the warning and the critical temperature. */
export const WARNING_KELVIN = 343;
export const CRITICAL_KELVIN = 353;
const ORDINARY_KELVIN = 308;

export class Health {
  readCommands = 0;
  writeCommands = 0;
  /** Bytes that Read, Compare and Verify have read, and that Write has written. */
  readBytes = 0;
  writtenBytes = 0;
  mediaErrors = 0;
  powerCycles = 0;
  /** Ends of power without a shutdown that was finished before. */
  unsafeShutdowns = 0;
  /** Commands that ended with an error, as the error log counts them. */
  errors = 0;
  /** Time at and above the two temperatures, without the stretch that lasts. */
  warningMicros = 0;
  criticalMicros = 0;
  #kelvin = ORDINARY_KELVIN;
  #changedMicros = 0;

  get kelvin(): number {
    return this.#kelvin;
  }

  heat(kelvin: number, nowMicros: number): void {
    this.settle(nowMicros);
    this.#kelvin = kelvin;
  }

  /** Counts the stretch that lasts. */
  settle(nowMicros: number): void {
    const passed = nowMicros - this.#changedMicros;
    this.#changedMicros = nowMicros;
    if (this.#kelvin >= CRITICAL_KELVIN) this.criticalMicros += passed;
    else if (this.#kelvin >= WARNING_KELVIN) this.warningMicros += passed;
  }
}
