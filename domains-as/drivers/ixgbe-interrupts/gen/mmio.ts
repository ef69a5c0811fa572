/**
 * `sumac:device/mmio@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
@external("sumac:device/mmio@0.1.0", "read32")
declare function core_read32(w0: i32): i32;
@external("sumac:device/mmio@0.1.0", "write32")
declare function core_write32(w0: i32, w1: i32): void;
@external("sumac:device/mmio@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:device/mmio@0.1.0`. */
export namespace mmio {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function read32(offset: u32): u32 {
    return <u32>core_read32(<i32>offset);
  }

  /** Silent when the call fails: see `lastStatus`. */
  export function write32(offset: u32, value: u32): void {
    core_write32(<i32>offset, <i32>value);
  }
}
