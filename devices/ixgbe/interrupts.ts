/**
 * Interrupts: causes, masks, automatic clearing and masking, throttling, the pin and messages.
 * Told of causes by the queues and the control registers; `settle` makes the outside agree with the state, and is called when a
 * register access or a frame is done, never in the middle. What throttling defers is kept, and `deadline` says until when.
 * Source: [82599] section 7.3, registers 8.2.3.5.
 *
 *   pin:       queue ─ IVAR ─▶ EICR 15:0 ┐
 *              others ────────▶ EICR 30:16 ┴─ & EIMS ─ EITR(0) ─▶ line, until a read of EICR
 *   messages:  queue ─ IVAR ─▶ vector's bit ── & EIMS_EX ── EITR(vector) ─▶ message; EIAC clears, EIAM masks
 *              others ────────▶ EICR 30:16 ─── & EIMS ────── EITR(IVAR_MISC) ─▶ message
 */
import type { Clock, Interrupt, InterruptLine } from "../ports.ts";
import { CAUSE, GPIE, REG, VECTORS } from "./registers.ts";

const VALID = 0x80;
const QUEUE_CAUSES = 0xffff;
const OTHER_CAUSES = 0x7fff_0000;
/** What a read of EICR clears while GPIE.OCD is set. */
const OCD_CLEARS = 0x3fff_0000;
/** EITR. */
const INTERVAL_UNIT_MICROS = 2.048;
const EITR_KEPT = 0x001f_8ff8;
const EITR_COUNTER_SHIFT = 21;
const EITR_COUNTER_MASK = 0x7f;
/** The counter's field is the upper part of a count in units. */
const EITR_COUNTER_UNITS = 4;
const EITR_KEEP_COUNTER = 1 << 31;

/** A host that answers each interrupt from inside with what causes the next one would never get out. */
const MOST_ROUNDS = 64;

export interface InterruptParts {
  readonly regs: Uint32Array;
  readonly messages: Interrupt;
  readonly clock: Clock | undefined;
  /** The host may want to set a timer: something was deferred until then. */
  readonly deferred: (atMicros: number) => void;
}

export class Interrupts {
  /** When the next deferred interrupt is due, in microseconds of the clock; Infinity: none. */
  deadline: number = Number.POSITIVE_INFINITY;
  readonly #parts: InterruptParts;
  #line: InterruptLine | undefined = undefined;
  #level = false;
  /** Causes of vectors 0..31 and 32..63, and bits 30:16 of EICR. */
  #low = 0;
  #high = 0;
  #other = 0;
  #maskLow = 0;
  #maskHigh = 0;
  #maskOther = 0;
  #autoLow = 0;
  #autoHigh = 0;
  #autoOther = 0;
  /** Causes that no message was sent for. */
  #freshLow = 0;
  #freshHigh = 0;
  #freshOther = 0;
  /** Causes that do not wait for an interval. */
  #urgentLow = 0;
  #urgentHigh = 0;
  #urgentOther = 0;
  #settling = false;
  #again = false;
  readonly #readyAt: Float64Array = new Float64Array(VECTORS);

  constructor(parts: InterruptParts) {
    this.#parts = parts;
  }

  connect(line: InterruptLine | undefined): void {
    this.#line = line;
  }

  reset(): void {
    this.#low = this.#high = this.#other = 0;
    this.#maskLow = this.#maskHigh = this.#maskOther = 0;
    this.#autoLow = this.#autoHigh = this.#autoOther = 0;
    this.#freshLow = this.#freshHigh = this.#freshOther = 0;
    this.#urgentLow = this.#urgentHigh = this.#urgentOther = 0;
    this.#readyAt.fill(0);
    this.deadline = Number.POSITIVE_INFINITY;
    this.#setLine(false);
  }

  // HOT: once per queue and batch.
  /** A queue has written descriptors back: `entry` is its byte of IVAR. */
  queue(entry: number, urgent: boolean): void {
    if ((entry & VALID) === 0) return;
    const isMessage = this.#isMessage;
    const vector = isMessage ? entry & (VECTORS - 1) : entry & 15;
    const bit = 1 << (vector & 31);
    if (vector < 32) {
      this.#low |= bit;
      this.#freshLow |= bit;
      if (urgent) this.#urgentLow |= bit;
    } else {
      this.#high |= bit;
      this.#freshHigh |= bit;
      if (urgent) this.#urgentHigh |= bit;
    }
  }

  /** One of CAUSE. */
  other(cause: number): void {
    this.#other |= cause;
    this.#freshOther |= cause;
  }

  readCause(): number {
    const value = this.cause;
    if ((this.#reg(REG.gpie) & GPIE.otherClearDisable) !== 0) this.#clear(value & OCD_CLEARS);
    else this.#clear(value);
    this.#maskAfterAccess();
    this.#lowerIfQuiet();
    return value;
  }

  writeCause(value: number): void {
    this.#clear(value);
    this.#maskAfterAccess();
    this.#lowerIfQuiet();
  }

  /** Also what a read of EICS answers: nothing is cleared. */
  get cause(): number {
    return ((this.#low & QUEUE_CAUSES) | this.#other) >>> 0;
  }

  setCauses(value: number): void {
    this.setVectorCauses(0, value & QUEUE_CAUSES);
    const others = value & OTHER_CAUSES;
    this.#other |= others;
    this.#freshOther |= others;
    if ((this.#reg(REG.gpie) & GPIE.immediate) !== 0) this.#urgentOther |= others;
    // Without messages, what is masked automatically is unmasked by the same register.
    if (this.#isMessage) return;
    this.#maskLow |= this.#autoLow & value & QUEUE_CAUSES;
    this.#maskOther |= this.#autoOther & others;
  }

  setVectorCauses(bank: number, value: number): void {
    const urgent = (this.#reg(REG.gpie) & GPIE.immediate) !== 0 ? value : 0;
    if (bank === 0) {
      this.#low |= value;
      this.#freshLow |= value;
      this.#urgentLow |= urgent;
    } else {
      this.#high |= value;
      this.#freshHigh |= value;
      this.#urgentHigh |= urgent;
    }
  }

  vectorCause(bank: number): number {
    return (bank === 0 ? this.#low : this.#high) >>> 0;
  }

  get mask(): number {
    return ((this.#maskLow & QUEUE_CAUSES) | this.#maskOther) >>> 0;
  }

  vectorMask(bank: number): number {
    return (bank === 0 ? this.#maskLow : this.#maskHigh) >>> 0;
  }

  /** A cause that is still there when its bit is set interrupts again. */
  setMask(value: number): void {
    this.setVectorMask(0, value & QUEUE_CAUSES);
    this.#maskOther |= value & OTHER_CAUSES;
    this.#freshOther |= this.#other & value;
  }

  setVectorMask(bank: number, value: number): void {
    if (bank === 0) {
      this.#maskLow |= value;
      this.#freshLow |= this.#low & value;
    } else {
      this.#maskHigh |= value;
      this.#freshHigh |= this.#high & value;
    }
  }

  clearMask(value: number): void {
    this.#maskLow &= ~(value & QUEUE_CAUSES);
    this.#maskOther &= ~value;
  }

  clearVectorMask(bank: number, value: number): void {
    if (bank === 0) this.#maskLow &= ~value;
    else this.#maskHigh &= ~value;
  }

  get autoMask(): number {
    return ((this.#autoLow & QUEUE_CAUSES) | this.#autoOther) >>> 0;
  }

  set autoMask(value: number) {
    this.#autoLow = (this.#autoLow & ~QUEUE_CAUSES) | (value & QUEUE_CAUSES);
    this.#autoOther = value & OTHER_CAUSES;
  }

  vectorAutoMask(bank: number): number {
    return (bank === 0 ? this.#autoLow : this.#autoHigh) >>> 0;
  }

  setVectorAutoMask(bank: number, value: number): void {
    if (bank === 0) this.#autoLow = value;
    else this.#autoHigh = value;
  }

  readInterval(vector: number): number {
    const kept = this.#interval(vector);
    const left = vector < VECTORS ? Math.max(0, (this.#readyAt[vector] ?? 0) - this.#now()) : 0;
    const counter = Math.min(EITR_COUNTER_MASK, Math.ceil(left / (INTERVAL_UNIT_MICROS * EITR_COUNTER_UNITS)));
    return (kept | (counter << EITR_COUNTER_SHIFT)) >>> 0;
  }

  writeInterval(vector: number, value: number): void {
    this.#parts.regs[intervalWord(vector)] = value & EITR_KEPT;
    if (vector >= VECTORS || (value & EITR_KEEP_COUNTER) !== 0) return;
    const counter = (value >>> EITR_COUNTER_SHIFT) & EITR_COUNTER_MASK;
    this.#readyAt[vector] = counter === 0 ? 0 : this.#now() + counter * EITR_COUNTER_UNITS * INTERVAL_UNIT_MICROS;
  }

  // HOT: after every access and every frame.
  /** Raises what is due and defers what is not. The host may come back in from here: what it changes is seen by the loop at work. */
  settle(): void {
    this.#again = true;
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (let round = 0; this.#again && round < MOST_ROUNDS; round++) {
        this.#again = false;
        this.#settleOnce();
      }
    } finally {
      this.#settling = false;
    }
    if (this.deadline !== Number.POSITIVE_INFINITY) this.#parts.deferred(this.deadline);
  }

  #settleOnce(): void {
    this.deadline = Number.POSITIVE_INFINITY;
    if (this.#isMessage) {
      this.#setLine(false);
      if (((this.#freshLow & this.#maskLow) | (this.#freshHigh & this.#maskHigh) | (this.#freshOther & this.#maskOther)) !== 0)
        this.#settleMessages();
    } else this.#settleLine();
  }

  #settleLine(): void {
    if ((this.cause & this.mask) === 0) {
      this.#setLine(false);
      return;
    }
    if (this.#level) return;
    const now = this.#now();
    const urgent = ((this.#urgentLow & this.#maskLow) | (this.#urgentOther & this.#maskOther)) !== 0;
    const readyAt = this.#readyAt[0] ?? 0;
    if (!urgent && now < readyAt) {
      this.deadline = readyAt;
      return;
    }
    this.#urgentLow = this.#urgentOther = 0;
    this.#readyAt[0] = now + this.#intervalMicros(0);
    this.#setLine(true);
  }

  #settleMessages(): void {
    const now = this.#now();
    for (let bits = this.#freshLow & this.#maskLow; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits;
      const vector = 31 - Math.clz32(bit);
      if ((this.#freshLow & this.#maskLow & bit) === 0 || !this.#due(vector, now, (this.#urgentLow & bit) !== 0)) continue;
      this.#freshLow &= ~bit;
      this.#urgentLow &= ~bit;
      // Vectors from 16 on have no bit in EICR that software could clear.
      if (vector >= 16 || (this.#reg(REG.eiac) & bit) !== 0) this.#low &= ~bit;
      if (this.#masksItself) this.#maskLow &= ~(this.#autoLow & bit);
      this.#send(vector, now);
    }
    for (let bits = this.#freshHigh & this.#maskHigh; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits;
      const vector = 63 - Math.clz32(bit);
      if ((this.#freshHigh & this.#maskHigh & bit) === 0 || !this.#due(vector, now, (this.#urgentHigh & bit) !== 0)) continue;
      this.#freshHigh &= ~bit;
      this.#urgentHigh &= ~bit;
      this.#high &= ~bit;
      if (this.#masksItself) this.#maskHigh &= ~(this.#autoHigh & bit);
      this.#send(vector, now);
    }
    this.#settleOther(CAUSE.tcpTimer, this.#reg(REG.ivarMisc) & 0xff, now);
    this.#settleOther(OTHER_CAUSES & ~CAUSE.tcpTimer, (this.#reg(REG.ivarMisc) >>> 8) & 0xff, now);
  }

  #settleOther(which: number, entry: number, now: number): void {
    const causes = this.#freshOther & this.#maskOther & which;
    if (causes === 0 || (entry & VALID) === 0) return;
    const vector = entry & (VECTORS - 1);
    if (!this.#due(vector, now, (this.#urgentOther & causes) !== 0)) return;
    this.#freshOther &= ~causes;
    this.#urgentOther &= ~causes;
    this.#other &= ~(this.#reg(REG.eiac) & causes);
    if (this.#masksItself) this.#maskOther &= ~(this.#autoOther & causes);
    this.#send(vector, now);
  }

  #due(vector: number, now: number, urgent: boolean): boolean {
    const readyAt = this.#readyAt[vector] ?? 0;
    if (urgent || now >= readyAt) return true;
    if (readyAt < this.deadline) this.deadline = readyAt;
    return false;
  }

  #send(vector: number, now: number): void {
    this.#readyAt[vector] = now + this.#intervalMicros(vector);
    this.#parts.messages.raise(vector);
  }

  #clear(value: number): void {
    const queues = value & QUEUE_CAUSES;
    this.#low &= ~queues;
    this.#freshLow &= ~queues;
    this.#urgentLow &= ~queues;
    this.#other &= ~value;
    this.#freshOther &= ~value;
    this.#urgentOther &= ~value;
  }

  /** Without messages the mask falls when EICR is read or written. */
  #maskAfterAccess(): void {
    if (this.#isMessage) return;
    this.#maskLow &= ~(this.#autoLow & QUEUE_CAUSES);
    this.#maskOther &= ~this.#autoOther;
  }

  /** At once, also while the host is in here because of that very line: the next cause has to raise it again. */
  #lowerIfQuiet(): void {
    if ((this.cause & this.mask) === 0) this.#setLine(false);
  }

  #setLine(level: boolean): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#line?.set(level);
  }

  get #isMessage(): boolean {
    return (this.#reg(REG.gpie) & GPIE.msix) !== 0;
  }

  get #masksItself(): boolean {
    return (this.#reg(REG.gpie) & GPIE.autoMask) !== 0;
  }

  #interval(vector: number): number {
    return this.#parts.regs[intervalWord(vector)] ?? 0;
  }

  #intervalMicros(vector: number): number {
    return this.#parts.clock === undefined ? 0 : ((this.#interval(vector) >>> 3) & 0x1ff) * INTERVAL_UNIT_MICROS;
  }

  #now(): number {
    return this.#parts.clock?.nowMicros() ?? 0;
  }

  #reg(offset: number): number {
    return this.#parts.regs[offset >>> 2] ?? 0;
  }
}

function intervalWord(vector: number): number {
  return (vector < 24 ? REG.eitr + 4 * vector : REG.eitrHigh + 4 * (vector - 24)) >>> 2;
}
