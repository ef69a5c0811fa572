// Generated from interfaces/device.wit by `sumac bindgen`; change that, not this.
/** `sumac:device@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall } from "sumac-kernel";

/**
 * The registers of the one device that a domain was granted. The host implements it.
 *
 * What `Sumac.export` gives for `sumac:device/mmio@0.1.0`.
 */
export interface Mmio {
  /**
   * Reads the register at `offset` bytes into the device's first region.
   * @param offset `u32`.
   * @returns `u32`
   */
  readonly read32: HostCall<(offset: number) => Called<number>>;

  /**
   * Writes it; a write may start work that ends later.
   * @param offset `u32`.
   * @param value `u32`.
   */
  readonly write32: HostCall<(offset: number, value: number) => Called<undefined>>;
}

/**
 * The registers of the one device that a domain was granted. The host implements it.
 *
 * What an application implements as `sumac:device/mmio@0.1.0`.
 */
export interface MmioImplementation {
  /**
   * Reads the register at `offset` bytes into the device's first region.
   * @param offset `u32`.
   * @returns `u32`
   */
  readonly read32: (offset: number) => number;

  /**
   * Writes it; a write may start work that ends later.
   * @param offset `u32`.
   * @param value `u32`.
   */
  readonly write32: (offset: number, value: number) => void;
}

/**
 * Time, for timeouts. The host implements it.
 *
 * What `Sumac.export` gives for `sumac:device/clock@0.1.0`.
 */
export interface Clock {
  /**
   * Microseconds since an arbitrary start; never goes back.
   * @returns `u64`
   */
  readonly nowMicros: HostCall<() => Called<bigint>>;
}

/**
 * Time, for timeouts. The host implements it.
 *
 * What an application implements as `sumac:device/clock@0.1.0`.
 */
export interface ClockImplementation {
  /**
   * Microseconds since an arbitrary start; never goes back.
   * @returns `u64`
   */
  readonly nowMicros: () => bigint;
}

/**
 * The interrupts of the one device that a domain was granted. Line 0 is its pin, line v + 1 its message of vector v. The host
 * implements it.
 *
 * What `Sumac.export` gives for `sumac:device/irq@0.1.0`.
 */
export interface Irq {
  /**
   * Waits, in a thread, until the line has something to say. Of a message: how often it was raised since somebody was told.
   * Of the pin: 1, at once and again while the device holds it. 0: no device has such a line.
   * @param line `u32`.
   * @returns `u32`
   */
  readonly wait: HostCall<(line: number) => Called<number>>;

  /**
   * Holds back what the line says until `unmask`. Nothing is lost meanwhile.
   * @param line `u32`.
   */
  readonly mask: HostCall<(line: number) => Called<undefined>>;

  /**
   * Lets it through again, what was held back first.
   * @param line `u32`.
   */
  readonly unmask: HostCall<(line: number) => Called<undefined>>;

  /**
   * How often the device woke somebody and had let the pin go before anybody looked, or sent a message that no device has.
   * @returns `u32`
   */
  readonly spurious: HostCall<() => Called<number>>;
}

/**
 * The interrupts of the one device that a domain was granted. Line 0 is its pin, line v + 1 its message of vector v. The host
 * implements it.
 *
 * What an application implements as `sumac:device/irq@0.1.0`.
 */
export interface IrqImplementation {
  /**
   * Waits, in a thread, until the line has something to say. Of a message: how often it was raised since somebody was told.
   * Of the pin: 1, at once and again while the device holds it. 0: no device has such a line.
   * @param line `u32`.
   * @returns `u32`
   */
  readonly wait: (line: number) => number;

  /**
   * Holds back what the line says until `unmask`. Nothing is lost meanwhile.
   * @param line `u32`.
   */
  readonly mask: (line: number) => void;

  /**
   * Lets it through again, what was held back first.
   * @param line `u32`.
   */
  readonly unmask: (line: number) => void;

  /**
   * How often the device woke somebody and had let the pin go before anybody looked, or sent a message that no device has.
   * @returns `u32`
   */
  readonly spurious: () => number;
}
