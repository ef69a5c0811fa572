/**
 * Which generation sits in which seat, and on which CPU: what every kernel knows of the seats of all. A seat's words are written by the
 * CPU on which it is, but for the count of followers.
 * Called by `cpu.ts` and by whoever links; holds no domain and frees nothing.
 *
 *   +0 birth        owner word that the generation was born with: what a link is bound to
 *   +1 id           owner word that it has now; another one after it went to another CPU
 *   +2 generation
 *   +3 cpu
 *   +4 followers    links on any CPU that follow its generations
 *   +5 version      odd while the words before are being written
 */
import { SumacError } from "../../errors.ts";
import { type Board, MOST_SEATS } from "./board.ts";

const Word = { birth: 0, id: 1, generation: 2, cpu: 3, followers: 4, version: 5 } as const;

export interface Occupant {
  readonly birth: number;
  readonly id: number;
  readonly generation: number;
}

export class Directory {
  readonly #board: Board;
  /** Used by the first CPU only, which numbers all seats. Number 0 is none. */
  #last = 0;

  constructor(board: Board) {
    this.#board = board;
  }

  /** A number for a seat, which never comes again. */
  add(cpu: number): number {
    if (this.#last + 1 >= MOST_SEATS) {
      throw new SumacError("quota-invalid", `a system on several CPUs has ${MOST_SEATS} seats in its life: start another system`);
    }
    this.#last++;
    Atomics.store(this.#board.i32, this.#at(this.#last, Word.cpu), cpu);
    return this.#last;
  }

  cpuOf(seat: number): number {
    return Atomics.load(this.#board.i32, this.#at(seat, Word.cpu));
  }

  /** A generation has begun there, or has come from another CPU. */
  publish(seat: number, { birth, id, generation }: Occupant): void {
    const { i32 } = this.#board;
    Atomics.add(i32, this.#at(seat, Word.version), 1);
    Atomics.store(i32, this.#at(seat, Word.generation), generation);
    Atomics.store(i32, this.#at(seat, Word.id), id);
    Atomics.store(i32, this.#at(seat, Word.birth), birth);
    Atomics.add(i32, this.#at(seat, Word.version), 1);
  }

  /** From now on the seat is there; its words are that CPU's. */
  assign(seat: number, cpu: number): void {
    Atomics.store(this.#board.i32, this.#at(seat, Word.cpu), cpu);
  }

  /** HOT: asked by every call to another CPU. */
  birthOf(seat: number): number {
    return Atomics.load(this.#board.i32, this.#at(seat, Word.birth));
  }

  /** Undefined before its first generation. */
  occupant(seat: number): Occupant | undefined {
    const { i32 } = this.#board;
    const version = this.#at(seat, Word.version);
    for (;;) {
      const before = Atomics.load(i32, version);
      const birth = this.birthOf(seat);
      const id = Atomics.load(i32, this.#at(seat, Word.id));
      const generation = Atomics.load(i32, this.#at(seat, Word.generation));
      if ((before & 1) === 0 && before === Atomics.load(i32, version)) return birth === 0 ? undefined : { birth, id, generation };
    }
  }

  follow(seat: number, difference: 1 | -1): void {
    Atomics.add(this.#board.i32, this.#at(seat, Word.followers), difference);
  }

  hasFollowers(seat: number): boolean {
    return Atomics.load(this.#board.i32, this.#at(seat, Word.followers)) > 0;
  }

  #at(seat: number, word: number): number {
    return this.#board.seat(seat) + word;
  }
}
