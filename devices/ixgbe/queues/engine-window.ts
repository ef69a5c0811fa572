/**
 * The registers that a driver on another CPU sees: of its four pairs of rings, of its interrupt unit, of its redirection table, and of the card
 * what can be read. Used by queue-engine.ts inside an access. Words are those of the card's whole window. Source: [82599] section 8.2.
 */
import type { Bus } from "../bus.ts";
import { WORD } from "../family.ts";
import type { InterruptRegisters } from "../interrupt-registers.ts";
import { COMPILED_MAP } from "../map.ts";
import { CTRL, LINKS, REG, RX, STATUS } from "../registers.ts";
import type { RingRegisters } from "../ring-registers.ts";
import { CounterReader } from "./engine-statistics.ts";
import { BUCKETS, isInterruptUnit, PAIRS, queueAt, type SharedCard } from "./shared-card.ts";

export const RING_BYTES = 0x40;
const HALF = 0x1_0000_0000;

export interface WindowParts {
  readonly card: SharedCard;
  readonly cpu: number;
  readonly bus: Bus;
  /** The interrupt unit's registers, which are this window's own. */
  readonly own: Uint32Array;
  readonly rings: RingRegisters;
  readonly interrupts: InterruptRegisters;
  /** The driver resets what it takes for its card. */
  readonly reset: () => void;
}

export class EngineWindow {
  /** Accesses that reach nothing. */
  accessErrors = 0;
  readonly #parts: WindowParts;
  readonly #regs: Uint32Array;
  readonly #counted: CounterReader;
  /** Bytes that were taken from a counter when its lower half was read. */
  #upper = 0;

  constructor(parts: WindowParts) {
    this.#parts = parts;
    this.#regs = parts.card.regs;
    this.#counted = new CounterReader(parts.card, parts.cpu);
  }

  // HOT: a driver may poll here.
  read(word: number): number {
    const { card, cpu, bus, own, rings, interrupts } = this.#parts;
    const offset = word << 2;
    const queue = queueAt(offset);
    if (queue >= 0) {
      if (queue >= PAIRS) return this.#foreign();
      const real = this.#realOffset(offset);
      return rings.holds(real) ? rings.read(real) : (this.#regs[real >>> 2] ?? 0);
    }
    if (rings.holds(offset)) return this.#foreign();
    const kind = COMPILED_MAP.kind[word];
    if (kind === WORD.rc) return this.#counted.take(word);
    if (kind === WORD.low) {
      const bytes = this.#counted.takeBytes(word);
      this.#upper = Math.floor(bytes / HALF);
      return bytes % HALF;
    }
    if (kind === WORD.high) return this.#upper;
    if (isInterruptUnit(offset)) return kind === WORD.event ? interrupts.read(offset) : (own[word] ?? 0);
    if (offset >= REG.reta && offset < REG.reta + BUCKETS) return card.tableWord(cpu, offset - REG.reta);
    switch (offset) {
      case REG.status:
        return (card.linkUp ? STATUS.linkUp : 0) | (bus.isMaster ? STATUS.masterEnabled : 0);
      case REG.links:
        return card.linkUp ? LINKS.up | LINKS.speed10G | LINKS.upSinceRead : 0;
      default:
        return this.#regs[word] ?? 0;
    }
  }

  // HOT: the tails.
  /** `value` is masked already. */
  write(word: number, value: number): void {
    const { card, cpu, own, rings, interrupts } = this.#parts;
    const offset = word << 2;
    const queue = queueAt(offset);
    if (queue >= PAIRS || (queue < 0 && rings.holds(offset))) {
      this.#foreign();
      return;
    }
    if (queue >= 0) {
      const real = this.#realOffset(offset);
      if (!rings.holds(real)) this.#regs[real >>> 2] = value;
      else if (COMPILED_MAP.kind[real >>> 2] === WORD.plain) this.#regs[real >>> 2] = value;
      else rings.write(real, value);
      if (offset < REG.txRing && (offset & (RING_BYTES - 1)) === RX.control) card.receiversSwitched(cpu);
      return;
    }
    if (isInterruptUnit(offset)) {
      if (COMPILED_MAP.kind[word] === WORD.event) interrupts.write(offset, value);
      else own[word] = value;
    } else if (offset >= REG.reta && offset < REG.reta + BUCKETS) card.writeTable(cpu, offset - REG.reta, value);
    else if (offset === REG.ctrl && (value & (CTRL.reset | CTRL.linkReset)) !== 0) {
      card.setOpen(cpu, false);
      this.#parts.reset();
    }
  }

  #foreign(): number {
    this.accessErrors++;
    return 0;
  }

  /** Where the window's first queues really are. */
  #realOffset(offset: number): number {
    const first = PAIRS * this.#parts.cpu;
    return offset >= REG.ivar && offset < REG.ivarMisc ? offset + 2 * first : offset + RING_BYTES * first;
  }
}
