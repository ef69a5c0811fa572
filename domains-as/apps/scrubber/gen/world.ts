/**
 * The entry of a domain of the world `scrubber` (sumac:scrubber@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";

export function scrub_passes(count: i32): i32 {
  return domain.scrub.passes(<u32>count).packed;
}

export function scrub_run(): i32 {
  return domain.scrub.run().packed;
}
