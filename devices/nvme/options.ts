/** What a host may say when it makes a controller. */
import type { BlockStore, Clock } from "../ports.ts";
import type { FaultSource } from "./faults.ts";
import type { LbaBytes } from "./namespace.ts";
import type { NamespaceOptions } from "./namespaces.ts";

export interface NvmeOptions {
  /** Namespace 1. */
  readonly store: BlockStore;
  /** Bytes in a logical block of it: 4096 (default) or 512; the store's blocks divide it, or it them. */
  readonly lbaBytes?: LbaBytes;
  /** Namespaces 2, 3, …; at most 1023. */
  readonly more?: readonly NamespaceOptions[];
  /** I/O queue pairs, 1..64; default 16. */
  readonly ioQueues?: number;
  /** Largest transfer: 4096 << n bytes, 1..12; default 8 (1 MiB). */
  readonly mdts?: number;
  /**
   * Left out: commands complete inside the doorbell write.
   * Else they are held, their data pinned, until `advance`, or until that many further register accesses. Oldest first, or
   * in an order by chance from `shuffle`, a seed.
   */
  readonly deferred?: { readonly accesses?: number; readonly shuffle?: number };
  /** The stores, `AsyncBlockStore`s all of them, work while the host goes on; commands complete when they are done. */
  readonly asynchronous?: boolean;
  /** Serial number, up to 20 ASCII characters; tells one disk from another. */
  readonly serial?: string;
  /** Without one, interrupts are not coalesced and slow commands count accesses only. */
  readonly clock?: Clock;
  /** Something waits for that reading of the clock: the host calls `tick` then, for no access may come to notice it. */
  readonly onDeadline?: (micros: number) => void;
  readonly faults?: FaultSource;
  /** Called after each completed Read or Write, with the bytes it moved. */
  readonly onTransfer?: (bytes: number) => void;
}
