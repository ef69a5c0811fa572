/**
 * `sumac:ping/responder@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

/** One of these. */
export const enum ResponderError {
  network = 0,
}

@external("sumac:ping/responder@0.1.0", "[constructor]report")
declare function create_report(): i32;
@external("sumac:ping/responder@0.1.0", "[resource-drop]report")
declare function drop_report(base: i32): void;

/** An object on the shared heap: 16 bytes, type id 3825042362. */
@unmanaged
@final
export class Report {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Report {
    const base = create_report();
    if (base == 0) glue.noRoom("no room for a report on the shared heap");
    return glue.objectAt<Report>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_report(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get arp(): u64 {
    return guard.load64(this.base);
  }

  set arp(value: u64) {
    guard.store64(this.base, value);
  }

  get icmp(): u64 {
    return guard.load64(this.base + 8);
  }

  set icmp(value: u64) {
    guard.store64(this.base + 8, value);
  }
}
