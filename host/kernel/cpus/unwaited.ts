/**
 * Calls of the host into domains of other CPUs for whose answers it does not wait: they are told when they have come, in the host's event
 * loop. Several may be under way, one in each slot that is for them; further ones wait for a slot.
 * Called by `host-calls-unwaited.ts`; its answers are looked for by `news.ts` and by the team. Runs on the first CPU only.
 */
import { Lane, LEVELS, SLOTS, SlotState, SlotWord } from "./board.ts";
import { type Cpu, Kind } from "./cpu.ts";
import { endedFault, hasEnded } from "./silence.ts";

/** One call: what to write into its slot, and what to do with the answer, which is still in it. */
export interface Unwaited {
  readonly target: number;
  /** Runs when there is a slot for it. @returns false: there is nothing to ask any more */
  write(slot: number): boolean;
  answered(slot: number): void;
  failed(error: unknown): void;
}

export class UnwaitedCalls {
  readonly #cpu: Cpu;
  readonly #underWay: Map<number, Unwaited> = new Map();
  readonly #waiting: Unwaited[] = [];
  readonly #hold: (isHeld: boolean) => void;

  /** @param hold keeps the process alive while calls are under way */
  constructor(cpu: Cpu, hold: (isHeld: boolean) => void) {
    this.#cpu = cpu;
    this.#hold = hold;
  }

  start(call: Unwaited): void {
    this.#waiting.push(call);
    this.#fill();
  }

  /** Whether an answer has come, or a CPU has ended of which one is expected. */
  get hasAnswer(): boolean {
    for (const [slot, { target }] of this.#underWay) if (this.#isAnswered(slot) || hasEnded(this.#cpu.board, target)) return true;
    return false;
  }

  /** Tells the answers that have come. */
  settle(): boolean {
    let did = false;
    for (const [slot, call] of [...this.#underWay]) {
      if (this.#isAnswered(slot)) {
        this.#underWay.delete(slot);
        call.answered(slot);
        this.#cpu.end(slot);
      } else if (hasEnded(this.#cpu.board, call.target)) {
        this.#underWay.delete(slot);
        this.#cpu.end(slot);
        call.failed(endedFault(this.#cpu.board, call.target));
      } else continue;
      did = true;
    }
    if (did) this.#fill();
    return did;
  }

  #fill(): void {
    const { board, index } = this.#cpu;
    for (let i = LEVELS; i < SLOTS - 1 && this.#waiting.length > 0; i++) {
      const slot = board.slotNumber(index, i);
      if (this.#underWay.has(slot)) continue;
      const call = this.#waiting.shift() as Unwaited;
      this.#cpu.prepare(slot, Kind.call);
      // It was called by nobody: whoever calls at the same time has nothing to do with it.
      board.i32[board.slot(slot) + SlotWord.chainLength] = 0;
      if (!call.write(slot)) continue;
      this.#underWay.set(slot, call);
      this.#cpu.ask(slot, Lane.unwaited, call.target);
    }
    this.#hold(this.#underWay.size > 0);
  }

  #isAnswered(slot: number): boolean {
    return this.#cpu.board.stateOf(slot) === SlotState.done;
  }
}
