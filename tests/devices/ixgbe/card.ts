/**
 * A driver in a few lines for the tests of the 82599: a card on a plain memory, a virtual clock, and a wire that keeps what it is sent.
 */
import { IxgbeModel, type IxgbeOptions } from "../../../devices/ixgbe/model.ts";
import { REG, RX, TX } from "../../../devices/ixgbe/registers.ts";
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";
import { PciBus } from "../../../devices/pci/bus.ts";
import { PlainDma } from "../../support/plain-dma.ts";

export const ENABLE = 0x0200_0000;
const MEMORY = 8 << 20;
const RX_RINGS = 0x1_0000;
const TX_RINGS = 0x4_0000;
/** 64 descriptors. */
const RING_ROOM = 0x400;
const RX_BUFFERS = 0x10_0000;
const TX_BUFFERS = 0x40_0000;
const BUFFER_ROOM = 0x4000;

export class TestWire implements Wire {
  up = true;
  readonly sent: Uint8Array[] = [];
  end: WireEnd | undefined = undefined;

  send(frame: Uint8Array, length: number): void {
    this.sent.push(frame.slice(0, length));
  }

  attach(end: WireEnd | undefined): void {
    this.end = end;
  }

  setUp(up: boolean): void {
    this.up = up;
    this.end?.carrier(up);
  }
}

export interface RxOptions {
  readonly entries?: number;
  /** SRRCTL.DESCTYPE: 0 legacy, 1 advanced (default), 2 split, 5 split always. */
  readonly type?: number;
  /** KiB; default 2. */
  readonly buffer?: number;
  /** Units of 64 bytes. */
  readonly header?: number;
  readonly drop?: boolean;
  readonly strip?: boolean;
  /** Descriptors given to the hardware; default all but one. */
  readonly given?: number;
}

/** A descriptor as it came back. */
export interface Back {
  readonly low: number;
  readonly high: number;
  readonly status: number;
  readonly length: number;
  readonly vlan: number;
  readonly data: Uint8Array;
}

export interface TxPart {
  readonly bytes: Uint8Array;
  /** The command's bits beside DEXT; default EOP, IFCS, RS. */
  readonly command?: number;
  /** The descriptor's last word beside PAYLEN. */
  readonly options?: number;
  readonly payload?: number;
}

export const CMD = { eop: 1, ifcs: 2, ic: 4, rs: 8, dext: 0x20, vle: 0x40, tse: 0x80 } as const;

export class Card {
  readonly dma: PlainDma = new PlainDma(MEMORY);
  readonly wire: TestWire = new TestWire();
  readonly pin: boolean[] = [];
  readonly messages: number[] = [];
  now = 0;
  readonly model: IxgbeModel;
  readonly deadlines: number[] = [];
  readonly #rx: Map<number, { next: number; tail: number; entries: number; options: RxOptions }> = new Map();
  readonly #tx: Map<number, { tail: number; entries: number }> = new Map();

  constructor(options: Partial<IxgbeOptions> & { readonly start?: boolean } = {}) {
    const { start = true, ...rest } = options;
    const clock = { nowMicros: () => this.now };
    this.model = new IxgbeModel({ wire: this.wire, clock, onDeadline: (at) => this.deadlines.push(at), ...rest });
    if (start) this.model.start(this.dma, { set: (level) => this.pin.push(level) }, { raise: (vector) => this.messages.push(vector) });
  }

  /** A card that receives everything and loops nothing. */
  static ready(options: RxOptions = {}): Card {
    const card = new Card();
    card.openReceive(options);
    card.openTransmit();
    return card;
  }

  get isHigh(): boolean {
    return this.pin.at(-1) ?? false;
  }

  read(offset: number): number {
    return this.model.read32(offset);
  }

  write(offset: number, value: number): void {
    this.model.write32(offset, value >>> 0);
  }

  set(offset: number, bits: number): void {
    this.write(offset, this.read(offset) | bits);
  }

  clear(offset: number, bits: number): void {
    this.write(offset, this.read(offset) & ~bits);
  }

  after(micros: number): void {
    this.now += micros;
    this.model.tick();
  }

  static rx(queue: number, register: number): number {
    return (queue < 64 ? REG.rxRing + 0x40 * queue : REG.rxRingHigh + 0x40 * (queue - 64)) + register;
  }

  static tx(queue: number, register: number): number {
    return REG.txRing + 0x40 * queue + register;
  }

  rxRing(queue = 0): number {
    return RX_RINGS + RING_ROOM * queue;
  }

  txRing(queue = 0): number {
    return TX_RINGS + RING_ROOM * queue;
  }

  rxBuffer(queue: number, index: number): number {
    return RX_BUFFERS + BUFFER_ROOM * ((queue * 17 + index) % 192);
  }

  openReceive(options: RxOptions = {}, queue = 0): void {
    const { entries = 16, type = 1, buffer = 2, header = 0, drop = false, strip = false, given = entries - 1 } = options;
    this.write(Card.rx(queue, RX.baseLow), this.rxRing(queue));
    this.write(Card.rx(queue, RX.length), entries * 16);
    this.write(Card.rx(queue, RX.splitControl), buffer | (header << 8) | (type << 25) | (drop ? 0x1000_0000 : 0));
    this.write(Card.rx(queue, RX.control), ENABLE | (strip ? 0x4000_0000 : 0));
    for (let i = 0; i < entries; i++) this.#post(queue, i);
    this.#rx.set(queue, { next: 0, tail: given, entries, options });
    this.write(Card.rx(queue, RX.tail), given);
    this.write(REG.rxctrl, 1);
    this.write(REG.fctrl, 0x400);
  }

  openTransmit(entries = 16, queue = 0): void {
    this.write(Card.tx(queue, TX.baseLow), this.txRing(queue));
    this.write(Card.tx(queue, TX.length), entries * 16);
    this.write(Card.tx(queue, TX.control), ENABLE);
    this.#tx.set(queue, { tail: 0, entries });
    this.set(REG.dmatxctl, 1);
  }

  /** Frames go back into the card. */
  loop(): void {
    this.set(REG.hlreg0, 0x8000);
  }

  /** A frame arrives. */
  arrive(bytes: Uint8Array, damaged = false): void {
    this.model.receive(bytes, bytes.length, damaged);
  }

  /** Takes the next descriptor that came back, and gives the hardware another; `undefined`: none. */
  take(queue = 0): Back | undefined {
    const ring = this.#rx.get(queue);
    if (ring === undefined) throw new Error(`receive queue ${queue} is not open`);
    const at = this.rxRing(queue) + 16 * ring.next;
    const { fields, memory } = this.dma;
    const isLegacy = ring.options.type === 0;
    const word = (i: number): number => fields.getUint32(at + 4 * i, true);
    if (((isLegacy ? word(3) : word(2)) & 1) === 0) return undefined;
    const length = isLegacy ? word(2) & 0xffff : word(3) & 0xffff;
    const buffer = this.rxBuffer(queue, ring.next);
    const back = {
      low: word(0),
      high: word(1),
      status: isLegacy ? word(3) & 0xffff : word(2),
      length,
      vlan: word(3) >>> 16,
      data: memory.slice(buffer, buffer + length),
    };
    this.#post(queue, ring.next);
    ring.next = (ring.next + 1) % ring.entries;
    return back;
  }

  /** Gives back to the hardware what was taken. */
  refill(queue = 0): void {
    const ring = this.#rx.get(queue);
    if (ring !== undefined) this.write(Card.rx(queue, RX.tail), (ring.next + ring.entries - 1) % ring.entries);
  }

  /** A whole frame of one or more descriptors. */
  takeFrame(queue = 0): Uint8Array | undefined {
    const parts: number[] = [];
    for (let back = this.take(queue); back !== undefined; back = this.take(queue)) {
      parts.push(...back.data);
      if ((back.status & 2) !== 0) return Uint8Array.from(parts);
    }
    return undefined;
  }

  /** Puts descriptors into a ring; data goes to buffers of the test's own. Returns their indices. */
  put(words: readonly [number, number, number, number], queue = 0): number {
    const ring = this.#tx.get(queue);
    if (ring === undefined) throw new Error(`transmit queue ${queue} is not open`);
    const index = ring.tail;
    words.forEach((word, i) => {
      this.dma.fields.setUint32(this.txRing(queue) + 16 * index + 4 * i, word >>> 0, true);
    });
    ring.tail = (ring.tail + 1) % ring.entries;
    return index;
  }

  /** Legacy data; `field`: CSO, and the last word: CSS and VLAN. */
  putLegacy(bytes: Uint8Array, command: number = CMD.eop | CMD.ifcs | CMD.rs, offset = 0, last = 0, queue = 0): number {
    const at = this.#data(bytes, queue);
    return this.put([at, 0, bytes.length | (offset << 16) | (command << 24), last], queue);
  }

  /** Advanced data. */
  putData({ bytes, command = CMD.eop | CMD.ifcs | CMD.rs, options = 0, payload = bytes.length }: TxPart, queue = 0): number {
    const at = this.#data(bytes, queue);
    return this.put([at, 0, bytes.length | (3 << 20) | ((command | CMD.dext) << 24), options | (payload << 14)], queue);
  }

  putContext(fields: {
    readonly mac?: number;
    readonly ip?: number;
    readonly l4?: number;
    readonly vlan?: number;
    readonly v4?: boolean;
    readonly type?: number;
    readonly mss?: number;
    readonly slot?: number;
    readonly report?: boolean;
  }): number {
    const { mac = 14, ip = 20, l4 = 0, vlan = 0, v4 = true, type = 0, mss = 0, slot = 0, report = false } = fields;
    const kind = (v4 ? 1 << 10 : 0) | (type << 11) | (2 << 20) | ((CMD.dext | (report ? CMD.rs : 0)) << 24);
    return this.put([ip | (mac << 9) | (vlan << 16), 0, kind, (slot << 4) | (l4 << 8) | (mss << 16)]);
  }

  /** Rings the doorbell. */
  go(queue = 0): void {
    this.write(Card.tx(queue, TX.tail), this.#tx.get(queue)?.tail ?? 0);
  }

  /** Sends one frame with a legacy descriptor. */
  send(bytes: Uint8Array, queue = 0): number {
    const index = this.putLegacy(bytes, undefined, 0, 0, queue);
    this.go(queue);
    return index;
  }

  isDone(index: number, queue = 0): boolean {
    return ((this.dma.memory[this.txRing(queue) + 16 * index + 12] ?? 0) & 1) !== 0;
  }

  #dataAt = TX_BUFFERS;

  #data(bytes: Uint8Array, _queue: number): number {
    if (this.#dataAt + bytes.length > MEMORY) this.#dataAt = TX_BUFFERS;
    const at = this.#dataAt;
    this.dma.memory.set(bytes, at);
    this.#dataAt += bytes.length + 64;
    return at;
  }

  #post(queue: number, index: number): void {
    const at = this.rxRing(queue) + 16 * index;
    this.dma.fields.setUint32(at, this.rxBuffer(queue, index), true);
    for (let i = 1; i < 4; i++) this.dma.fields.setUint32(at + 4 * i, 0, true);
  }
}

/** The card behind a PCI bus, as firmware would find it. */
export function plugged(card: Card): PciBus {
  const bus = new PciBus();
  bus.plug(1, card.model, { set: (level) => card.pin.push(level) });
  bus.assign();
  return bus;
}
