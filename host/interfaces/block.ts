// Generated from interfaces/block.wit by `sumac bindgen`; change that, not this.
/** `sumac:block@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

/**
 * 4096 bytes, the unit of every block device.
 *
 * An object on the shared heap, as `readObject` reads it: 4096 bytes, type id 615171343. Functions take and return its base.
 */
export interface Block {
  readonly data: Uint8Array;
}

/**
 * - `io`: The device reported a fault; the blocks concerned hold anything.
 * - `out-of-range`: The block address lies beyond the end of the device.
 * - `unavailable`: Nobody serves the device now, and it did not come back in time.
 */
export type BdevError = "io" | "out-of-range" | "unavailable";

export interface Geometry {
  /** Number of blocks. */
  readonly blocks: bigint;
  /** In bytes. */
  readonly blockSize: number;
}

/**
 * A block device. All of it may be replayed, so a shadow can stand in front of a driver that dies.
 *
 * What `Sumac.export` gives for `sumac:block/bdev@0.1.0`.
 */
export interface Bdev {
  /**
   * `@idempotent`.
   * @returns `geometry`
   */
  readonly identify: HostCall<() => Called<Geometry>>;

  /**
   * Fills `into` with the block at `lba` and returns it; on an error it is gone.
   *
   * `@idempotent`, `@fills into`.
   * @param lba `u64`.
   * @param into base of an object `block` that the host owns; it moves to the domain.
   * @returns `result<block, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly read: HostCall<(lba: bigint, into: number) => Called<HostResult<number, BdevError>>>;

  /**
   * Stores `data` at `lba`; it is on the medium only after a `flush`.
   *
   * `@idempotent`.
   * @param lba `u64`.
   * @param data base of an object `block` that the host owns; it is lent until the call returns.
   * @returns `result<_, error>`
   */
  readonly write: HostCall<(lba: bigint, data: number) => Called<HostResult<undefined, BdevError>>>;

  /**
   * Returns once every earlier `write` is on the medium.
   *
   * `@idempotent`.
   * @returns `result<_, error>`
   */
  readonly flush: HostCall<() => Called<HostResult<undefined, BdevError>>>;
}

/**
 * A block device. All of it may be replayed, so a shadow can stand in front of a driver that dies.
 *
 * What an application implements as `sumac:block/bdev@0.1.0`.
 */
export interface BdevImplementation {
  /**
   * `@idempotent`.
   * @returns `geometry`
   */
  readonly identify: () => Geometry;

  /**
   * Fills `into` with the block at `lba` and returns it; on an error it is gone.
   *
   * `@idempotent`, `@fills into`.
   * @param lba `u64`.
   * @param into base of an object `block`, which is the host's from now on: it must free it.
   * @returns `result<block, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly read: (lba: bigint, into: number) => HostResult<number, BdevError>;

  /**
   * Stores `data` at `lba`; it is on the medium only after a `flush`.
   *
   * `@idempotent`.
   * @param lba `u64`.
   * @param data base of an object `block` that the host may read until it returns.
   * @returns `result<_, error>`
   */
  readonly write: (lba: bigint, data: number) => HostResult<undefined, BdevError>;

  /**
   * Returns once every earlier `write` is on the medium.
   *
   * `@idempotent`.
   * @returns `result<_, error>`
   */
  readonly flush: () => HostResult<undefined, BdevError>;
}

/**
 * Up to 32 blocks, one behind the other.
 *
 * An object on the shared heap, as `readObject` reads it: 131072 bytes, type id 368098883. Functions take and return its base.
 */
export interface Extent {
  readonly data: Uint8Array;
}

/**
 * Several blocks in one request, for devices that can.
 *
 * What `Sumac.export` gives for `sumac:block/bulk@0.1.0`.
 */
export interface Bulk {
  /**
   * Fills the beginning of `into` with `blocks` blocks (1 to 32) from `lba` on and returns it; on an error it is gone.
   *
   * `@idempotent`, `@fills into`.
   * @param lba `u64`.
   * @param blocks `u32`.
   * @param into base of an object `extent` that the host owns; it moves to the domain.
   * @returns `result<extent, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly readMany: HostCall<(lba: bigint, blocks: number, into: number) => Called<HostResult<number, BdevError>>>;

  /**
   * Stores the first `blocks` blocks (1 to 32) of `data` from `lba` on; they are on the medium only after `bdev.flush`.
   * After an error any of them may have been stored.
   *
   * `@idempotent`.
   * @param lba `u64`.
   * @param blocks `u32`.
   * @param data base of an object `extent` that the host owns; it is lent until the call returns.
   * @returns `result<_, error>`
   */
  readonly writeMany: HostCall<(lba: bigint, blocks: number, data: number) => Called<HostResult<undefined, BdevError>>>;
}

/**
 * Several blocks in one request, for devices that can.
 *
 * What an application implements as `sumac:block/bulk@0.1.0`.
 */
export interface BulkImplementation {
  /**
   * Fills the beginning of `into` with `blocks` blocks (1 to 32) from `lba` on and returns it; on an error it is gone.
   *
   * `@idempotent`, `@fills into`.
   * @param lba `u64`.
   * @param blocks `u32`.
   * @param into base of an object `extent`, which is the host's from now on: it must free it.
   * @returns `result<extent, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly readMany: (lba: bigint, blocks: number, into: number) => HostResult<number, BdevError>;

  /**
   * Stores the first `blocks` blocks (1 to 32) of `data` from `lba` on; they are on the medium only after `bdev.flush`.
   * After an error any of them may have been stored.
   *
   * `@idempotent`.
   * @param lba `u64`.
   * @param blocks `u32`.
   * @param data base of an object `extent` that the host may read until it returns.
   * @returns `result<_, error>`
   */
  readonly writeMany: (lba: bigint, blocks: number, data: number) => HostResult<undefined, BdevError>;
}
