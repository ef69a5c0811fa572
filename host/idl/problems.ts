/**
 * How this folder says no: `file:line:column: what is wrong: what to do`, as a `SumacError`.
 * Used by every stage. A syntax error ends its file at once; later stages collect, so that a user sees all of them.
 */
import { SumacError } from "../errors.ts";
import type { Position } from "./ast.ts";

function messageAt(at: Position, problem: string, remedy: string): string {
  return `${at.file}:${at.line}:${at.column}: ${problem}: ${remedy}`;
}

export function syntaxError(at: Position, problem: string, remedy: string): SumacError {
  return new SumacError("wit-syntax", messageAt(at, problem, remedy));
}

export function invalid(at: Position, problem: string, remedy: string): SumacError {
  return new SumacError("wit-invalid", messageAt(at, problem, remedy));
}

/** More than anybody mends at a time; a hostile text must not fill the host's memory with messages. */
const MAX_PROBLEMS = 500;
/** Names that one message lists. */
const MAX_NEAR = 20;

/** The names among which a reader finds the one that was meant, or "" when there is none. */
export function listOf(names: Iterable<string>): string {
  const all = [...names];
  const more = all.length - MAX_NEAR;
  return more > 0 ? `${all.slice(0, MAX_NEAR).join(", ")} and ${more} more` : all.join(", ");
}

export class Problems {
  readonly #found: { readonly at: Position; readonly error: SumacError }[] = [];

  add(at: Position, problem: string, remedy: string): void {
    if (this.#found.length < MAX_PROBLEMS) this.#found.push({ at, error: invalid(at, problem, remedy) });
  }

  /** In source order within a file; files in the order in which they first had a problem. One entry per place and text. */
  sorted(): SumacError[] {
    const files = [...new Set(this.#found.map((each) => each.at.file))];
    const ordered = this.#found.toSorted(
      (a, b) => files.indexOf(a.at.file) - files.indexOf(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column,
    );
    const texts = new Set<string>();
    return ordered.map((each) => each.error).filter((error) => !texts.has(error.message) && texts.add(error.message));
  }

  throwFirst(): void {
    const first = this.sorted()[0];
    if (first) throw first;
  }
}
