/**
 * One injected death after the other in a system of five domains, and what must be true after each: the call's value or error, who
 * died of what, who was restarted with whom, and what is on the heap. Called by `scripts/campaign-deaths.ts` and by a test.
 */
import type { KernelEvent } from "../../../host/kernel/events.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { Cause, type CauseName } from "../../../host/kernel/status.ts";
import type { SupervisionSettings } from "../../../host/supervision/settings.ts";
import { attempt } from "../../support/domain.ts";
import { type TestSystem, testSystem } from "../../support/system.ts";
import { Measurements } from "../percentiles.ts";
import { addDomains, BUDGETS_MS, CAUSES, type DeathCause, NO_RETRY, PLACES, SHADOW_TRIES, VICTIMS, type Victim } from "./domains.ts";

/** Restarts are not what is short here: the period is over before the next death. */
const SUPERVISION: SupervisionSettings = {
  groups: {
    service: { strategy: "rest_for_one", intensity: 1000, periodMs: 1, firstWaitMs: 0 },
    front: { strategy: "one_for_one", intensity: 1000, periodMs: 1, firstWaitMs: 0 },
  },
};

/** Who restarts with whom, by strategy and order of creation. */
const WITH: Readonly<Record<Victim, readonly Victim[]>> = {
  driver: ["driver"],
  shadow: ["shadow", "store"],
  store: ["store"],
  app: ["app"],
  client: ["client"],
};

/** Of a thousand deaths. Deadlines cost as long as the victim's budget. */
const WEIGHTS: Readonly<Record<DeathCause, number>> = { trap: 240, deadline: 15, killed: 245, quota: 160, stack: 160, guard: 180 };

export interface Injection {
  readonly victim: Victim;
  readonly cause: DeathCause;
  /** Where it asks; `idle`: it is killed while no call is in progress. */
  readonly place: number | "idle";
  /** How often in the same call. */
  readonly times: number;
  readonly argument: number;
}

/** Of `random`, which gives numbers from 0 to 1. */
export function nextInjection(random: () => number): Injection {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const victim = pick(VICTIMS);
  const cause = pickCause(random);
  const isShort = BUDGETS_MS[victim] <= 5;
  // Seconds of waiting teach no more than milliseconds: long budgets run out a few times only.
  if (cause === "deadline" && !isShort && random() > 0.02) return nextInjection(random);
  const isIdle = cause === "killed" && random() < 0.3;
  const isBurst = victim === "driver" && !isIdle && cause !== "deadline" && random() < 0.03;
  const argument = Math.floor(random() * 0x7000);
  return {
    victim,
    cause,
    place: isIdle ? "idle" : Math.floor(random() * PLACES),
    times: isBurst ? SHADOW_TRIES + 1 : 1,
    argument: random() < 0.2 ? argument | NO_RETRY : argument,
  };
}

function pickCause(random: () => number): DeathCause {
  let at = random() * Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  for (const cause of CAUSES) {
    at -= WEIGHTS[cause];
    if (at < 0) return cause;
  }
  return "trap";
}

/** What the kernel calls it. */
const NAME: Readonly<Record<DeathCause, CauseName>> = {
  trap: "trap",
  deadline: "deadline",
  killed: "killed",
  quota: "quota",
  stack: "stack",
  guard: "trap",
};

export class Deaths {
  readonly t: TestSystem;
  /** From each death to the first answer of its successor. */
  readonly recoveryMicros: Measurements;
  /**
   * Deadlines that nobody asked for: the machine took this thread away for longer than a budget. With two CPUs also calls that did not wait
   * long enough for a restart, which is made on the first one, so that they went another way.
   */
  unplanned = 0;
  readonly #cpus: number;
  readonly #seats: Record<Victim, Seat>;
  readonly #seen: { deaths: string[]; restarted: string[] } = { deaths: [], restarted: [] };
  #armed: { victim: Victim; place: number; cause: DeathCause; left: number } | undefined;

  private constructor(t: TestSystem, seats: Record<Victim, Seat>, mostRecoveries: number, cpus: number) {
    this.t = t;
    this.#cpus = cpus;
    this.recoveryMicros = new Measurements(mostRecoveries);
    this.#seats = seats;
  }

  /** @param mostRecoveries for how many there is room */
  static async start(mostRecoveries: number, cpus = 1): Promise<Deaths> {
    const t = await testSystem({ heapMegabytes: 32, supervision: SUPERVISION, cpus });
    let deaths: Deaths | undefined;
    const seats = await addDomains(t, (victim, place) => deaths?.answer(victim, place) ?? 0, cpus);
    deaths = new Deaths(t, seats, mostRecoveries, cpus);
    t.system.kernel.events.on((event) => deaths.#hear(event));
    return deaths;
  }

  /** What a domain is told that asks: how to die. */
  answer(victim: Victim, place: number): number {
    const armed = this.#armed;
    if (armed === undefined || armed.victim !== victim || armed.place !== place || armed.left === 0) return 0;
    armed.left--;
    if (armed.cause === "killed") this.t.system.kernel.kill(this.#current(victim), "injected");
    return CAUSES.indexOf(armed.cause) + 1;
  }

  /** Returns what is wrong, or undefined. */
  run(injection: Injection): string | undefined {
    const { victim, cause, place, times, argument } = injection;
    const before = this.#generations();
    this.#seen.deaths = [];
    this.#seen.restarted = [];
    if (place === "idle") this.t.system.kill(victim);
    else this.#armed = { victim, place, cause, left: times };
    const generation = before[victim];
    const answer = attempt(this.t, "client", "call", argument);
    const isTried = this.#armed === undefined || this.#armed.left === 0;
    this.#armed = undefined;
    // Whoever died with the call is up again, and a call is answered.
    const next = attempt(this.t, "client", "call", 5);
    this.t.events.length = 0;
    if (!isTried && this.#cpus > 1) {
      this.unplanned++;
      return undefined;
    }
    if (!isTried) return `${victim} was not asked at ${place}`;
    if (this.#isDisturbed(injection, generation)) {
      this.unplanned++;
      return undefined;
    }
    return (
      this.#wrongAnswer(injection, generation, answer) ??
      (next === "ok 12" ? undefined : `the next call gave ${next}`) ??
      this.#wrongDeaths(injection, generation) ??
      this.#wrongGenerations(injection, before)
    );
  }

  async end(): Promise<void> {
    await this.t.end();
  }

  #current(victim: Victim) {
    const { current } = this.#seats[victim];
    if (current === undefined) throw new Error(`${victim} was never created`);
    return current;
  }

  #generations(): Record<Victim, number> {
    return Object.fromEntries(VICTIMS.map((victim) => [victim, this.#current(victim).generation])) as Record<Victim, number>;
  }

  #hear(event: KernelEvent): void {
    if (event.kind === "death") this.#seen.deaths.push(`${event.death.cause} ${event.death.domain}#${event.death.generation}`);
    else if (event.kind === "restart") this.#seen.restarted.push(event.domain);
    else if (event.kind === "recovered") this.recoveryMicros.add(event.micros);
  }

  /** Somebody's time ran out who was not asked to wait for that. */
  #isDisturbed({ victim, cause }: Injection, generation: number): boolean {
    return this.#seen.deaths.some(
      (death) => death.startsWith("deadline") && !(cause === "deadline" && death === `deadline ${victim}#${generation}`),
    );
  }

  #wrongAnswer({ victim, cause, place, argument }: Injection, generation: number, answer: string): string | undefined {
    const code = Cause[NAME[cause]];
    const isTold = place !== "idle" && victim === "app" && (argument & NO_RETRY) !== 0;
    const expected =
      place !== "idle" && victim === "client"
        ? `${NAME[cause]} client#${generation}`
        : `ok ${isTold ? 1000 + code : (argument & 0xffff) * 2 + 2}`;
    return answer === expected ? undefined : `gave ${answer}, not ${expected}`;
  }

  #wrongDeaths({ victim, cause, times }: Injection, generation: number): string | undefined {
    const own = Array.from({ length: times }, (_, i) => `${NAME[cause]} ${victim}#${generation + i}`);
    const others = this.#seen.deaths.filter((death) => !own.includes(death));
    const missing = own.filter((death) => !this.#seen.deaths.includes(death));
    if (missing.length > 0) return `did not die: ${missing.join(", ")}`;
    const wrong = others.filter((death) => !WITH[victim].some((each) => each !== victim && death.startsWith(`killed ${each}#`)));
    return wrong.length === 0 ? undefined : `died too: ${wrong.join(", ")}`;
  }

  #wrongGenerations({ victim, times }: Injection, before: Record<Victim, number>): string | undefined {
    const now = this.#generations();
    for (const each of VICTIMS) {
      const expected = before[each] + (each === victim ? times : WITH[victim].includes(each) ? 1 : 0);
      if (now[each] !== expected) return `${each} is in generation ${now[each]}, not ${expected}`;
    }
    const restarts = times + WITH[victim].length - 1;
    return this.#seen.restarted.length === restarts ? undefined : `${this.#seen.restarted.length} restarts, not ${restarts}`;
  }
}
