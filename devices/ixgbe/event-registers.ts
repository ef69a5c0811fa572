/**
 * Registers whose reading or writing does something, handed to the part that they belong to.
 * Called by the model with offsets of the map's kind "event"; values are masked already. Source: [82599] chapter 8.
 */
import type { Bus } from "./bus.ts";
import type { Control } from "./control.ts";
import type { FlowControl } from "./flow-control.ts";
import type { FlowDirector } from "./flow-director.ts";
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
const LOW_INTERVALS = 24;

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

  constructor(parts: EventParts) {
    this.#parts = parts;
  }

  // HOT
  read(offset: number): number {
    const { rings, interrupts, control, director, flowControl } = this.#parts;
    if (rings.holds(offset)) return rings.read(offset);
    if (offset === REG.eicr) return interrupts.readCause();
    if (isInterval(offset)) return interrupts.readInterval(vectorOf(offset));
    switch (offset) {
      case REG.eics:
        return interrupts.cause;
      case REG.eims:
      case REG.eimc:
        return interrupts.mask;
      case REG.eiam:
        return interrupts.autoMask;
      case REG.eicsEx:
      case REG.eicsEx + 4:
        return interrupts.vectorCause(bank(offset));
      case REG.eimsEx:
      case REG.eimsEx + 4:
      case REG.eimcEx:
      case REG.eimcEx + 4:
        return interrupts.vectorMask(bank(offset));
      case REG.eiamEx:
      case REG.eiamEx + 4:
        return interrupts.vectorAutoMask(bank(offset));
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
    else if (offset >= REG.eicr && offset < REG.ivar) this.#writeInterrupt(offset, value);
    else if (offset >= REG.eicsEx && offset < REG.eiamEx + 8) this.#writeVectors(offset, value);
    else if (isInterval(offset)) this.#parts.interrupts.writeInterval(vectorOf(offset), value);
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

  #writeInterrupt(offset: number, value: number): void {
    const { regs, interrupts } = this.#parts;
    if (isInterval(offset)) {
      interrupts.writeInterval(vectorOf(offset), value);
      return;
    }
    switch (offset) {
      case REG.eicr:
        interrupts.writeCause(value);
        break;
      case REG.eics:
        interrupts.setCauses(value);
        break;
      case REG.eims:
        interrupts.setMask(value);
        break;
      case REG.eimc:
        interrupts.clearMask(value);
        break;
      case REG.eiam:
        interrupts.autoMask = value;
        break;
      default: // GPIE
        regs[offset >>> 2] = value;
    }
  }

  #writeVectors(offset: number, value: number): void {
    const { interrupts } = this.#parts;
    switch (offset & ~4) {
      case REG.eicsEx:
        interrupts.setVectorCauses(bank(offset), value);
        break;
      case REG.eimsEx:
        interrupts.setVectorMask(bank(offset), value);
        break;
      case REG.eimcEx:
        interrupts.clearVectorMask(bank(offset), value);
        break;
      default:
        interrupts.setVectorAutoMask(bank(offset), value);
    }
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

function isInterval(offset: number): boolean {
  return (offset >= REG.eitr && offset < REG.eitr + 4 * LOW_INTERVALS) || (offset >= REG.eitrHigh && offset < REG.eitrHigh + 4 * 105);
}

function vectorOf(offset: number): number {
  return offset < REG.eitrHigh ? (offset - REG.eitr) >>> 2 : LOW_INTERVALS + ((offset - REG.eitrHigh) >>> 2);
}

/** Vectors 0..31 or 32..63. */
function bank(offset: number): number {
  return (offset >>> 2) & 1;
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
