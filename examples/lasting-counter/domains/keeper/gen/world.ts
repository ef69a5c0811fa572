/**
 * The entry of a domain of the world `keeper` (lasting:keeper@1.0.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";
import * as glue from "sumac/glue";

export function counter_add(number_: i32): i32 {
  const outcome_ = domain.counter.add(<u32>number_);
  if (!outcome_.isOk) return outcome_.packed;
  glue.setWord64(0, outcome_.value);
  return 64;
}
