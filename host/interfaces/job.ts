// Generated from interfaces/job.wit by `sumac bindgen`; change that, not this.
/** `sumac:job@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

/**
 * Where a job tells how far it is. The host implements it.
 *
 * What `Sumac.export` gives for `sumac:job/progress@0.1.0`.
 */
export interface Progress {
  /**
   * `phase` counts from 0; `done` and `total` are in the job's own unit.
   * @param phase `u32`.
   * @param done `u64`.
   * @param total `u64`.
   */
  readonly report: HostCall<(phase: number, done: bigint, total: bigint) => Called<undefined>>;
}

/**
 * Where a job tells how far it is. The host implements it.
 *
 * What an application implements as `sumac:job/progress@0.1.0`.
 */
export interface ProgressImplementation {
  /**
   * `phase` counts from 0; `done` and `total` are in the job's own unit.
   * @param phase `u32`.
   * @param done `u64`.
   * @param total `u64`.
   */
  readonly report: (phase: number, done: bigint, total: bigint) => void;
}

/** An object on the shared heap, as `readObject` reads it: 72 bytes, type id 1612404457. Functions take and return its base. */
export interface Report {
  readonly bytes: bigint;
  readonly sha256Input: Uint8Array;
  readonly sha256ReadBack: Uint8Array;
}

/**
 * - `input`: The input could not be read.
 * - `input-shrank`: The input became shorter while it was read.
 * - `disk`: The disk failed, and did not recover.
 * - `too-small`: The input does not fit on the disk.
 * - `mismatch`: What was read back is not what was written.
 */
export type CopyError = "input" | "input-shrank" | "disk" | "too-small" | "mismatch";

/**
 * A job that copies the granted file to the granted disk and reads it back.
 *
 * What `Sumac.export` gives for `sumac:job/copy@0.1.0`.
 */
export interface Copy {
  /**
   * Hashes what it reads, in both directions, and compares.
   * @returns `result<report, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly run: HostCall<() => Called<HostResult<number, CopyError>>>;

  /**
   * The same passes without a look at the bytes; the report's digests are zero.
   * @returns `result<report, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly transfer: HostCall<() => Called<HostResult<number, CopyError>>>;
}

/**
 * A job that copies the granted file to the granted disk and reads it back.
 *
 * What an application implements as `sumac:job/copy@0.1.0`.
 */
export interface CopyImplementation {
  /**
   * Hashes what it reads, in both directions, and compares.
   * @returns `result<report, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly run: () => HostResult<number, CopyError>;

  /**
   * The same passes without a look at the bytes; the report's digests are zero.
   * @returns `result<report, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly transfer: () => HostResult<number, CopyError>;
}
