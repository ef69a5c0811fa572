/** `sumac ps`, `logs`, `kill`, `restart`, `migrate` and `heap`: a running system, looked at and taken part in through its control socket. */
import type { Command } from "commander";
import {
  type Entries,
  type Entry,
  type Killed,
  type Migrated,
  MOST_ENTRIES,
  type Request,
  type Restarted,
  type Snapshot,
} from "../control/protocol.ts";
import { SumacError } from "../errors.ts";
import type { ControlSocket } from "../platform/control-folder.ts";
import type { NamedHeapReport } from "../system/heap-report.ts";
import { ask, converse, findSystem } from "./control-client.ts";
import { bold, dim, print, printJson, visible } from "./output.ts";
import { wholeNumber } from "./parse-option.ts";
import { bytesText, cpuText, durationText, shortNumber, tableLines } from "./table.ts";

/** How long `sumac restart` waits to see the next generation. */
const RESTART_MS = 3000;
const MOST_TYPES = 3;

interface RunningOptions {
  readonly system?: string;
  readonly json?: true;
}

export function addRunning(program: Command): void {
  command(program, "ps", "list the domains of a running system", "Prints one line for each domain of a running system.").action(ps);
  command(
    program,
    "logs",
    "print what a running system's domains say",
    "Prints log lines, deaths and restarts, the last ones first remembered.",
  )
    .argument("[domain]", "of this domain only")
    .option("-f, --follow", "go on with what comes, until the system ends")
    .option("-n, --lines <n>", "how many of those before", wholeNumber, 20)
    .action(logs);
  command(
    program,
    "kill",
    "end a domain of a running system",
    "Ends the present generation. Under supervision that is a death like any other.",
  )
    .argument("<domain>", "its name, or name#generation for that generation and no other")
    .option("--reason <text>", "what its death is to say")
    .action(kill);
  command(program, "restart", "start a domain of a running system anew", "Ends the present generation, and has the next one started.")
    .argument("<domain>", "its name")
    .action(restart);
  command(
    program,
    "migrate",
    "have a domain of a running system go on on another CPU",
    "Moves a domain that is in no call to another CPU, with all that it has. Its callers notice nothing.",
  )
    .argument("<domain>", "its name")
    .argument("<cpu>", "the number of the CPU, from 0", wholeNumber)
    .action(migrate);
  command(
    program,
    "heap",
    "show who has what on the shared heap",
    "Prints what each domain owns on the shared heap of a running system.",
  ).action(heap);
}

function command(program: Command, name: string, summary: string, description: string): Command {
  return program
    .command(name)
    .summary(summary)
    .description(description)
    .option("-s, --system <name>", "name or process id of the system (default: the only one that runs)")
    .option("--json", "print one JSON object");
}

async function ps({ system: wanted, json }: RunningOptions): Promise<void> {
  const system = await findSystem(wanted);
  const snapshot = await ask<Snapshot>(system, { do: "ps" });
  if (json) printJson({ ok: true, ...snapshot });
  else for (const line of psLines(snapshot)) print(visible(line));
}

/** Also for tests: control characters are still in it. */
export function psLines({ system, atMs, answering, silentMs, domains }: Snapshot): string[] {
  const severalCpus = system.cpus > 1;
  const columns = [
    "DOMAIN",
    "GEN",
    "STATE",
    ...(severalCpus ? ["CPU"] : []),
    "TIME",
    "CALLS",
    "ERRORS",
    "DEATHS",
    "HEAP",
    "OBJ",
    "MEMORY",
    "THR",
  ];
  const rows = domains.map((row) => [
    row.name,
    String(row.generation),
    row.state,
    ...(severalCpus ? [String(row.cpu)] : []),
    cpuText(row.cpuMicros),
    shortNumber(row.calls),
    shortNumber(row.failedCalls),
    shortNumber(row.deaths),
    bytesText(row.heapBytes),
    String(row.heapObjects),
    row.memoryBytes === null ? "-" : bytesText(row.memoryBytes),
    row.threads === null ? "-" : String(row.threads),
  ]);
  return [
    `${system.name} (${system.pid}), up ${durationText(atMs - system.startedAtMs)}, ${system.cpus} ${system.cpus === 1 ? "CPU" : "CPUs"}`,
    ...(answering ? [] : [`does not answer for ${durationText(silentMs)}: names and states may be old, times and calls are not`]),
    ...tableLines(
      columns.map((title) => ({ title, align: title === "DOMAIN" || title === "STATE" ? "left" : "right" })),
      rows,
    ),
  ];
}

interface LogOptions extends RunningOptions {
  readonly follow?: boolean;
  readonly lines: number;
}

async function logs(domain: string | undefined, { system: wanted, json, follow = false, lines }: LogOptions): Promise<void> {
  const system = await findSystem(wanted);
  const request: Request = {
    do: "logs",
    last: Math.min(lines, MOST_ENTRIES),
    follow,
    ...(domain === undefined ? {} : { domain }),
  };
  if (!follow) await requireDomain(system, domain);
  for await (const { missed, entries } of converse<Entries>(system, request)) {
    if (missed > 0) {
      if (json) printJson({ missed });
      else print(dim(`${missed} more, which are forgotten`));
    }
    for (const entry of entries) {
      if (json) printJson(entry);
      else print(entryLine(entry));
    }
  }
}

/** A name that is wrong would look like a domain that says nothing. */
async function requireDomain(system: ControlSocket, domain: string | undefined): Promise<void> {
  if (domain === undefined) return;
  const { domains } = await ask<Snapshot>(system, { do: "ps" });
  if (domains.some(({ name }) => name === domain)) return;
  throw new SumacError(
    "no-such-domain",
    `no domain "${domain}" in ${system.name}; there is: ${domains.map(({ name }) => name).join(", ")}`,
  );
}

function entryLine({ atMs, kind, domain, generation, text }: Entry): string {
  const time = new Date(atMs).toTimeString().slice(0, 8);
  const who = generation === 0 ? domain : `${domain}#${generation}`;
  const what = kind === "log" ? text : kind === "death" ? `died: ${text}` : text;
  return `${dim(time)} ${visible(who)}${kind === "log" ? ":" : ""} ${kind === "death" ? bold(visible(what)) : visible(what)}`;
}

async function kill(domain: string, { system: wanted, json, reason }: RunningOptions & { readonly reason?: string }): Promise<void> {
  const system = await findSystem(wanted);
  const killed = await ask<Killed>(system, { do: "kill", domain, ...(reason === undefined ? {} : { reason }) });
  if (json) printJson({ ok: true, ...killed });
  else print(visible(`${killed.domain}#${killed.generation} ${killed.state === "dead" ? "is dead" : "ends at its next safepoint"}`));
}

async function restart(domain: string, { system: wanted, json }: RunningOptions): Promise<void> {
  const system = await findSystem(wanted);
  const before = await ask<Restarted>(system, { do: "restart", domain });
  const now = await nextGeneration(system, before);
  const isRunning = now !== undefined;
  if (json) {
    printJson({ ok: true, ...before, next: now ?? null });
    return;
  }
  if (isRunning) print(visible(`${before.domain}#${before.generation} ended, ${before.domain}#${now} runs`));
  else {
    const who =
      before.by === "shadow"
        ? "the domain that stands in for it starts the next one with its next call"
        : "the next one starts as soon as it can";
    print(visible(`${before.domain}#${before.generation} ${before.state === "dying" ? "ends at its next safepoint" : "ended"}; ${who}`));
  }
}

async function migrate(domain: string, cpu: number, { system: wanted, json }: RunningOptions): Promise<void> {
  const system = await findSystem(wanted);
  const migrated = await ask<Migrated>(system, { do: "migrate", domain, cpu });
  const { generation, from } = migrated;
  if (json) printJson({ ok: true, ...migrated });
  else if (from === cpu) print(visible(`${migrated.domain}#${generation} is on CPU ${cpu} already`));
  else print(visible(`${migrated.domain}#${generation} went from CPU ${from} to CPU ${cpu}`));
}

/** Undefined where none has started within the time. */
async function nextGeneration(system: ControlSocket, { domain, generation }: Restarted): Promise<number | undefined> {
  const end = Date.now() + RESTART_MS;
  while (Date.now() < end) {
    const { domains } = await ask<Snapshot>(system, { do: "ps" });
    const row = domains.find(({ name }) => name === domain.replace(/#\d+$/, ""));
    if (row !== undefined && row.state === "running" && row.generation > generation) return row.generation;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}

async function heap({ system: wanted, json }: RunningOptions): Promise<void> {
  const system = await findSystem(wanted);
  const report = await ask<NamedHeapReport>(system, { do: "heap" });
  if (json) printJson({ ok: true, system: system.name, pid: system.pid, ...report });
  else for (const line of heapLines(report)) print(visible(line));
}

function heapLines({ objects, bytes, heapBytes, borrows, fragmentation, orphans, domains, owners, typeNames }: NamedHeapReport): string[] {
  const rows = domains.map(({ id, objects: own, bytes: size, quota, pinned, types }) => [
    owners[id] ?? "?",
    String(own),
    bytesText(size),
    quota === undefined ? "-" : bytesText(quota.bytes),
    String(pinned),
    types
      .toSorted((a, b) => b.bytes - a.bytes)
      .slice(0, MOST_TYPES)
      .map(({ type, objects: count }) => `${count} ${typeNames[type] ?? "?"}`)
      .join(", "),
  ]);
  return [
    `${objects} objects, ${bytesText(bytes)} of ${bytesText(heapBytes)}, ${borrows.outstanding} borrows, ${orphans} orphans`,
    `${fragmentation.spansUsed} of ${fragmentation.spans} spans used, room for an object of ${bytesText(fragmentation.largestFreeBytes)}`,
    ...tableLines(
      ["OWNER", "OBJECTS", "BYTES", "QUOTA", "PINNED", "TYPES"].map((title) => ({
        title,
        align: title === "OWNER" || title === "TYPES" ? "left" : "right",
      })),
      rows,
    ),
  ];
}
