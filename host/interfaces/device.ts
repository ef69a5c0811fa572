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
