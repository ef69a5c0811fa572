/**
 * What each domain has used, for those who look on: calls into it, calls of it that failed, and its CPU time, in three words of its slot.
 *
 *   micros     its own time, added by the watchdog's thread at each sample (`platform/watchdog-loop.ts`)
 *   calls      counted up by every proxy that enters it
 *   failures   failed calls that the domain is blamed for: it died, was dead, busy, closed or refused what it was given
 *
 * Words count modulo 2^32 and never go back: a seat's next generation goes on from where the last one ended. Whoever looks on reads them
 * from another thread and adds up the differences (`host/control/gauges.ts`), so that neither side waits for the other.
 * Called by the kernel at births and burials, and off the fast path of proxies.
 */
import { DOMAIN_SLOT_MASK, DOMAIN_SLOTS } from "../../shared-heap/layout.ts";
import type { Domain } from "./domain.ts";
import type { Seat } from "./seat.ts";
import { callsIndex, failuresIndex, microsIndex } from "./words.ts";

export interface Used {
  readonly micros: number;
  readonly calls: number;
  readonly failures: number;
}

/** What the generations of a seat have used, and in whose words it stands. */
export interface SeatUsage extends Used {
  /** Of the last generation; 0 before the first. */
  readonly id: number;
}

export const UNUSED: SeatUsage = { id: 0, micros: 0, calls: 0, failures: 0 };

export class Usage {
  readonly #i32: Int32Array;
  /** Whose words those of a slot are, also after its death. */
  readonly #ids: Int32Array = new Int32Array(DOMAIN_SLOTS);

  constructor(i32: Int32Array) {
    this.#i32 = i32;
  }

  /** Before the first call into it. */
  open({ seat, slot, id }: Domain): void {
    const { micros, calls, failures } = this.of(seat);
    this.#ids[slot] = id;
    this.#i32[callsIndex(slot)] = calls;
    Atomics.store(this.#i32, failuresIndex(slot), failures);
    Atomics.store(this.#i32, microsIndex(slot), micros);
    seat.usage = { id, micros, calls, failures };
  }

  /** It has come from another CPU, with its words. */
  adopt({ seat, slot, id }: Domain): void {
    this.#ids[slot] = id;
    seat.usage = { ...UNUSED, id };
    seat.usage = { id, ...this.of(seat) };
  }

  /** It has gone to another CPU, where its words are read from now on. */
  forget({ seat, slot }: Domain): void {
    this.#ids[slot] = 0;
    seat.usage = UNUSED;
  }

  close({ seat }: Domain): void {
    seat.usage = { ...this.of(seat), id: seat.usage.id };
  }

  /** A call failed, and the domain with this owner word is to blame; it may be dead. Two on two CPUs at the same moment may count as one. */
  failed(id: number): void {
    const slot = id & DOMAIN_SLOT_MASK;
    const index = failuresIndex(slot);
    if (slot !== 0) this.#i32[index] = (this.#i32[index] ?? 0) + 1;
  }

  /** Whether the words of the seat's last generation are still its own. */
  isInPlace({ usage: { id } }: Seat): boolean {
    return id !== 0 && this.#ids[id & DOMAIN_SLOT_MASK] === id;
  }

  /** The words of a seat, as this kernel knows them; what they were at the last burial where another seat's generation has the slot now. */
  of(seat: Seat): Used {
    const { usage } = seat;
    if (!this.isInPlace(seat)) return usage;
    const slot = usage.id & DOMAIN_SLOT_MASK;
    const word = (index: number): number => Atomics.load(this.#i32, index) >>> 0;
    return { micros: word(microsIndex(slot)), calls: word(callsIndex(slot)), failures: word(failuresIndex(slot)) };
  }
}
