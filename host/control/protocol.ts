/**
 * What is said on the control socket: one JSON object a line, in both directions, and how a request is checked before anybody acts on it.
 * Used by the control thread, by the kernel's side of it, and by the commands that look at a running system. docs/control.md is its page.
 * A client may be anybody who can open the socket: nothing of a line is believed.
 */
import type { NvmeActivity } from "../../devices/nvme/model.ts";
import { CPU_MAX } from "../../shared-heap/layout.ts";
import type { Death } from "../kernel/status.ts";

/** Raised when an old client would misunderstand a new system, or the other way round. */
export const PROTOCOL = 1;
/** Of a line from a client, with its end. */
export const MOST_REQUEST_BYTES = 4096;
export const SHORTEST_INTERVAL_MS = 50;
export const LONGEST_INTERVAL_MS = 60_000;
/** Log entries that a system remembers. */
export const MOST_ENTRIES = 4096;
const MOST_NAME = 256;
const MOST_REASON = 200;

export type Request =
  | { readonly do: "hello" }
  | { readonly do: "ps" }
  | { readonly do: "watch"; readonly intervalMs: number }
  | { readonly do: "logs"; readonly last: number; readonly follow: boolean; readonly domain?: string }
  /** `domain` is a name, or a name and its generation: `driver#3`. */
  | { readonly do: "kill"; readonly domain: string; readonly reason?: string }
  | { readonly do: "restart"; readonly domain: string }
  | { readonly do: "migrate"; readonly domain: string; readonly cpu: number }
  | { readonly do: "why" }
  | { readonly do: "heap" };

export type ControlErrorCode = "bad-request" | "protocol" | "too-many" | "no-such-domain" | "system-busy" | "refused";

export interface ControlError {
  readonly code: ControlErrorCode;
  readonly message: string;
}

/** `more`: others follow under the same id, the last of which has `end` and says why. */
export type Reply =
  | { readonly sumac: number; readonly id: number; readonly ok: true; readonly value: unknown; readonly more?: true }
  | { readonly sumac: number; readonly id: number; readonly ok: true; readonly end: string }
  | { readonly sumac: number; readonly id: number; readonly ok: false; readonly error: ControlError };

export interface SystemInfo {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly cpus: number;
  readonly heapMaxBytes: number;
}

/** Of one seat. Numbers count all its generations; what cannot be known from where the kernel answers is null. */
export interface DomainRow {
  readonly name: string;
  readonly generation: number;
  readonly state: "created" | "starting" | "running" | "dying" | "dead";
  readonly cpu: number;
  readonly cpuMicros: number;
  readonly calls: number;
  readonly failedCalls: number;
  readonly deaths: number;
  readonly restarts: number;
  readonly lastCause: string | null;
  readonly heapBytes: number;
  readonly heapObjects: number;
  readonly heapLimitBytes: number;
  readonly memoryBytes: number | null;
  readonly memoryLimitBytes: number;
  readonly threads: number | null;
}

export interface DeviceRow {
  readonly name: string;
  readonly model: string;
  /** Commands that it has taken and not completed; null for a device that has no queue. */
  readonly inFlight: number | null;
  /** What it has done since it was there; null for a device that does not count it. */
  readonly activity: BlockActivity | FrameActivity | null;
}

/** Counts go up for ever. */
export interface BlockActivity extends NvmeActivity {
  readonly kind: "blocks";
}

/** Counts go up for ever. */
export interface FrameActivity {
  readonly kind: "frames";
  readonly received: number;
  readonly sent: number;
  /** Frames that had no descriptor or no room, were damaged, or were discarded. */
  readonly lost: number;
  /** Frames that its wire lost: they are not among those that were received, and are among those that were sent. */
  readonly wireLost: WireLosses;
}

/** Towards the card, and away from it. */
export interface WireLosses {
  readonly in: LossCounts;
  readonly out: LossCounts;
}

export type LossCounts = Readonly<Record<LossReason, number>>;
export type LossReason = "full" | "tooLong" | "down" | "refused" | "faults";

export interface Snapshot {
  readonly system: SystemInfo;
  readonly atMs: number;
  /** False: names, states and counts of deaths are as old as `silentMs` says; times, calls and heap are as they are now. */
  readonly answering: boolean;
  readonly silentMs: number;
  readonly heap: { readonly bytes: number; readonly objects: number };
  /** Of each CPU, outermost first: in whose calls it is. */
  readonly chains: readonly (readonly string[])[];
  readonly domains: readonly DomainRow[];
  readonly devices: readonly DeviceRow[];
}

export interface Entry {
  /** Counts from 1. */
  readonly serial: number;
  readonly atMs: number;
  readonly kind: "log" | "log-dropped" | "death" | "restart" | "recovered" | "host-error" | "gave-up";
  readonly domain: string;
  readonly generation: number;
  readonly text: string;
}

export interface Entries {
  /** How many came after the last one asked for and are forgotten. */
  readonly missed: number;
  readonly entries: readonly Entry[];
  /** Nothing up to this serial is to be had any more. */
  readonly last: number;
}

export interface Killed {
  readonly domain: string;
  readonly generation: number;
  /** It is in a call: it ends at its next safepoint, or when control returns to it. */
  readonly state: "dying" | "dead";
}

/** `none`: it had no living generation. */
export interface Restarted extends Omit<Killed, "state"> {
  readonly state: Killed["state"] | "none";
  /** Who starts the next generation: the domain that stands in for it at its next call, or the system as soon as it can. */
  readonly by: "shadow" | "system";
}

export interface Migrated {
  readonly domain: string;
  readonly generation: number;
  /** Where it was, and where it is. */
  readonly from: number;
  readonly cpu: number;
}

export interface Deaths {
  readonly total: number;
  readonly deaths: readonly Death[];
}

/** What the control thread asks the kernel for. */
export type Ask =
  | { readonly ask: "roster" }
  | { readonly ask: "entries"; readonly after: number; readonly most: number; readonly domain?: string }
  | Extract<Request, { readonly do: "kill" }>
  | Extract<Request, { readonly do: "restart" }>
  | Extract<Request, { readonly do: "migrate" }>
  | Extract<Request, { readonly do: "why" }>
  | Extract<Request, { readonly do: "heap" }>;

/** A seat as the kernel tells of it; the rest is read from the shared memory. */
export interface RosterRow {
  /** Of the seat: another one of the same name has another. */
  readonly serial: number;
  /** Owner word of the present generation, or of the last one; 0 = none. */
  readonly id: number;
  /** Whether its words are still its own. */
  readonly isInPlace: boolean;
  readonly used: { readonly micros: number; readonly calls: number; readonly failures: number };
  readonly row: Omit<DomainRow, "cpuMicros" | "calls" | "failedCalls" | "heapBytes" | "heapObjects">;
}

export interface Roster {
  readonly rows: readonly RosterRow[];
  readonly devices: readonly DeviceRow[];
}

export type Parsed =
  | { readonly ok: true; readonly id: number; readonly request: Request }
  | { readonly ok: false; readonly id: number; readonly error: ControlError };

/** @param line without its end */
export function parseRequest(line: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad(0, "a request is one JSON object on one line");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return bad(0, "a request is one JSON object on one line");
  const { sumac, id, do: verb, ...rest } = value as Record<string, unknown>;
  const number = isWhole(id, 0, 0x7fffffff) ? id : 0;
  if (sumac !== PROTOCOL) {
    return {
      ok: false,
      id: number,
      error: { code: "protocol", message: `this system speaks version ${PROTOCOL} of the control protocol` },
    };
  }
  if (number !== id) return bad(0, "id: expected a whole number from 0 up");
  const problem = typeof verb !== "string" || !Object.hasOwn(FIELDS, verb) ? "do: no such request" : problemOf(verb as Verb, rest);
  if (problem !== undefined) return bad(number, problem);
  return { ok: true, id: number, request: { do: verb, ...rest } as Request };
}

export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

type Verb = Request["do"];

interface Field {
  readonly isRequired: boolean;
  readonly accepts: (value: unknown) => boolean;
  readonly expected: string;
}

const text = (most: number, isRequired: boolean): Field => ({
  isRequired,
  accepts: (value) => typeof value === "string" && value.length > 0 && value.length <= most,
  expected: `1 to ${most} characters`,
});
const whole = (least: number, most: number): Field => ({
  isRequired: true,
  accepts: (value) => isWhole(value, least, most),
  expected: `a whole number from ${least} to ${most}`,
});

const FIELDS: { readonly [verb in Verb]: Readonly<Record<string, Field>> } = {
  hello: {},
  ps: {},
  watch: { intervalMs: whole(SHORTEST_INTERVAL_MS, LONGEST_INTERVAL_MS) },
  logs: {
    last: whole(0, MOST_ENTRIES),
    follow: { isRequired: true, accepts: (value) => typeof value === "boolean", expected: "true or false" },
    domain: text(MOST_NAME, false),
  },
  kill: { domain: text(MOST_NAME, true), reason: text(MOST_REASON, false) },
  restart: { domain: text(MOST_NAME, true) },
  migrate: { domain: text(MOST_NAME, true), cpu: whole(0, CPU_MAX - 1) },
  why: {},
  heap: {},
};

function problemOf(verb: Verb, given: Readonly<Record<string, unknown>>): string | undefined {
  const fields = FIELDS[verb];
  for (const [name, { isRequired, accepts, expected }] of Object.entries(fields)) {
    if (given[name] === undefined ? isRequired : !accepts(given[name])) return `${name}: expected ${expected}`;
  }
  return Object.keys(given).some((name) => !Object.hasOwn(fields, name)) ? `${verb} has no such field` : undefined;
}

function bad(id: number, message: string): Parsed {
  return { ok: false, id, error: { code: "bad-request", message } };
}
