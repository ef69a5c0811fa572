/** The file that `sumac run --trace` writes: opened before the system, written while the job has the thread, closed at the end. */
import { closeSync, openSync, writeSync } from "node:fs";
import { SumacError } from "../errors.ts";
import { Tracer } from "../kernel/calls/tracer.ts";

export interface TraceFile {
  readonly tracer: Tracer;
  /** @throws SumacError when not everything could be written */
  close(): void;
}

export function openTrace(path: string): TraceFile {
  let file: number;
  try {
    file = openSync(path, "w");
  } catch (error) {
    throw unwritable(path, error);
  }
  const tracer = new Tracer((text) => writeSync(file, text));
  return {
    tracer,
    close() {
      tracer.close();
      closeSync(file);
      if (tracer.problem !== undefined) throw unwritable(path, tracer.problem);
    },
  };
}

function unwritable(path: string, cause: unknown): SumacError {
  const { code = String(cause) } = cause as NodeJS.ErrnoException;
  return new SumacError("file-unreadable", `--trace ${path}: cannot be written (${code}): name another file`, { cause });
}
