/**
 * The words that two CPUs and a third party share besides the heap: two rings of objects on their way, and what each is asked and tells.
 * A ring has one sender and may have several takers; objects in it belong to the kernel.
 */

const RING_SLOTS = 64;

/** Words per CPU: requests of the third party, and counts. */
const PLACES = { stop: 0, kill: 1, sent: 2, received: 3, deaths: 4, violations: 5, refused: 6 } as const;
const PLACE_WORDS = 16;
const CPUS = 2;

export const EXCHANGE_BYTES: number = 4 * (CPUS * PLACE_WORDS + CPUS * RING_SLOTS);

export type Place = keyof typeof PLACES;

export class Exchange {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  read(cpu: number, place: Place): number {
    return Atomics.load(this.#words, cpu * PLACE_WORDS + PLACES[place]);
  }

  write(cpu: number, place: Place, value: number): void {
    Atomics.store(this.#words, cpu * PLACE_WORDS + PLACES[place], value);
  }

  add(cpu: number, place: Place): void {
    Atomics.add(this.#words, cpu * PLACE_WORDS + PLACES[place], 1);
  }

  /** The request, which is answered by whoever takes it. */
  takeKill(cpu: number): number {
    return Atomics.exchange(this.#words, cpu * PLACE_WORDS + PLACES.kill, 0);
  }

  /** Sends an object to a CPU; false when its ring is full. */
  push(to: number, base: number, hint: number): boolean {
    for (let i = 0; i < RING_SLOTS; i++) {
      if (Atomics.compareExchange(this.#words, this.#slot(to, hint + i), 0, base) === 0) return true;
    }
    return false;
  }

  /** Takes one of those that were sent to a CPU; 0 when there is none. */
  pop(to: number, hint: number): number {
    for (let i = 0; i < RING_SLOTS; i++) {
      const base = Atomics.exchange(this.#words, this.#slot(to, hint + i), 0);
      if (base !== 0) return base;
    }
    return 0;
  }

  #slot(to: number, index: number): number {
    return CPUS * PLACE_WORDS + to * RING_SLOTS + (index & (RING_SLOTS - 1));
  }
}
