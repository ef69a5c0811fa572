/**
 * Flow control: pause frames that arrive stop transmission for a time; a packet buffer that fills sends them.
 * Asked by the receive path for each frame, by the transmit path before each frame, and told how full the buffers are.
 * Source: [82599] section 3.7.7, registers 8.2.3.3; [IEEE802.3] annexes 31B and 31D.
 */
import type { Clock } from "../ports.ts";
import { be16, ETHERTYPE, type Frame } from "./frame.ts";
import type { L2Filter } from "./l2-filter.ts";
import { COUNT } from "./map-statistics.ts";
import { MFLCN, PACKET_BUFFERS, REG } from "./registers.ts";
import type { Statistics } from "./statistics.ts";

const OPCODE = { pause: 0x0001, priorityPause: 0x0101 } as const;
/** 512 bit times at 10 Gb/s. */
const QUANTUM_MICROS = 0.0512;
const FCCFG = { shift: 3, pause: 1, priority: 2 } as const;
const ENABLE = 1 << 31;
const THRESHOLD = 0x7_ffe0;
const FRAME_BYTES = 60;
const PAUSE_ADDRESS = [0x01, 0x80, 0xc2, 0x00, 0x00, 0x01] as const;

export interface FlowControlParts {
  readonly regs: Uint32Array;
  readonly statistics: Statistics;
  readonly clock: Clock | undefined;
  readonly filter: () => L2Filter;
  /** Puts a control frame on the wire; the bytes are used again. */
  readonly send: (frame: Uint8Array, length: number) => void;
  /** Transmission may go on. */
  readonly resumed: () => void;
  /** The host may want to set a timer. */
  readonly deferred: (atMicros: number) => void;
}

export class FlowControl {
  readonly #parts: FlowControlParts;
  readonly #regs: Uint32Array;
  readonly #frame: Uint8Array = new Uint8Array(FRAME_BYTES);
  #pausedUntil = 0;
  #paused = false;
  /** Classes that have sent XOFF and not yet XON, and when to repeat it. */
  readonly #stopped: Uint8Array = new Uint8Array(PACKET_BUFFERS);
  readonly #repeatAt: Float64Array = new Float64Array(PACKET_BUFFERS);

  constructor(parts: FlowControlParts) {
    this.#parts = parts;
    this.#regs = parts.regs;
  }

  reset(): void {
    this.#paused = false;
    this.#pausedUntil = 0;
    this.#stopped.fill(0);
  }

  /** Transmission waits. Without a clock a pause lasts until the other side ends it. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** When something is due, in microseconds of the clock; Infinity: nothing is. */
  get deadline(): number {
    let deadline = this.#paused ? this.#pausedUntil : Number.POSITIVE_INFINITY;
    for (let i = 0; i < PACKET_BUFFERS; i++) if (this.#stopped[i] !== 0) deadline = Math.min(deadline, this.#repeatAt[i] ?? deadline);
    return deadline;
  }

  /** Time has passed. */
  tick(now: number): void {
    if (this.#paused && now >= this.#pausedUntil) this.#resume();
    for (let i = 0; i < PACKET_BUFFERS; i++) {
      if (this.#stopped[i] === 0 || now < (this.#repeatAt[i] ?? 0)) continue;
      this.#sendPause(i, true);
      this.#planRepeat(i, now);
    }
  }

  // HOT: every frame; nearly all leave at the first line.
  /** Whether the MAC keeps a frame to itself. */
  receive(bytes: Uint8Array, frame: Frame): boolean {
    if (frame.etherType !== ETHERTYPE.macControl) return false;
    const control = this.#reg(REG.mflcn);
    if (!isPauseAddress(bytes) && !this.#parts.filter().isStation(bytes)) return (control & MFLCN.passControl) === 0;
    const opcode = be16(bytes, 14);
    if (opcode === OPCODE.pause && (control & MFLCN.pause) !== 0) {
      this.#pause(be16(bytes, 16));
      return (control & MFLCN.discardPause) !== 0 || (control & MFLCN.passControl) === 0;
    }
    if (opcode === OPCODE.priorityPause && (control & MFLCN.priorityPause) !== 0) {
      this.#priorityPause(bytes);
      return (control & MFLCN.discardPause) !== 0 || (control & MFLCN.passControl) === 0;
    }
    return (control & MFLCN.passControl) === 0;
  }

  /** A packet buffer holds that many bytes after it took a frame. */
  filled(which: number, bytes: number): void {
    const high = this.#reg(REG.fcrth + 4 * which);
    if (this.#stopped[which] !== 0 || (high & ENABLE) === 0 || bytes <= (high & THRESHOLD) || this.#mode === 0) return;
    this.#stopped[which] = 1;
    this.#sendPause(which, true);
    this.#planRepeat(which, this.#now());
  }

  /** A packet buffer holds that many bytes after frames left it. */
  drained(which: number, bytes: number): void {
    const low = this.#reg(REG.fcrtl + 4 * which);
    if (this.#stopped[which] === 0 || bytes > (low & THRESHOLD)) return;
    this.#stopped[which] = 0;
    if ((low & ENABLE) !== 0) this.#sendPause(which, false);
  }

  #pause(quanta: number): void {
    this.#parts.statistics.count(quanta === 0 ? COUNT.xonReceived : COUNT.xoffReceived);
    this.#setPause(quanta);
  }

  /** With one traffic class on the transmit side, any class that is stopped stops all. */
  #priorityPause(bytes: Uint8Array): void {
    const enabled = be16(bytes, 16);
    let longest = 0;
    for (let i = 0; i < PACKET_BUFFERS; i++) {
      if ((enabled & (1 << i)) === 0) continue;
      const quanta = be16(bytes, 18 + 2 * i);
      this.#parts.statistics.count((quanta === 0 ? COUNT.priorityXonReceived : COUNT.priorityXoffReceived) + 4 * i);
      longest = Math.max(longest, quanta);
    }
    this.#setPause(longest);
  }

  #setPause(quanta: number): void {
    if (quanta === 0) {
      if (this.#paused) this.#resume();
      return;
    }
    this.#paused = true;
    this.#pausedUntil = this.#parts.clock === undefined ? Number.POSITIVE_INFINITY : this.#now() + quanta * QUANTUM_MICROS;
    if (this.#pausedUntil !== Number.POSITIVE_INFINITY) this.#parts.deferred(this.#pausedUntil);
  }

  #resume(): void {
    this.#paused = false;
    this.#parts.resumed();
  }

  #planRepeat(which: number, now: number): void {
    const quanta = this.#reg(REG.fcrtv) & 0xffff;
    this.#repeatAt[which] = quanta === 0 || this.#parts.clock === undefined ? Number.POSITIVE_INFINITY : now + quanta * QUANTUM_MICROS;
    if (this.#repeatAt[which] !== Number.POSITIVE_INFINITY) this.#parts.deferred(this.#repeatAt[which] ?? 0);
  }

  #sendPause(which: number, stop: boolean): void {
    const mode = this.#mode;
    if (mode === 0) return;
    const frame = this.#frame.fill(0);
    frame.set(PAUSE_ADDRESS);
    const [low, high] = [this.#reg(REG.ral), this.#reg(REG.ral + 4)];
    for (let i = 0; i < 4; i++) frame[6 + i] = low >>> (8 * i);
    frame[10] = high;
    frame[11] = high >>> 8;
    put16(frame, 12, ETHERTYPE.macControl);
    const quanta = stop ? (this.#reg(REG.fcttv + 4 * (which >>> 1)) >>> (16 * (which & 1))) & 0xffff : 0;
    const { statistics } = this.#parts;
    if (mode === FCCFG.priority) {
      put16(frame, 14, OPCODE.priorityPause);
      put16(frame, 16, 1 << which);
      put16(frame, 18 + 2 * which, quanta);
      statistics.count((stop ? COUNT.priorityXoffSent : COUNT.priorityXonSent) + 4 * which);
    } else {
      put16(frame, 14, OPCODE.pause);
      put16(frame, 16, quanta);
      statistics.count(stop ? COUNT.xoffSent : COUNT.xonSent);
    }
    this.#parts.send(frame, FRAME_BYTES);
  }

  get #mode(): number {
    return (this.#reg(REG.fccfg) >>> FCCFG.shift) & 3;
  }

  #now(): number {
    return this.#parts.clock?.nowMicros() ?? 0;
  }

  #reg(offset: number): number {
    return this.#regs[offset >>> 2] ?? 0;
  }
}

function isPauseAddress(bytes: Uint8Array): boolean {
  for (let i = 0; i < 6; i++) if (bytes[i] !== PAUSE_ADDRESS[i]) return false;
  return true;
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
