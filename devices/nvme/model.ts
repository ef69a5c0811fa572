/**
 * The NVMe controller model: skeleton of the public surface, behaviour follows.
 */
import type { BlockStore, Clock, Dma, InterruptLine, Mmio, PciIdentity, PciModel } from "../ports.ts";
import { WINDOW_BYTES } from "./registers.ts";

export interface NvmeOptions {
  /** Namespace 1. */
  readonly store: BlockStore;
  /** Bytes in a logical block: 4096 (default) or 512; divides the store's block size. */
  readonly lbaBytes?: 512 | 4096;
  /** I/O queue pairs, 1..64; default 16. */
  readonly ioQueues?: number;
  /** Largest transfer: 4096 << n bytes, 1..12; default 8 (1 MiB). */
  readonly mdts?: number;
  /** Left out: commands complete inside the doorbell write. Else they are held until `advance` or that many further accesses. */
  readonly deferred?: { readonly accesses?: number };
  /** Serial number, up to 20 ASCII characters. */
  readonly serial?: string;
  readonly clock?: Clock;
  /** Called after each completed command that moved data, with the bytes it moved. */
  readonly onTransfer?: (bytes: number) => void;
}

export class NvmeModel implements Mmio, PciModel {
  /** Fault port: the next I/O command is fetched and never completes; only a reset or a new grant frees the controller. */
  nextCommandHangs = false;
  /** Why the store refused, for the host's report; a driver sees only the status. */
  lastMediaError: unknown = undefined;
  readonly identity: PciIdentity = {
    vendor: 0x1af4,
    device: 0x10f1,
    classCode: 0x01_08_02,
    interruptPin: 1,
    bars: [{ index: 0, kind: "memory64", bytes: WINDOW_BYTES }],
  };

  constructor(options: NvmeOptions) {
    void options;
  }

  /** A grant begins: as after power-on. */
  start(dma: Dma, line?: InterruptLine): void {
    void [dma, line];
  }

  stop(): void {}

  /** Deferred mode: completes up to so many held commands; returns how many. */
  advance(steps: number): number {
    return steps & 0;
  }

  /** Commands fetched and not completed. */
  get inFlight(): number {
    return 0;
  }

  window(bar: number): Mmio | undefined {
    return bar === 0 ? this : undefined;
  }

  read8(_offset: number): number {
    return 0xff;
  }

  read16(_offset: number): number {
    return 0xffff;
  }

  read32(_offset: number): number {
    return 0xffff_ffff;
  }

  read64(_offset: number): bigint {
    return 0xffff_ffff_ffff_ffffn;
  }

  write8(_offset: number, _value: number): void {}
  write16(_offset: number, _value: number): void {}
  write32(_offset: number, _value: number): void {}
  write64(_offset: number, _value: bigint): void {}
}
