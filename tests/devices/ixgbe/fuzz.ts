/**
 * Random programs for the 82599: register accesses, descriptors, frames, changes of rights, time, resets, all from one seed.
 * After every operation each frame must be accounted for, and nothing may have thrown or been written where it must not be.
 * Used by the campaign and, for a short while, by the tests. A second CPU may write to the rings at the same time.
 */
import { IXGBE_MAP } from "../../../devices/ixgbe/map.ts";
import { IxgbeModel } from "../../../devices/ixgbe/model.ts";
import { REG, RX, TX } from "../../../devices/ixgbe/registers.ts";
import type { Wire } from "../../../devices/net-wire.ts";
import { FuzzMemory, OBJECT_BYTES, OBJECTS, RIGHTS, RING_OBJECTS } from "./fuzz-memory.ts";
import { counting, frame, OWN, packet } from "./packets.ts";

const QUEUES = 4;
const ENABLE = 0x0200_0000;
const FRAMES: readonly Uint8Array[] = [
  packet({ protocol: "tcp" }),
  packet({ protocol: "udp", vlan: 5 }),
  packet({ protocol: "sctp" }),
  packet({ source: "fd00::1", destination: "fd00::2", protocol: "tcp", payload: counting(900) }),
  packet({ protocol: "udp", fragment: 0x2000 }),
  frame(0x1234, counting(46), { to: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] }),
  frame(0x8808, [0, 1, 0, 9], { to: [1, 0x80, 0xc2, 0, 0, 1] }),
  frame(0x8808, [0, 1, 0, 0], { to: OWN }),
  frame(0x8808, [1, 1, 0, 3, 0, 9, 0, 0], { to: [1, 0x80, 0xc2, 0, 0, 1] }),
  frame(0x1234, counting(9000)),
  counting(20),
];
/** Values that mean something in more than one register. */
const VALUES = [0, 1, 2, 0x80, 0xff, 0x8000, 0xffff, 0x1_0000, 0x0200_0000, 0x8000_0000, 0xffff_ffff] as const;

/** xorshift32: fast, and the same everywhere. */
export class FuzzRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed === 0 ? 0x9e37_79b9 : seed;
  }

  word(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  below(limit: number): number {
    return this.word() % limit;
  }
}

export class Fuzz {
  readonly memory: FuzzMemory;
  readonly model: IxgbeModel;
  readonly #random: FuzzRandom;
  readonly #scratch: Uint8Array = new Uint8Array(0x4000);
  #now = 0;
  #arrived = 0;
  #wireSent = 0;
  #granted = false;
  #depth = 0;
  readonly #wire: Wire & { up: boolean };

  readonly #ringsStayOwned: boolean;

  /** `ringsStayOwned`: somebody else writes there, so what they hold cannot be compared. */
  constructor(seed: number, buffer?: SharedArrayBuffer, { ringsStayOwned = false }: { readonly ringsStayOwned?: boolean } = {}) {
    this.memory = new FuzzMemory(buffer);
    this.#ringsStayOwned = ringsStayOwned;
    this.#random = new FuzzRandom(seed);
    this.#wire = {
      up: true,
      send: () => {
        this.#wireSent++;
        this.#reenter();
      },
      attach: () => {},
    };
    this.model = new IxgbeModel({ wire: this.#wire, clock: { nowMicros: () => this.#now } });
    this.#start();
  }

  run(operations: number): void {
    for (let i = 0; i < operations; i++) {
      this.#step();
      this.#balance();
    }
    this.memory.check();
  }

  /** Frames in = frames out + drops counted + what waits, and every frame that went out is one that came in somewhere. */
  #balance(): void {
    const { ledger, waiting } = this.model;
    if (ledger.framesIn !== ledger.accounted + waiting)
      throw new Error(`${ledger.framesIn} frames came in and ${ledger.accounted + waiting} are accounted for: ${JSON.stringify(ledger)}`);
    const looped = ledger.framesOut + ledger.controlOut - this.#wireSent;
    if (looped < 0 || ledger.framesIn !== this.#arrived + looped)
      throw new Error(`${this.#arrived} frames arrived and ${looped} were looped, but ${ledger.framesIn} came in`);
  }

  #start(): void {
    this.model.start(this.memory, { set: (high) => high && this.#reenter() }, { raise: () => this.#reenter() });
    this.#granted = true;
    this.#prepare();
  }

  /** A card that works, so that what follows has something to break. */
  #prepare(): void {
    const { model } = this;
    if (this.#random.below(2) === 0) model.write32(REG.ctrl, 0x0400_0000);
    model.messageControl.configure(this.#random.below(2) === 0, false);
    for (let queue = 0; queue < QUEUES; queue++) {
      const [rx, tx] = [REG.rxRing + 0x40 * queue, REG.txRing + 0x40 * queue];
      model.write32(rx + RX.control, 0);
      model.write32(tx + TX.control, 0);
      model.write32(rx + RX.head, 0);
      model.write32(tx + TX.head, 0);
      model.write32(rx + RX.baseLow, queue * OBJECT_BYTES);
      model.write32(rx + RX.length, 32 * 16);
      model.write32(
        rx + RX.splitControl,
        this.#random.below(4) | 1 | (this.#random.below(8) << 25) | (this.#random.below(2) << 28) | 0x400,
      );
      model.write32(rx + RX.control, ENABLE | (this.#random.below(2) << 30));
      model.write32(tx + TX.baseLow, (QUEUES + queue) * OBJECT_BYTES);
      model.write32(tx + TX.length, 32 * 16);
      model.write32(tx + TX.control, ENABLE);
      for (let i = 0; i < 32; i++) this.#describe(queue, i, false);
      for (let i = 0; i < 32; i++) this.#describe(QUEUES + queue, i, true);
      model.write32(rx + RX.tail, 31);
    }
    model.write32(REG.rxctrl, 1);
    model.write32(REG.fctrl, 0x702);
    model.write32(REG.dmatxctl, 0x8100_0001);
    model.write32(REG.mrqc, 0xff_0001);
    for (let i = 0; i < 32; i++) model.write32(REG.reta + 4 * i, 0x0302_0100);
    if (this.#random.below(2) === 0) model.write32(REG.hlreg0, model.read32(REG.hlreg0) | 0x8000);
    model.write32(REG.ivar, 0x8180_8180);
    model.write32(REG.eims, 0xffff_ffff);
    model.write32(REG.mflcn, this.#random.below(16));
    model.write32(REG.fccfg, this.#random.below(3) << 3);
    model.write32(REG.fcrth, 0x8000_0400);
    model.write32(REG.fcrtl, 0x8000_0100);
    model.write32(REG.fcrtv, this.#random.below(2000));
    this.#direct();
  }

  /** Flow director, with a filter for the first of the frames: perfect, or as a signature of whatever comes. */
  #direct(): void {
    const { model } = this;
    model.write32(0xee70, 0x13);
    model.write32(REG.fdirctrl, this.#random.below(4) === 0 ? 1 : 0x31 | (this.#random.below(128) << 8));
    model.write32(0xee18, 0x0100_000a);
    model.write32(0xee1c, 0x0200_000a);
    model.write32(0xee20, 1000 | (2000 << 16));
    model.write32(0xee28, this.#random.word());
    model.write32(0xee2c, 1 | (2 << 5) | 0x8000 | (this.#random.below(8) << 16));
  }

  /** Accesses that no driver makes, and the other window. */
  #oddAccess(): void {
    const random = this.#random;
    const window = this.model.window(random.below(2) === 0 ? 0 : 4);
    const offset = random.below(4) === 0 ? random.word() : random.below(0x4000);
    const kind = random.below(8);
    if (kind === 0) window?.read8(offset);
    else if (kind === 1) window?.read16(offset);
    else if (kind === 2) window?.read32(offset);
    else if (kind === 3) window?.read64(offset & ~7);
    else if (kind === 4) window?.write8(offset, random.word());
    else if (kind === 5) window?.write16(offset, random.word());
    else if (kind === 6) window?.write64(0x2000 + (offset & 0x3ff8), BigInt(random.word()));
    else this.model.window(4)?.write32(offset & 0x3fc, random.word());
    const deadline = this.model.deadlineMicros;
    if (Number.isNaN(deadline)) throw new Error("the deadline is not a number");
  }

  #step(): void {
    const kind = this.#random.below(100);
    if (!this.#granted && kind < 90) this.#start();
    else if (kind < 25) this.#arrive();
    else if (kind < 45) this.#tails();
    else if (kind < 65) this.#describe(this.#random.below(2 * QUEUES), this.#random.below(64), this.#random.below(4) !== 0);
    else if (kind < 78) this.#writeRegister();
    else if (kind < 80) this.#oddAccess();
    else if (kind < 90) this.model.read32(this.#anyRegister());
    else if (kind < 95) this.#time();
    else if (kind < 98) this.#rights();
    else this.#rare();
  }

  #arrive(): void {
    const chosen = FRAMES[this.#random.below(FRAMES.length)] ?? counting(60);
    let bytes = chosen;
    if (this.#random.below(2) === 0) {
      bytes = this.#scratch;
      bytes.set(chosen);
      bytes[this.#random.below(chosen.length)] = this.#random.word();
    }
    const length = this.#random.below(8) === 0 ? this.#random.below(chosen.length + 1) : chosen.length;
    this.#arrived++;
    this.model.receive(bytes, length, this.#random.below(16) === 0);
  }

  /** Hardware gets descriptors, software looks at them: the traffic. */
  #tails(): void {
    const queue = this.#random.below(QUEUES);
    const isReceive = this.#random.below(2) === 0;
    const ring = (isReceive ? REG.rxRing : REG.txRing) + 0x40 * queue;
    if (this.#random.below(4) === 0) {
      // Rings that have met a bad descriptor stand still until then.
      this.model.write32(ring + RX.control, 0);
      this.model.write32(ring + RX.control, ENABLE);
    }
    const head = this.model.read32(ring + RX.head);
    const tail = this.#random.below(50) === 0 ? this.#random.below(0x1_0000) : (head + this.#random.below(isReceive ? 32 : 12)) % 32;
    this.model.write32(ring + RX.tail, tail);
  }

  /** Writes a descriptor that may be right. */
  #describe(object: number, index: number, isTransmit: boolean): void {
    const { words } = this.memory;
    const at = (object * OBJECT_BYTES) / 4 + 4 * index;
    if ((this.memory.rights[object] ?? 0) !== RIGHTS.owned) return;
    const random = this.#random;
    const buffer = RING_OBJECTS + random.below(OBJECTS - RING_OBJECTS);
    const address = buffer * OBJECT_BYTES + random.below(4) * 64;
    const wild = random.below(24) === 0;
    words[at] = wild ? random.word() : address;
    words[at + 1] = wild && random.below(2) === 0 ? random.word() : 0;
    if (!isTransmit) {
      words[at + 2] = wild ? random.word() : (buffer * OBJECT_BYTES + 0x2000) % (OBJECTS * OBJECT_BYTES);
      words[at + 3] = 0;
      return;
    }
    const command = random.below(16) === 0 ? random.below(256) : 0x0b | (random.below(4) << 6);
    const type = random.below(8);
    if (type === 0) {
      words[at] = 20 | (14 << 9) | (random.below(4) << 16);
      words[at + 2] = (2 << 20) | (random.below(4) << 11) | (random.below(2) << 10) | (0x20 << 24);
      words[at + 3] = (20 << 8) | (random.below(3000) << 16);
    } else {
      const bytes = wild ? random.below(0x1_0000) : 60 + random.below(1500);
      const isLegacy = type < 3;
      words[at + 2] =
        bytes |
        (isLegacy ? random.below(64) << 16 : 3 << 20) |
        ((command & ~0x20 & (isLegacy ? 0x7f : 0xff)) << 24) |
        (isLegacy ? 0 : 0x20 << 24);
      words[at + 3] = isLegacy ? random.word() : (random.below(4) << 8) | ((bytes - 54) << 14);
    }
  }

  #anyRegister(): number {
    const random = this.#random;
    if (random.below(64) === 0) return random.below(0x2_0000);
    const row = IXGBE_MAP[random.below(IXGBE_MAP.length)];
    return row === undefined ? 0 : row.offset + row.stride * random.below(Math.min(row.count, 8));
  }

  #writeRegister(): void {
    const random = this.#random;
    const offset = this.#anyRegister();
    // A reset every few operations would leave nothing to reset.
    if (offset <= 4 && random.below(20) !== 0) return;
    const value = random.below(2) === 0 ? (VALUES[random.below(VALUES.length)] ?? 0) : random.word();
    this.model.write32(offset, random.below(4) === 0 ? this.model.peek(offset) ^ (1 << random.below(32)) : value);
  }

  #time(): void {
    this.#now += this.#random.below(500);
    this.model.tick();
  }

  #rights(): void {
    const random = this.#random;
    // Rings are mostly left alone: a card that can only say no shows little.
    const object =
      !this.#ringsStayOwned && random.below(16) === 0 ? random.below(RING_OBJECTS) : RING_OBJECTS + random.below(OBJECTS - RING_OBJECTS);
    this.memory.setRights(object, random.below(4) === 0 ? random.below(3) : RIGHTS.owned);
  }

  #rare(): void {
    const kind = this.#random.below(8);
    if (kind < 3) {
      this.#wire.up = !this.#wire.up;
      this.model.carrier(this.#wire.up);
    } else if (kind === 3 && this.#granted) {
      this.model.stop();
      this.#granted = false;
      if (this.memory.pins !== 0) throw new Error(`${this.memory.pins} pins are left after stop`);
    } else if (kind === 4) this.memory.setRights(this.#random.below(RING_OBJECTS), RIGHTS.owned);
    else if (this.#granted) this.#prepare();
  }

  /** From inside a wire or an interrupt, as drivers come: an access or a frame. */
  #reenter(): void {
    if (this.#depth > 2 || !this.#granted || this.#random.below(8) !== 0) return;
    this.#depth++;
    const kind = this.#random.below(4);
    if (kind === 0) this.model.read32(REG.eicr);
    else if (kind === 1) this.#tails();
    else if (kind === 2) this.#arrive();
    else this.#writeRegister();
    this.#depth--;
  }
}
