/**
 * The registers of the interrupt unit: causes, masks, automatic clearing and masking, intervals. Called by event-registers.ts for the
 * card's own, and by queue engines for those of their window; values are masked already. Source: [82599] section 8.2.3.5.
 */
import type { Interrupts } from "./interrupts.ts";
import { REG } from "./registers.ts";

const LOW_INTERVALS = 24;
const HIGH_INTERVALS = 105;

export class InterruptRegisters {
  readonly #regs: Uint32Array;
  readonly #interrupts: Interrupts;

  constructor(regs: Uint32Array, interrupts: Interrupts) {
    this.#regs = regs;
    this.#interrupts = interrupts;
  }

  /** Whether a register with effects at that offset is one of these. */
  holds(offset: number): boolean {
    return (
      (offset >= REG.eicr && offset < REG.ivar) ||
      (offset >= REG.eicsEx && offset < REG.eiamEx + 8) ||
      (offset >= REG.eitrHigh && offset < REG.eitrHigh + 4 * HIGH_INTERVALS)
    );
  }

  read(offset: number): number {
    const interrupts = this.#interrupts;
    if (isInterval(offset)) return interrupts.readInterval(vectorOf(offset));
    switch (offset) {
      case REG.eicr:
        return interrupts.readCause();
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
      default:
        return this.#regs[offset >>> 2] ?? 0;
    }
  }

  write(offset: number, value: number): void {
    const interrupts = this.#interrupts;
    if (isInterval(offset)) {
      interrupts.writeInterval(vectorOf(offset), value);
      return;
    }
    if (offset >= REG.eicsEx) {
      this.#writeVectors(offset, value);
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
        this.#regs[offset >>> 2] = value;
    }
  }

  #writeVectors(offset: number, value: number): void {
    const interrupts = this.#interrupts;
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
}

function isInterval(offset: number): boolean {
  return (
    (offset >= REG.eitr && offset < REG.eitr + 4 * LOW_INTERVALS) || (offset >= REG.eitrHigh && offset < REG.eitrHigh + 4 * HIGH_INTERVALS)
  );
}

function vectorOf(offset: number): number {
  return offset < REG.eitrHigh ? (offset - REG.eitr) >>> 2 : LOW_INTERVALS + ((offset - REG.eitrHigh) >>> 2);
}

/** Vectors 0..31 or 32..63. */
function bank(offset: number): number {
  return (offset >>> 2) & 1;
}
