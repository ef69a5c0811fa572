/**
 * The campaign's modules in turn: every domain of the tree, Binaryen's random modules, random programs with much control flow.
 * Called by the test with a few and by `scripts/campaign-harden.ts` with many.
 */
import { globSync, readFileSync } from "node:fs";
import { SumacError } from "../../../host/errors.ts";
import { randomModule } from "../../loader/random-program.ts";
import { wat } from "../../support/wat.ts";
import { BinaryenFuzzer } from "./binaryen.ts";
import { type Comparison, compareTwins } from "./twins.ts";

/** Fuel of a random program: enough for every loop's countdown to run out a few times. */
const FUEL = 3000;
/** One of so many modules is a random program. */
const PROGRAM_EVERY = 4;
const DOMAIN_ROUNDS = 20;

export interface Totals {
  modules: number;
  calls: number;
  traps: number;
  questions: number;
  /** By reason: modules that were compared in part, and those that `check` refused. */
  readonly ended: Map<string, number>;
  readonly refused: Map<string, number>;
  readonly differences: string[];
}

/** Built domains; the examples among them where they were built. */
export function domainsOfTree(): string[] {
  return globSync("build/{domains,examples,hello-test}/**/*.wasm").sort();
}

/** Compares the domains, then `count` random modules from `firstSeed` on. */
export async function compareMany(firstSeed: number, count: number, tell: (line: string) => void = () => {}): Promise<Totals> {
  const totals: Totals = { modules: 0, calls: 0, traps: 0, questions: 0, ended: new Map(), refused: new Map(), differences: [] };
  const note = (name: string, { calls, traps, questions, ended, difference }: Comparison): void => {
    totals.modules++;
    totals.calls += calls;
    totals.traps += traps;
    totals.questions += questions;
    if (ended !== undefined) count1(totals.ended, ended);
    if (difference !== undefined) totals.differences.push(`${name}: ${difference}`);
  };
  for (const file of domainsOfTree()) {
    for (let seed = 1; seed <= 4; seed++) {
      note(`${file}, seed ${seed}`, compareTwins(readFileSync(file), { seed, isDomain: true, rounds: DOMAIN_ROUNDS }));
    }
  }
  const fuzzer = new BinaryenFuzzer();
  for (let seed = firstSeed, done = 0; done < count; seed++) {
    const module = seed % PROGRAM_EVERY === 0 ? await wat(randomModule(seed, FUEL)) : await fuzzer.module(seed);
    try {
      note(`seed ${seed}`, compareTwins(module, { seed }));
    } catch (error) {
      // Anything but a refusal by name is a fault: then the campaign stops with the seed in the message.
      const isRefusal = error instanceof SumacError && error.code === "module-refused";
      if (!isRefusal) throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      count1(totals.refused, error.message.replace(/^.*?: byte offset 0x[0-9a-f]+: /, "").replace(/[0-9]+/g, "N"));
      continue;
    }
    done++;
    if (done % 100 === 0) tell(`${done} modules, ${totals.calls} calls, ${totals.differences.length} differences`);
  }
  fuzzer.end();
  return totals;
}

function count1(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
