/**
 * A second opinion on altered hardened modules: another disassembler prints the mutant, and the rules are read off its text.
 *
 * For the tests of the audit. It shares nothing with the audit but the rules, and knows less: what weighs too much it cannot see.
 */

/** The defined functions in the order of their index. */
function functionsOf(text: string): string[] {
  return [...text.matchAll(/^ {2}\(func .*\n(?: {4}.*\n)*/gm)].map(([code]) => code);
}

/** One line of instructions, single spaces between them, without comments, hints and the function's index and type. */
function plain(code: string): string {
  const bare = code.replace(/\(@metadata[^)]*\)|;;.*$|\(;.*?;\)/gm, "").replace(/\s+/g, " ");
  return bare.replace(/^ \(func (?:\(type \d+\) )?/, "").replaceAll(P_TEXT, "P");
}

const P_TEXT = "global.get 1 i32.atomic.load 1 if call 0 if unreachable end end";
const SHAPE_HEAD =
  /\bblock((?: \([^)]*\))*) loop block loop\1 local\.get (\d+) i32\.const \d+ i32\.sub local\.tee \2 i32\.const 0 i32\.lt_s br_if 1\b/g;
const SHAPE_TAIL = /\bend br 2 end i32\.const 4096 local\.set \d+ P br 0 end unreachable end\b/g;
const LOOP_WITH_PARAMETERS = /\bloop (?:\([^)]*\) )*P\b/g;

/** Indices of functions: the first of the author's, the first of the guard's. */
export interface Borders {
  readonly firstAuthor: number;
  readonly firstGuard: number;
  readonly guardFunctions: number;
}

/** Judges mutants of one module by what must be as it was in it. */
export class SecondOpinion {
  readonly #borders: Borders;
  readonly #guard: string;
  readonly #heads: string;

  constructor(original: string, borders: Borders) {
    this.#borders = borders;
    this.#guard = guardOf(original, borders);
    this.#heads = headsOf(original);
  }

  /** What is wrong with a mutant, read off its text. */
  harm(text: string): string | undefined {
    const borders = this.#borders;
    if (guardOf(text, borders) !== this.#guard) return "its guard differs";
    if (headsOf(text) !== this.#heads) return "its imports differ";
    for (const [, kind, index] of text.matchAll(/^ {2}\(export "[^\n]*" \((\w+) (\d+)\)\)$/gm)) {
      if (kind !== "func" || !isAuthors(Number(index), borders)) return `it exports ${kind} ${index}`;
    }
    for (const [segment] of text.matchAll(/^ {2}\(elem .*$/gm)) if (/func(?: \d+)* 0\b/.test(segment)) return "tick is in a table";
    for (const code of functionsOf(text).slice(0, -borders.guardFunctions)) {
      const problem = harmOfFunction(plain(code), borders);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

function isAuthors(index: number, { firstAuthor, firstGuard }: Borders): boolean {
  return index >= firstAuthor && index < firstGuard;
}

function guardOf(text: string, { guardFunctions }: Borders): string {
  return functionsOf(text).slice(-guardFunctions).map(plain).join("\n");
}

/** Everything that must stay as it is, but for what the own memory begins with and for the numbers of types. */
function headsOf(text: string): string {
  const heads = text.match(/^ {2}\((?:import|memory|start|tag|rec|data \S+ \(memory).*$/gm) ?? [];
  return heads
    .join("\n")
    .replace(/"memory" \(memory \(;0;\) \d+/, "")
    .replace(/\(type \d+\)/g, "");
}

function harmOfFunction(code: string, borders: Borders): string | undefined {
  if (/atomic|call 0\b|global\.[gs]et [01]\b/.test(code)) return "it names tick or the kernel's globals";
  // A lane's number looks like a memory's, so there the memory is the first of two.
  if (
    /(?:load|store)(?!\d+_lane)\w* 1\b|(?:load|store)\d+_lane 1 (?:\w+=\d+ )*\d|memory\.(?:(?:size|grow) 1|init 1 \d|copy|fill)/.test(code)
  )
    return "it names memory 1, or copies by itself";
  if (/(?<!P )(?:memory\.(?:grow|init)|table\.(?:init|copy))/.test(code)) return "a heavy instruction has no safepoint";
  const instructions = code.replace(/^(?:\((?:param|result|local)[^)]*\) )*/, "");
  const callsAuthor = [...code.matchAll(/\bcall (\d+)/g)].some(([, to]) => isAuthors(Number(to), borders));
  if ((callsAuthor || code.includes("call_indirect")) && !instructions.startsWith("P ")) return "it has no safepoint at its start";
  const [heads, tails, loops, withParameters] = [SHAPE_HEAD, SHAPE_TAIL, /\bloop\b/g, LOOP_WITH_PARAMETERS].map(
    (pattern) => code.match(pattern)?.length ?? 0,
  ) as [number, number, number, number];
  if (heads !== tails || loops !== 2 * heads + withParameters) return "a loop is not counted";
  // Each shape names the countdown three times, and it is set up once.
  const counter = /local\.tee (\d+) i32\.const 0 i32\.lt_s/.exec(code)?.[1];
  const named = counter === undefined ? 0 : [...code.matchAll(/local\.\w+ (\d+)/g)].filter(([, local]) => local === counter).length;
  if (named !== (heads > 0 ? 3 * heads + 1 : 0)) return "the countdown is named elsewhere";
  return undefined;
}
