/**
 * `sumac top`: the domains of a running system as a live table, with keys to end and restart them. Draws on the terminal's other screen and
 * gives the first one back, whatever ends it. What is drawn and what keys mean is in top-view.ts.
 */
import { styleText } from "node:util";
import type { Command } from "commander";
import { type Killed, LONGEST_INTERVAL_MS, type Restarted, SHORTEST_INTERVAL_MS, type Snapshot } from "../control/protocol.ts";
import { SumacError } from "../errors.ts";
import type { ControlSocket } from "../platform/control-folder.ts";
import { ask, converse, findSystem } from "./control-client.ts";
import { print, printJson, visible } from "./output.ts";
import { decimalNumber, wholeNumber } from "./parse-option.ts";
import { rated } from "./top-rates.ts";
import { type Action, frame, type Line, observed, pressed, START, type Style, type TopState } from "./top-view.ts";

/** The other screen without a cursor, and back. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[2J";
const LEAVE = "\x1b[?25h\x1b[?1049l";
/** Terminals that know these show nothing of a frame before all of it is there. */
const [BEGIN_FRAME, END_FRAME] = ["\x1b[?2026h\x1b[H", "\x1b[J\x1b[?2026l"] as const;
const KEYS: Readonly<Record<string, string>> = {
  "\x1b[A": "up",
  "\x1b[B": "down",
  "\x1b[C": "right",
  "\x1b[D": "left",
  "\x1bOA": "up",
  "\x1bOB": "down",
  "\x1bOC": "right",
  "\x1bOD": "left",
};

const STYLES: Readonly<Record<Style, Parameters<typeof styleText>[0]>> = {
  plain: "reset",
  strong: "bold",
  faint: "dim",
  title: "bold",
  selected: "inverse",
  good: "green",
  warn: "yellow",
  bad: "red",
};

interface TopOptions {
  readonly system?: string;
  readonly json?: true;
  readonly interval: number;
  readonly count: number;
}

export function addTop(program: Command): void {
  program
    .command("top")
    .summary("watch the domains of a running system")
    .description("Shows the domains of a running system as a live table: what they use, how they fail; k and r end and restart one.")
    .option("-s, --system <name>", "name or process id of the system (default: the only one that runs)")
    .option("-i, --interval <seconds>", "between two looks", decimalNumber, 1)
    .option("-n, --count <n>", "end after so many looks, 0 = never", wholeNumber, 0)
    .option("--json", "print one JSON object a look; needs no terminal")
    .action(top);
}

async function top({ system: wanted, json, interval, count }: TopOptions): Promise<void> {
  const intervalMs = Math.round(interval * 1000);
  if (intervalMs < SHORTEST_INTERVAL_MS || intervalMs > LONGEST_INTERVAL_MS) {
    throw new SumacError(
      "usage",
      `--interval ${interval}: give seconds from ${SHORTEST_INTERVAL_MS / 1000} to ${LONGEST_INTERVAL_MS / 1000}`,
    );
  }
  if (!json && !(process.stdout.isTTY && process.stdin.isTTY)) {
    throw new SumacError("usage", "top: draws on a terminal, and this is none: use --json, or `sumac ps`");
  }
  const system = await findSystem(wanted);
  if (json) await printSnapshots(system, intervalMs, count);
  else await new Screen(system).run(intervalMs, count);
}

async function printSnapshots(system: ControlSocket, intervalMs: number, count: number): Promise<void> {
  let before: Snapshot | undefined;
  let looks = 0;
  for await (const snapshot of converse<Snapshot>(system, { do: "watch", intervalMs })) {
    printJson({ ok: true, ...rated(snapshot, before) });
    before = snapshot;
    if (++looks === count) return;
  }
}

class Screen {
  readonly #system: ControlSocket;
  #state: TopState = START;
  readonly #over: AbortController = new AbortController();

  constructor(system: ControlSocket) {
    this.#system = system;
  }

  /** Until the user or the system ends it. */
  async run(intervalMs: number, count: number): Promise<void> {
    const { stdin, stdout } = process;
    const onKeys = (chunk: Buffer): void => this.#keys(chunk.toString("utf8"));
    const onResize = (): void => this.#draw();
    const onSignal = (): void => this.#over.abort();
    const leave = (): void => void stdout.write(LEAVE);
    stdout.write(ENTER);
    process.once("exit", leave);
    stdin.setRawMode(true);
    stdin.on("data", onKeys);
    stdin.resume();
    stdout.on("resize", onResize);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
    let ended: "quit" | "ended";
    try {
      ended = await this.#watch(intervalMs, count);
    } finally {
      this.#over.abort();
      stdin.off("data", onKeys);
      stdin.setRawMode(false);
      stdin.pause();
      stdout.off("resize", onResize);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, onSignal);
      process.off("exit", leave);
      leave();
    }
    if (ended === "ended") print(visible(`${this.#system.name} (${this.#system.pid}) has ended`));
  }

  async #watch(intervalMs: number, count: number): Promise<"quit" | "ended"> {
    let before: Snapshot | undefined;
    let looks = 0;
    for await (const snapshot of converse<Snapshot>(this.#system, { do: "watch", intervalMs }, this.#over.signal)) {
      this.#state = observed(this.#state, rated(snapshot, before));
      before = snapshot;
      this.#draw();
      if (++looks === count) return "quit";
    }
    return this.#over.signal.aborted ? "quit" : "ended";
  }

  #keys(text: string): void {
    for (const [key] of text.matchAll(/\p{Cc}[[O][A-D]|./gsu)) {
      const { state, action } = pressed(this.#state, KEYS[key] ?? key);
      this.#state = state;
      if (action !== undefined) this.#act(action);
    }
    this.#draw();
  }

  #act(action: Action): void {
    if (action.kind === "quit") {
      this.#over.abort();
      return;
    }
    const { verb, domain } = action;
    this.#say(`${verb} ${domain}…`);
    ask<Killed | Restarted>(this.#system, { do: verb, domain }).then(
      (done) => this.#say(`${done.domain}#${done.generation} ${done.state === "dying" ? "ends at its next safepoint" : "has ended"}`),
      (error: unknown) => this.#say(error instanceof Error ? error.message : String(error)),
    );
  }

  #say(message: string): void {
    this.#state = { ...this.#state, message };
    this.#draw();
  }

  /** A terminal that is behind gets the next frame instead of this one. */
  #draw(): void {
    const { stdout } = process;
    if (stdout.writableNeedDrain || this.#over.signal.aborted) return;
    const { columns = 80, rows = 24 } = stdout;
    const lines = frame(this.#state, { columns, rows }).map((line) => `${painted(line)}\x1b[K`);
    stdout.write(`${BEGIN_FRAME}${lines.join("\r\n")}${END_FRAME}`);
  }
}

/** Without colours where the user wants none; the cursor's row has a mark, too. */
function painted(line: Line): string {
  return line.map(({ text, style }) => (style === "plain" ? text : styleText(STYLES[style], text, { stream: process.stdout }))).join("");
}
