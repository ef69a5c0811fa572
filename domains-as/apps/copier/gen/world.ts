/**
 * The entry of a domain of the world `copier` (sumac:copier@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";

export function copy_run(): i32 {
  return domain.copy.run().packed;
}

export function copy_transfer(): i32 {
  return domain.copy.transfer().packed;
}
