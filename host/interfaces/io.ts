// Generated from interfaces/io.wit by `sumac bindgen`; change that, not this.
/** `sumac:io@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

/**
 * - `io`: The host could not read.
 * - `shrank`: The file is shorter than it was when it was opened.
 * - `out-of-range`: The offset lies beyond the end.
 */
export type FileError = "io" | "shrank" | "out-of-range";

/**
 * One file of the host, open for reading. The host implements it.
 *
 * What `Sumac.export` gives for `sumac:io/file@0.1.0`.
 */
export interface File {
  /**
   * In bytes, when the file was opened.
   *
   * `@idempotent`.
   * @returns `u64`
   */
  readonly size: HostCall<() => Called<bigint>>;

  /**
   * Fills `into` from `offset` (bytes) and returns it; beyond the end of the file it holds zeros.
   *
   * `@idempotent`.
   * @param offset `u64`.
   * @param into base of an object `block` that the host owns; it moves to the domain.
   * @returns `result<block, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly readAt: HostCall<(offset: bigint, into: number) => Called<HostResult<number, FileError>>>;
}

/**
 * One file of the host, open for reading. The host implements it.
 *
 * What an application implements as `sumac:io/file@0.1.0`.
 */
export interface FileImplementation {
  /**
   * In bytes, when the file was opened.
   *
   * `@idempotent`.
   * @returns `u64`
   */
  readonly size: () => bigint;

  /**
   * Fills `into` from `offset` (bytes) and returns it; beyond the end of the file it holds zeros.
   *
   * `@idempotent`.
   * @param offset `u64`.
   * @param into base of an object `block`, which is the host's from now on: it must free it.
   * @returns `result<block, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly readAt: (offset: bigint, into: number) => HostResult<number, FileError>;
}
