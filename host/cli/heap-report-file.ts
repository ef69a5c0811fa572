/**
 * `sumac run --heap-report FILE`: one JSON object a line, first one per death (who died, and who had what right after), last the
 * end of the run. Written as the run goes, so that a run that is killed leaves what it saw. Called by `run.ts`.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { SumacError } from "../errors.ts";
import type { KernelEvent } from "../kernel/events.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { namedHeapReport } from "../system/heap-report.ts";

/** A domain that dies for ever must not fill the disk. */
const MOST_DEATHS = 1000;

export class HeapReportFile {
  readonly #descriptor: number;
  #deaths = 0;

  /** @throws SumacError when the file cannot be written: before the run, not after it */
  constructor(path: string) {
    try {
      this.#descriptor = openSync(path, "w", 0o600);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new SumacError("file-unreadable", `--heap-report ${path}: cannot be written (${code}): name another file`, { cause });
    }
  }

  event(event: KernelEvent, kernel: Kernel): void {
    if (event.kind !== "death" || ++this.#deaths > MOST_DEATHS) return;
    const { domain, generation, cause } = event.death;
    this.#write({ when: "death", domain, generation, cause, ...namedHeapReport(kernel) });
  }

  /** The last line: before the domains are stopped. */
  end(kernel: Kernel): void {
    this.#write({ when: "end", deaths: this.#deaths, ...namedHeapReport(kernel) });
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #write(line: object): void {
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
  }
}
