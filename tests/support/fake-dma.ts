/**
 * A bus over a plain array of objects, for device tests: says yes and no by the rules of the Dma port without a kernel.
 * `touched` lists every range that was handed out, so that a test can show that nothing was.
 */
import type { Dma } from "../../devices/ports.ts";

export interface FakeObject {
  readonly address: number;
  readonly bytes: number;
  /** What the owner of the grant is to this object. */
  rights: "owned" | "lent" | "borrowed" | "foreign";
}

export class FakeDma implements Dma {
  readonly memory: Uint8Array;
  readonly touched: string[] = [];
  /** Pinned addresses and how often. */
  readonly pins: Map<number, number> = new Map();
  readonly #objects: readonly FakeObject[];

  constructor(memoryBytes: number, objects: readonly FakeObject[]) {
    this.memory = new Uint8Array(memoryBytes);
    this.#objects = objects;
  }

  readable(address: number, bytes: number): Uint8Array | undefined {
    return this.#view("read", address, bytes, (rights) => rights !== "foreign");
  }

  writable(address: number, bytes: number): Uint8Array | undefined {
    return this.#view("write", address, bytes, (rights) => rights === "owned");
  }

  pin(address: number, bytes: number): boolean {
    const object = this.#holder(address, bytes);
    if (object === undefined || object.rights === "foreign") return false;
    this.pins.set(address, (this.pins.get(address) ?? 0) + 1);
    return true;
  }

  unpin(address: number): void {
    const left = (this.pins.get(address) ?? 0) - 1;
    if (left < 0) throw new Error(`unpin of ${address}, which is not pinned`);
    if (left === 0) this.pins.delete(address);
    else this.pins.set(address, left);
  }

  #holder(address: number, bytes: number): FakeObject | undefined {
    const object = this.#objects.find((o) => o.address <= address && address < o.address + o.bytes);
    return object !== undefined && address + bytes <= object.address + object.bytes ? object : undefined;
  }

  #view(kind: string, address: number, bytes: number, allowed: (rights: FakeObject["rights"]) => boolean): Uint8Array | undefined {
    const object = this.#holder(address, bytes);
    if (object === undefined || !allowed(object.rights)) return undefined;
    this.touched.push(`${kind} ${address}+${bytes}`);
    return this.memory.subarray(address, address + bytes);
  }
}
