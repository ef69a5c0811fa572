/**
 * Every byte of a module that the hardener made, altered: whatever the audit still accepts must be harmless.
 *
 * What must be refused however it is altered (safepoints, the loops' shape, guard, imports) is found by its bytes. The rest is
 * judged by a second opinion: another disassembler prints the mutant, and the rules are read off the text.
 */
import { print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { wat } from "../support/wat.ts";
import { EVERYTHING, GUARD_FUNCTIONS, hardened, refusalOf } from "./audit-real.ts";
import { SecondOpinion } from "./second-opinion.ts";

const { bytes: original, options } = hardened(await wat(EVERYTHING));
/** With one byte altered at a time; a mutant lives until the next. */
const mutant: Uint8Array<ArrayBuffer> = original.slice();

const ALL_VALUES: readonly number[] = Array.from({ length: 255 }, (_, n) => n + 1);
const BIT_FLIPS: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/** Alters each byte from `start` by each of `changes` (exclusive or) and lists what the audit accepts. */
function accepted(start: number, end: number, changes: readonly number[]): { at: number; was: number; is: number }[] {
  const found: { at: number; was: number; is: number }[] = [];
  for (let at = start; at < end; at++) {
    const was = original[at] as number;
    for (const change of changes) {
      mutant[at] = was ^ change;
      if (refusalOf(mutant, options) === undefined) found.push({ at, was, is: was ^ change });
    }
    mutant[at] = was;
  }
  return found;
}

// ---- where things are ----

const P = [0x23, 1, 0xfe, 0x10, 0x42, 1, 0, 0x04, 0x40, 0x10, 0, 0x04, 0x40, 0x00, 0x0b, 0x0b];
const REFILL = [0x41, 0x80, 0x20, 0x21];

function find(pattern: readonly (number | "any")[]): number[] {
  const fits = (at: number) => pattern.every((byte, n) => byte === "any" || original[at + n] === byte);
  return Array.from(original.keys()).filter(fits);
}

interface Part {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Reads a number at `at` and says where it ends. */
function u32(at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = original[at++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

function sections(): Part[] {
  const parts: Part[] = [];
  for (let at = 8; at < original.length; ) {
    const id = original[at] as number;
    const [size, start] = u32(at + 1);
    parts.push({ id, start, end: start + size });
    at = start + size;
  }
  return parts;
}

const section = (id: number): Part => sections().find((part) => part.id === id) as Part;

/** Code of each defined function, with its size in front. */
function bodies(): Part[] {
  const code = section(10);
  let [count, at] = u32(code.start);
  const parts: Part[] = [];
  for (; count > 0; count--) {
    const [size, start] = u32(at);
    parts.push({ id: 10, start: at, end: start + size });
    at = start + size;
  }
  return parts;
}

/** $begin, $leaf, $run, $heavy, and what stands between them and the guard: to the audit all is the author's. */
const author = bodies().slice(0, -GUARD_FUNCTIONS);

/** Of the loops of EVERYTHING, added up by hand: the outer one of $run, its inner one, the empty one of $heavy. */
const LEAST_WEIGHTS: readonly number[] = [81, 41, 1];

// ---- what must be refused however it is altered ----

test("auditHardened: refuses every alteration of every byte of every safepoint", () => {
  const starts = find(P);
  assert.ok(starts.length >= 9, `${starts.length} safepoints`);
  for (const [n, start] of starts.entries()) assert.equal(accepted(start, start + P.length, n < 3 ? ALL_VALUES : BIT_FLIPS), []);
});

test("auditHardened: refuses every alteration of every byte of every loop's shape, but a larger weight", () => {
  const heads = find(["any", "any", 0x03, 0x40, 0x02, 0x40, 0x03]);
  assert.is(heads.length, LEAST_WEIGHTS.length);
  for (const [n, head] of heads.entries()) {
    const weight = head + 11; // block bt loop void block void loop bt local.get cc i32.const
    const rest = weight + ((original[weight] as number) < 0x80 ? 1 : 2);
    assert.equal(accepted(head, weight, n === 0 ? ALL_VALUES : BIT_FLIPS), []);
    assert.equal([...original.subarray(rest, rest + 2)], [0x6b, 0x22], "i32.sub, local.tee");
    assert.equal(accepted(rest, rest + 8, n === 0 ? ALL_VALUES : BIT_FLIPS), []);
    for (const { at, is } of accepted(weight, rest, ALL_VALUES)) {
      const spelled = [...original.subarray(weight, rest)];
      spelled[at - weight] = is;
      const value = (spelled[0] as number & 0x7f) | ((spelled[1] ?? 0) << 7);
      assert.ok(value >= (LEAST_WEIGHTS[n] as number) && value < 4096, `loop ${n} counts down by ${value}`);
    }
  }
  const tails = find([0x0c, 2, 0x0b, ...REFILL, "any", ...P, 0x0c, 0, 0x0b, 0x00, 0x0b]);
  assert.is(tails.length, 3);
  for (const tail of tails) assert.equal(accepted(tail, tail + 8 + P.length + 5, BIT_FLIPS), []);
});

test("auditHardened: refuses every alteration of every byte that sets up a countdown", () => {
  const starts = find([...REFILL]).filter((at) => original[at - 1] !== 0x0b || original[at - 3] !== 0x0c);
  assert.is(starts.length, 2);
  for (const start of starts) assert.equal(accepted(start, start + REFILL.length + 1, ALL_VALUES), []);
});

test("auditHardened: refuses every flipped bit in every guard function", () => {
  const guard = bodies().slice(-GUARD_FUNCTIONS);
  assert.ok(guard.length > 30);
  assert.equal(accepted((guard[0] as Part).start, (guard.at(-1) as Part).end, BIT_FLIPS), []);
});

test("auditHardened: refuses every alteration of the imports but the own memory's minimum", () => {
  const { start, end } = section(2);
  const minimum = find([0x06, ...new TextEncoder().encode("memory"), 2, 1])[0] as number;
  const found = accepted(start, end, ALL_VALUES).map(({ at }) => at);
  assert.equal([...new Set(found)], [minimum + 9]);
});

// ---- what may be accepted ----

const printed: string = await print(original);

const opinion = new SecondOpinion(printed, { firstAuthor: 3, firstGuard: 3 + author.length, guardFunctions: GUARD_FUNCTIONS });
const harm = (text: string): string | undefined => opinion.harm(text);

test("auditHardened: the second opinion finds nothing wrong with the original, and knows what is wrong when it sees it", () => {
  assert.is(harm(printed), undefined);
  for (const [from, to] of [
    ["i32.load offset=8", "i32.load 1 offset=8"],
    ["br 2", "br 1"],
    ["call 0", "call 2 "],
    ["i32.atomic.load 1", "i32.load"],
    ["memory.grow", "nop memory.grow"],
    ["local.tee", "local.set"],
    ["i32.const -4", "i32.const -5"],
    ["func 4", "func 0"],
  ] as const) {
    assert.ok(printed.includes(from), from);
    assert.ok(harm(printed.replace(from, to)) !== undefined, `${from} became ${to}`);
  }
});

test("auditHardened: whatever single altered byte it accepts is harmless or no module for V8", async () => {
  let harmless = 0;
  for (const { at, was, is } of accepted(0, (author.at(-1) as Part).end, BIT_FLIPS)) {
    mutant[at] = is;
    if (WebAssembly.validate(mutant)) {
      const problem = harm(await print(mutant));
      assert.is(problem, undefined, `offset 0x${at.toString(16)}: 0x${was.toString(16)} became 0x${is.toString(16)}`);
      harmless++;
    }
    mutant[at] = was;
  }
  assert.ok(harmless > 100, `${harmless} harmless mutants: too few for the second opinion to have been asked`);
});

test.run();
