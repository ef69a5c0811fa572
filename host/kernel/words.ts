/**
 * The shared-memory map of `shared-heap/layout.ts` as indices into an Int32Array, for the kernel's hot paths.
 * Constants only.
 */
import {
  CPU_DEPTH,
  CPU_EXPIRED,
  CPU_INTERRUPT,
  CPU_LINE_SIZE,
  CPU_LINES,
  CPU_SEQUENCE,
  CPU_WATCHDOG,
  DOMAIN_BYTES_USED,
  DOMAIN_ENTERED,
  DOMAIN_LIMIT,
  DOMAIN_MAX_BYTES,
  DOMAIN_RESULTS,
  DOMAIN_SIZE,
  DOMAIN_STATE,
  DOMAIN_STATUS,
  DOMAINS,
  FAILURES,
  FRAME_SIZE,
  FRAMES,
  FRAMES_PER_CPU,
  USAGE,
  USAGE_CALLS,
  USAGE_MICROS,
  USAGE_SIZE,
} from "../../shared-heap/layout.ts";

/** Words of a domain record, relative to its first. */
export const RecordWord: {
  readonly [word in "id" | "state" | "bytesUsed" | "maxBytes" | "status" | "entered" | "limit" | "results"]: number;
} = {
  id: 0,
  state: DOMAIN_STATE >> 2,
  bytesUsed: DOMAIN_BYTES_USED >> 2,
  maxBytes: DOMAIN_MAX_BYTES >> 2,
  status: DOMAIN_STATUS >> 2,
  entered: DOMAIN_ENTERED >> 2,
  limit: DOMAIN_LIMIT >> 2,
  results: DOMAIN_RESULTS >> 2,
};

export const RECORD_WORDS: number = DOMAIN_SIZE >> 2;

/** Added to the count of calls in a domain (`entered`) while it is closed to callers; what is below is the count. */
export const CLOSED = 0x40000000;

/** Index of a slot's domain record. */
export function recordIndex(slot: number): number {
  return (DOMAINS + slot * DOMAIN_SIZE) >> 2;
}

/** A slot's words of what its domain has used, see `usage.ts`. */
export function microsIndex(slot: number): number {
  return (USAGE + USAGE_MICROS + slot * USAGE_SIZE) >> 2;
}

export function callsIndex(slot: number): number {
  return (USAGE + USAGE_CALLS + slot * USAGE_SIZE) >> 2;
}

export function failuresIndex(slot: number): number {
  return (FAILURES + slot * 4) >> 2;
}

/** For the text of proxies: the calls of the domain whose record is at this index, as `(record >> RECORD_TO_CALLS) + FIRST_CALLS`. */
export const RECORD_TO_CALLS: number = Math.log2(DOMAIN_SIZE / USAGE_SIZE);
export const FIRST_CALLS: number = callsIndex(0) - (recordIndex(0) >> RECORD_TO_CALLS);

/** Indices of one CPU's line and of its continuation stack. */
export interface CpuWords {
  readonly line: number;
  readonly interrupt: number;
  readonly sequence: number;
  readonly depth: number;
  readonly watchdog: number;
  readonly expired: number;
  readonly frames: number;
}

export function cpuWords(cpu: number): CpuWords {
  const line = CPU_LINES + cpu * CPU_LINE_SIZE;
  return {
    line,
    interrupt: (line + CPU_INTERRUPT) >> 2,
    sequence: (line + CPU_SEQUENCE) >> 2,
    depth: (line + CPU_DEPTH) >> 2,
    watchdog: (line + CPU_WATCHDOG) >> 2,
    expired: (line + CPU_EXPIRED) >> 2,
    frames: (FRAMES + cpu * FRAME_SIZE * FRAMES_PER_CPU) >> 2,
  };
}

/**
 * Words of a frame: the record of one call, written before the call has any effect.
 *
 *   +0 sequence   odd, unique while the call lives; written last, so that the watchdog never times a half-written frame
 *   +1 callee     id; the callee of the last frame is the domain that runs
 *   +2 budget     microseconds, unsigned, 0 = none
 *   +3 slice      microseconds after which a thread at its base is asked to give way, and again after as many; 0 = never.
 *                 Of a CPU's first frame only: proxies do not write it
 *   +15 paused    1 = what its CPU does on top of it is no business of this call: its time is not counted; 2 = it waits for another
 *                 CPU: not its CPU time
 */
export const FrameWord = { sequence: 0, callee: 1, budget: 2, slice: 3, paused: 15 } as const;
export const FRAME_WORDS: number = FRAME_SIZE >> 2;
/** Calls that may be inside each other on one CPU. */
export const MAX_DEPTH: number = FRAMES_PER_CPU - 1;
