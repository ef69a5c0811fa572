/**
 * The NVMe controller: the register window and the parts behind it.
 * The kernel hands the window to the owner of the grant and calls `start` and `stop` as grants come and go.
 * It must never touch memory other than through its `Dma` port, and nothing at all after `stop`.
 * Source: [NVME-1.4] section 3.1. Offsets are bytes from the start of BAR 0.
 */
import type { BlockStore, Clock, Dma, InterruptLine, Mmio, PciIdentity, PciModel } from "../ports.ts";
import { WORD_READABLE } from "../register-table.ts";
import { AdminCommands } from "./admin.ts";
import { IO, LOG, STATUS } from "./codes.ts";
import type { Command } from "./command.ts";
import { Engine } from "./engine.ts";
import { ERROR_EVENT, EVENT_TYPE, Events } from "./events.ts";
import { Features } from "./features.ts";
import { Identify } from "./identify.ts";
import { Interrupts } from "./interrupts.ts";
import { IoCommands } from "./io.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Logs } from "./logs.ts";
import { Namespace } from "./namespace.ts";
import { PrpWalker } from "./prp.ts";
import { QueueCommands } from "./queue-commands.ts";
import { Queues } from "./queues.ts";
import { COMPILED, DOORBELLS, LARGEST_PAGE, REG, WINDOW_BYTES } from "./registers.ts";

/** What a bus reads where no device answers. */
const NOBODY = 0xffff_ffff;
const BASE_PAGE_BYTES = 4096;

export interface NvmeOptions {
  /** Namespace 1. */
  readonly store: BlockStore;
  /** Bytes in a logical block: 4096 (default) or 512; divides the store's block size. */
  readonly lbaBytes?: 512 | 4096;
  /** I/O queue pairs, 1..64; default 16. */
  readonly ioQueues?: number;
  /** Largest transfer: 4096 << n bytes, 1..12; default 8 (1 MiB). */
  readonly mdts?: number;
  /**
   * Left out: commands complete inside the doorbell write.
   * Else they are held, their data pinned, until `advance`, or until that many further register accesses.
   */
  readonly deferred?: { readonly accesses?: number };
  /** Serial number, up to 20 ASCII characters; tells one disk from another. */
  readonly serial?: string;
  readonly clock?: Clock;
  /** Called after each completed command that moved blocks, with the bytes it moved. */
  readonly onTransfer?: (bytes: number) => void;
}

export class NvmeModel implements Mmio, PciModel {
  /** Why the store refused, for the host's report; a driver sees only the status. */
  lastMediaError: unknown = undefined;
  /** Accesses that no driver should make: misaligned, narrower than 32 bits, outside the window. For the host's report. */
  accessErrors = 0;
  readonly identity: PciIdentity = {
    vendor: 0x1af4,
    device: 0x10f1,
    subsystemVendor: 0x1af4,
    subsystem: 0x1100,
    revision: 1,
    classCode: 0x01_08_02,
    interruptPin: 1,
    bars: [{ index: 0, kind: "memory64", bytes: WINDOW_BYTES }],
  };

  readonly #values: Uint32Array = new Uint32Array(COMPILED.reset.length);
  readonly #queues: Queues;
  readonly #engine: Engine;
  readonly #events: Events = new Events();
  readonly #interrupts: Interrupts = new Interrupts();
  readonly #admin: AdminCommands;
  readonly #logs: Logs;
  readonly #lifecycle: Lifecycle;
  readonly #onTransfer: ((bytes: number) => void) | undefined;
  readonly #countsAccesses: boolean;
  /** Present exactly while a grant exists. */
  #dma: Dma | undefined = undefined;

  constructor(options: NvmeOptions) {
    const { lbaBytes = 4096, ioQueues = 16, mdts = 8, serial = "SUMAC-0" } = options;
    if (!(ioQueues >= 1 && ioQueues <= 64)) throw new Error(`an NVMe controller here has 1 to 64 I/O queue pairs, not ${ioQueues}`);
    if (!(mdts >= 1 && mdts <= 12)) throw new Error(`an NVMe controller here has an MDTS of 1 to 12, not ${mdts}`);
    const maxBytes = BASE_PAGE_BYTES << mdts;
    const namespace = new Namespace(options.store, lbaBytes);
    this.#onTransfer = options.onTransfer;
    this.#countsAccesses = options.deferred?.accesses !== undefined;
    this.#queues = new Queues(ioQueues);
    const features = new Features(this.#queues);
    const io = new IoCommands(namespace, features, maxBytes, (error) => {
      this.lastMediaError = error;
    });
    this.#logs = new Logs(this.#events, io.counters, maxBytes, () => options.clock?.nowMicros() ?? 0);
    const engine = (): Engine => this.#engine;
    this.#admin = new AdminCommands({
      identify: new Identify({ vendor: this.identity.vendor, serial, mdts, namespace }),
      logs: this.#logs,
      features,
      queueCommands: new QueueCommands(this.#queues, this.#interrupts, engine, () => this.#values[REG.cc / 4] ?? 0),
      events: this.#events,
      queues: this.#queues,
      engine,
    });
    this.#engine = new Engine({
      queues: this.#queues,
      interrupts: this.#interrupts,
      walker: new PrpWalker(BASE_PAGE_BYTES << LARGEST_PAGE),
      admin: this.#admin,
      io,
      maxSegments: (1 << mdts) + 1,
      deferred: options.deferred !== undefined,
      dueAfter: options.deferred?.accesses ?? Number.POSITIVE_INFINITY,
      burst: () => features.burst,
      completed: (command, status) => this.#completed(command, status),
      fatal: () => this.#lifecycle.fatal(),
    });
    this.#lifecycle = new Lifecycle({
      values: this.#values,
      queues: this.#queues,
      engine: this.#engine,
      features,
      events: this.#events,
      interrupts: this.#interrupts,
      flush: () => {
        try {
          namespace.flush();
        } catch (error) {
          this.lastMediaError = error;
        }
      },
    });
  }

  /** Fault port: the next I/O command is fetched and never completes; only a reset, a deleted queue or a new grant frees it. */
  get nextCommandHangs(): boolean {
    return this.#engine.hangNext;
  }

  set nextCommandHangs(hangs: boolean) {
    this.#engine.hangNext = hangs;
  }

  /** Commands that were fetched and have not completed. */
  get inFlight(): number {
    return this.#engine.inFlight;
  }

  /** A grant begins: the controller is as after power-on, and its DMA goes through `dma` until `stop`. */
  start(dma: Dma, line?: InterruptLine): void {
    if (this.#dma !== undefined) throw new Error("the controller is already granted: stop it first");
    this.#dma = dma;
    this.#values.set(COMPILED.reset);
    this.#logs.clear();
    this.#interrupts.connect(line);
    this.#lifecycle.reset();
  }

  /** The grant is gone: what was in flight is cancelled and unpinned, the pin is low, and nothing is touched from here on. */
  stop(): void {
    this.#lifecycle.reset();
    this.#interrupts.connect(undefined);
    this.#dma = undefined;
    this.#values.fill(0);
  }

  /** Deferred mode: completes up to so many held commands, oldest first; returns how many. */
  advance(steps: number): number {
    const done = this.#engine.advance(steps);
    if (done > 0) this.#lifecycle.settle();
    return done;
  }

  window(bar: number): Mmio | undefined {
    return bar === 0 ? this : undefined;
  }

  // HOT: a driver may poll here.
  read32(offset: number): number {
    if (this.#dma === undefined) return NOBODY;
    if (this.#countsAccesses || this.#engine.behind) this.#accessed();
    if (!isAligned(offset, 4)) return this.#badAccess();
    const word = offset >>> 2;
    if (offset === REG.intms || offset === REG.intmc) return this.#interrupts.mask;
    return ((COMPILED.access[word] ?? 0) & WORD_READABLE) === 0 ? 0 : (this.#values[word] ?? 0);
  }

  // HOT: the doorbells.
  write32(offset: number, value: number): void {
    const dma = this.#dma;
    if (dma === undefined) return;
    if (this.#countsAccesses || this.#engine.behind) this.#accessed();
    if (!isAligned(offset, 4)) this.#badAccess();
    else if (offset >= DOORBELLS) this.#doorbell((offset - DOORBELLS) >>> 2, value & 0xffff);
    else this.#writeRegister(offset, value >>> 0, dma);
  }

  /** Two halves, the low one first. */
  read64(offset: number): bigint {
    if (!isAligned(offset, 8)) return (BigInt(this.#badAccess()) << 32n) | 0xffff_ffffn;
    const low = this.read32(offset);
    return (BigInt(this.read32(offset + 4)) << 32n) | BigInt(low);
  }

  write64(offset: number, value: bigint): void {
    if (!isAligned(offset, 8)) {
      this.#badAccess();
      return;
    }
    this.write32(offset, Number(value & 0xffff_ffffn));
    this.write32(offset + 4, Number((value >> 32n) & 0xffff_ffffn));
  }

  read8(_offset: number): number {
    return this.#badAccess() & 0xff;
  }

  read16(_offset: number): number {
    return this.#badAccess() & 0xffff;
  }

  write8(_offset: number, _value: number): void {
    this.#badAccess();
  }

  write16(_offset: number, _value: number): void {
    this.#badAccess();
  }

  #writeRegister(offset: number, value: number, dma: Dma): void {
    switch (offset) {
      case REG.cc:
        this.#lifecycle.writeConfiguration(value, dma);
        break;
      case REG.intms:
        this.#interrupts.setMask(this.#interrupts.mask | value);
        break;
      case REG.intmc:
        this.#interrupts.setMask(this.#interrupts.mask & ~value);
        break;
      case REG.aqa:
        this.#values[offset >>> 2] = value & 0x0fff_0fff;
        break;
      case REG.asq:
      case REG.asq + 4:
      case REG.acq:
      case REG.acq + 4:
        this.#values[offset >>> 2] = value;
        break;
      default: // read-only, reserved, or NSSR, which is not supported: nothing happens
    }
  }

  // HOT: once or twice per command.
  #doorbell(index: number, value: number): void {
    if (!this.#engine.running) return;
    if ((index & 1) === 0) this.#submissionTail(index >>> 1, value);
    else this.#completionHead(index >>> 1, value);
  }

  #submissionTail(id: number, tail: number): void {
    const sq = this.#queues.submission[id];
    if (sq === undefined || tail >= sq.entries) {
      this.#doorbellError(sq === undefined ? ERROR_EVENT.unknownDoorbell : ERROR_EVENT.doorbellValue);
      return;
    }
    sq.tail = tail;
    this.#engine.ring();
  }

  #completionHead(id: number, head: number): void {
    const cq = this.#queues.completion[id];
    if (cq === undefined || !cq.accepts(head)) {
      this.#doorbellError(cq === undefined ? ERROR_EVENT.unknownDoorbell : ERROR_EVENT.doorbellValue);
      return;
    }
    cq.head = head;
    this.#engine.freed(cq);
  }

  #doorbellError(info: number): void {
    this.#events.report(EVENT_TYPE.error, info, LOG.errors);
    this.#admin.deliver();
  }

  // HOT: after every completion.
  #completed(command: Command, status: number): void {
    if (status !== STATUS.success) this.#logs.record(command, status);
    else if (command.sq.id !== 0 && command.opcode !== IO.flush) this.#onTransfer?.(command.dataBytes);
  }

  /** One access nearer to the completions that are due by counting. */
  #accessed(): void {
    this.#engine.accessed();
    this.#lifecycle.settle();
  }

  #badAccess(): number {
    if (this.#dma !== undefined) this.accessErrors++;
    return NOBODY;
  }
}

function isAligned(offset: number, bytes: number): boolean {
  return offset % bytes === 0 && offset >= 0 && offset < WINDOW_BYTES;
}
