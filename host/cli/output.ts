/**
 * All that the CLI prints: lines for people, one JSON object for programs, one line per error. Plain text unless stdout or
 * stderr is a terminal; NO_COLOR is honoured. Names out of modules are untrusted: control characters never reach a terminal.
 */
import { styleText } from "node:util";
import { SumacError } from "../errors.ts";

export const EXIT = { ok: 0, jobFailed: 1, badInput: 2, gaveUp: 3 } as const;

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Always one line, so that the last line of the output is the whole object. */
export function printJson(value: object): void {
  process.stdout.write(`${jsonLine(value)}\n`);
}

/** JSON may hold control characters beyond ASCII as they are, and terminals obey them. */
export function jsonLine(value: object): string {
  return JSON.stringify(value).replace(/\p{C}/gu, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );
}

export function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

export function dim(text: string): string {
  return styleText("dim", text, { stream: process.stdout });
}

/** Control characters (also those that redirect text) as \xNN; line breaks stay only where `keepLines` says so. */
export function visible(text: string, keepLines: "keepLines" | "oneLine" = "oneLine"): string {
  const hidden = keepLines === "keepLines" ? /[^\P{C}\n\t]/gu : /\p{C}/gu;
  return text.replace(hidden, (char) => `\\x${(char.codePointAt(0) as number).toString(16).padStart(2, "0")}`);
}

/** What the user should know, and what stops nothing. */
export function warn(message: string): void {
  process.stderr.write(`${styleText("yellow", "sumac: warning:", { stream: process.stderr })} ${visible(message)}\n`);
}

/** Prints an error as one line on stderr and returns the exit code that it stands for. */
export function printError(error: unknown, options: { readonly verbose: boolean; readonly json: boolean }): number {
  const { code, message } = describe(error);
  if (options.json) printJson({ ok: false, error: { code, message } });
  const prefix = styleText("red", `sumac: ${code}:`, { stream: process.stderr });
  process.stderr.write(`${prefix} ${visible(message.replace(/\s*\n\s*/g, " "))}\n`);
  if (options.verbose) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      process.stderr.write(`${visible(cause.stack ?? "", "keepLines")}\n`);
  }
  // A system that does not answer is nobody's bad input.
  return error instanceof SumacError && error.code !== "system-busy" ? EXIT.badInput : EXIT.jobFailed;
}

function describe(error: unknown): { code: string; message: string } {
  if (error instanceof SumacError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: `${message}; this is a bug of Sumac, run again with --verbose and report what it prints` };
}
