/**
 * Shared memory in objects of 16 KiB for fuzzing the 82599: each is owned, readable only, or foreign, and that changes.
 * What is foreign or read-only is filled with a pattern, and `check` finds a device that has written there.
 */
import type { Dma } from "../../../devices/ports.ts";

export const OBJECT_BYTES = 0x4000;
export const OBJECTS = 64;
/** The first objects hold rings, and stay owned most of the time. */
export const RING_OBJECTS = 8;
export const RIGHTS = { foreign: 0, readable: 1, owned: 2 } as const;

export class FuzzMemory implements Dma {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly rights: Uint8Array = new Uint8Array(OBJECTS).fill(RIGHTS.owned);
  readonly #copies: (Uint8Array | undefined)[] = new Array(OBJECTS).fill(undefined);
  pins = 0;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(OBJECTS * OBJECT_BYTES)) {
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
  }

  readable(address: number, bytes: number): Uint8Array | undefined {
    return this.#view(address, bytes, RIGHTS.readable);
  }

  writable(address: number, bytes: number): Uint8Array | undefined {
    return this.#view(address, bytes, RIGHTS.owned);
  }

  pin(address: number, bytes: number): boolean {
    if (this.#objectOf(address, bytes) < 0) return false;
    this.pins++;
    return true;
  }

  unpin(_address: number): void {
    this.pins--;
  }

  /** Gives an object other rights; what it held while it was not owned must be unchanged. */
  setRights(object: number, rights: number): void {
    this.#checkObject(object);
    this.rights[object] = rights;
    const from = object * OBJECT_BYTES;
    this.#copies[object] = rights === RIGHTS.owned ? undefined : this.bytes.slice(from, from + OBJECT_BYTES);
  }

  check(): void {
    for (let object = 0; object < OBJECTS; object++) this.#checkObject(object);
  }

  #checkObject(object: number): void {
    const copy = this.#copies[object];
    if (copy === undefined) return;
    const at = copy.findIndex((byte, i) => byte !== this.bytes[object * OBJECT_BYTES + i]);
    if (at >= 0) throw new Error(`the device wrote to byte ${at} of object ${object}, which its owner may not write`);
  }

  #view(address: number, bytes: number, least: number): Uint8Array | undefined {
    const object = this.#objectOf(address, bytes);
    return object < 0 || (this.rights[object] ?? 0) < least ? undefined : this.bytes.subarray(address, address + bytes);
  }

  /** The object that holds the whole range, or -1. */
  #objectOf(address: number, bytes: number): number {
    if (!(address >= 0 && bytes >= 0 && address + bytes <= this.bytes.length)) return -1;
    const object = Math.floor(address / OBJECT_BYTES);
    return object === Math.floor((address + Math.max(bytes, 1) - 1) / OBJECT_BYTES) ? object : -1;
  }
}
