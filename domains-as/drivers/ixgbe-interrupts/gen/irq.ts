/**
 * `sumac:device/irq@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
@external("sumac:device/irq@0.1.0", "wait")
declare function core_wait(w0: i32): i32;
@external("sumac:device/irq@0.1.0", "mask")
declare function core_mask(w0: i32): void;
@external("sumac:device/irq@0.1.0", "unmask")
declare function core_unmask(w0: i32): void;
@external("sumac:device/irq@0.1.0", "spurious")
declare function core_spurious(): i32;
@external("sumac:device/irq@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:device/irq@0.1.0`. */
export namespace irq {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function wait(line: u32): u32 {
    return <u32>core_wait(<i32>line);
  }

  /** Silent when the call fails: see `lastStatus`. */
  export function mask(line: u32): void {
    core_mask(<i32>line);
  }

  /** Silent when the call fails: see `lastStatus`. */
  export function unmask(line: u32): void {
    core_unmask(<i32>line);
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function spurious(): u32 {
    return <u32>core_spurious();
  }
}
