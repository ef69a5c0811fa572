/**
 * The transmit path: which rings run when, and where their frames go: to the wire, or back into the receive path.
 * The model calls `kick` for a ring that may have work and `run` for all that were left behind. Nothing is allocated per frame.
 * Source: [82599] section 7.2.
 */
import type { Bus } from "./bus.ts";
import type { FlowControl } from "./flow-control.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Ledger } from "./ledger.ts";
import { CAUSE, DMATXCTL_ENABLE, HLREG0, QUEUES, REG } from "./registers.ts";
import type { FlagMasks } from "./segment.ts";
import type { Statistics } from "./statistics.ts";
import { TxQueue, type TxSurroundings } from "./tx-queue.ts";

/**
 * The most that one register access may set off, in bytes and what descriptors count as; what is left goes on with the next access or
 * tick. The driver's budget cannot end it in between: a host's function has no safepoints.
 */
const WORK_PER_ACCESS: number = 16 << 20;

export interface TransmitParts {
  readonly regs: Uint32Array;
  readonly bus: Bus;
  readonly statistics: Statistics;
  readonly interrupts: Interrupts;
  readonly ledger: Ledger;
  readonly flowControl: Pick<FlowControl, "isPaused">;
  readonly linkUp: () => boolean;
  /** Out of the MAC. */
  readonly send: (frame: Uint8Array, length: number) => void;
  /** Back into the receive path. */
  readonly loop: (frame: Uint8Array, length: number) => void;
}

export class Transmitter implements TxSurroundings {
  readonly queues: readonly TxQueue[];
  budget = 0;
  readonly #parts: TransmitParts;
  readonly #regs: Uint32Array;
  readonly #masks: { first: number; middle: number; last: number } = { first: 0, middle: 0, last: 0 };
  /** Rings that may have work. */
  readonly #kicked: Uint32Array = new Uint32Array(QUEUES / 32);
  #anyKicked = false;
  readonly #left: Uint8Array = new Uint8Array(QUEUES);
  #leftCount = 0;
  #running = false;
  #linkUp = false;

  constructor(parts: TransmitParts) {
    this.#parts = parts;
    this.#regs = parts.regs;
    this.queues = Array.from({ length: QUEUES }, (_, i) => new TxQueue(i, parts.bus));
  }

  reset(): void {
    for (const queue of this.queues) queue.reset();
    this.#kicked.fill(0);
    this.#anyKicked = false;
  }

  /** Work is left that only budget, pause or link hold up. */
  get isBehind(): boolean {
    return this.#anyKicked;
  }

  /** Frames go out right now: whatever they set off is settled when they have. */
  get isRunning(): boolean {
    return this.#running;
  }

  kick(index: number): void {
    this.#kicked[index >>> 5] = (this.#kicked[index >>> 5] ?? 0) | (1 << (index & 31));
    this.#anyKicked = true;
  }

  kickAll(): void {
    for (const { ring } of this.queues) if (ring.enabled) this.kick(ring.index);
  }

  // HOT: every tail write.
  /** Runs what was kicked. Called again from inside (an interrupt, a wire that loops), it leaves the work to the one at work. */
  run(): void {
    if (this.#running || !this.#anyKicked) return;
    this.#running = true;
    this.budget = WORK_PER_ACCESS;
    this.#linkUp = this.#parts.linkUp();
    try {
      this.#runKicked();
    } finally {
      this.#running = false;
    }
  }

  #runKicked(): void {
    while (this.#anyKicked && this.budget > 0 && this.isOpen()) {
      this.#anyKicked = false;
      for (let group = 0; group < this.#kicked.length; group++) {
        while (this.#kicked[group] !== 0) {
          const bit = 31 - Math.clz32(this.#kicked[group] ?? 0);
          this.#kicked[group] = (this.#kicked[group] ?? 0) & ~(1 << bit);
          this.#runOne(32 * group + bit);
        }
      }
      this.#requeue();
    }
  }

  #runOne(index: number): void {
    const queue = this.queues[index];
    if (queue === undefined) return;
    queue.run(this);
    if (queue.hasWork) this.#left[this.#leftCount++] = index;
    if (!queue.signals) return;
    queue.signals = false;
    const shift = 16 * (index & 1) + 8;
    this.#parts.interrupts.queue(this.#reg(REG.ivar + 4 * (index >>> 1)) >>> shift, false);
  }

  /** Rings that a budget, a pause or the link held up have their turn after the others. */
  #requeue(): void {
    for (let i = 0; i < this.#leftCount; i++) this.kick(this.#left[i] ?? 0);
    this.#leftCount = 0;
  }

  isOpen(): boolean {
    const { bus, flowControl } = this.#parts;
    if ((this.#reg(REG.dmatxctl) & DMATXCTL_ENABLE) === 0 || !bus.isOpen || flowControl.isPaused) return false;
    return this.#linkUp || this.loops();
  }

  // HOT: every frame.
  emit(frame: Uint8Array, length: number, queue: number): void {
    const { statistics, ledger, send, loop } = this.#parts;
    const isMulticast = ((frame[0] ?? 0) & 1) !== 0;
    statistics.fetched(queue, length);
    statistics.sent(length, isMulticast, isMulticast && isBroadcast(frame));
    ledger.framesOut++;
    if (this.loops()) loop(frame, length);
    else send(frame, length);
  }

  /** A control frame of the MAC's own: it does not wait for a pause to end. */
  emitControl(frame: Uint8Array, length: number): void {
    const { statistics, ledger, send, loop } = this.#parts;
    statistics.sent(length, true, false);
    ledger.controlOut++;
    if (this.loops()) loop(frame, length);
    else send(frame, length);
  }

  failed(isMalformed: boolean): void {
    this.#parts.ledger.notSent++;
    if (isMalformed) this.#parts.interrupts.other(CAUSE.descriptorError);
  }

  pads(): boolean {
    return (this.#reg(REG.hlreg0) & HLREG0.pad) !== 0;
  }

  vlanType(): number {
    return this.#reg(REG.dmatxctl) >>> 16;
  }

  flagMasks(): FlagMasks {
    const low = this.#reg(REG.dtxtcpflgl);
    this.#masks.first = low & 0xfff;
    this.#masks.middle = (low >>> 16) & 0xfff;
    this.#masks.last = this.#reg(REG.dtxtcpflgh) & 0xfff;
    return this.#masks;
  }

  loops(): boolean {
    return (this.#reg(REG.hlreg0) & HLREG0.loopback) !== 0;
  }

  #reg(offset: number): number {
    return this.#regs[offset >>> 2] ?? 0;
  }
}

function isBroadcast(bytes: Uint8Array): boolean {
  for (let i = 0; i < 6; i++) if (bytes[i] !== 0xff) return false;
  return true;
}
