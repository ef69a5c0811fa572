/** What `sumac run` shows while a job runs, and what it counts for the summary. All output is synchronous: the job has the thread. */
import { SingleBar } from "cli-progress";
import type { KernelEvent } from "../kernel/events.ts";
import { LogGate } from "../kernel/log-gate.ts";
import type { Death } from "../kernel/status.ts";
import { deathLine, whereLine } from "./death-text.ts";
import { print, visible } from "./output.ts";

/** A domain that dies for ever must not bury the rest of the output; the summary counts every death. */
const LIFE_LINES_PER_SECOND = 100;
/** Deaths that are left for `sumac why`. */
const MOST_DEATHS = 256;
const PHASES = ["writing", "reading back"];

export class RunReport {
  readonly #json: boolean;
  readonly #deaths: Map<string, number> = new Map();
  readonly #recoveries: number[] = [];
  readonly #lives: LogGate = new LogGate(LIFE_LINES_PER_SECOND);
  readonly #last: Death[] = [];
  #total = 0;
  /** Deaths that were told, but not yet where: to look that up would be time in which nobody recovers. */
  #untold: Death[] = [];
  #bar: SingleBar | undefined;
  #phase = -1;
  #lastTenth = -1;

  /** @param json nothing but the final object is printed on stdout */
  constructor(json: boolean) {
    this.#json = json;
  }

  /** All of them, the last of them. */
  get deaths(): { readonly total: number; readonly deaths: readonly Death[] } {
    return { total: this.#total, deaths: this.#last };
  }

  progress(phase: number, done: number, total: number): void {
    this.tellWhere();
    if (this.#json) return;
    if (process.stdout.isTTY) this.#drawBar(phase, done, total);
    else this.#printTenths(phase, done, total);
  }

  event(event: KernelEvent): void {
    if (event.kind === "log" || event.kind === "log-dropped" || event.kind === "host-error") this.tellWhere();
    switch (event.kind) {
      case "death": {
        const { death } = event;
        this.#deaths.set(death.cause, (this.#deaths.get(death.cause) ?? 0) + 1);
        this.#total++;
        if (this.#last.length === MOST_DEATHS) this.#last.shift();
        this.#last.push(death);
        if (this.#lifeLine(deathLine(death)) && !this.#json) this.#untold.push(death);
        break;
      }
      case "recovered":
        this.#recoveries.push(event.micros);
        this.tellWhere();
        this.#lifeLine(`${event.domain}#${event.generation} answers again after ${event.micros.toFixed(0)} µs`);
        break;
      case "log":
        this.#line(`${event.domain}: ${event.line}`);
        break;
      case "log-dropped":
        this.#line(`${event.domain}: ${event.lines} lines dropped (rate limit)`);
        break;
      case "host-error":
        this.#line(
          `${event.function}, called by ${event.domain}: ${event.error instanceof Error ? event.error.message : String(event.error)}`,
        );
        break;
      case "gave-up":
        this.#line(`${event.group} gave up: ${event.reason}`);
        break;
      case "restart":
      case "state":
        break;
      default:
        event satisfies never;
    }
  }

  /** Prints where those died whose deaths have been printed. */
  tellWhere(): void {
    for (const death of this.#untold.splice(0)) {
      const where = whereLine(death);
      if (where !== undefined) this.#line(where);
    }
  }

  endProgress(): void {
    this.tellWhere();
    this.#bar?.stop();
    this.#bar = undefined;
  }

  summary(): { deaths: Record<string, number>; recovered: number; recoveryMicros: { p50: number; p99: number; max: number } } {
    const sorted = this.#recoveries.toSorted((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return {
      deaths: Object.fromEntries([...this.#deaths].sort(([a], [b]) => a.localeCompare(b, "en"))),
      recovered: sorted.length,
      recoveryMicros: { p50: at(0.5), p99: at(0.99), max: at(1) },
    };
  }

  #drawBar(phase: number, done: number, total: number): void {
    if (phase !== this.#phase) {
      this.endProgress();
      this.#phase = phase;
      this.#bar = new SingleBar({
        format: `${PHASES[phase] ?? `phase ${phase}`} [{bar}] {percentage}% {value}/{total} MB`,
        hideCursor: true,
      });
      this.#bar.start(megabytes(total), 0);
    }
    this.#bar?.update(megabytes(done));
  }

  #printTenths(phase: number, done: number, total: number): void {
    const tenth = total === 0 ? 10 : Math.floor((done * 10) / total);
    if (phase === this.#phase && tenth === this.#lastTenth) return;
    this.#phase = phase;
    this.#lastTenth = tenth;
    print(`${PHASES[phase] ?? `phase ${phase}`} ${tenth * 10} % (${megabytes(done)} of ${megabytes(total)} MB)`);
  }

  /** About a death or a recovery. @returns whether it passed the limit */
  #lifeLine(text: string): boolean {
    const { dropped } = this.#lives;
    if (!this.#lives.pass(performance.now())) return false;
    if (dropped > 0) this.#line(`${dropped} more deaths and recoveries`);
    this.#line(text);
    return true;
  }

  /** A line among the progress: the bar is cleared and drawn again below it. */
  #line(text: string): void {
    if (this.#json) return;
    if (this.#bar !== undefined) process.stdout.write("\r\x1b[2K");
    print(visible(text));
    this.#bar?.updateETA();
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
