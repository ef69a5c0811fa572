/**
 * The disk: a minimal block device with one command at a time, driven through registers, moving data by DMA.
 * The kernel hands its window to the owner of the grant and calls `start` and `stop` as grants come and go.
 * It must never touch memory other than through its `Dma` port, and nothing at all after `stop`.
 *
 *   driver                              device, inside the write to DOORBELL
 *   fills a descriptor, rings ────────▶ copies its 64 bytes once, checks the copy
 *                                       moves the data (DMA) ⇄ block store
 *   polls COMPLETION until its id ◀──── writes the descriptor's status, then COMPLETION
 */
import type { BlockStore, Dma, Mmio } from "../ports.ts";
import { compile32, WORD_READABLE, WORD_WRITABLE } from "../register-table.ts";
import {
  BLOCK_BYTES,
  COMMAND_UNKNOWN,
  CONTROL_ENABLE,
  CONTROL_RESET,
  DESCRIPTOR,
  DESCRIPTOR_BYTES,
  DISK_REGISTERS,
  type DiskStatus,
  MAX_TRANSFER_BYTES,
  OPCODE,
  REG,
  STATE_BUSY,
  STATE_ENABLED,
  STATUS,
} from "./registers.ts";

const REGISTERS = compile32(DISK_REGISTERS);

/** What a bus reads where no device answers. */
const NOBODY = 0xffff_ffff;

export interface DiskOptions {
  readonly store: BlockStore;
  /** Called after each completed command that moved data, with the bytes it moved. */
  readonly onTransfer?: (bytes: number) => void;
}

export class DiskModel implements Mmio {
  /** Fault port: the next command is accepted and never completes; only a reset or a new grant frees the device. */
  nextCommandHangs = false;
  /** Why the store refused, for the host's report; a driver sees only the status. */
  lastMediaError: unknown = undefined;

  readonly #store: BlockStore;
  readonly #onTransfer: ((bytes: number) => void) | undefined;
  readonly #values: Uint32Array = new Uint32Array(REGISTERS.reset.length);
  /** The private copy of the descriptor at work. */
  readonly #descriptor: Uint8Array = new Uint8Array(DESCRIPTOR_BYTES);
  readonly #fields: DataView = new DataView(this.#descriptor.buffer);
  /** Present exactly while a grant exists. */
  #dma: Dma | undefined = undefined;

  constructor(options: DiskOptions) {
    if (options.store.blockBytes !== BLOCK_BYTES) throw new Error(`a disk needs a store with blocks of ${BLOCK_BYTES} bytes`);
    this.#store = options.store;
    this.#onTransfer = options.onTransfer;
  }

  /** A grant begins: the device is as after power-on, and its DMA goes through `dma` until `stop`. */
  start(dma: Dma): void {
    if (this.#dma !== undefined) throw new Error("the disk is already granted: stop it first");
    this.#dma = dma;
    this.#reset();
  }

  /** The grant is gone: no access to memory or medium from here on, whoever still holds the window. */
  stop(): void {
    this.#dma = undefined;
    this.#values.fill(0);
  }

  // HOT: a driver polls here; an index into two arrays and no branch per register.
  read32(offset: number): number {
    if (this.#dma === undefined) return NOBODY;
    const word = offset >>> 2;
    if ((offset & 3) !== 0 || ((REGISTERS.access[word] ?? 0) & WORD_READABLE) === 0) return this.#badAccess();
    return this.#values[word] ?? 0;
  }

  write32(offset: number, value: number): void {
    if (this.#dma === undefined) return;
    const word = offset >>> 2;
    if ((offset & 3) !== 0 || ((REGISTERS.access[word] ?? 0) & WORD_WRITABLE) === 0) {
      this.#badAccess();
      return;
    }
    switch (offset) {
      case REG.control:
        this.#control(value);
        break;
      case REG.doorbell:
        this.#doorbell(value >>> 0, this.#dma);
        break;
    }
  }

  read8(_offset: number): number {
    return this.#badAccess() & 0xff;
  }

  read16(_offset: number): number {
    return this.#badAccess() & 0xffff;
  }

  read64(_offset: number): bigint {
    this.#badAccess();
    return 0xffff_ffff_ffff_ffffn;
  }

  write8(_offset: number, _value: number): void {
    this.#badAccess();
  }

  write16(_offset: number, _value: number): void {
    this.#badAccess();
  }

  write64(_offset: number, _value: bigint): void {
    this.#badAccess();
  }

  #badAccess(): number {
    if (this.#dma !== undefined) this.#count(REG.accessErrors);
    return NOBODY;
  }

  #reset(): void {
    this.#values.set(REGISTERS.reset);
    this.#values[REG.capacityLow / 4] = this.#store.blocks;
    this.#values[REG.capacityHigh / 4] = Math.floor(this.#store.blocks / 2 ** 32);
  }

  #control(value: number): void {
    if ((value & CONTROL_RESET) !== 0) this.#reset();
    const enabled = (value & CONTROL_ENABLE) !== 0;
    this.#values[REG.control / 4] = enabled ? CONTROL_ENABLE : 0;
    const busy = (this.#values[REG.state / 4] ?? 0) & STATE_BUSY;
    this.#values[REG.state / 4] = enabled ? STATE_ENABLED | busy : busy;
  }

  #doorbell(address: number, dma: Dma): void {
    const state = this.#values[REG.state / 4] ?? 0;
    if ((state & STATE_BUSY) !== 0) {
      this.#count(REG.commandErrors);
      return;
    }
    const shared = this.#fetch(address, state, dma);
    if (shared === undefined) return;
    if (this.nextCommandHangs) {
      this.nextCommandHangs = false;
      this.#values[REG.state / 4] = state | STATE_BUSY;
      return;
    }
    const command = this.#field(DESCRIPTOR.command);
    const idIsGood = command > 0 && command < COMMAND_UNKNOWN;
    const status = idIsGood ? this.#execute(dma) : STATUS.badCommandId;
    shared[DESCRIPTOR.status] = status;
    this.#complete(idIsGood ? command : COMMAND_UNKNOWN, status);
    if (status === STATUS.success && this.#field(DESCRIPTOR.opcode) !== OPCODE.flush) {
      this.#onTransfer?.(this.#field(DESCRIPTOR.bytes));
    }
  }

  /** Takes the private copy and returns the descriptor in memory; or completes with the reason why there is none. */
  #fetch(address: number, state: number, dma: Dma): Uint8Array | undefined {
    let refusal: DiskStatus = STATUS.dmaError;
    if ((state & STATE_ENABLED) === 0) refusal = STATUS.notEnabled;
    else if (address % DESCRIPTOR_BYTES !== 0) refusal = STATUS.misalignedDoorbell;
    else {
      const shared = dma.writable(address, DESCRIPTOR_BYTES);
      if (shared !== undefined) {
        this.#descriptor.set(shared);
        return shared;
      }
    }
    this.#complete(COMMAND_UNKNOWN, refusal);
    return undefined;
  }

  /** Does what the private copy asks for. */
  #execute(dma: Dma): DiskStatus {
    switch (this.#field(DESCRIPTOR.opcode)) {
      case OPCODE.read:
        return this.#transfer(true, dma);
      case OPCODE.write:
        return this.#transfer(false, dma);
      case OPCODE.flush:
        return this.#flush();
      default:
        return STATUS.badOpcode;
    }
  }

  #transfer(toMemory: boolean, dma: Dma): DiskStatus {
    const bytes = this.#field(DESCRIPTOR.bytes);
    if (bytes === 0 || bytes % BLOCK_BYTES !== 0 || bytes > MAX_TRANSFER_BYTES) return STATUS.badLength;
    // Exact up to 2^53; anything above is far beyond every capacity, and rounding keeps it there.
    const lba = this.#field(DESCRIPTOR.lbaHigh) * 2 ** 32 + this.#field(DESCRIPTOR.lbaLow);
    if (lba + bytes / BLOCK_BYTES > this.#store.blocks) return STATUS.badLba;
    const buffer = this.#field(DESCRIPTOR.buffer);
    const data = toMemory ? dma.writable(buffer, bytes) : dma.readable(buffer, bytes);
    if (data === undefined) return STATUS.dmaError;
    try {
      if (toMemory) this.#store.read(lba, data);
      else this.#store.write(lba, data);
      return STATUS.success;
    } catch (error) {
      return this.#mediaError(error);
    }
  }

  #flush(): DiskStatus {
    try {
      this.#store.flush();
      return STATUS.success;
    } catch (error) {
      return this.#mediaError(error);
    }
  }

  #mediaError(error: unknown): DiskStatus {
    this.lastMediaError = error;
    return STATUS.mediaError;
  }

  #complete(command: number, status: DiskStatus): void {
    if (status === STATUS.dmaError) this.#count(REG.dmaErrors);
    else if (status !== STATUS.success) this.#count(REG.commandErrors);
    this.#values[REG.completion / 4] = ((command << 16) | status) >>> 0;
  }

  #count(register: number): void {
    this.#values[register / 4] = (this.#values[register / 4] ?? 0) + 1;
  }

  #field(offset: number): number {
    return this.#fields.getUint32(offset, true);
  }
}
