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
import { type CauseCode, causeName, type Failure } from "../status.ts";
import { RecordWord } from "../words.ts";

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
  readonly #notes: (Note & { readonly sequence: number })[] = [];
  /** Set while the domain's record says that it relays. Oldest first, never empty. */
  relayed: readonly Note[] | undefined;

  /** @param sequence of the domain's call in which it failed */
  add(sequence: number, note: Note): void {
    if (this.#notes.length === MOST_NOTES) this.#forgetOne(sequence);
    const { id, name, generation } = note.blamed;
    // Whoever is to blame may be a domain that is dead: holding it would hold all that it remembers in its turn.
    this.#notes.push({ ...note, blamed: { id, name, generation }, sequence });
  }

  /** What failed in the call with this number, oldest first. */
  of(sequence: number): readonly Note[] {
    return this.#notes.filter((note) => note.sequence === sequence);
  }

  /** One of another call; else the second: how it began says more than what followed. */
  #forgetOne(sequence: number): void {
    const other = this.#notes.findIndex((note) => note.sequence !== sequence);
    this.#notes.splice(other < 0 ? 1 : other, 1);
  }
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
