// Generated from interfaces/nvme.wit by `sumac bindgen`; change that, not this.
/** `sumac:nvme@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

/**
 * - `read`: Fills the beginning of `data`.
 * - `write`: Stores the beginning of `data`.
 * - `flush`: What was answered before is on the medium afterwards. Concerns no blocks.
 * - `write-zeroes`: Makes blocks zero; needs no `data`.
 */
export type Operation = "read" | "write" | "flush" | "write-zeroes";

/**
 * - `fresh`: Still to be sent; what a new request is.
 * - `done`: The device did it.
 * - `failed`: The device refused or failed: `status` says how. Blocks and data hold anything.
 * - `refused`: Never sent: no such operation or namespace, no blocks or too many, or less data than blocks.
 * - `lost`: The driver died with it, or nobody serves the device now: it may have been done or not. Where `data` is missing, it died too.
 * - `in-flight`: With the driver; nobody else ever sees a request in this state.
 */
export type State = "fresh" | "done" | "failed" | "refused" | "lost" | "in-flight";

/**
 * Bytes that one request moves; as many as its creator asks for.
 *
 * An object on the shared heap, as `readObject` reads it: 0 bytes and 1 for each item, type id 328318361. Functions take and return its base.
 */
export interface Buffer {
  readonly bytes: Uint8Array;
}

/** An object on the shared heap, as `readObject` reads it: 32 bytes, type id 1557473141. Functions take and return its base. */
export interface Request {
  /** The first block, in the namespace's own size. */
  readonly lba: bigint;
  /** The client's: comes back as it was. */
  readonly tag: bigint;
  readonly nsid: number;
  /** How many; `namespace.most-blocks` at the most. */
  readonly blocks: number;
  readonly data: number | undefined;
  /** Of the completion: SC 7:0, SCT 10:8, M 13, DNR 14. */
  readonly status: number;
  readonly operation: Operation | number;
  readonly state: State | number;
}

/**
 * Up to 32 requests.
 *
 * An object on the shared heap, as `readObject` reads it: 136 bytes, type id 3572995677. Functions take and return its base.
 */
export interface Batch {
  readonly requests: readonly number[];
}

export interface Namespace {
  readonly nsid: number;
  /** In bytes, a power of two. */
  readonly blockSize: number;
  readonly blocks: bigint;
  /** In one request. */
  readonly mostBlocks: number;
}

/**
 * - `no-namespace`: There is none.
 * - `unavailable`: Nobody serves the device now, and it did not come back in time.
 * - `refused`: The batch holds something else than writes that can be sent; nothing was.
 * - `failed`: The device failed at one of them: any may have been stored or not.
 */
export type NvmeError = "no-namespace" | "unavailable" | "refused" | "failed";

/**
 * A controller's namespaces, in batches. Requests in flight have no order: who needs one waits for the first before he sends the second.
 *
 * What `Sumac.export` gives for `sumac:nvme/nvme@0.1.0`.
 */
export interface Nvme {
  /**
   * I/O queue pairs. A queue's number counts modulo this, so that each CPU or client may just use its own.
   *
   * `@idempotent`.
   * @returns `u32`
   */
  readonly queues: HostCall<() => Called<number>>;

  /**
   * The namespace in this place, from 0 on.
   *
   * `@idempotent`.
   * @param place `u32`.
   * @returns `result<namespace, error>`
   */
  readonly namespaceAt: HostCall<(place: number) => Called<HostResult<Namespace, NvmeError>>>;

  /**
   * Sends the batch's fresh requests, as many as the queue has room for, and returns it with whatever has ended: requests that are in
   * flight stay with the driver, and join the batch of a later call. Requests without room stay in it, fresh.
   * It waits until `at-least` requests of the queue have ended, or none is in flight; 0 only looks.
   * @param queue `u32`.
   * @param requests base of an object `batch` that the host owns; it moves to the domain.
   * @param atLeast `u32`.
   * @returns `batch`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly exchange: HostCall<(queue: number, requests: number, atLeast: number) => Called<number>>;

  /**
   * Sends all of the batch, which holds nothing but `write` and `write-zeroes`, and waits until all of it is stored.
   * After an error any of it may have been stored.
   *
   * `@idempotent`.
   * @param queue `u32`.
   * @param requests base of an object `batch` that the host owns; it is lent until the call returns.
   * @returns `result<_, error>`
   */
  readonly store: HostCall<(queue: number, requests: number) => Called<HostResult<undefined, NvmeError>>>;
}

/**
 * A controller's namespaces, in batches. Requests in flight have no order: who needs one waits for the first before he sends the second.
 *
 * What an application implements as `sumac:nvme/nvme@0.1.0`.
 */
export interface NvmeImplementation {
  /**
   * I/O queue pairs. A queue's number counts modulo this, so that each CPU or client may just use its own.
   *
   * `@idempotent`.
   * @returns `u32`
   */
  readonly queues: () => number;

  /**
   * The namespace in this place, from 0 on.
   *
   * `@idempotent`.
   * @param place `u32`.
   * @returns `result<namespace, error>`
   */
  readonly namespaceAt: (place: number) => HostResult<Namespace, NvmeError>;

  /**
   * Sends the batch's fresh requests, as many as the queue has room for, and returns it with whatever has ended: requests that are in
   * flight stay with the driver, and join the batch of a later call. Requests without room stay in it, fresh.
   * It waits until `at-least` requests of the queue have ended, or none is in flight; 0 only looks.
   * @param queue `u32`.
   * @param requests base of an object `batch`, which is the host's from now on: it must free it.
   * @param atLeast `u32`.
   * @returns `batch`; the value is the base of an object of the host, which moves to the domain
   */
  readonly exchange: (queue: number, requests: number, atLeast: number) => number;

  /**
   * Sends all of the batch, which holds nothing but `write` and `write-zeroes`, and waits until all of it is stored.
   * After an error any of it may have been stored.
   *
   * `@idempotent`.
   * @param queue `u32`.
   * @param requests base of an object `batch` that the host may read until it returns.
   * @returns `result<_, error>`
   */
  readonly store: (queue: number, requests: number) => HostResult<undefined, NvmeError>;
}
