/**
 * Lines about devices in `sumac top`: rates since the last look, depths of queues, and a histogram of latencies as a bar for each power of two.
 * Called by top-view.ts; knows no terminal.
 */
import type { BlockActivity, DeviceRow, FrameActivity, LossReason, WireLosses } from "../control/protocol.ts";
import { visible } from "./output.ts";
import { bytesText, shortNumber } from "./table.ts";

const BARS = "▁▂▃▄▅▆▇█";
/** A controller may have 64. */
const MOST_QUEUES = 8;

/** A device with what it did since the look before; null in the first one. */
export interface RatedDevice extends DeviceRow {
  readonly rates: BlockRates | FrameRates | null;
}

/** A second, but `latency`: timed commands since the look before. */
export interface BlockRates {
  readonly kind: "blocks";
  readonly reads: number;
  readonly writes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly latency: readonly number[];
}

export interface FrameRates {
  readonly kind: "frames";
  readonly received: number;
  readonly sent: number;
  readonly lost: number;
}

/** @param seconds since the look before, 0 = there was none */
export function ratedDevices(now: readonly DeviceRow[], before: readonly DeviceRow[], seconds: number): RatedDevice[] {
  return now.map((device) => {
    const last = before.find(({ name }) => name === device.name)?.activity ?? null;
    return { ...device, rates: seconds <= 0 || device.activity === null ? null : ratesOf(device.activity, last, seconds) };
  });
}

function ratesOf(now: BlockActivity | FrameActivity, before: DeviceRow["activity"], seconds: number): BlockRates | FrameRates | null {
  const since = (later: number, earlier: number): number => Math.max(0, later - earlier) / seconds;
  if (now.kind === "blocks" && before?.kind === "blocks") {
    return {
      kind: "blocks",
      reads: since(now.readCommands, before.readCommands),
      writes: since(now.writeCommands, before.writeCommands),
      readBytes: since(now.readBytes, before.readBytes),
      writtenBytes: since(now.writtenBytes, before.writtenBytes),
      latency: now.latency.map((count, i) => Math.max(0, count - (before.latency[i] ?? 0))),
    };
  }
  if (now.kind === "frames" && before?.kind === "frames") {
    return {
      kind: "frames",
      received: since(now.received, before.received),
      sent: since(now.sent, before.sent),
      lost: since(now.lost, before.lost),
    };
  }
  return null;
}

/** One line, or two for a device with queues and for one whose wire has lost frames. */
export function deviceTexts({ name, model, inFlight, activity, rates }: RatedDevice): string[] {
  const head = `${visible(name)} (${model})${inFlight === null ? "" : `: ${inFlight} in flight`}`;
  if (rates?.kind === "frames") {
    const line = `${head}: in ${shortNumber(rates.received)}/s  out ${shortNumber(rates.sent)}/s  lost ${shortNumber(rates.lost)}/s`;
    return [line, ...(activity?.kind === "frames" ? wireText(activity.wireLost) : [])];
  }
  if (activity?.kind !== "blocks") return [head];
  const moved = (count: number, bytes: number): string => `${shortNumber(count)}/s ${bytesText(bytes)}/s`;
  const shown = activity.queues.slice(0, MOST_QUEUES).map(({ id, depth, entries }) => `${id}:${depth}/${entries}`);
  const more = activity.queues.length > MOST_QUEUES ? " …" : "";
  const queues = shown.length === 0 ? "no queues" : `queues ${shown.join(" ")}${more}`;
  if (rates?.kind !== "blocks") return [head, `  ${queues}`];
  const line = `${head}  read ${moved(rates.reads, rates.readBytes)}  write ${moved(rates.writes, rates.writtenBytes)}`;
  return [line, `  ${queues}${latencyText(rates.latency)}`];
}

const REASON_TEXTS: Readonly<Record<LossReason, string>> = {
  full: "no room",
  tooLong: "too long",
  down: "nobody there",
  refused: "refused",
  faults: "faults",
};

/** What a wire has lost since it was there, by way and reason; nothing when it has lost nothing. */
function wireText(losses: WireLosses): string[] {
  const ways = (["in", "out"] as const).flatMap((way) => {
    const reasons = (Object.keys(REASON_TEXTS) as LossReason[]).filter((reason) => losses[way][reason] > 0);
    return reasons.length === 0
      ? []
      : [`${way} ${reasons.map((reason) => `${shortNumber(losses[way][reason])} ${REASON_TEXTS[reason]}`).join(", ")}`];
  });
  return ways.length === 0 ? [] : [`  wire has lost: ${ways.join("  ")}`];
}

/** Bars from the shortest latency that occurred to the longest, and the two that half and 99 % of the commands stayed below. */
function latencyText(latency: readonly number[]): string {
  const first = latency.findIndex((count) => count > 0);
  if (first < 0) return "";
  const last = latency.findLastIndex((count) => count > 0);
  const most = Math.max(...latency);
  const bars = latency
    .slice(first, last + 1)
    .map((count) => (count === 0 ? " " : (BARS[Math.min(BARS.length - 1, Math.floor((count / most) * BARS.length))] ?? "")));
  return `  latency ${below(first - 1)} ${bars.join("")} ${below(last)}, p50 <${below(quantile(latency, 0.5))} p99 <${below(quantile(latency, 0.99))}`;
}

/** The bucket in which that share of all is reached. */
function quantile(latency: readonly number[], share: number): number {
  const wanted = share * latency.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  for (const [i, count] of latency.entries()) {
    sum += count;
    if (sum >= wanted) return i;
  }
  return latency.length - 1;
}

/** The upper end of a bucket. */
function below(bucket: number): string {
  if (bucket < 0) return "0";
  const micros = 2 ** bucket;
  if (micros < 1024) return `${micros}µs`;
  return micros < 1024 ** 2 ? `${micros / 1024}ms` : `${micros / 1024 ** 2}s`;
}
