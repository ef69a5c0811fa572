/**
 * The interrupts of one device for one generation of its driver: what the device raises, and the threads that wait for it.
 * Made by the device grant, which hands `pin` and `messages` to the device and `wait`, `mask`, `unmask` to the driver. It runs nothing of
 * a domain: it only makes threads ready. After `close` it hears nothing any more, whoever still holds its ends.
 *
 *   pin       a level: whoever waits goes on while it is high, and nobody once the device has let it go
 *   messages  edges: counted until a thread takes them, all at once
 *
 * To look and to start waiting is one step here, and whoever is woken between that and parking does not park: no interrupt is lost.
 * Source: [PCI-3.0] sections 2.2.6, 6.8.2.
 */
import type { Interrupt, InterruptLine } from "../../devices/ports.ts";
import { wouldBlock } from "./calls/would-block.ts";
import type { Threads } from "./threads/threads.ts";
import type { WaitQueue } from "./threads/wait-queue.ts";

/** The message of vector v is line v + 1. */
const PIN = 0;
/** As many messages as an MSI-X table can have, and the pin. */
const LINES = 1 + 2048;
const MOST = 0xffff_ffff;

interface Line {
  readonly waiting: WaitQueue;
  isMasked: boolean;
  /** Of the pin its level, of a message how often it was raised since a thread took it. */
  pending: number;
}

export class DeviceInterrupts {
  readonly pin: InterruptLine = { set: (asserted) => this.#setPin(asserted) };
  readonly messages: Interrupt = { raise: (vector) => this.#raise(vector) };
  readonly #threads: Threads;
  /** Those that somebody has used. */
  readonly #lines: Map<number, Line> = new Map();
  /** A thread was woken by the pin, and none has seen it high yet. */
  #isUnseen = false;
  #spurious = 0;
  #isOver = false;

  constructor(threads: Threads) {
    this.#threads = threads;
  }

  /** Interrupts for which there was no reason any more when a thread came to look, or which no device has. */
  get spurious(): number {
    return this.#spurious;
  }

  /** HOT. @returns of a message how often it was raised, of the pin 1; 0 for a line that no device has */
  wait(number: number): number {
    if (number >= LINES || this.#isOver) return 0;
    const line = this.#line(number);
    if (line.pending === 0 || line.isMasked) {
      this.#threads.waits.waitIn(line.waiting);
      throw wouldBlock;
    }
    this.#threads.waits.passed(line.waiting);
    const { pending } = line;
    if (number === PIN) this.#isUnseen = false;
    else line.pending = 0;
    return pending;
  }

  /** What is raised from now on waits for the unmasking. */
  mask(number: number): void {
    if (number < LINES && !this.#isOver) this.#line(number).isMasked = true;
  }

  unmask(number: number): void {
    const line = this.#lines.get(number);
    if (line === undefined || !line.isMasked) return;
    line.isMasked = false;
    if (line.pending !== 0) this.#wake(number, line);
  }

  /** The driver is gone. Threads of others that came here through a call of theirs ask again, and are told so. */
  close(): void {
    this.#isOver = true;
    for (const { waiting } of this.#lines.values()) waiting.wakeAll();
    this.#lines.clear();
  }

  #setPin(asserted: boolean): void {
    if (this.#isOver) return;
    const line = this.#line(PIN);
    if (asserted === (line.pending !== 0)) return;
    line.pending = asserted ? 1 : 0;
    if (asserted && !line.isMasked) this.#wake(PIN, line);
    if (asserted || !this.#isUnseen) return;
    this.#isUnseen = false;
    this.#count();
  }

  // HOT: each message.
  #raise(vector: number): void {
    if (this.#isOver) return;
    const number = vector + 1;
    if (!(Number.isInteger(vector) && vector >= 0 && number < LINES)) {
      this.#count();
      return;
    }
    const line = this.#line(number);
    const isFirst = line.pending === 0;
    if (line.pending < MOST) line.pending++;
    if (isFirst && !line.isMasked) this.#wake(number, line);
  }

  /**
   * The pin wakes all who wait, as nobody knows who of them will make the device let it go. A message is one thread's; if that one
   * ends before it has taken it, the queue wakes the next.
   */
  #wake(number: number, { waiting }: Line): void {
    if (number !== PIN) {
      waiting.wakeOne();
      return;
    }
    this.#isUnseen = waiting.length > 0;
    waiting.wakeAll();
  }

  #line(number: number): Line {
    const known = this.#lines.get(number);
    if (known !== undefined) return known;
    const made: Line = { waiting: this.#threads.waits.newQueue(), isMasked: false, pending: 0 };
    this.#lines.set(number, made);
    return made;
  }

  #count(): void {
    if (this.#spurious < MOST) this.#spurious++;
  }
}
