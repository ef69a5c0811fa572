/**
 * The entry of a domain of the world `app` (sumac:traffic@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";

export function traffic_send(rounds: i32, batch: i32): i32 {
  const value_: u32 = domain.traffic.send(<u32>rounds, <u32>batch);
  return <i32>value_;
}

export function traffic_loop(rounds: i32, batch: i32): i32 {
  const value_: u32 = domain.traffic.loop(<u32>rounds, <u32>batch);
  return <i32>value_;
}

export function traffic_flow(rounds: i32, batch: i32, port: i32): i32 {
  const value_: u32 = domain.traffic.flow(<u32>rounds, <u32>batch, <u32>port);
  return <i32>value_;
}
