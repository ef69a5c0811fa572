/**
 * Random programs for the shared heap. An operation is a kind and a few raw numbers; what they name (which object, whose) is
 * decided when it runs, from what exists then. So any part of a program is a program, and a failing one can be made shorter.
 */
import { random } from "../support.ts";

export type Kind =
  | "alloc"
  | "free"
  | "drop"
  | "move"
  | "borrow"
  | "endBorrow"
  | "put"
  | "take"
  | "pin"
  | "unpin"
  | "scribble"
  | "kill"
  | "dropAll"
  | "endAllBorrows"
  | "trim";

export interface Operation {
  readonly kind: Kind;
  readonly numbers: readonly number[];
}

export interface Program {
  readonly seed: number;
  /** 2 to 8, besides the kernel. */
  readonly domains: number;
  readonly operations: readonly Operation[];
}

const WEIGHTS: Readonly<Record<Kind, number>> = {
  alloc: 24,
  free: 4,
  drop: 4,
  move: 16,
  borrow: 13,
  endBorrow: 8,
  put: 20,
  take: 8,
  pin: 3,
  unpin: 4,
  scribble: 5,
  kill: 0.3,
  dropAll: 0.15,
  endAllBorrows: 0.15,
  trim: 0.5,
};

const NUMBERS = 8;

export function programOf(seed: number, length: number): Program {
  const next = random(seed);
  const kinds = Object.entries(WEIGHTS) as [Kind, number][];
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  const kind = (): Kind => {
    let at = (next(1_000_000) / 1_000_000) * total;
    for (const [name, weight] of kinds) {
      at -= weight;
      if (at < 0) return name;
    }
    return "alloc";
  };
  const domains = 2 + next(7);
  const operations = Array.from({ length }, () => ({
    kind: kind(),
    numbers: Array.from({ length: NUMBERS }, () => next(0x7fffffff)),
  }));
  return { seed, domains, operations };
}

/**
 * The shortest part of a failing program that can be found by leaving out ever smaller pieces; `fails` runs a program on a
 * fresh heap. The result fails, and leaving out any one operation makes it pass.
 */
export function shrink(program: Program, fails: (program: Program) => boolean): Program {
  let operations = [...program.operations];
  for (let size = Math.ceil(operations.length / 2); size >= 1; ) {
    let removed = false;
    for (let at = 0; at < operations.length; ) {
      const without = [...operations.slice(0, at), ...operations.slice(at + size)];
      if (fails({ ...program, operations: without })) {
        operations = without;
        removed = true;
      } else {
        at += size;
      }
    }
    if (size === 1 && !removed) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return { ...program, operations };
}
