/**
 * The deaths of one kernel: for each a record of why, kept in a ring. Written by the kernel when it buries a domain, read by whoever
 * wants to know; a record finds its source lines when it is first asked for them.
 * Never shows a module's text as it is: names of functions and files lose their control characters here, log lines did before.
 */

import type { LoadedModule } from "../../loader/load.ts";
import type { Called } from "../calls/proxy.ts";
import type { Domain } from "../domain.ts";
import { Cause, type CauseName, causeName, type Death, type Generation, type StackFrame } from "../status.ts";
import { BOUNDARY, type RawStack } from "./stack-capture.ts";

/** A death as another CPU tells it: where it was is found out by whoever has the modules. */
export type PlainDeath = Omit<Death, "stack"> & {
  readonly positions: RawStack;
  /** The dead and then its callers, innermost first. */
  readonly parties: readonly Generation[];
};

/** Deaths that are remembered. */
export const MOST_DEATHS = 64;
/** Log lines of a domain that are remembered for its record. */
const MOST_LINES = 8;
/** The kernel's own calls of a start function and of `init`. */
const LIFE_ID = "sumac:kernel/life";

/** Remembers a line, also one that the rate limit swallows. */
export function rememberLine({ lastLines }: Domain, line: string): void {
  if (lastLines.length === MOST_LINES) lastLines.shift();
  lastLines.push(line);
}

/** As it goes to another CPU. */
export function plainDeath(death: Death): PlainDeath {
  if (!(death instanceof DeathRecord)) throw new Error("a death of another kind");
  return death.toPlain();
}

export class Deaths {
  readonly #ring: Death[] = [];
  #total = 0;

  /** How many there were, remembered or not. */
  get total(): number {
    return this.#total;
  }

  /** Oldest first. */
  list(): readonly Death[] {
    return [...this.#ring];
  }

  /** @param callers the domains that waited for it, directly or not, outermost first @param cpu where there are several */
  add(domain: Domain, callers: readonly (Domain | undefined)[], cpu?: number): Death {
    return this.#keep(new DeathRecord({ ...ofDomain(domain, callers), ...(cpu === undefined ? {} : { cpu }) }));
  }

  /** One that was told by another CPU. @param loadedOf module of a domain by its name */
  addPlain({ positions, parties, ...death }: PlainDeath, loadedOf: (domain: string) => LoadedModule | undefined): Death {
    return this.#keep(
      new DeathRecord({ ...death, positions, parties: parties.map((party) => ({ ...party, loaded: loadedOf(party.domain) })) }),
    );
  }

  #keep(record: DeathRecord): DeathRecord {
    if (this.#ring.length === MOST_DEATHS) this.#ring.shift();
    this.#ring.push(record);
    this.#total++;
    return record;
  }
}

interface Party extends Generation {
  readonly loaded: LoadedModule | undefined;
}

interface DeathParts extends Omit<Death, "stack"> {
  readonly positions: RawStack;
  readonly parties: readonly Party[];
}

function ofDomain(domain: Domain, callers: readonly (Domain | undefined)[]): DeathParts {
  const { cause, detail } = domain.doom ?? { cause: Cause.killed, detail: "killed" };
  return {
    domain: domain.name,
    generation: domain.generation,
    cause: causeName(cause),
    detail,
    atMs: performance.now(),
    during: domain.lastCall && nameOfCall(domain.lastCall),
    callers: callers.map((caller) => ({ domain: caller?.name ?? "?", generation: caller?.generation ?? 0 })),
    lastLines: domain.lastLines,
    positions: domain.lastStack,
    parties: [domain, ...callers.toReversed()].map((each) => ({
      domain: each?.name ?? "?",
      generation: each?.generation ?? 0,
      loaded: each?.spec.loaded,
    })),
  };
}

/** Keeps nothing of the domain but its module, which its successor has too. */
class DeathRecord implements Death {
  readonly domain: string;
  readonly generation: number;
  readonly cause: CauseName;
  readonly detail: string;
  readonly atMs: number;
  readonly during: string | undefined;
  readonly callers: readonly Generation[];
  readonly lastLines: readonly string[];
  readonly cpu?: number;
  readonly #positions: RawStack;
  readonly #parties: readonly Party[];
  #stack: readonly StackFrame[] | undefined;

  constructor({ positions, parties, ...death }: DeathParts) {
    this.domain = death.domain;
    this.generation = death.generation;
    this.cause = death.cause;
    this.detail = death.detail;
    this.atMs = death.atMs;
    this.during = death.during;
    this.callers = death.callers;
    this.lastLines = death.lastLines;
    if (death.cpu !== undefined) this.cpu = death.cpu;
    this.#positions = positions;
    this.#parties = parties;
  }

  toPlain(): PlainDeath {
    return {
      ...this.#fields(),
      positions: this.#positions,
      parties: this.#parties.map(({ domain, generation }) => ({ domain, generation })),
    };
  }

  get stack(): readonly StackFrame[] {
    this.#stack ??= this.#resolve();
    return this.#stack;
  }

  toJSON(): Death {
    return { ...this.#fields(), stack: this.stack };
  }

  #fields(): Omit<Death, "stack"> {
    const { domain, generation, cause, detail, atMs, during, callers, lastLines, cpu } = this;
    return { domain, generation, cause, detail, atMs, during, callers, lastLines, ...(cpu === undefined ? {} : { cpu }) };
  }

  #resolve(): StackFrame[] {
    const frames: StackFrame[] = [];
    let party = 0;
    for (const position of this.#positions) {
      if (position === BOUNDARY) {
        party++;
        continue;
      }
      const { domain, generation, loaded } = this.#parties[party] ?? {};
      const place = loaded?.places.at(position);
      if (place === undefined || domain === undefined || generation === undefined) continue;
      const { source, offset } = place;
      frames.push({
        domain,
        generation,
        function: shown(place.function),
        ...(source === undefined ? {} : { file: shown(source.file), line: source.line, column: source.column }),
        ...(offset === undefined ? {} : { offset }),
      });
    }
    return frames;
  }
}

function nameOfCall({ owner, method }: Called): string {
  return owner.id === LIFE_ID ? method.name : `${owner.id}#${method.name}`;
}

/** Names may hold anything: what would direct a terminal is shown, not obeyed. */
function shown(text: string): string {
  return text.slice(0, 200).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`);
}
