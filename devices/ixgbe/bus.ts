/**
 * The bus as the queues see it: present while a grant exists and bus mastering is on, else every answer is no.
 * A refusal is remembered until the model has reported it. Nothing reaches memory in any other way.
 */
import type { Dma } from "../ports.ts";

export class Bus {
  /** Present exactly while a grant exists. */
  dma: Dma | undefined = undefined;
  /** CTRL.GIO_DIS is 0. */
  isMaster = true;
  /** Something was refused since this was last cleared. */
  refused = false;

  get isOpen(): boolean {
    return this.dma !== undefined && this.isMaster;
  }

  // HOT
  readable(address: number, bytes: number): Uint8Array | undefined {
    const view = this.isMaster ? this.dma?.readable(address, bytes) : undefined;
    if (view === undefined) this.refused = true;
    return view;
  }

  // HOT
  writable(address: number, bytes: number): Uint8Array | undefined {
    const view = this.isMaster ? this.dma?.writable(address, bytes) : undefined;
    if (view === undefined) this.refused = true;
    return view;
  }
}

/** Below this many bytes a loop is faster than a call that copies. */
const SHORT_COPY = 24;

// HOT: each piece of each frame.
/** Copies `bytes` bytes; both ranges exist. */
export function copy(to: Uint8Array, toAt: number, from: Uint8Array, fromAt: number, bytes: number): void {
  if (bytes <= SHORT_COPY) for (let i = 0; i < bytes; i++) to[toAt + i] = from[fromAt + i] ?? 0;
  else to.set(fromAt === 0 && bytes === from.length ? from : part(from, fromAt, bytes), toAt);
}

/** Frames of one length leave the same buffer one after the other, and a view costs more than the copy: the last one is kept. */
let lastSource: Uint8Array = new Uint8Array(0);
let lastAt = 0;
let lastPart: Uint8Array = lastSource;

// HOT
function part(from: Uint8Array, at: number, bytes: number): Uint8Array {
  if (from === lastSource && at === lastAt && bytes === lastPart.length) return lastPart;
  lastSource = from;
  lastAt = at;
  lastPart = from.subarray(at, at + bytes);
  return lastPart;
}
