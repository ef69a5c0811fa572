/**
 * A wire with bad luck: what goes through it, either way, is lost, doubled, damaged, held back or overtaken, by chance and the same for
 * the same seed. It wraps another wire, and a model is plugged into it. Every frame is accounted for in `counts`. A held frame is one of
 * its own copies; time is counted in frames, since nothing here has a clock.
 */
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";

/** Each from 0 to 1: the share of frames that it happens to. */
export interface WireFaults {
  readonly loss?: number;
  readonly duplication?: number;
  /** One bit of the frame is another one; the receiver's card finds the CRC wrong. */
  readonly corruption?: number;
  /** The frame is overtaken by 1 to `mostHeld` frames that come after it. */
  readonly delay?: number;
  readonly mostHeld?: number;
}

export interface FaultCounts {
  offered: number;
  delivered: number;
  lost: number;
  doubled: number;
  corrupted: number;
  delayed: number;
}

interface Held {
  readonly frame: Uint8Array;
  readonly damaged: boolean;
  left: number;
}

type Deliver = (frame: Uint8Array, length: number, damaged: boolean) => void;

const DEFAULT_HELD = 4;

export class FaultyWire implements Wire, WireEnd {
  readonly counts: FaultCounts = { offered: 0, delivered: 0, lost: 0, doubled: 0, corrupted: 0, delayed: 0 };
  readonly #inner: Wire;
  readonly #faults: WireFaults;
  readonly #random: () => number;
  readonly #out: Held[] = [];
  readonly #in: Held[] = [];
  #end: WireEnd | undefined;

  /** @param random numbers in [0, 1): the seed is in it */
  constructor(inner: Wire, faults: WireFaults, random: () => number) {
    this.#inner = inner;
    this.#faults = faults;
    this.#random = random;
  }

  get up(): boolean {
    return this.#inner.up;
  }

  /** What is held back on the way is still under way. */
  get held(): number {
    return this.#out.length + this.#in.length;
  }

  attach(end: WireEnd | undefined): void {
    this.#end = end;
    this.#inner.attach(end === undefined ? undefined : this);
  }

  send(frame: Uint8Array, length: number): void {
    this.#pass(this.#out, frame, length, false, this.#sendOn);
  }

  receive(frame: Uint8Array, length: number, damaged = false): void {
    this.#pass(this.#in, frame, length, damaged, this.#receiveOn);
  }

  carrier(up: boolean): void {
    this.#end?.carrier(up);
  }

  /** Lets all go that is held back. */
  flush(): void {
    for (const { frame, damaged } of this.#out.splice(0)) this.#deliver(frame, frame.length, damaged, this.#sendOn);
    for (const { frame, damaged } of this.#in.splice(0)) this.#deliver(frame, frame.length, damaged, this.#receiveOn);
  }

  /** A wire beyond this one carries whole frames only: what left damaged is dropped there, as by a switch. */
  readonly #sendOn: Deliver = (frame, length, damaged) => {
    if (!damaged) this.#inner.send(frame, length);
  };

  readonly #receiveOn: Deliver = (frame, length, damaged) => {
    this.#end?.receive(frame, length, damaged);
  };

  #pass(held: Held[], frame: Uint8Array, length: number, wasDamaged: boolean, on: Deliver): void {
    const { loss, duplication, corruption, delay, mostHeld = DEFAULT_HELD } = this.#faults;
    this.counts.offered++;
    let bytes = frame;
    let damaged = wasDamaged;
    if (this.#happens(loss)) {
      this.counts.lost++;
    } else {
      if (this.#happens(corruption)) {
        this.counts.corrupted++;
        bytes = frame.slice(0, length);
        const bit = Math.floor(this.#random() * length * 8);
        bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        damaged = true;
      }
      const isDoubled = this.#happens(duplication);
      if (isDoubled) this.counts.doubled++;
      if (this.#happens(delay)) {
        this.counts.delayed++;
        const left = 1 + Math.floor(this.#random() * mostHeld);
        held.push({ frame: bytes.slice(0, length), damaged, left: left + 1 });
      } else {
        this.#deliver(bytes, length, damaged, on);
      }
      if (isDoubled) this.#deliver(bytes, length, damaged, on);
    }
    this.#age(held, on);
  }

  /** Frames whose time has come, in the order in which they were held back. */
  #age(held: Held[], on: Deliver): void {
    for (const one of held) one.left--;
    for (let i = 0; i < held.length; ) {
      const one = held[i];
      if (one === undefined || one.left > 0) {
        i++;
        continue;
      }
      held.splice(i, 1);
      this.#deliver(one.frame, one.frame.length, one.damaged, on);
    }
  }

  #deliver(frame: Uint8Array, length: number, damaged: boolean, on: Deliver): void {
    this.counts.delivered++;
    on(frame, length, damaged);
  }

  /** Asks chance only where there is something to decide, so that a fault left out changes nothing else. */
  #happens(share: number | undefined): boolean {
    return share !== undefined && share > 0 && this.#random() < share;
  }
}
