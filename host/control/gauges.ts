/**
 * The numbers of a running system, read from its shared memory by another thread: no kernel is asked and none waits. Words that count
 * modulo 2^32 are extended here, which takes a look every now and then: 2^32 calls take more than a minute.
 * Called by the control thread. Never writes.
 */
import {
  CPU_MAX,
  DOMAIN_SLOT_MASK,
  DOMAIN_STATE,
  H_LIVE_BYTES,
  H_LIVE_OBJECTS,
  STATE_DEAD,
  STATE_DYING,
  STATE_FREE,
  STATE_STARTING,
} from "../../shared-heap/layout.ts";
import {
  callsIndex,
  cpuWords,
  FRAME_WORDS,
  FrameWord,
  failuresIndex,
  MAX_DEPTH,
  microsIndex,
  RecordWord,
  recordIndex,
} from "../kernel/words.ts";
import type { DomainRow, Roster, RosterRow } from "./protocol.ts";

const OBJECTS_USED = RecordWord.bytesUsed + 1;

interface Counter {
  last: number;
  total: number;
}

interface Counted {
  readonly micros: Counter;
  readonly calls: Counter;
  readonly failures: Counter;
}

export class Gauges {
  readonly #i32: Int32Array;
  readonly #cpus: number;
  #counted: Map<number, Counted> = new Map();

  constructor(i32: Int32Array, cpus: number) {
    this.#i32 = i32;
    this.#cpus = Math.min(cpus, CPU_MAX);
  }

  get heap(): { readonly bytes: number; readonly objects: number } {
    return { bytes: this.#word(H_LIVE_BYTES >> 2), objects: this.#word(H_LIVE_OBJECTS >> 2) };
  }

  /** Of each seat in the roster; others are forgotten. */
  domains({ rows }: Roster): DomainRow[] {
    const counted = new Map<number, Counted>();
    const result = rows.map((row) => {
      const now = this.#counted.get(row.serial) ?? { micros: zero(), calls: zero(), failures: zero() };
      counted.set(row.serial, now);
      return this.#domain(row, now);
    });
    this.#counted = counted;
    return result;
  }

  /** Of each CPU, the owner words of those in whose calls it is, outermost first. The CPUs run on meanwhile. */
  chains(): number[][] {
    return Array.from({ length: this.#cpus }, (_, cpu) => {
      const words = cpuWords(cpu);
      const depth = Math.min(this.#word(words.depth), MAX_DEPTH);
      return Array.from({ length: depth }, (_, d) => this.#word(words.frames + d * FRAME_WORDS + FrameWord.callee));
    });
  }

  #domain({ id, isInPlace, used, row }: RosterRow, counted: Counted): DomainRow {
    const slot = id & DOMAIN_SLOT_MASK;
    const record = recordIndex(slot);
    const isThere = id !== 0 && this.#word(record) === id;
    const count = (counter: Counter, index: number, told: number): number => advance(counter, isInPlace ? this.#word(index) : told);
    return {
      ...row,
      ...(isThere ? { state: this.#stateOf(record, row.state) } : {}),
      cpuMicros: count(counted.micros, microsIndex(slot), used.micros),
      calls: count(counted.calls, callsIndex(slot), used.calls),
      failedCalls: count(counted.failures, failuresIndex(slot), used.failures),
      heapBytes: isThere ? this.#word(record + RecordWord.bytesUsed) : 0,
      heapObjects: isThere ? this.#word(record + OBJECTS_USED) : 0,
    };
  }

  /** A record tells of a generation that may be called and of one that may not; how far a birth is, only the kernel knows. */
  #stateOf(record: number, told: DomainRow["state"]): DomainRow["state"] {
    const state = this.#word(record + (DOMAIN_STATE >> 2));
    if (state === STATE_DYING) return "dying";
    if (state === STATE_DEAD || state === STATE_FREE) return "dead";
    return state === STATE_STARTING ? told : "running";
  }

  #word(index: number): number {
    return Atomics.load(this.#i32, index) >>> 0;
  }
}

function zero(): Counter {
  return { last: 0, total: 0 };
}

/** A word that went back belongs to a seat that has moved to another CPU, and counts there from its beginning. */
function advance(counter: Counter, word: number): number {
  const difference = (word - counter.last) >>> 0;
  counter.total += difference < 0x80000000 ? difference : word;
  counter.last = word;
  return counter.total;
}
