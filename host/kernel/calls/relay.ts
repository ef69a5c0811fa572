/**
 * Giving up: what failed a domain during its present call, and how it ends that call with these causes and lives on.
 *
 * A shadow that has tried enough can neither die (it has more callers) nor tell why it failed: its own words are data. So it
 * asks the kernel to say so. The kernel notes each failure where no domain can write, per call; `relay` marks the domain's record
 * with a state that no proxy takes for running, so calls that are not given up pay nothing, and the proxy's slow path
 * turns the mark into the caller's status.
 * Called by `crossing.ts` (failures), `supervisor.ts` (births that failed), `capabilities.ts` (`relay`). Never runs domain code.
 */
import { STATE_RELAYING, STATE_RUNNING, STATE_STARTING } from "../../../shared-heap/layout.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { Cause, type CauseCode, causeName, type Failure } from "../status.ts";
import { RecordWord } from "../words.ts";
import type { Called } from "./proxy.ts";

/** Failures of one domain that are remembered, of whatever calls: one that fails for ever must not fill the host's memory. */
export const MOST_NOTES = 32;

/** Who is to blame: a domain, which may be gone, or the host. */
export interface Blamed {
  readonly id: number;
  readonly name: string;
  readonly generation: number;
}

export interface Note {
  readonly code: CauseCode;
  readonly blamed: Blamed;
  readonly detail: string;
}

/** As the host is told it. */
export function failureOf({ code, blamed: { name, generation }, detail }: Note): Failure {
  return { cause: causeName(code) as Failure["cause"], domain: name, generation, detail };
}

export class FailureNotes {
  readonly #notes: Note[] = [];
  /** Of each note, the domain's call in which it failed. */
  readonly #calls: number[] = [];
  /** Where the second oldest note is: the first stays where it is, the others take the places of their oldest when all are of one call. */
  #second = 1;
  #areOfOneCall = true;
  /** Set while the domain's record says that it relays. Oldest first, never empty. */
  relayed: readonly Note[] | undefined;

  /**
   * HOT: a domain may call a dead one as often as it likes; allocates nothing once there are as many notes as are remembered.
   * @param sequence of the domain's call in which it failed
   * @param note holds no domain: who is to blame may be dead, and holding it would hold all that it remembers in its turn
   */
  add(sequence: number, note: Note): void {
    if (this.#notes.length === MOST_NOTES) {
      if (this.#areOfOneCall && this.#calls[0] === sequence) {
        this.#notes[this.#second] = note;
        this.#second = this.#second === MOST_NOTES - 1 ? 1 : this.#second + 1;
        return;
      }
      this.#forgetOne(sequence);
    }
    this.#notes.push(note);
    this.#calls.push(sequence);
    this.#areOfOneCall = this.#calls.every((call) => call === sequence);
  }

  /** What failed in the call with this number, oldest first. */
  of(sequence: number): readonly Note[] {
    this.#putInOrder();
    return this.#notes.filter((_, i) => this.#calls[i] === sequence);
  }

  /** One of another call; else the second: how it began says more than what followed. */
  #forgetOne(sequence: number): void {
    this.#putInOrder();
    const other = this.#calls.findIndex((call) => call !== sequence);
    this.#notes.splice(other < 0 ? 1 : other, 1);
    this.#calls.splice(other < 0 ? 1 : other, 1);
  }

  #putInOrder(): void {
    this.#notes.push(...this.#notes.splice(1, this.#second - 1));
    this.#second = 1;
  }
}

/** A call of a generation that is dead: its text is made when somebody reads it. */
export class CallOfDead implements Note {
  readonly code: CauseCode = Cause.dead;
  readonly blamed: Blamed;
  readonly #called: Called;

  constructor({ owner, method }: Called, { id, name, generation }: Blamed) {
    this.#called = { owner, method };
    this.blamed = { id, name, generation };
  }

  get detail(): string {
    return `${nameOf(this.#called)} was called on a dead generation`;
  }
}

/** As messages name it. */
export function nameOf({ owner, method }: Called): string {
  return `${owner.id}#${method.name}`;
}

/**
 * The domain's present call is to end as given up. Once more changes nothing.
 * @returns what the domain did wrong, for which it must die
 */
export function relay(kernel: Kernel, domain: Domain): string | undefined {
  const { i32 } = kernel;
  const state = domain.record + RecordWord.state;
  if (i32[state] === STATE_STARTING) return "gave up its own birth: it fails to start by a trap";
  if (i32[state] !== STATE_RUNNING) return undefined;
  if (kernel.threads.isAtBase && kernel.threads.current?.domain === domain) return "gave up as a thread, which nobody has called";
  const relayed = domain.failures.of(kernel.sequence);
  if (relayed.length === 0) return "gave up a call in which none of its own calls had failed";
  domain.failures.relayed = relayed;
  i32[state] = STATE_RELAYING;
  return undefined;
}

/** Its call has returned: it runs on, and this is what its caller is told, oldest first. */
export function endRelay(kernel: Kernel, domain: Domain): readonly Note[] {
  const { relayed = [] } = domain.failures;
  domain.failures.relayed = undefined;
  kernel.i32[domain.record + RecordWord.state] = STATE_RUNNING;
  return relayed;
}
