/**
 * Reads a trace and holds it against the format: the schema next to this file, made after the public description, and what a schema
 * cannot say but viewers rely on. Sources: [TRACE-EVENT].
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Validator } from "@cfworker/json-schema";
import * as assert from "uvu/assert";

export interface TraceEvent {
  readonly name: string;
  readonly cat?: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly tid: number;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface Trace {
  readonly events: readonly TraceEvent[];
  /** Track by the name of its domain. */
  readonly tracks: ReadonlyMap<string, number>;
  /** Complete events of one name, by their beginning. */
  slices(name: string): readonly TraceEvent[];
}

const SCHEMA = JSON.parse(readFileSync(join(import.meta.dirname, "trace-event.schema.json"), "utf8"));

/** Viewers take a nanosecond of rounding. */
const ROUNDING = 0.002;

export function readTrace(text: string): Trace {
  const parsed: { traceEvents: TraceEvent[] } = JSON.parse(text);
  const { valid, errors } = new Validator(SCHEMA, "2020-12").validate(parsed);
  assert.ok(valid, JSON.stringify(errors.slice(0, 5)));
  const events = parsed.traceEvents;
  const tracks = new Map(events.filter(({ name }) => name === "thread_name").map(({ args, tid }) => [String(args?.name), tid]));
  const named = new Set(tracks.values());
  for (const { ph, tid } of events) assert.ok(ph === "M" || named.has(tid), `track ${tid} has no name`);
  const slices = events.filter(({ ph }) => ph === "X").sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  checkNesting(slices);
  checkFlows(events, slices);
  return { events, tracks, slices: (name) => slices.filter((slice) => slice.name === name) };
}

/** On one track, a slice that begins within another ends within it. */
function checkNesting(slices: readonly TraceEvent[]): void {
  const open = new Map<number, TraceEvent[]>();
  for (const slice of slices) {
    const stack = open.get(slice.tid) ?? [];
    open.set(slice.tid, stack);
    while (stack.length > 0 && endOf(stack.at(-1)) <= slice.ts) stack.pop();
    const around = stack.at(-1);
    assert.ok(around === undefined || endOf(slice) <= endOf(around) + ROUNDING, `${slice.name} at ${slice.ts} ends after what it began in`);
    stack.push(slice);
  }
}

/** An arrow begins, goes on and ends in this order, each time within a slice of its track. */
function checkFlows(events: readonly TraceEvent[], slices: readonly TraceEvent[]): void {
  const seen = new Map<number, TraceEvent>();
  for (const event of events) {
    if (!["s", "t", "f"].includes(event.ph)) continue;
    const id = event.id ?? 0;
    const before = seen.get(id);
    assert.is(before === undefined, event.ph === "s", `flow ${id} begins once, first`);
    assert.ok(before === undefined || (before.ph !== "f" && before.ts <= event.ts), `flow ${id} goes backwards`);
    if (before !== undefined) assert.equal([event.name, event.cat], [before.name, before.cat]);
    seen.set(id, event);
    const around = slices.some(({ tid, ts, dur }) => tid === event.tid && ts - ROUNDING <= event.ts && event.ts <= ts + dur + ROUNDING);
    assert.ok(around, `flow ${id} (${event.ph}) hangs on nothing`);
  }
}

export function endOf(slice: TraceEvent | undefined): number {
  return (slice?.ts ?? 0) + (slice?.dur ?? 0);
}

/** Whether `inner` lies within `outer`, on whatever tracks. */
export function isWithin(inner: TraceEvent, outer: TraceEvent): boolean {
  return outer.ts <= inner.ts && endOf(inner) <= endOf(outer) + ROUNDING;
}
