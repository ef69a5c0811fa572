/**
 * The attributes that the kernel acts on, written in doc comments so that every other tool reads the same file: of functions
 * `@deadline 5ms`, `@idempotent`, `@fills into`, `@reentrant`, of a shared type `@deque`. Called by `lower.ts` (functions), `layout.ts` (shared
 * types) and `world-text.ts` (to print them back).
 */
import type { DocLine, Position } from "./ast.ts";
import type { Problems } from "./problems.ts";

export interface Attributes {
  /** The budget after which the callee itself is at fault. */
  readonly budgetMicros: number | undefined;
  /** Calling twice is the same as once, so an interrupted call may be replayed. */
  readonly idempotent: boolean;
  /**
   * Parameters whose objects move to the callee and of whose contents it makes no use: it fills them. A replay may give it
   * fresh ones instead of those that were lost with it. Sorted.
   */
  readonly fills: readonly string[];
  /** May be entered while a call of the same domain is under way further up the chain. */
  readonly reentrant: boolean;
}

const microsPer: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1_000_000 };
const MAX_BUDGET_MICROS = 3600 * 1_000_000;
const attribute = /^@([A-Za-z][A-Za-z-]*)\s*(.*)$/;

export function readAttributes(docs: readonly DocLine[], problems: Problems): Attributes {
  let budgetMicros: number | undefined;
  let fills: readonly string[] = [];
  const seen = new Set<string>();
  for (const { text, at } of docs) {
    const [, name, argument = ""] = attribute.exec(text) ?? [];
    if (name === undefined) continue;
    if (seen.has(name)) problems.add(at, `\`@${name}\` stands here twice`, "keep one");
    seen.add(name);
    if (name === "deadline") budgetMicros = readDuration(argument, at, problems);
    else if (name === "fills") fills = readNames(argument, at, problems);
    else if (name !== "idempotent" && name !== "reentrant") {
      problems.add(
        at,
        `\`@${name}\` is not an attribute`,
        "known are `@deadline 5ms`, `@idempotent`, `@fills into`, `@reentrant`; begin a sentence with another character",
      );
    } else if (argument !== "") {
      problems.add(at, `\`@${name}\` takes no argument`, "write the rest into a line of its own");
    }
  }
  return { budgetMicros, idempotent: seen.has("idempotent"), fills, reentrant: seen.has("reentrant") };
}

/** Where an attribute stands. */
export interface Mark {
  readonly at: Position;
}

/** `@deque`, which makes a ring of a shared type's slots. */
export function readDequeMark(docs: readonly DocLine[], problems: Problems): Mark | undefined {
  const marks = docs.filter(({ text }) => attribute.exec(text)?.[1] === "deque");
  const [first, second] = marks;
  if (second) problems.add(second.at, "`@deque` stands here twice", "keep one");
  if (first && attribute.exec(first.text)?.[2] !== "") {
    problems.add(first.at, "`@deque` takes no argument", "write the rest into a line of its own");
  }
  return first;
}

/**
 * For everything that is not a function.
 * @param except an attribute that may stand there
 */
export function refuseAttributes(docs: readonly DocLine[], what: string, problems: Problems, except?: "deque"): void {
  for (const { text, at } of docs) {
    const name = attribute.exec(text)?.[1];
    if (name !== undefined && name !== except)
      problems.add(at, `\`@${name}\` stands before ${what}`, "attributes belong to functions; begin a sentence with another character");
  }
}

/** The canonical lines that `readAttributes` would read the same from. */
export function printAttributes(attributes: Attributes): string[] {
  const lines: string[] = [];
  const micros = attributes.budgetMicros;
  if (micros !== undefined) {
    const unit = micros % 1_000_000 === 0 ? "s" : micros % 1000 === 0 ? "ms" : "us";
    lines.push(`@deadline ${micros / (microsPer[unit] ?? 1)}${unit}`);
  }
  if (attributes.idempotent) lines.push("@idempotent");
  if (attributes.fills.length > 0) lines.push(`@fills ${attributes.fills.join(", ")}`);
  if (attributes.reentrant) lines.push("@reentrant");
  return lines;
}

/** Whether there are such parameters is asked where their types are known. */
function readNames(text: string, at: DocLine["at"], problems: Problems): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.every((name) => /^[A-Za-z][A-Za-z0-9-]*$/.test(name))) return [...new Set(names)].sort();
  problems.add(at, `\`${text}\` is not a list of parameters`, "write their names: `@fills into` or `@fills first, second`");
  return [];
}

function readDuration(text: string, at: DocLine["at"], problems: Problems): number | undefined {
  const [, digits = "", unit = ""] = /^([1-9][0-9]*)(us|ms|s)$/.exec(text) ?? [];
  const micros = Number(digits) * (microsPer[unit] ?? 0);
  if (micros > 0 && micros <= MAX_BUDGET_MICROS) return micros;
  const problem = micros > 0 ? `a deadline of ${text} is longer than an hour` : `\`${text}\` is not a duration`;
  problems.add(at, problem, "write a whole number and a unit: `@deadline 500us`, `5ms` or `2s`");
  return undefined;
}
