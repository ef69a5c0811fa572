/**
 * Flow director: filters that send a flow to a queue, either by all of its fields (perfect) or by two hashes of them (signature).
 * Programmed through registers, one command at a time; asked by the receive path when no other filter has named a queue.
 * Source: [82599] section 7.1.2.7, registers 8.2.3.21.
 */
import { be16, type Frame, le32, PROTOCOL } from "./frame.ts";
import type { Received } from "./received.ts";
import { REG } from "./registers.ts";
import { RX_STATUS } from "./rx-queue.ts";

const CONTROL = {
  allocation: 3,
  initDone: 1 << 3,
  perfect: 1 << 4,
  report: 1 << 5,
  reportAlways: 1 << 7,
  dropShift: 8,
  flexShift: 16,
  flexMask: 0x1f,
} as const;
const COMMAND = {
  mask: 3,
  add: 1,
  remove: 2,
  query: 3,
  valid: 1 << 2,
  typeShift: 5,
  typeMask: 7,
  clear: 1 << 8,
  drop: 1 << 9,
  queueEnable: 1 << 15,
  queueShift: 16,
} as const;
/** Bits of the flow type in commands and hash input. */
const FLOW_TYPE = { udp: 1, tcp: 2, sctp: 3, ip6: 4 } as const;
const MASK = { vlanId: 1, vlanPriority: 2, l4Type: 8, flex: 16, destination6: 32 } as const;
const AT = {
  source6: 0xee0c,
  source: 0xee18,
  destination: 0xee1c,
  ports: 0xee20,
  vlan: 0xee24,
  hash: 0xee28,
  command: 0xee2c,
  free: 0xee38,
  destinationMask: 0xee3c,
  sourceMask: 0xee40,
  tcpMask: 0xee44,
  udpMask: 0xee48,
  usage: 0xee50,
  failures: 0xee54,
  match: 0xee58,
  miss: 0xee5c,
  bucketKey: 0xee68,
  signatureKey: 0xee6c,
  mask: 0xee70,
  sctpMask: 0xee78,
} as const;
/** Bucket and signature, or bucket and software index. */
const HASH_BITS = 0x7fff_7fff;
const KEY_BITS = 0x7fff;

/** `match` says: drop the frame; no queue has that number. */
export const FLOW_DROPPED = -2;
const NO_QUEUE = -1;

interface Flow {
  /** What FDIRHASH holds of it. */
  readonly hash: number;
  readonly type: number;
  readonly source: number;
  readonly destination: number;
  readonly ports: number;
  readonly vlan: number;
  readonly queue: number;
  readonly drops: boolean;
}

export class FlowDirector {
  readonly #regs: Uint32Array;
  /** Signature filters by type, signature and bucket; perfect ones by what they are compared with. */
  readonly #flows: Map<number, Flow[]> = new Map();
  #count = 0;

  constructor(regs: Uint32Array) {
    this.#regs = regs;
  }

  reset(): void {
    this.#flows.clear();
    this.#count = 0;
  }

  get isOn(): boolean {
    return (this.#reg(REG.fdirctrl) & CONTROL.allocation) !== 0;
  }

  get #isPerfect(): boolean {
    return (this.#reg(REG.fdirctrl) & CONTROL.perfect) !== 0;
  }

  /** Filters that fit: 2k, 4k, 8k perfect ones, four times as many signatures; two are the hardware's. */
  get #capacity(): number {
    const allocation = this.#reg(REG.fdirctrl) & CONTROL.allocation;
    if (allocation === 0) return 0;
    return (1024 << allocation) * (this.#isPerfect ? 1 : 4) - 2;
  }

  read(offset: number): number {
    return offset === AT.free ? this.#capacity - this.#count : this.#reg(offset);
  }

  write(offset: number, value: number): void {
    if (offset === REG.fdirctrl) {
      // The tables are empty again, and that takes no time here.
      this.reset();
      this.#regs[offset >>> 2] = value | CONTROL.initDone;
    } else if (offset === AT.command) this.#command(value);
  }

  // HOT: frames that no other filter has taken, while it is on.
  /** A queue, FLOW_DROPPED, or -1. */
  match(bytes: Uint8Array, frame: Frame, received: Received): number {
    const flow = this.#find(bytes, frame);
    const control = this.#reg(REG.fdirctrl);
    if (flow === undefined) {
      this.#bump(AT.miss);
      return NO_QUEUE;
    }
    this.#bump(AT.match);
    if (flow.drops || (this.#isPerfect && flow.queue === ((control >>> CONTROL.dropShift) & 0x7f) && flow.queue !== 0)) return FLOW_DROPPED;
    received.status |= RX_STATUS.flowDirector;
    if ((control & (CONTROL.report | CONTROL.reportAlways)) !== 0) received.hash = flow.hash;
    return flow.queue;
  }

  #find(bytes: Uint8Array, frame: Frame): Flow | undefined {
    const type = typeOf(frame);
    if (type === 0) return undefined;
    if (!this.#isPerfect) {
      const hash = (this.#signatureOf(bytes, frame, type) & HASH_BITS) >>> 0;
      return this.#flows.get(hash)?.find((flow) => flow.type === type);
    }
    if (frame.ip !== 4) return undefined;
    const source = (le32(bytes, frame.ipAt + 12) & ~this.#reg(AT.sourceMask)) >>> 0;
    const destination = (le32(bytes, frame.ipAt + 16) & ~this.#reg(AT.destinationMask)) >>> 0;
    const ports = this.#maskPorts(be16(bytes, frame.l4At) | (be16(bytes, frame.l4At + 2) << 16), type);
    const vlan = this.#maskVlan((this.#flexOf(bytes, frame) << 16) | frame.tag);
    const wanted = this.#maskType(type);
    return this.#flows
      .get(keyOf(source, destination, ports))
      ?.find(
        (flow) =>
          flow.source === source && flow.destination === destination && flow.ports === ports && flow.vlan === vlan && flow.type === wanted,
      );
  }

  #command(value: number): void {
    const flow = this.#programmed(value);
    switch (value & COMMAND.mask) {
      case COMMAND.add:
        this.#add(flow);
        break;
      case COMMAND.remove:
        this.#remove(flow);
        break;
      case COMMAND.query: {
        const found = this.#flows.get(this.#keyOf(flow))?.find((other) => same(other, flow));
        this.#finish(value & ~(COMMAND.valid | (0x7f << COMMAND.queueShift)), found);
        return;
      }
      default:
        if ((value & COMMAND.clear) !== 0) this.reset();
    }
    this.#finish(value, undefined);
  }

  /** The command's field reads 0 when it is done. */
  #finish(value: number, found: Flow | undefined): void {
    const answer = found === undefined ? 0 : COMMAND.valid | (found.queue << COMMAND.queueShift);
    this.#regs[AT.command >>> 2] = (value & ~COMMAND.mask) | answer;
  }

  #programmed(command: number): Flow {
    const type = (command >>> COMMAND.typeShift) & COMMAND.typeMask;
    const isPerfect = this.#isPerfect;
    return {
      hash: (this.#reg(AT.hash) & HASH_BITS) >>> 0,
      type: isPerfect ? this.#maskType(type) : type,
      source: isPerfect ? (this.#reg(AT.source) & ~this.#reg(AT.sourceMask)) >>> 0 : 0,
      destination: isPerfect ? (this.#reg(AT.destination) & ~this.#reg(AT.destinationMask)) >>> 0 : 0,
      ports: isPerfect ? this.#maskPorts(this.#reg(AT.ports), type) : 0,
      vlan: isPerfect ? this.#maskVlan(this.#reg(AT.vlan)) : 0,
      queue: (command >>> COMMAND.queueShift) & 0x7f,
      drops: (command & COMMAND.drop) !== 0 || (command & COMMAND.queueEnable) === 0,
    };
  }

  #add(flow: Flow): void {
    const key = this.#keyOf(flow);
    const list = this.#flows.get(key) ?? [];
    const at = list.findIndex((other) => same(other, flow));
    if (at < 0 && this.#count >= this.#capacity) {
      this.#bumpHalf(AT.failures, 0, 8);
      return;
    }
    if (at >= 0) list[at] = flow;
    else {
      list.push(flow);
      this.#count++;
    }
    this.#flows.set(key, list);
    this.#bumpHalf(AT.usage, 0, 16);
  }

  #remove(flow: Flow): void {
    const list = this.#flows.get(this.#keyOf(flow)) ?? [];
    const at = list.findIndex((other) => same(other, flow));
    if (at < 0) {
      this.#bumpHalf(AT.failures, 8, 8);
      return;
    }
    list.splice(at, 1);
    this.#count--;
    this.#bumpHalf(AT.usage, 16, 16);
  }

  #keyOf(flow: Flow): number {
    return this.#isPerfect ? keyOf(flow.source, flow.destination, flow.ports) : flow.hash;
  }

  #maskType(type: number): number {
    return (this.#reg(AT.mask) & MASK.l4Type) !== 0 ? type & FLOW_TYPE.ip6 : type;
  }

  /** Source in the low half. The masks' bits are in reverse order, each half for itself. */
  #maskPorts(ports: number, type: number): number {
    const l4 = type & ~FLOW_TYPE.ip6;
    const offset = l4 === FLOW_TYPE.udp ? AT.udpMask : l4 === FLOW_TYPE.tcp ? AT.tcpMask : AT.sctpMask;
    if (l4 === 0 || (this.#reg(AT.mask) & MASK.l4Type) !== 0) return 0;
    const mask = this.#reg(offset);
    return (ports & ~(reverse16(mask) | (reverse16(mask >>> 16) << 16))) >>> 0;
  }

  #maskVlan(vlanAndFlex: number): number {
    const mask = this.#reg(AT.mask);
    let kept = vlanAndFlex;
    if ((mask & MASK.vlanId) !== 0) kept &= ~0x0fff;
    if ((mask & MASK.vlanPriority) !== 0) kept &= ~0xf000;
    if ((mask & MASK.flex) !== 0) kept &= 0xffff;
    return kept >>> 0;
  }

  /** Two bytes at a place that FDIRCTRL gives in words, as registers hold them. */
  #flexOf(bytes: Uint8Array, frame: Frame): number {
    const word = (this.#reg(REG.fdirctrl) >>> CONTROL.flexShift) & CONTROL.flexMask;
    return be16(bytes, 2 * word + (frame.vlanAt !== 0 && 2 * word >= frame.vlanAt ? 4 : 0));
  }

  /** Bucket in the low half, signature in the high one. */
  #signatureOf(bytes: Uint8Array, frame: Frame, type: number): number {
    const from = frame.ip === 4 ? frame.ipAt + 12 : frame.ipAt + 8;
    const words = frame.ip === 4 ? 2 : 8;
    let high = 0;
    for (let i = 0; i < words; i++) high ^= be32(bytes, from + 4 * i);
    if (frame.protocol !== 0) high ^= be32(bytes, frame.l4At);
    const vlan = this.#maskVlan((this.#flexOf(bytes, frame) << 16) | frame.tag);
    high ^= vlan & 0xffff_0000;
    const flow = (type << 16) | (vlan & 0xffff);
    return (hashOf(high, flow, this.#reg(AT.bucketKey)) & KEY_BITS) | ((hashOf(high, flow, this.#reg(AT.signatureKey)) & KEY_BITS) << 16);
  }

  #bump(offset: number): void {
    const value = this.#reg(offset);
    if (value !== 0xffff_ffff) this.#regs[offset >>> 2] = value + 1;
  }

  #bumpHalf(offset: number, shift: number, bits: number): void {
    const value = (this.#reg(offset) >>> shift) & (2 ** bits - 1);
    if (value < 2 ** bits - 1) this.#regs[offset >>> 2] = this.#reg(offset) + 2 ** shift;
  }

  #reg(offset: number): number {
    return this.#regs[offset >>> 2] ?? 0;
  }
}

function typeOf(frame: Frame): number {
  if (frame.ip === 0) return 0;
  const ip = frame.ip === 6 ? FLOW_TYPE.ip6 : 0;
  if (frame.protocol === PROTOCOL.tcp) return ip | FLOW_TYPE.tcp;
  if (frame.protocol === PROTOCOL.udp) return ip | FLOW_TYPE.udp;
  return frame.protocol === PROTOCOL.sctp ? ip | FLOW_TYPE.sctp : ip;
}

/** Perfect filters are one and the same when all that is compared is; signatures when the hashes and the type are. */
function same(a: Flow, b: Flow): boolean {
  if (a.type !== b.type || a.source !== b.source || a.destination !== b.destination || a.ports !== b.ports || a.vlan !== b.vlan)
    return false;
  return a.source !== 0 || a.destination !== 0 || a.ports !== 0 || a.hash === b.hash;
}

function keyOf(source: number, destination: number, ports: number): number {
  return (Math.imul(source, 31) ^ Math.imul(destination, 17) ^ ports) >>> 0;
}

/**
 * The hash of a flow: each bit of the key, when set, adds 16 bits of the sum of the flow's words, from its own place on, the lower half
 * of the key those of the sum with its halves exchanged. The first word (type and VLAN) enters folded onto itself.
 */
function hashOf(sum: number, flow: number, key: number): number {
  const high = sum ^ flow ^ (flow >>> 16);
  const rotated = (sum >>> 16) | (sum << 16);
  const low = rotated ^ flow ^ (flow << 16);
  let hash = 0;
  for (let i = 0; i < 16; i++) {
    if ((key & (1 << i)) !== 0) hash ^= (i === 0 ? rotated : low) >>> i;
    if ((key & (0x10000 << i)) !== 0) hash ^= high >>> i;
  }
  return hash & 0xffff;
}

function be32(bytes: Uint8Array, at: number): number {
  return (be16(bytes, at) << 16) | be16(bytes, at + 2);
}

function reverse16(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 16; bit++) if ((value & (1 << bit)) !== 0) reversed |= 0x8000 >>> bit;
  return reversed;
}
