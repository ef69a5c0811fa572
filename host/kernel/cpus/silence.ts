/**
 * CPUs that say nothing more: those that have ended, with what they left about it, and those that are waited for and pass no safepoint.
 * Called by `cpu.ts` while it waits. Reads and writes words only.
 */
import { type Board, CpuEnd, LEVELS, Place } from "./board.ts";
import { SystemFault } from "./remote-failure.ts";

/** How often a CPU that is waited for is asked whether it still looks. */
const POKE_MS = 100;
/** Of the text that it leaves. */
const MOST_CHARACTERS = 2000;

interface Patience {
  /** CPUs whose thread runs an application's code, which may take its time. */
  readonly applications: ReadonlySet<number>;
  /** How long a CPU may go without looking before that is a fault. */
  readonly silenceMs: number;
}

export function hasEnded(board: Board, cpu: number): boolean {
  return Atomics.load(board.i32, board.place(cpu, Place.end)) !== CpuEnd.running;
}

export function leaveWord(board: Board, cpu: number, text: string): void {
  board.writeText(lastSlot(board, cpu), text.slice(0, MOST_CHARACTERS));
}

export function faultOf(board: Board, cpu: number): string {
  const isFault = Atomics.load(board.i32, board.place(cpu, Place.end)) === CpuEnd.fault;
  return isFault ? board.readText(lastSlot(board, cpu)) : "it was stopped";
}

export function endedFault(board: Board, cpu: number): SystemFault {
  return new SystemFault(`CPU ${cpu} has ended: ${faultOf(board, cpu)}`);
}

/** No call uses it: it is for what a CPU leaves. */
function lastSlot(board: Board, cpu: number): number {
  return board.slotNumber(cpu, 2 * LEVELS - 1);
}

/** Of one CPU, while one request to it is waited for. */
export class Silence {
  readonly #board: Board;
  readonly #cpu: number;
  readonly #patience: Patience;
  #looks = -1;
  #silentMs = 0;
  #pokedMs = 0;

  constructor(board: Board, cpu: number, patience: Patience) {
    this.#board = board;
    this.#cpu = cpu;
    this.#patience = patience;
  }

  /**
   * Time counts only while the CPU that waits has its turns itself, so that a machine that stalls is nobody's fault.
   * @returns whether the other one is to be asked to look
   * @throws SystemFault when it has not looked for too long
   */
  lasts(ms: number): boolean {
    const board = this.#board;
    const looks = Atomics.load(board.i32, board.place(this.#cpu, Place.looks));
    if (looks !== this.#looks) {
      this.#looks = looks;
      this.#silentMs = 0;
      this.#pokedMs = 0;
      return false;
    }
    const { applications, silenceMs } = this.#patience;
    if (this.#silentMs > silenceMs && !applications.has(this.#cpu)) {
      throw new SystemFault(`CPU ${this.#cpu} does not answer: it has passed no safepoint for ${Math.round(this.#silentMs)} ms`);
    }
    this.#silentMs += ms;
    this.#pokedMs += ms;
    if (this.#pokedMs < POKE_MS + ms) return false;
    this.#pokedMs = 0;
    return true;
  }
}
