/**
 * Gives the readers damaged inputs by the thousand and counts what became of them. A finding is an error that is no SumacError, an
 * `Unfaithful`, or an input that takes too long.
 */
import { SumacError } from "../../../host/errors.ts";
import { Random } from "../../loader/random-program.ts";
import { type Reader, readersOf } from "./readers.ts";
import { makeSeeds } from "./seeds.ts";

/** For one input. The slowest legal ones take a tenth of this on a machine that does nothing else. */
export const MOST_MS = 2000;
const MOST_FINDINGS = 20;

export interface Tally {
  readonly accepted: number;
  readonly refused: number;
}

export interface Fuzzed {
  readonly inputs: number;
  readonly byReader: Readonly<Record<string, Tally>>;
  /** By code. */
  readonly codes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly findings: readonly string[];
}

/** Where a campaign is, for whoever watches it from another thread. */
export type Mark = (input: number) => void;

/** @param first number of the first input; inputs are numbered across threads, and each is made from its number and the seed alone */
export async function fuzzReaders(seed: number, first: number, count: number, mark: Mark = () => {}): Promise<Fuzzed> {
  const readers = readersOf(await makeSeeds());
  const byReader: Record<string, { accepted: number; refused: number }> = {};
  for (const { name } of readers) byReader[name] = { accepted: 0, refused: 0 };
  const codes: Record<string, number> = {};
  const findings: string[] = [];
  let slowestMs = 0;
  let inputs = 0;
  for (let number = first; number < first + count && findings.length < MOST_FINDINGS; number++) {
    mark(number);
    inputs++;
    const random = randomOf(seed, number);
    const reader = readerOf(readers, random);
    const tally = byReader[reader.name] as { accepted: number; refused: number };
    const input = reader.input(random);
    const started = performance.now();
    try {
      const pending = reader.read(input);
      if (pending instanceof Promise) await pending;
      tally.accepted++;
    } catch (error) {
      tally.refused++;
      if (error instanceof SumacError) codes[error.code] = (codes[error.code] ?? 0) + 1;
      else findings.push(`input ${number}, ${reader.name}: ${String(error)}: ${shown(input)}`);
    }
    const ms = performance.now() - started;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > MOST_MS) findings.push(`input ${number}, ${reader.name}: ${ms.toFixed(0)} ms: ${shown(input)}`);
  }
  return { inputs, byReader, codes, slowestMs, findings };
}

/** Neighbouring numbers give unlike sequences. */
function randomOf(seed: number, number: number): Random {
  const random = new Random((Math.imul(seed, 0x85ebca6b) ^ Math.imul(number, 0xc2b2ae35)) >>> 0);
  for (let n = 0; n < 3; n++) random.below(2);
  return random;
}

function readerOf(readers: readonly Reader[], random: Random): Reader {
  let rest = random.below(readers.reduce((sum, { share }) => sum + share, 0));
  const chosen = readers.find(({ share }) => {
    rest -= share;
    return rest < 0;
  });
  return chosen ?? (readers[0] as Reader);
}

/** What a person needs to try it again; the number says the rest. */
function shown(input: Uint8Array | string): string {
  return typeof input === "string" ? JSON.stringify(input.slice(0, 300)) : Buffer.from(input.subarray(0, 200)).toString("hex");
}
