/**
 * Gives a device its turn when the time has come that it asked for: an interrupt that was held back, a pause that is over, work that was left.
 * Made by resources.ts and network.ts with each device that has a clock. Between domains' turns only: while one runs, the device is settled by
 * the accesses of its driver. It does not keep the process alive.
 */
import { nextTurn } from "../platform/turn.ts";

/** Timers of the platform come a millisecond late; what is due sooner than that is awaited turn by turn. */
const FINE_MICROS = 2000;
const LONGEST_MS = 0x7fffffff;

export interface TimedDevice {
  /** Infinity: nothing is due; 0: as soon as possible. */
  readonly deadlineMicros: number;
  tick(): void;
}

export class DeviceTimer {
  readonly #device: () => TimedDevice;
  readonly #nowMicros: () => number;
  /** When the present timer or turn comes to look, at the latest. */
  #wanted = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isTurning = false;

  /** @param device asked when it is due; it may not exist yet */
  constructor(device: () => TimedDevice, nowMicros: () => number) {
    this.#device = device;
    this.#nowMicros = nowMicros;
  }

  // HOT: a device that waits says so after each access.
  /** @param atMicros by the device's clock */
  want(atMicros: number): void {
    if (atMicros >= this.#wanted) return;
    this.#wanted = atMicros;
    this.#await();
  }

  #await(): void {
    const left = this.#wanted - this.#nowMicros();
    clearTimeout(this.#timer);
    if (left > FINE_MICROS) {
      this.#timer = setTimeout(() => this.#look(), Math.min((left - FINE_MICROS) / 1000, LONGEST_MS));
      this.#timer.unref();
    } else if (!this.#isTurning) {
      this.#isTurning = true;
      nextTurn(() => {
        this.#isTurning = false;
        this.#look();
      });
    }
  }

  /** Nothing may be due any more: the driver was there in the meantime, or the device was stopped. */
  #look(): void {
    const device = this.#device();
    this.#wanted = Number.POSITIVE_INFINITY;
    if (device.deadlineMicros <= this.#nowMicros()) device.tick();
    if (device.deadlineMicros !== Number.POSITIVE_INFINITY) this.want(device.deadlineMicros);
  }
}
