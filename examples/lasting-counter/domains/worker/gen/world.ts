/**
 * The entry of a domain of the world `worker` (lasting:worker@1.0.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";
import * as glue from "sumac/glue";
import { Sums } from "./state";

export function world_init(): void {
  domain.init();
}

export function world_recover(): void {
  domain.recover();
}

export function weighing_add(to: i32, number_: i32): void {
  const value_: u64 = domain.weighing.add(glue.objectAt<Sums>(to), <u32>number_);
  glue.setWord64(0, value_);
}
