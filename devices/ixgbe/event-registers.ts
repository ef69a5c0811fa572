/**
 * Registers whose reading or writing does something, handed to the part that they belong to.
 * Called by the model with offsets of the map's kind "event"; values are masked already. Source: [82599] chapter 8.
 */
import type { Bus } from "./bus.ts";
import type { Control } from "./control.ts";
import type { FlowControl } from "./flow-control.ts";
import type { FlowDirector } from "./flow-director.ts";
import { InterruptRegisters } from "./interrupt-registers.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Receiver } from "./receive.ts";
import { REG } from "./registers.ts";
import type { RingRegisters } from "./ring-registers.ts";
import type { Transmitter } from "./transmit.ts";

const TFCS = 0x0ce00;
const RSS_KEY_END: number = REG.rssKey + 40;
const FILTERS_END: number = REG.synqf + 4;
const DIRECTOR_END = 0x0ef00;
const STATIONS_END: number = REG.ral + 8 * 128;

export interface EventParts {
  readonly regs: Uint32Array;
  readonly bus: Bus;
  readonly interrupts: Interrupts;
  readonly control: Control;
  readonly flowControl: FlowControl;
  readonly director: FlowDirector;
  readonly receiver: Receiver;
  readonly transmitter: Transmitter;
  readonly rings: RingRegisters;
}

export class EventRegisters {
  readonly #parts: EventParts;
  readonly #interrupts: InterruptRegisters;

  constructor(parts: EventParts) {
    this.#parts = parts;
    this.#interrupts = new InterruptRegisters(parts.regs, parts.interrupts);
  }

  // HOT
  read(offset: number): number {
    const { rings, control, director, flowControl } = this.#parts;
    const interrupts = this.#interrupts;
    if (rings.holds(offset)) return rings.read(offset);
    if (interrupts.holds(offset)) return interrupts.read(offset);
    switch (offset) {
      case TFCS:
        return flowControl.isPaused ? 1 : 0;
      default:
        return isDirector(offset) ? director.read(offset) : control.read(offset);
    }
  }

  // HOT
  write(offset: number, value: number): void {
    const { regs, rings } = this.#parts;
    if (rings.holds(offset)) rings.write(offset, value);
    else if (this.#interrupts.holds(offset)) this.#interrupts.write(offset, value);
    else if (isDirector(offset)) this.#parts.director.write(offset, value);
    else if (offset >= REG.ral && offset < STATIONS_END) {
      regs[offset >>> 2] = value;
      this.#parts.receiver.filter.addressWritten();
    } else if (offset >= REG.rssKey && offset < RSS_KEY_END) {
      regs[offset >>> 2] = value;
      this.#parts.receiver.rss.keyWritten();
    } else if (isFilter(offset)) {
      regs[offset >>> 2] = value;
      this.#parts.receiver.tuples.filterWritten();
    } else this.#writeControl(offset, value);
  }

  #writeControl(offset: number, value: number): void {
    const { regs, bus, control, receiver, transmitter } = this.#parts;
    switch (offset) {
      case REG.rxctrl:
        regs[offset >>> 2] = value;
        break;
      case REG.dmatxctl:
        regs[offset >>> 2] = value;
        transmitter.kickAll();
        break;
      case REG.ctrl:
        control.write(offset, value);
        bus.isMaster = control.busMaster;
        receiver.drain();
        transmitter.kickAll();
        break;
      default:
        control.write(offset, value);
    }
  }
}

function isDirector(offset: number): boolean {
  return offset >= REG.fdirctrl && offset < DIRECTOR_END;
}

function isFilter(offset: number): boolean {
  return (
    (offset >= REG.ftqf && offset < REG.l34timir) ||
    (offset >= REG.etqf && offset < REG.etqf + 32) ||
    (offset >= REG.etqs && offset < FILTERS_END)
  );
}
