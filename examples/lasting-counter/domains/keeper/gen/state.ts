/**
 * `lasting:tally/state@1.0.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";

@external("lasting:tally/state@1.0.0", "[constructor]sums")
declare function create_sums(): i32;
@external("lasting:tally/state@1.0.0", "[resource-drop]sums")
declare function drop_sums(base: i32): void;

/** An object on the shared heap: 12 bytes, type id 1981933916. */
@unmanaged
@final
export class Sums {
  /** A new object, all zero; ends the domain when the heap has no room for it. */
  static create(): Sums {
    const base = create_sums();
    if (base == 0) glue.noRoom("no room for a sums on the shared heap");
    return glue.objectAt<Sums>(base);
  }

  /** Gives the object back, with all that it holds; the domain must own it. */
  drop(): void {
    drop_sums(glue.baseOf(this));
  }

  /** Its place on the shared heap, for devices and for functions of the guard. */
  get base(): u32 {
    return <u32>glue.baseOf(this);
  }

  get total(): u64 {
    return guard.load64(this.base);
  }

  set total(value: u64) {
    guard.store64(this.base, value);
  }

  get numbers(): u32 {
    return guard.load32(this.base + 8);
  }

  set numbers(value: u32) {
    guard.store32(this.base + 8, value);
  }
}
