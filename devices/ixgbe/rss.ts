/**
 * Receive side scaling: the Toeplitz hash over addresses and ports, and the redirection table that maps it to a queue.
 * The hash is a table of 256 values for each byte of the input, made again after the key was written.
 * Source: [82599] section 7.1.2.8, registers MRQC, RSSRK, RETA (8.2.3.7).
 */
import { type Frame, PROTOCOL } from "./frame.ts";
import { REG } from "./registers.ts";

const KEY_BYTES = 40;
/** Two IPv6 addresses and two ports. */
const INPUT_BYTES = 36;
/** MRQC modes that hash. */
const HASHING_MODES: ReadonlySet<number> = new Set([1, 4, 5, 0xa, 0xb]);
const FIELD = { tcp4: 1 << 16, ip4: 1 << 17, ip6: 1 << 20, tcp6: 1 << 21, udp4: 1 << 22, udp6: 1 << 23 } as const;
/** RSS type in descriptors. */
export const RSS_TYPE = { none: 0, tcp4: 1, ip4: 2, tcp6: 3, ip6: 5, udp4: 7, udp6: 8 } as const;

export class Rss {
  hash = 0;
  type = 0;
  /** The queue of each entry, where several CPUs share the queues; else RETA says. */
  spread: Uint8Array | undefined = undefined;
  #tables: Uint32Array = new Uint32Array(INPUT_BYTES * 256);
  #stale = true;
  readonly #regs: Uint32Array;

  constructor(regs: Uint32Array) {
    this.#regs = regs;
  }

  keyWritten(): void {
    this.#stale = true;
  }

  get isOn(): boolean {
    const mode = (this.#regs[REG.mrqc >>> 2] ?? 0) & 0xf;
    return mode === 1 || (mode !== 0 && HASHING_MODES.has(mode));
  }

  // HOT: every received frame while RSS is on.
  /** Fills `hash` and `type`; returns the queue, 0 for what is not hashed. */
  classify(bytes: Uint8Array, frame: Frame): number {
    this.type = this.#typeOf(frame);
    this.hash = 0;
    if (this.type === RSS_TYPE.none) return 0;
    if (this.#stale) this.#build();
    const from = frame.ip === 4 ? frame.ipAt + 12 : frame.ipAt + 8;
    const addressBytes = frame.ip === 4 ? 8 : 32;
    let hash = this.#hash(bytes, from, addressBytes, 0, 0);
    if (this.type !== RSS_TYPE.ip4 && this.type !== RSS_TYPE.ip6) hash = this.#hash(bytes, frame.l4At, 4, addressBytes, hash);
    this.hash = hash >>> 0;
    const index = hash & 0x7f;
    const { spread } = this;
    if (spread !== undefined) return spread[index] ?? 0;
    return ((this.#regs[(REG.reta >>> 2) + (index >>> 2)] ?? 0) >>> (8 * (index & 3))) & 0xf;
  }

  #typeOf(frame: Frame): number {
    const fields = this.#regs[REG.mrqc >>> 2] ?? 0;
    const { ip, protocol } = frame;
    if (ip === 4) {
      if (protocol === PROTOCOL.tcp && (fields & FIELD.tcp4) !== 0) return RSS_TYPE.tcp4;
      if (protocol === PROTOCOL.udp && (fields & FIELD.udp4) !== 0) return RSS_TYPE.udp4;
      return (fields & FIELD.ip4) !== 0 ? RSS_TYPE.ip4 : RSS_TYPE.none;
    }
    if (ip !== 6) return RSS_TYPE.none;
    if (protocol === PROTOCOL.tcp && (fields & FIELD.tcp6) !== 0) return RSS_TYPE.tcp6;
    if (protocol === PROTOCOL.udp && (fields & FIELD.udp6) !== 0) return RSS_TYPE.udp6;
    return (fields & FIELD.ip6) !== 0 ? RSS_TYPE.ip6 : RSS_TYPE.none;
  }

  #hash(bytes: Uint8Array, from: number, count: number, position: number, hash: number): number {
    const tables = this.#tables;
    let value = hash;
    for (let i = 0; i < count; i++) value ^= tables[((position + i) << 8) | (bytes[from + i] ?? 0)] ?? 0;
    return value;
  }

  /** Bit b of input byte i contributes the 32 bits of the key that begin at bit 8 i + b. */
  #build(): void {
    this.#stale = false;
    const key = Uint8Array.from({ length: KEY_BYTES }, (_, i) => (this.#regs[(REG.rssKey >>> 2) + (i >>> 2)] ?? 0) >>> (8 * (i & 3)));
    for (let i = 0; i < INPUT_BYTES; i++) {
      const high = word(key, i);
      const next = key[i + 4] ?? 0;
      for (let byte = 0; byte < 256; byte++) {
        let value = 0;
        for (let bit = 0; bit < 8; bit++) {
          if ((byte & (0x80 >>> bit)) !== 0) value ^= bit === 0 ? high : (high << bit) | (next >>> (8 - bit));
        }
        this.#tables[(i << 8) | byte] = value;
      }
    }
  }
}

function word(key: Uint8Array, at: number): number {
  return ((key[at] ?? 0) << 24) | ((key[at + 1] ?? 0) << 16) | ((key[at + 2] ?? 0) << 8) | (key[at + 3] ?? 0);
}
