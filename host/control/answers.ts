/**
 * What a kernel answers to those who look at its system from outside, and what it remembers for them: what its domains logged and how
 * they died. Called on the first CPU's thread, from its event loop or in the middle of domain code at a safepoint: never runs any.
 * Everything that it gives is plain data.
 */
import { SumacError } from "../errors.ts";
import type { Domain } from "../kernel/domain.ts";
import type { KernelEvent } from "../kernel/events.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Seat } from "../kernel/seat.ts";
import { type NamedHeapReport, namedHeapReport } from "../system/heap-report.ts";
import type { System } from "../system/system.ts";
import {
  type Ask,
  type ControlError,
  type Deaths,
  type DeviceRow,
  type Entries,
  type Entry,
  type Killed,
  type Migrated,
  MOST_ENTRIES,
  type Restarted,
  type Roster,
  type RosterRow,
} from "./protocol.ts";

/** Names of which deaths and restarts are counted: a domain that makes others must not fill the host's memory. */
const MOST_NAMES = 16_384;
const PAGE_BYTES = 65536;
/** How long a domain is waited for that is to go to another CPU, where another one's call waits for that. */
const WAIT_IN_CALL_MS = 50;

export type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ControlError };

interface Lives {
  deaths: number;
  restarts: number;
  lastCause: string | null;
}

/** A device of the host, for its row. */
export interface Device {
  readonly name: string;
  readonly model: string;
  inFlight(): number | null;
  activity(): DeviceRow["activity"];
}

export interface AnswersOptions {
  readonly system: System;
  readonly devices?: readonly Device[];
  /** Counted up for each new entry, so that others know without asking. */
  readonly news?: Int32Array;
}

export class Answers {
  readonly #system: System;
  readonly #kernel: Kernel;
  readonly #news: Int32Array;
  readonly #lives: Map<string, Lives> = new Map();
  readonly #entries: Entry[] = [];
  readonly #serials: WeakMap<Seat, number> = new WeakMap();
  readonly #unsubscribe: () => void;
  readonly #devices: Device[];
  #nextSerial = 1;
  #written = 0;

  constructor({ system, devices = [], news = new Int32Array(1) }: AnswersOptions) {
    this.#system = system;
    this.#kernel = system.kernel;
    this.#devices = [...devices];
    this.#news = news;
    this.#unsubscribe = system.kernel.events.on((event) => this.#hear(event));
  }

  stop(): void {
    this.#unsubscribe();
  }

  addDevice(device: Device): void {
    this.#devices.push(device);
  }

  answer(ask: Ask): Answer {
    if ("ask" in ask) return { ok: true, value: ask.ask === "roster" ? this.#roster() : this.#entriesAfter(ask) };
    switch (ask.do) {
      case "kill":
        return this.#kill(ask.domain, ask.reason ?? "killed through the control socket");
      case "restart":
        return this.#restart(ask.domain);
      case "migrate":
        return this.#migrate(ask.domain, ask.cpu);
      case "why": {
        const { deaths } = this.#kernel;
        // Where it was is found out now, and a record is more than its fields.
        const value: Deaths = { total: deaths.total, deaths: JSON.parse(JSON.stringify(deaths.list())) };
        return { ok: true, value };
      }
      case "heap":
        return { ok: true, value: namedHeapReport(this.#kernel) satisfies NamedHeapReport };
      default:
        return ask satisfies never;
    }
  }

  #roster(): Roster {
    const devices = this.#devices.map(
      ({ name, model, inFlight, activity }): DeviceRow => ({ name, model, inFlight: inFlight(), activity: activity() }),
    );
    return { rows: this.#seats().map((seat) => this.#row(seat)), devices };
  }

  /** Those of the system, and of domains that domains have made and that live. */
  #seats(): Seat[] {
    const named = this.#system.domains().map(({ name }) => this.#system.seat(name));
    for (const seat of named) this.#kernel.occupant(seat);
    return [...new Set([...named, ...this.#kernel.living().map(({ seat }) => seat)])].filter(({ isRemoved }) => !isRemoved);
  }

  #row(seat: Seat): RosterRow {
    const { current: domain, spec } = seat;
    const { deaths = 0, restarts = 0, lastCause = null } = this.#lives.get(spec.name) ?? {};
    const isAlive = domain !== undefined && this.#kernel.isAlive(domain);
    const { usage } = this.#kernel;
    return {
      serial: this.#serialOf(seat),
      id: domain?.id ?? 0,
      isInPlace: domain?.isElsewhere === true ? isAlive : usage.isInPlace(seat),
      used: usage.of(seat),
      row: {
        name: spec.name,
        generation: domain?.generation ?? 0,
        state: domain === undefined ? "created" : isAlive ? domain.life : domain.life === "dying" ? "dying" : "dead",
        cpu: this.#system.cpuOf(seat),
        deaths,
        restarts,
        lastCause,
        heapLimitBytes: spec.limits.heapBytes,
        memoryBytes: domain === undefined || domain.isElsewhere ? null : isAlive ? domain.memory.buffer.byteLength : 0,
        memoryLimitBytes: spec.loaded.memoryMaxPages * PAGE_BYTES,
        threads: domain?.isElsewhere === true ? null : isAlive ? (domain.threads?.count ?? 0) : 0,
      },
    };
  }

  #serialOf(seat: Seat): number {
    const known = this.#serials.get(seat);
    if (known !== undefined) return known;
    this.#serials.set(seat, this.#nextSerial);
    return this.#nextSerial++;
  }

  #kill(wanted: string, reason: string): Answer {
    const found = this.#find(wanted);
    if (!("seat" in found)) return found;
    const { name, domain } = found;
    if (domain === undefined) return refused("no-such-domain", `${name} is dead: there is nothing to kill`);
    this.#kernel.kill(domain, reason);
    const value: Killed = { domain: name, generation: domain.generation, state: this.#stateOf(domain) };
    return { ok: true, value };
  }

  #restart(wanted: string): Answer {
    const found = this.#find(wanted);
    if (!("seat" in found)) return found;
    const { name, seat, domain } = found;
    if (!this.#system.has(seat)) return refused("refused", `${name} was made by a domain, which makes another one if it wants to: kill it`);
    if (this.#system.gaveUp !== undefined) return refused("refused", `the system gave up: ${this.#system.gaveUp.reason}`);
    const by = this.#system.restart(name, "restarted through the control socket");
    const value: Restarted = {
      domain: name,
      generation: domain?.generation ?? seat.current?.generation ?? 0,
      state: domain === undefined ? "none" : this.#stateOf(domain),
      by,
    };
    return { ok: true, value };
  }

  #migrate(wanted: string, cpu: number): Answer {
    const found = this.#find(wanted);
    if (!("seat" in found)) return found;
    const { name, seat, domain } = found;
    if (!this.#system.has(seat)) return refused("refused", `${name} was made by a domain, and lives beside it: move none of both`);
    const from = this.#system.cpuOf(seat);
    try {
      // In the middle of somebody's call, his time goes on.
      this.#system.migrate(name, cpu, this.#kernel.depth > 0 ? { waitMs: WAIT_IN_CALL_MS } : {});
    } catch (error) {
      if (error instanceof SumacError) return refused("refused", error.message);
      throw error;
    }
    const value: Migrated = { domain: name, generation: domain?.generation ?? 0, from, cpu };
    return { ok: true, value };
  }

  /** `driver`, or `driver#3` for that generation and no other. */
  #find(
    wanted: string,
  ): { readonly name: string; readonly seat: Seat; readonly domain: Domain | undefined } | Exclude<Answer, { ok: true }> {
    const [, name = wanted, generation] = /^(.*)#(\d+)$/.exec(wanted) ?? [];
    const seats = this.#seats().filter(({ spec }) => spec.name === name);
    const fitting = generation === undefined ? seats : seats.filter(({ current }) => current?.generation === Number(generation));
    const [seat, second] = fitting;
    if (second !== undefined) {
      const all = fitting.map(({ current }) => `${name}#${current?.generation}`).join(", ");
      return refused("no-such-domain", `${name} is more than one: name a generation of ${all}`);
    }
    if (seat !== undefined) return { name, seat, domain: this.#kernel.occupant(seat) };
    const [now] = seats;
    if (now !== undefined)
      return refused("no-such-domain", `${wanted} is not there any more: now it is ${name}#${now.current?.generation ?? 0}`);
    const names = this.#seats().map(({ spec }) => spec.name);
    return refused("no-such-domain", `no domain "${wanted}" here; there is: ${names.slice(0, 20).join(", ")}`);
  }

  #stateOf(domain: Domain): "dying" | "dead" {
    return this.#kernel.isGone(domain) ? "dead" : "dying";
  }

  #entriesAfter({ after, most, domain }: Extract<Ask, { ask: "entries" }>): Entries {
    const first = this.#written - this.#entries.length + 1;
    const later = this.#entries.filter((entry) => entry.serial > after && (domain === undefined || entry.domain === domain));
    const missed = after === 0 ? 0 : Math.max(0, first - after - 1);
    const entries = later.slice(0, most);
    return { missed, entries, last: later.length > most ? (entries.at(-1)?.serial ?? after) : this.#written };
  }

  #hear(event: KernelEvent): void {
    switch (event.kind) {
      case "death": {
        const { domain, generation, cause, detail } = event.death;
        const lives = this.#livesOf(domain);
        lives.deaths++;
        lives.lastCause = cause;
        this.#write("death", domain, generation, `${cause}: ${detail}`);
        break;
      }
      case "restart":
        this.#livesOf(event.domain).restarts++;
        this.#write("restart", event.domain, event.generation, `started again, from ${event.from}`);
        break;
      case "recovered":
        this.#write("recovered", event.domain, event.generation, `answers again after ${event.micros.toFixed(0)} µs`);
        break;
      case "log":
        this.#write("log", event.domain, event.generation, event.line);
        break;
      case "log-dropped":
        this.#write("log-dropped", event.domain, 0, `${event.lines} lines dropped (rate limit)`);
        break;
      case "host-error":
        this.#write("host-error", event.domain, 0, `${event.function}: ${textOf(event.error)}`);
        break;
      case "gave-up":
        this.#write("gave-up", event.group, 0, `gave up: ${event.reason}`);
        break;
      case "state":
        break;
      default:
        event satisfies never;
    }
  }

  #livesOf(name: string): Lives {
    const known = this.#lives.get(name);
    if (known !== undefined) return known;
    const lives = { deaths: 0, restarts: 0, lastCause: null };
    if (this.#lives.size < MOST_NAMES) this.#lives.set(name, lives);
    return lives;
  }

  #write(kind: Entry["kind"], domain: string, generation: number, text: string): void {
    if (this.#entries.length === MOST_ENTRIES) this.#entries.shift();
    this.#entries.push({ serial: ++this.#written, atMs: Date.now(), kind, domain, generation, text: text.slice(0, 1000) });
    Atomics.store(this.#news, 0, this.#written & 0x7fffffff);
    Atomics.notify(this.#news, 0);
  }
}

function refused(code: ControlError["code"], message: string): { readonly ok: false; readonly error: ControlError } {
  return { ok: false, error: { code, message } };
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "something without a text";
  }
}
