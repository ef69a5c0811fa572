/**
 * The NVMe controller: what a bus and a host see of it. The parts behind it are put together in parts.ts.
 * The kernel hands the window to the owner of the grant and calls `start` and `stop` as grants come and go.
 * It must never touch memory other than through its `Dma` port, and nothing at all after `stop`.
 * Source: [NVME-1.4] section 3.1. Offsets are bytes from the start of BAR 0.
 */
import { DwordWindow, isAligned } from "../dword-window.ts";
import type { BlockStore, Dma, Interrupt, InterruptLine, MessageControl, Mmio, PciIdentity, PciModel } from "../ports.ts";
import { WORD_READABLE } from "../register-table.ts";
import { IO, STATUS } from "./codes.ts";
import type { Command } from "./command.ts";
import { EVENT_ENABLE } from "./events.ts";
import { isTooHotOrCold } from "./log-pages.ts";
import type { NvmeOptions } from "./options.ts";
import { buildParts, type NvmeParts } from "./parts.ts";
import { COMPILED, DOORBELLS, MSIX_PENDING, MSIX_TABLE, REG, WINDOW_BYTES } from "./registers.ts";

export type { NvmeOptions } from "./options.ts";

/** What a host shows of a controller; counts go up for ever. */
export interface NvmeActivity {
  readonly readCommands: number;
  readonly writeCommands: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Commands that ended with an error. */
  readonly errors: number;
  /** I/O queue pairs that exist: commands that were rung for and have not completed. */
  readonly queues: readonly { readonly id: number; readonly depth: number; readonly entries: number }[];
  /** Of a sample of the commands, how many took how long: below 1 µs, then from 2^(i-1) µs on; the last has no upper end. */
  readonly latency: readonly number[];
}

/** What a bus reads where no device answers. */
const NOBODY = 0xffff_ffff;
const VENDOR = 0x1af4;

export class NvmeModel extends DwordWindow implements PciModel {
  /** Why the store refused, for the host's report; a driver sees only the status. */
  lastMediaError: unknown = undefined;
  /** Accesses that no driver should make: misaligned, narrower than 32 bits, outside the window. For the host's report. */
  accessErrors = 0;
  readonly identity: PciIdentity;
  readonly messageControl: MessageControl;
  readonly #parts: NvmeParts;
  readonly #values: Uint32Array = new Uint32Array(COMPILED.reset.length);
  readonly #onTransfer: ((bytes: number) => void) | undefined;
  readonly #countsAccesses: boolean;
  /** Present exactly while a grant exists. */
  #dma: Dma | undefined = undefined;

  constructor(options: NvmeOptions) {
    super();
    this.#onTransfer = options.onTransfer;
    this.#countsAccesses = options.deferred?.accesses !== undefined;
    this.#parts = buildParts(options, VENDOR, this.#values, {
      completed: (command, status) => this.#completed(command, status),
      mediaFailed: (error) => {
        this.lastMediaError = error;
      },
    });
    const { msix, interrupts } = this.#parts;
    this.identity = {
      vendor: VENDOR,
      device: 0x10f1,
      subsystemVendor: VENDOR,
      subsystem: 0x1100,
      revision: 1,
      classCode: 0x01_08_02,
      interruptPin: 1,
      bars: [{ index: 0, kind: "memory64", bytes: WINDOW_BYTES }],
      capabilities: [msix.capability(0, MSIX_TABLE, MSIX_PENDING)],
    };
    this.messageControl = {
      configure(enabled, masked) {
        const changed = enabled !== msix.enabled;
        msix.configure(enabled, masked);
        if (changed) interrupts.configured();
      },
    };
  }

  /** Fault port: the next I/O command is fetched and never completes; only a reset, a deleted queue or a new grant frees it. */
  get nextCommandHangs(): boolean {
    return this.#parts.admission.hangNext;
  }

  set nextCommandHangs(hangs: boolean) {
    this.#parts.admission.hangNext = hangs;
  }

  /** Commands that were fetched and have not completed. */
  get inFlight(): number {
    return this.#parts.engine.inFlight;
  }

  get activity(): NvmeActivity {
    const { health, queues, engine } = this.#parts;
    const { readCommands, writeCommands, readBytes, writtenBytes, errors } = health;
    return {
      ...{ readCommands, writeCommands, readBytes, writtenBytes, errors },
      queues: queues.active
        .filter(({ id }) => id !== 0)
        .map(({ id, entries, head, tail, outstanding }) => ({ id, entries, depth: outstanding + ((tail - head + entries) % entries) })),
      latency: [...engine.latency.buckets],
    };
  }

  /** When interrupts that wait want `tick` to be called, by the controller's clock; Infinity: not at all. */
  get deadlineMicros(): number {
    return this.#parts.interrupts.deadlineMicros;
  }

  /** A grant begins: the controller is as after power-on, and its DMA goes through `dma` until `stop`. */
  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void {
    if (this.#dma !== undefined) throw new Error("the controller is already granted: stop it first");
    const { logs, interrupts, msix, lifecycle } = this.#parts;
    this.#dma = dma;
    logs.clear();
    interrupts.connect(line);
    msix.connect(messages);
    lifecycle.reset();
    lifecycle.powerOn();
  }

  /** The grant is gone: what was in flight is cancelled and unpinned, the pin is low, and nothing is touched from here on. */
  stop(): void {
    const { lifecycle, interrupts, msix } = this.#parts;
    lifecycle.powerOff();
    interrupts.connect(undefined);
    msix.connect(undefined);
    this.#dma = undefined;
    this.#values.fill(0);
  }

  /** Fault port: the power fails and comes back. What the stores had not made stable may be lost; the grant goes on. */
  cutPower(): void {
    const { lifecycle, namespaces, logs } = this.#parts;
    lifecycle.powerOff();
    for (const { store } of namespaces.all) store.cutPower?.();
    logs.clear();
    if (this.#dma !== undefined) lifecycle.powerOn();
  }

  /** Deferred mode: completes up to so many held commands; returns how many. */
  advance(steps: number): number {
    const done = this.#parts.engine.advance(steps);
    if (done > 0) this.#parts.lifecycle.settle();
    return done;
  }

  /** Time has passed: interrupts that waited for more completions go out, slow commands complete. */
  tick(): void {
    const { interrupts, engine, lifecycle, nowMicros } = this.#parts;
    if (interrupts.deadlineMicros !== Number.POSITIVE_INFINITY) interrupts.tick(nowMicros());
    engine.tick();
    lifecycle.settle();
  }

  /** The device's temperature, which may be an event. */
  heat(kelvin: number): void {
    const { health, features, events, admin, nowMicros } = this.#parts;
    health.heat(kelvin, nowMicros());
    if (!isTooHotOrCold(health, features) || !features.enables(EVENT_ENABLE.temperature)) return;
    events.report("temperature");
    admin.deliver();
  }

  /** Another store takes the place of a namespace's own, larger or smaller perhaps; commands in flight on it end as not ready. */
  replaceStore(nsid: number, store: BlockStore): void {
    const { namespaces, engine, logs, events, features, admin } = this.#parts;
    const namespace = namespaces.get(nsid);
    if (namespace === undefined) throw new Error(`the controller has no namespace ${nsid}`);
    this.#parts.beginner?.mustBegin(nsid, store);
    engine.cancel((command) => (command.namespace === namespace ? STATUS.namespaceNotReady : undefined), true);
    namespace.replaceStore(store);
    logs.namespaceChanged(nsid);
    if (!features.enables(EVENT_ENABLE.namespaceChanged)) return;
    events.report("namespaceChanged");
    admin.deliver();
  }

  window(bar: number): Mmio | undefined {
    return bar === 0 ? this : undefined;
  }

  // HOT: a driver may poll here.
  read32(offset: number): number {
    if (this.#dma === undefined) return NOBODY;
    this.#accessed();
    if (!isAligned(offset, 4, WINDOW_BYTES)) return this.badAccess();
    const word = offset >>> 2;
    if (offset >= MSIX_TABLE) return this.#readMsix(word);
    if (offset === REG.intms || offset === REG.intmc) return this.#parts.interrupts.mask;
    return ((COMPILED.access[word] ?? 0) & WORD_READABLE) === 0 ? 0 : (this.#values[word] ?? 0);
  }

  // HOT: the doorbells.
  write32(offset: number, value: number): void {
    const dma = this.#dma;
    if (dma === undefined) return;
    this.#accessed();
    if (!isAligned(offset, 4, WINDOW_BYTES)) this.badAccess();
    else if (offset < DOORBELLS) this.#writeRegister(offset, value >>> 0, dma);
    else if (offset < MSIX_TABLE) this.#doorbell((offset - DOORBELLS) >>> 2, value & 0xffff);
    else if (offset < MSIX_PENDING) this.#parts.msix.writeTable((offset - MSIX_TABLE) >>> 2, value >>> 0);
  }

  #readMsix(word: number): number {
    const { msix } = this.#parts;
    return word < MSIX_PENDING / 4 ? msix.readTable(word - MSIX_TABLE / 4) : msix.readPending(word - MSIX_PENDING / 4);
  }

  #writeRegister(offset: number, value: number, dma: Dma): void {
    const { lifecycle, interrupts } = this.#parts;
    switch (offset) {
      case REG.cc:
        lifecycle.writeConfiguration(value, dma);
        break;
      case REG.csts:
        lifecycle.writeStatus(value);
        break;
      case REG.nssr:
        lifecycle.writeSubsystemReset(value);
        break;
      case REG.intms:
        interrupts.setMask(interrupts.mask | value);
        break;
      case REG.intmc:
        interrupts.setMask(interrupts.mask & ~value);
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
      default: // read-only or reserved: nothing happens
    }
  }

  // HOT: once or twice per command.
  #doorbell(index: number, value: number): void {
    if (!this.#parts.engine.running) return;
    if ((index & 1) === 0) this.#submissionTail(index >>> 1, value);
    else this.#completionHead(index >>> 1, value);
  }

  #submissionTail(id: number, tail: number): void {
    const sq = this.#parts.queues.submission[id];
    if (sq === undefined || tail >= sq.entries) {
      this.#doorbellError(id, sq === undefined);
      return;
    }
    sq.tail = tail;
    this.#parts.engine.ring();
  }

  #completionHead(id: number, head: number): void {
    const cq = this.#parts.queues.completion[id];
    if (cq === undefined || !cq.accepts(head)) {
      this.#doorbellError(id, cq === undefined);
      return;
    }
    cq.head = head;
    this.#parts.engine.freed(cq);
  }

  #doorbellError(id: number, unknown: boolean): void {
    const { events, logs, admin } = this.#parts;
    logs.recordDoorbell(id);
    events.report(unknown ? "unknownDoorbell" : "doorbellValue");
    admin.deliver();
  }

  // HOT: after every completion.
  #completed(command: Command, status: number): void {
    if (status !== STATUS.success) this.#parts.logs.record(command, status);
    else if (command.sq.id !== 0 && (command.opcode === IO.read || command.opcode === IO.write)) this.#onTransfer?.(command.dataBytes);
  }

  // HOT: one access nearer to what waits for accesses or for time, if anything does.
  #accessed(): void {
    const { engine, interrupts, lifecycle, nowMicros } = this.#parts;
    if (interrupts.deadlineMicros !== Number.POSITIVE_INFINITY) interrupts.tick(nowMicros());
    if (!this.#countsAccesses && !engine.waitsForAccesses) return;
    engine.accessed();
    lifecycle.settle();
  }

  protected override fits(offset: number, bytes: number): boolean {
    return isAligned(offset, bytes, WINDOW_BYTES);
  }

  protected override badAccess(): number {
    if (this.#dma !== undefined) this.accessErrors++;
    return NOBODY;
  }
}
