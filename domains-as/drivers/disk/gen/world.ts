/**
 * The entry of a domain of the world `driver` (sumac:disk-driver@0.1.0): the functions that others call, as index.ts implements them.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as domain from "../index";
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Geometry } from "./bdev";
import { Block } from "./types";

export function world_init(): void {
  domain.init();
}

export function world_recover(): void {
  domain.recover();
}

export function bdev_identify(): void {
  const value_: Geometry = domain.bdev.identify();
  glue.setWord64(0, value_.blocks);
  guard.setResult(2, value_.blockSize);
}

export function bdev_read(lba_lo: i32, lba_hi: i32, into: i32): i32 {
  return domain.bdev.read(glue.join(lba_lo, lba_hi), glue.objectAt<Block>(into)).packed;
}

export function bdev_write(lba_lo: i32, lba_hi: i32, data: i32): i32 {
  return domain.bdev.write(glue.join(lba_lo, lba_hi), glue.objectAt<Block>(data)).packed;
}

export function bdev_flush(): i32 {
  return domain.bdev.flush().packed;
}
