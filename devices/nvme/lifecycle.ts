/**
 * The controller's life: what a write to CC means, and when enabling fails.
 * Called by the register window; acts on queues, engine and features. Source: [NVME-1.4] sections 3.1.5, 3.1.6, 7.3, 7.6.
 *
 *   EN 0→1  AQA, ASQ, ACQ and the page size are latched and checked ─▶ RDY, or CFS
 *   EN 1→0  everything in flight is cancelled, all queues and features go ─▶ RDY 0; AQA, ASQ, ACQ keep their values
 *   NSSR    the same, and every register as after power-on; CSTS.NSSRO tells it
 *   SHN     no further command is fetched; those in flight finish (normal) or are cancelled (abrupt); flush ─▶ SHST done
 */
import type { Dma } from "../ports.ts";
import type { Engine } from "./engine.ts";
import type { Events } from "./events.ts";
import type { Features } from "./features.ts";
import type { Health } from "./health.ts";
import type { Interrupts } from "./interrupts.ts";
import { CompletionQueue, type Queues, SubmissionQueue } from "./queues.ts";
import { ARBITRATION, CC, COMPILED, CSTS, LARGEST_PAGE, REG, SHUTDOWN, SUBSYSTEM_RESET } from "./registers.ts";

const SMALLEST_PAGE_BYTES = 4096;
const SIZE_FIELD = 0xfff;

export interface LifecycleParts {
  /** The registers, by word. */
  readonly values: Uint32Array;
  readonly queues: Queues;
  readonly engine: Engine;
  readonly features: Features;
  readonly events: Events;
  readonly interrupts: Interrupts;
  readonly health: Health;
  /** What a store has not begun is forgotten. */
  abandon(): void;
  /** Makes everything written so far stable. */
  flush(): void;
}

export class Lifecycle {
  readonly #parts: LifecycleParts;
  /** Was enabled, and has not finished a shutdown since. */
  #unsafe = false;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  writeConfiguration(written: number, dma: Dma): void {
    const old = this.#read(REG.cc);
    let value = written & CC.defined;
    const wasEnabled = (old & CC.enable) !== 0;
    const enable = (value & CC.enable) !== 0;
    if (wasEnabled && enable) value = (value & ~CC.fixedWhileEnabled) | (old & CC.fixedWhileEnabled);
    this.#write(REG.cc, value);
    if (wasEnabled && !enable) this.reset();
    if (!wasEnabled && enable) this.#enable(dma);
    this.#shutdown((old >>> CC.shutdownShift) & 3, (value >>> CC.shutdownShift) & 3);
  }

  /** A controller reset: internal state as after power-on; AQA, ASQ and ACQ stay. */
  reset(): void {
    const { queues, engine, features, events, interrupts } = this.#parts;
    engine.halt();
    this.#parts.abandon();
    queues.clear();
    interrupts.reset();
    features.reset();
    events.clear();
    this.#write(REG.csts, this.#read(REG.csts) & CSTS.subsystemReset);
  }

  /** The power goes. */
  powerOff(): void {
    this.reset();
    if (this.#unsafe) this.#parts.health.unsafeShutdowns++;
    this.#unsafe = false;
  }

  /** And comes. */
  powerOn(): void {
    this.#parts.values.set(COMPILED.reset);
    this.#parts.interrupts.msix.reset();
    this.#parts.health.powerCycles++;
  }

  writeSubsystemReset(written: number): void {
    if (written !== SUBSYSTEM_RESET) return;
    this.reset();
    this.#parts.values.set(COMPILED.reset);
    this.#parts.interrupts.msix.reset();
    this.#write(REG.csts, CSTS.subsystemReset);
  }

  /** Only the note of a subsystem reset can be cleared. */
  writeStatus(written: number): void {
    this.#write(REG.csts, this.#read(REG.csts) & ~(written & CSTS.subsystemReset));
  }

  /** Nothing works any more until a reset. */
  fatal(): void {
    this.#write(REG.csts, this.#read(REG.csts) | CSTS.fatal);
  }

  /** Ends a shutdown that waited for commands in flight. Called when some have completed. */
  settle(): void {
    if ((this.#read(REG.csts) & CSTS.shutdownMask) === CSTS.shutdownBusy && !this.#parts.engine.unfinished) this.#shutdownDone();
  }

  #enable(dma: Dma): void {
    const { queues, engine } = this.#parts;
    const configuration = this.#read(REG.cc);
    const pageExponent = (configuration >>> CC.mpsShift) & 0xf;
    const pageBytes = SMALLEST_PAGE_BYTES << pageExponent;
    const sqEntries = (this.#read(REG.aqa) & SIZE_FIELD) + 1;
    const cqEntries = ((this.#read(REG.aqa) >>> 16) & SIZE_FIELD) + 1;
    const aligned = ((this.#read(REG.asq) | this.#read(REG.acq)) & (pageBytes - 1)) === 0;
    const commandSet = (configuration >>> CC.cssShift) & 7;
    const arbitration = (configuration >>> CC.amsShift) & 7;
    const offered = commandSet === 0 && arbitration <= ARBITRATION.weighted;
    if (pageExponent > LARGEST_PAGE || sqEntries < 2 || cqEntries < 2 || !aligned || !offered) {
      this.fatal();
      return;
    }
    const cq = new CompletionQueue(0, this.#readAddress(REG.acq), cqEntries, true);
    queues.addCompletion(cq);
    queues.addSubmission(new SubmissionQueue(0, this.#readAddress(REG.asq), sqEntries, cq));
    engine.run(dma, pageBytes, arbitration === ARBITRATION.weighted);
    this.#unsafe = true;
    this.#write(REG.csts, this.#read(REG.csts) | CSTS.ready);
  }

  #shutdown(before: number, now: number): void {
    const { engine } = this.#parts;
    if (now === before) return;
    const status = this.#read(REG.csts) & ~CSTS.shutdownMask;
    if (now === SHUTDOWN.none) {
      this.#write(REG.csts, status);
      engine.resume();
      return;
    }
    engine.drain();
    this.#write(REG.csts, status | CSTS.shutdownBusy);
    if (now === SHUTDOWN.abrupt) engine.discard();
    this.settle();
  }

  #shutdownDone(): void {
    // A store that cannot flush has no way to say so here: the flushes that the host asked for have told it.
    this.#parts.flush();
    this.#unsafe = false;
    this.#write(REG.csts, (this.#read(REG.csts) & ~CSTS.shutdownMask) | CSTS.shutdownDone);
  }

  #read(register: number): number {
    return this.#parts.values[register / 4] ?? 0;
  }

  #readAddress(register: number): number {
    return this.#read(register + 4) * 2 ** 32 + this.#read(register);
  }

  #write(register: number, value: number): void {
    this.#parts.values[register / 4] = value;
  }
}
