/**
 * The memory of a fuzzed driver and the bus over it. Regions have fixed places, so that a second CPU knows what it may spoil and the
 * campaign knows what every entry is called: the id of a command is the number of its slot, for ever.
 * The bus refuses what the grant does not hold, and notes every completion that the controller asks to write.
 *
 *   0 nothing │ submission queues │ completion queues │ lists │ data │ somebody else's, never to change
 */
import type { Dma } from "../../../devices/ports.ts";

export const PAGE = 4096;
export const QUEUES = 6;
export const ENTRIES = 64;
export const SQ_BYTES = 64;
export const CQ_BYTES = 16;

type Region = "sq" | "cq" | "lists" | "data" | "foreign" | "end";

/** Where each begins. */
export const AT: Readonly<Record<Region, number>> = {
  sq: PAGE,
  cq: PAGE * (1 + QUEUES),
  lists: PAGE * (1 + 2 * QUEUES),
  data: PAGE * (5 + 2 * QUEUES),
  foreign: PAGE * (37 + 2 * QUEUES),
  end: PAGE * (45 + 2 * QUEUES),
};

/** One border between two objects in the data, which no run may cross. */
const BORDER: number = AT.data + 16 * PAGE + 2048;
const FOREIGN_BYTE = 0x5a;

export class FuzzMemory implements Dma {
  readonly shared: SharedArrayBuffer = new SharedArrayBuffer(AT.end);
  readonly bytes: Uint8Array = new Uint8Array(this.shared);
  readonly fields: DataView = new DataView(this.shared);
  /** Addresses of completion entries that the controller has asked for since `takePosted`. */
  readonly #posted: number[] = [];
  readonly #pins: Map<number, number> = new Map();
  /** One access in so many is refused though it is granted; 0 = none. */
  refusesOneIn = 0;
  /** What another hand does while the controller reads; runs at every question to the bus. */
  meddle: () => void = () => {};
  readonly #pick: (below: number) => number;

  constructor(pick: (below: number) => number) {
    this.#pick = pick;
  }

  get pins(): number {
    return this.#pins.size;
  }

  /** A new life: everything zero, slots with their ids. */
  clear(): void {
    this.bytes.fill(0);
    this.bytes.fill(FOREIGN_BYTE, AT.foreign);
    for (let queue = 0; queue < QUEUES; queue++)
      for (let slot = 0; slot < ENTRIES; slot++) this.fields.setUint16(AT.sq + queue * PAGE + slot * SQ_BYTES + 2, slot, true);
    // The first page of lists leads to good pages, until somebody spoils it.
    for (let i = 0; i < PAGE / 8; i++) this.fields.setBigUint64(AT.lists + 8 * i, BigInt(AT.data + ((i * 5) % 32) * PAGE), true);
    this.#posted.length = 0;
    this.#pins.clear();
  }

  takePosted(): number[] {
    return this.#posted.splice(0);
  }

  foreignIsWhole(): boolean {
    for (let at = AT.foreign; at < AT.end; at++) if (this.bytes[at] !== FOREIGN_BYTE) return false;
    for (let at = 0; at < PAGE; at++) if (this.bytes[at] !== 0) return false;
    return true;
  }

  readable(address: number, bytes: number): Uint8Array | undefined {
    this.meddle();
    return this.#grants(address, bytes, AT.sq) ? this.bytes.subarray(address, address + bytes) : undefined;
  }

  writable(address: number, bytes: number): Uint8Array | undefined {
    this.meddle();
    const isCompletion = bytes === CQ_BYTES && address >= AT.cq && address + bytes <= AT.lists;
    if (!this.#grants(address, bytes, isCompletion ? AT.cq : AT.lists)) return undefined;
    if (isCompletion) this.#posted.push(address);
    return this.bytes.subarray(address, address + bytes);
  }

  pin(address: number, bytes: number): boolean {
    if (!this.#grants(address, bytes, AT.sq)) return false;
    this.#pins.set(address, (this.#pins.get(address) ?? 0) + 1);
    return true;
  }

  unpin(address: number): void {
    const left = (this.#pins.get(address) ?? 0) - 1;
    if (left < 0) throw new Error(`unpin of ${address}, which is not pinned`);
    if (left === 0) this.#pins.delete(address);
    else this.#pins.set(address, left);
  }

  #grants(address: number, bytes: number, from: number): boolean {
    if (!(address >= from && bytes > 0 && address + bytes <= AT.foreign)) return false;
    if (address < BORDER && address + bytes > BORDER) return false;
    return this.refusesOneIn === 0 || this.#pick(this.refusesOneIn) !== 0;
  }
}
