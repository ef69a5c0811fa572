/**
 * Filters that name a queue for a kind of frame: ethertype, TCP SYN, and 128 five-tuples. Asked before flow director and RSS.
 * Reads its registers directly; what is enabled is counted after a write, so that a card without filters pays nothing.
 * Source: [82599] sections 7.1.2.3 to 7.1.2.5, registers ETQF/ETQS, SYNQF, FTQF/SAQF/DAQF/SDPQF/L34TIMIR (8.2.3.7).
 */
import { type Frame, le32, PROTOCOL } from "./frame.ts";
import { REG } from "./registers.ts";

const ENABLE = 1 << 31;
const ETHERTYPES = 8;
const TUPLES = 128;
const ETQS = { queueShift: 16, urgent: 1 << 29 } as const;
const SYNQF = { enable: 1, queueShift: 1, first: 1 << 31 } as const;
const SYN = 0x02;
const FTQF = {
  protocolMask: 3,
  priorityShift: 2,
  noSource: 1 << 25,
  noDestination: 1 << 26,
  noSourcePort: 1 << 27,
  noDestinationPort: 1 << 28,
  anyProtocol: 1 << 29,
} as const;
const FTQF_PROTOCOLS: readonly number[] = [PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp];
const L34TIMIR = { queueShift: 21, urgent: 1 << 20 } as const;

/** No filter names a queue. */
export const NO_QUEUE = -1;

export class TupleFilters {
  /** Of the last frame: which ethertype filter matched, or -1; and whether its filter asks for an immediate interrupt. */
  etherFilter = -1;
  urgent = false;
  readonly #regs: Uint32Array;
  readonly #enabled: Uint8Array = new Uint8Array(TUPLES);
  #tuples = 0;
  #ethertypes = false;
  #stale = true;

  constructor(regs: Uint32Array) {
    this.#regs = regs;
  }

  filterWritten(): void {
    this.#stale = true;
  }

  // HOT: every received frame.
  /** The queue, or NO_QUEUE; fills `etherFilter` and `urgent`. */
  classify(bytes: Uint8Array, frame: Frame): number {
    if (this.#stale) this.#recount();
    this.etherFilter = -1;
    this.urgent = false;
    if (this.#ethertypes) {
      const queue = this.#byEthertype(frame);
      if (queue !== NO_QUEUE) return queue;
    }
    const syn = this.#reg(REG.synqf);
    if ((syn & SYNQF.enable) === 0) return this.#tuples > 0 ? this.#byTuple(bytes, frame) : NO_QUEUE;
    const synQueue = isSyn(bytes, frame) ? (syn >>> SYNQF.queueShift) & 0x7f : NO_QUEUE;
    if (synQueue !== NO_QUEUE && (syn & SYNQF.first) !== 0) return synQueue;
    const tuple = this.#tuples > 0 ? this.#byTuple(bytes, frame) : NO_QUEUE;
    return tuple === NO_QUEUE ? synQueue : tuple;
  }

  #byEthertype(frame: Frame): number {
    for (let i = 0; i < ETHERTYPES; i++) {
      const filter = this.#reg(REG.etqf + 4 * i);
      if ((filter & ENABLE) === 0 || (filter & 0xffff) !== frame.etherType) continue;
      this.etherFilter = i;
      const queue = this.#reg(REG.etqs + 4 * i);
      if ((queue & ENABLE) === 0) return NO_QUEUE;
      this.urgent = (queue & ETQS.urgent) !== 0;
      return (queue >>> ETQS.queueShift) & 0x7f;
    }
    return NO_QUEUE;
  }

  /** IPv4 only, no fragments; the highest priority wins, among equals the lowest number. */
  #byTuple(bytes: Uint8Array, frame: Frame): number {
    if (frame.ip !== 4 || frame.isFragment) return NO_QUEUE;
    let found = -1;
    let priority = -1;
    for (let n = 0; n < this.#tuples; n++) {
      const i = this.#enabled[n] ?? 0;
      const filter = this.#reg(REG.ftqf + 4 * i);
      const own = (filter >>> FTQF.priorityShift) & 7;
      if (own <= priority || !this.#matches(bytes, frame, i, filter)) continue;
      found = i;
      priority = own;
    }
    if (found < 0) return NO_QUEUE;
    const action = this.#reg(REG.l34timir + 4 * found);
    this.urgent = (action & L34TIMIR.urgent) !== 0;
    return (action >>> L34TIMIR.queueShift) & 0x7f;
  }

  #matches(bytes: Uint8Array, frame: Frame, i: number, filter: number): boolean {
    if ((filter & FTQF.anyProtocol) === 0) {
      const wanted = FTQF_PROTOCOLS[filter & FTQF.protocolMask];
      if (wanted === undefined ? FTQF_PROTOCOLS.includes(frame.ipProtocol) : frame.protocol !== wanted) return false;
    }
    if ((filter & FTQF.noSource) === 0 && le32(bytes, frame.ipAt + 12) !== this.#reg(REG.saqf + 4 * i)) return false;
    if ((filter & FTQF.noDestination) === 0 && le32(bytes, frame.ipAt + 16) !== this.#reg(REG.daqf + 4 * i)) return false;
    const comparesPorts = (filter & FTQF.noSourcePort) === 0 || (filter & FTQF.noDestinationPort) === 0;
    if (!comparesPorts) return true;
    if (frame.protocol === 0) return false;
    const ports = le32(bytes, frame.l4At);
    const wanted = this.#reg(REG.sdpqf + 4 * i);
    if ((filter & FTQF.noSourcePort) === 0 && (ports & 0xffff) !== (wanted & 0xffff)) return false;
    return (filter & FTQF.noDestinationPort) !== 0 || ports >>> 16 === wanted >>> 16;
  }

  #recount(): void {
    this.#stale = false;
    this.#tuples = 0;
    for (let i = 0; i < TUPLES; i++) if ((this.#reg(REG.ftqf + 4 * i) & ENABLE) !== 0) this.#enabled[this.#tuples++] = i;
    this.#ethertypes = false;
    for (let i = 0; i < ETHERTYPES; i++) if ((this.#reg(REG.etqf + 4 * i) & ENABLE) !== 0) this.#ethertypes = true;
  }

  #reg(offset: number): number {
    return this.#regs[offset >>> 2] ?? 0;
  }
}

/** SYN set, and no other of the six flags. */
function isSyn(bytes: Uint8Array, frame: Frame): boolean {
  return frame.protocol === PROTOCOL.tcp && ((bytes[frame.l4At + 13] ?? 0) & 0x3f) === SYN;
}
