/**
 * What `sumac top` shows, and what its keys do: from a state and a size to lines of text, and from a key to the next state. Knows neither a
 * terminal nor a socket, so that tests need none.
 *
 *   scrub  pid 4711  up 0:23  1 CPU                                       system
 *   CPU  ██████████████░░░░░░  71 %   412k calls/s   ▂▃▅▇▇▆▇              load, and how it was
 *   heap █░░░░░░░░░░░░░░░░░░░  24.1 KiB of 64.0 MiB, 4 objects
 *   runs scrubber → disk-shadow → nvme-driver
 *   devs disk (nvme): 1 in flight  read 83.4k/s 326 MiB/s …              one line each
 *                                                                         a question, or a message
 *     DOMAIN     GEN STATE   CPU% …                                       titles, the one that is sorted by marked
 *   ▶ nvme-driver  8 running 62.0 …
 *   ↑↓ select  ←→ sort  i invert  k kill  r restart  q quit
 */

import { visible } from "./output.ts";
import { bytesText, cpuText, durationText, fit, shortNumber, widthOf } from "./table.ts";
import { deviceTexts, type RatedDevice } from "./top-devices.ts";
import type { RatedRow, RatedSnapshot } from "./top-rates.ts";

export type Style = "plain" | "strong" | "faint" | "title" | "selected" | "good" | "warn" | "bad";

export interface Piece {
  readonly text: string;
  readonly style: Style;
}
export type Line = readonly Piece[];

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Shown {
  readonly title: string;
  readonly width: number;
  /** What goes first where the terminal is narrow has the highest number; 0 never goes. */
  readonly dispensable: number;
  readonly text: (row: RatedRow) => string;
  readonly value: (row: RatedRow) => number | string;
}

const rate = (value: number | null, text: (value: number) => string): string => (value === null ? "-" : text(value));

const COLUMNS: readonly Shown[] = [
  { title: "DOMAIN", width: 0, dispensable: 0, text: ({ name }) => visible(name), value: ({ name }) => name },
  { title: "GEN", width: 5, dispensable: 4, text: ({ generation }) => shortNumber(generation), value: ({ generation }) => generation },
  { title: "STATE", width: 8, dispensable: 2, text: ({ state }) => state, value: ({ state }) => state },
  {
    title: "CPU%",
    width: 5,
    dispensable: 0,
    text: ({ cpuShare }) => rate(cpuShare, (share) => (share * 100).toFixed(1)),
    value: ({ cpuShare }) => cpuShare ?? 0,
  },
  { title: "TIME", width: 7, dispensable: 3, text: ({ cpuMicros }) => cpuText(cpuMicros), value: ({ cpuMicros }) => cpuMicros },
  {
    title: "CALLS/S",
    width: 7,
    dispensable: 0,
    text: ({ callsPerSecond }) => rate(callsPerSecond, shortNumber),
    value: ({ callsPerSecond }) => callsPerSecond ?? 0,
  },
  { title: "CALLS", width: 5, dispensable: 6, text: ({ calls }) => shortNumber(calls), value: ({ calls }) => calls },
  {
    title: "ERRORS",
    width: 6,
    dispensable: 0,
    text: ({ failedCalls }) => shortNumber(failedCalls),
    value: ({ failedCalls }) => failedCalls,
  },
  { title: "DEATHS", width: 6, dispensable: 0, text: ({ deaths }) => shortNumber(deaths), value: ({ deaths }) => deaths },
  { title: "RESTARTS", width: 8, dispensable: 5, text: ({ restarts }) => shortNumber(restarts), value: ({ restarts }) => restarts },
  { title: "HEAP", width: 9, dispensable: 1, text: ({ heapBytes }) => bytesText(heapBytes), value: ({ heapBytes }) => heapBytes },
  { title: "OBJ", width: 5, dispensable: 7, text: ({ heapObjects }) => shortNumber(heapObjects), value: ({ heapObjects }) => heapObjects },
  {
    title: "THR",
    width: 4,
    dispensable: 8,
    text: ({ threads }) => (threads === null ? "-" : shortNumber(threads)),
    value: ({ threads }) => threads ?? 0,
  },
  { title: "CPU", width: 3, dispensable: 9, text: ({ cpu }) => String(cpu), value: ({ cpu }) => cpu },
];

type Verb = "kill" | "restart";

export interface Question {
  readonly verb: Verb;
  readonly domain: string;
}

export interface TopState {
  readonly snapshot: RatedSnapshot | undefined;
  /** Title of a column. */
  readonly sort: string;
  readonly isInverted: boolean;
  /** Name of the row that the cursor was moved to; undefined: it is on the first one. */
  readonly selected: string | undefined;
  readonly question: Question | undefined;
  readonly message: string;
  /** Calls per second, oldest first. */
  readonly history: readonly number[];
}

export const START: TopState = {
  snapshot: undefined,
  sort: "CPU%",
  isInverted: false,
  selected: undefined,
  question: undefined,
  message: "",
  history: [],
};

export type Action = { readonly kind: "quit" } | ({ readonly kind: "do" } & Question);

const MOST_HISTORY = 40;
const NARROWEST_NAME = 12;
const MOST_DEVICES = 4;
const BAR = 20;
const SPARKS = "▁▂▃▄▅▆▇█";
const HELP = "↑↓ select  ←→ sort  i invert  k kill  r restart  q quit";

export function observed(state: TopState, snapshot: RatedSnapshot): TopState {
  const { callsPerSecond } = snapshot;
  const history = callsPerSecond === null ? state.history : [...state.history, callsPerSecond].slice(-MOST_HISTORY);
  const selected = snapshot.domains.some(({ name }) => name === state.selected) ? state.selected : undefined;
  return { ...state, snapshot, history, selected };
}

export function pressed(state: TopState, key: string): { readonly state: TopState; readonly action?: Action } {
  if (key === "\x03") return { state, action: { kind: "quit" } };
  const { question } = state;
  if (question !== undefined) {
    const answered = { ...state, question: undefined, message: "" };
    return key === "y" ? { state: answered, action: { kind: "do", ...question } } : { state: answered };
  }
  switch (key) {
    case "q":
      return { state, action: { kind: "quit" } };
    case "up":
    case "down":
      return { state: { ...state, message: "", selected: neighbour(state, key === "up" ? -1 : 1) } };
    case "left":
    case "right": {
      const at = COLUMNS.findIndex(({ title }) => title === state.sort) + (key === "left" ? -1 : 1);
      return { state: { ...state, sort: COLUMNS[(at + COLUMNS.length) % COLUMNS.length]?.title ?? "CPU%", isInverted: false } };
    }
    case "i":
      return { state: { ...state, isInverted: !state.isInverted } };
    case "k":
    case "r": {
      const rows = sorted(state);
      const name = state.selected ?? rows[0]?.name;
      const [first, second] = rows.filter((row) => row.name === name);
      if (first === undefined) return { state: { ...state, message: "there is no domain" } };
      const domain = second === undefined ? first.name : `${first.name}#${first.generation}`;
      return { state: { ...state, question: { verb: key === "k" ? "kill" : "restart", domain } } };
    }
    default:
      return { state };
  }
}

/** As many lines as the terminal has rows, each as wide as it at most. */
export function frame(state: TopState, size: Size): Line[] {
  const { snapshot } = state;
  if (snapshot === undefined) return [[{ text: fit("waiting for the system…", size.columns), style: "faint" }]];
  const head = header(state, snapshot);
  const lines: Line[] = [...head, messageLine(state, snapshot), ...table(state, size, head.length + 2)];
  const room = size.rows - 1;
  const shown = lines.slice(0, room);
  while (shown.length < room) shown.push([]);
  return [...shown, [{ text: HELP, style: "faint" } as const]].map((line) => cut(line, size.columns));
}

function header({ history }: TopState, { system, atMs, heap, chains, devices, busy, callsPerSecond, domains }: RatedSnapshot): Line[] {
  const running = domains.filter(({ state }) => state === "running").length;
  const total = (of: (row: RatedRow) => number): string => shortNumber(domains.reduce((sum, row) => sum + of(row), 0));
  const load = busy.length === 0 || busy[0] === null ? null : busy.reduce((sum: number, share) => sum + (share ?? 0), 0) / busy.length;
  const percent = load === null ? "   -" : `${(load * 100).toFixed(0).padStart(3)} %`;
  const shares = busy.map((share, cpu) => `${cpu}: ${share === null ? "-" : (share * 100).toFixed(0)}`);
  const each = busy.length > 1 ? ` (${shares.join("  ")})` : "";
  const chain = chains.map(
    (names, cpu) => `${chains.length > 1 ? `${cpu}: ` : ""}${names.map((name) => visible(name)).join(" → ") || "idle"}`,
  );
  return [
    [
      { text: visible(system.name), style: "strong" },
      {
        text: `  pid ${system.pid}  up ${durationText(atMs - system.startedAtMs)}  ${system.cpus} ${system.cpus === 1 ? "CPU" : "CPUs"}`,
        style: "plain",
      },
      {
        text: `  ${running} of ${domains.length} domains running  ${total(({ deaths }) => deaths)} deaths  ${total(({ restarts }) => restarts)} restarts`,
        style: "plain",
      },
    ],
    [
      { text: "CPU  ", style: "strong" },
      { text: bar(load ?? 0), style: (load ?? 0) > 0.9 ? "warn" : "good" },
      { text: ` ${percent}${each}  ${rate(callsPerSecond, shortNumber)} calls/s  `, style: "plain" },
      { text: sparks(history), style: "good" },
    ],
    [
      { text: "heap ", style: "strong" },
      { text: bar(heap.bytes / system.heapMaxBytes), style: "good" },
      { text: ` ${bytesText(heap.bytes)} of ${bytesText(system.heapMaxBytes)}, ${heap.objects} objects`, style: "plain" },
    ],
    [
      { text: "runs ", style: "strong" },
      { text: chain.join("  "), style: "plain" },
    ],
    ...deviceLines(devices),
  ];
}

function deviceLines(devices: readonly RatedDevice[]): Line[] {
  const texts = devices.length === 0 ? ["none"] : devices.slice(0, MOST_DEVICES).flatMap(deviceTexts);
  if (devices.length > MOST_DEVICES) texts.push(`and ${devices.length - MOST_DEVICES} more`);
  return texts.map((text, i) => [
    { text: i === 0 ? "devs " : "     ", style: "strong" },
    { text, style: "plain" },
  ]);
}

function messageLine({ question, message }: TopState, { answering, silentMs }: RatedSnapshot): Line {
  if (question !== undefined) return [{ text: `${question.verb} ${visible(question.domain)}? y or n`, style: "warn" }];
  if (!answering) {
    const since = durationText(silentMs);
    return [{ text: `the system does not answer for ${since}: names and states may be old, times and calls are not`, style: "bad" }];
  }
  return [{ text: visible(message), style: "warn" }];
}

/** @param above lines of the screen that are not rows, but for the last one */
function table(state: TopState, size: Size, above: number): Line[] {
  const { columns, nameWidth } = columnsFor(size.columns);
  const widthOfColumn = ({ title, width }: Shown): number => (title === "DOMAIN" ? nameWidth : width);
  const cell = (column: Shown, text: string): string =>
    fit(text, widthOfColumn(column), column.title === "DOMAIN" || column.title === "STATE" ? "left" : "right");
  const titles: Line = [
    { text: "  ", style: "title" },
    ...columns.flatMap((column, i): Piece[] => [
      { text: cell(column, column.title), style: column.title === state.sort ? "selected" : "title" },
      { text: i === columns.length - 1 ? "" : " ", style: "title" },
    ]),
  ];
  const rows = sorted(state);
  const room = Math.max(1, size.rows - 1 - above);
  const at = Math.max(
    0,
    rows.findIndex(({ name }) => name === state.selected),
  );
  const first = Math.max(0, Math.min(at - room + 1, rows.length - room));
  const lines = rows.slice(first, first + room).map((row, i): Line => {
    const isSelected = first + i === at;
    const text = `${isSelected ? "▶ " : "  "}${columns.map((column) => cell(column, column.text(row))).join(" ")}`;
    return [{ text, style: isSelected ? "selected" : styleOf(row) }];
  });
  return [titles, ...lines];
}

function styleOf({ state }: RatedRow): Style {
  if (state === "dead") return "bad";
  return state === "running" ? "plain" : "warn";
}

/** All that fit beside a name; the most dispensable go first. */
function columnsFor(width: number): { readonly columns: readonly Shown[]; readonly nameWidth: number } {
  let columns: readonly Shown[] = COLUMNS;
  for (;;) {
    const others = columns.reduce((sum, column) => sum + column.width + 1, 0) + 1;
    const worst = columns.reduce((most, { dispensable }) => Math.max(most, dispensable), 0);
    if (width - others >= NARROWEST_NAME || worst === 0)
      return { columns, nameWidth: Math.max(NARROWEST_NAME, Math.min(40, width - others)) };
    columns = columns.filter(({ dispensable }) => dispensable !== worst);
  }
}

function sorted({ snapshot, sort, isInverted }: TopState): RatedRow[] {
  const column = COLUMNS.find(({ title }) => title === sort) as Shown;
  const order = (a: RatedRow, b: RatedRow): number => {
    const [first, second] = [column.value(a), column.value(b)];
    const isText = typeof first === "string";
    const difference = isText ? first.localeCompare(String(second), "en") : (second as number) - first;
    return isInverted ? -difference : difference;
  };
  return (snapshot?.domains ?? []).toSorted(order);
}

function neighbour(state: TopState, step: number): string | undefined {
  const rows = sorted(state);
  const at =
    Math.max(
      0,
      rows.findIndex(({ name }) => name === state.selected),
    ) + step;
  return rows[Math.max(0, Math.min(rows.length - 1, at))]?.name;
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return "█".repeat(full) + "░".repeat(BAR - full);
}

function sparks(history: readonly number[]): string {
  const most = Math.max(...history, 1);
  return history.map((value) => SPARKS[Math.min(SPARKS.length - 1, Math.floor((value / most) * SPARKS.length))]).join("");
}

function cut(line: Line, width: number): Line {
  const pieces: Piece[] = [];
  let left = width;
  for (const { text, style } of line) {
    const own = widthOf(text);
    if (left <= 0) break;
    pieces.push({ text: own <= left ? text : fit(text, left), style });
    left -= own;
  }
  return pieces;
}
