/**
 * A wire with bad luck: what goes through it, either way, is lost, doubled, damaged, held back or overtaken, by chance and the same for
 * the same seed. It wraps another wire, and a model is plugged into it. Every frame is accounted for in `counts`. A held frame is one of
 * its own copies, and how long it is held is counted in frames. Only a limit of the rate needs a clock.
 */
import type { Wire, WireEnd } from "../../../devices/net-wire.ts";
import type { WireLosses } from "../../control/protocol.ts";
import { seededRandom } from "../../platform/seeded-random.ts";
import { type CountingWire, LossTally } from "./wire-losses.ts";

/** Each from 0 to 1: the share of frames that it happens to. */
export interface WireFaults {
  readonly loss?: number;
  readonly duplication?: number;
  /** One bit of the frame is another one; the receiver's card finds the CRC wrong. */
  readonly corruption?: number;
  /** The frame is overtaken by 1 to `mostHeld` frames that come after it. */
  readonly delay?: number;
  readonly mostHeld?: number;
  /** Each way, with bursts of 64 KiB; what comes faster is lost. */
  readonly megabitsPerSecond?: number;
}

export interface FaultCounts {
  offered: number;
  delivered: number;
  lost: number;
  /** Of those that are lost: they came too fast. */
  beyondRate: number;
  doubled: number;
  corrupted: number;
  delayed: number;
}

/** One direction: what is under way, and how many bytes may go at once. */
interface Lane {
  readonly tally: LossTally;
  readonly held: Held[];
  readonly random: () => number;
  allowance: number;
  seenMicros: number;
}

interface Held {
  readonly frame: Uint8Array;
  readonly damaged: boolean;
  left: number;
}

type Deliver = (frame: Uint8Array, length: number, damaged: boolean) => void;

const DEFAULT_HELD = 4;
const BURST_BYTES = 65_536;
const BITS = 8;

/** Each direction has its own chance, so that what becomes of one does not depend on what goes the other way meanwhile. */
const INWARD_SEED = 0x5bd1e995;

const emptyLane = (seed: number): Lane => ({
  tally: new LossTally(),
  held: [],
  random: seededRandom(seed),
  allowance: BURST_BYTES,
  seenMicros: 0,
});

export class FaultyWire implements CountingWire, WireEnd {
  readonly counts: FaultCounts = { offered: 0, delivered: 0, lost: 0, beyondRate: 0, doubled: 0, corrupted: 0, delayed: 0 };
  readonly #inner: Wire;
  readonly #faults: WireFaults;
  readonly #nowMicros: () => number;
  readonly #out: Lane;
  readonly #in: Lane;
  #end: WireEnd | undefined;

  /** @param seed a whole number of 32 bits  @param nowMicros for a limited rate; without it time stands still */
  constructor(inner: Wire, faults: WireFaults, seed: number, nowMicros: () => number = () => 0) {
    this.#inner = inner;
    this.#faults = faults;
    this.#out = emptyLane(seed);
    this.#in = emptyLane(seed ^ INWARD_SEED);
    this.#nowMicros = nowMicros;
  }

  get up(): boolean {
    return this.#inner.up;
  }

  /** What is held back on the way is still under way. */
  get held(): number {
    return this.#out.held.length + this.#in.held.length;
  }

  get losses(): WireLosses {
    return { in: this.#in.tally.counts, out: this.#out.tally.counts };
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
    for (const { frame, damaged } of this.#out.held.splice(0)) this.#deliver(frame, frame.length, damaged, this.#sendOn);
    for (const { frame, damaged } of this.#in.held.splice(0)) this.#deliver(frame, frame.length, damaged, this.#receiveOn);
  }

  /** A wire beyond this one carries whole frames only: what left damaged is dropped there, as by a switch. */
  readonly #sendOn: Deliver = (frame, length, damaged) => {
    if (damaged) this.#out.tally.add("faults");
    else this.#inner.send(frame, length);
  };

  readonly #receiveOn: Deliver = (frame, length, damaged) => {
    this.#end?.receive(frame, length, damaged);
  };

  #pass(lane: Lane, frame: Uint8Array, length: number, wasDamaged: boolean, on: Deliver): void {
    const { loss, duplication, corruption, delay, mostHeld = DEFAULT_HELD } = this.#faults;
    const { held, random } = lane;
    this.counts.offered++;
    let bytes = frame;
    let damaged = wasDamaged;
    if (this.#isTooFast(lane, length)) {
      this.counts.beyondRate++;
      this.counts.lost++;
      lane.tally.add("faults");
    } else if (happens(loss, random)) {
      this.counts.lost++;
      lane.tally.add("faults");
    } else {
      if (happens(corruption, random)) {
        this.counts.corrupted++;
        bytes = frame.slice(0, length);
        const bit = Math.floor(random() * length * 8);
        bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        damaged = true;
      }
      const isDoubled = happens(duplication, random);
      if (isDoubled) this.counts.doubled++;
      if (happens(delay, random)) {
        this.counts.delayed++;
        const left = 1 + Math.floor(random() * mostHeld);
        held.push({ frame: bytes.slice(0, length), damaged, left: left + 1 });
      } else {
        this.#deliver(bytes, length, damaged, on);
      }
      if (isDoubled) this.#deliver(bytes, length, damaged, on);
    }
    this.#age(held, on);
  }

  /** A bucket of bytes that fills with time and pays for each frame. */
  #isTooFast(lane: Lane, length: number): boolean {
    const rate = this.#faults.megabitsPerSecond;
    if (rate === undefined) return false;
    const now = this.#nowMicros();
    lane.allowance = Math.min(BURST_BYTES, lane.allowance + ((now - lane.seenMicros) * rate) / BITS);
    lane.seenMicros = now;
    if (lane.allowance < length) return true;
    lane.allowance -= length;
    return false;
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
}

/** Asks chance only where there is something to decide, so that a fault left out changes nothing else. */
function happens(share: number | undefined, random: () => number): boolean {
  return share !== undefined && share > 0 && random() < share;
}
