/**
 * The shared heap against a reference model: random programs of every operation over 2 to 8 domains, with trees, quotas near
 * their limits and forged arguments. Every answer and all that can be seen is compared after each operation.
 *
 * Usage: npm run campaign:heap -- [--count N] [--seed S] [--json]
 *
 * Runs N operations (default 10 million) in programs of 5000; the audit looks at the tables after every 64th. A failure is
 * printed as the shortest list of calls that ends the same way. The last line is JSON: {ok, seed, runs, failures}.
 * Needs a built project.
 */
import { parseArgs } from "node:util";
import { MIN_HEAP_BYTES } from "../shared-heap/layout.ts";
import { report } from "../tests/shared-heap/model/machine.ts";
import { programOf } from "../tests/shared-heap/model/program.ts";
import { emptyHeap } from "../tests/shared-heap/support.ts";
import { wholeNumber } from "./campaign-options.ts";

const LENGTH = 5000;
const AUDIT_EVERY = 64;
/** A broken heap fails every program: the first few say enough. */
const MOST_FAILURES = 5;
const SAY_EVERY_MS = 10_000;

const { values } = parseArgs({
  options: { count: { type: "string", default: "10000000" }, seed: { type: "string" }, json: { type: "boolean", default: false } },
});
const count = wholeNumber("count", values.count);
const seed = values.seed === undefined ? (Date.now() & 0x7fffffff) >>> 0 : wholeNumber("seed", values.seed);

const failures: { readonly seed: number; readonly problem: string }[] = [];
const started = performance.now();
let runs = 0;
let said = started;
for (let program = 0; runs < count && failures.length < MOST_FAILURES; program++) {
  const length = Math.min(LENGTH, count - runs);
  const programSeed = (seed + program) >>> 0;
  const problem = report(programOf(programSeed, length), { auditEvery: AUDIT_EVERY, newHeap: () => emptyHeap(MIN_HEAP_BYTES) });
  runs += length;
  if (problem !== undefined) {
    failures.push({ seed: programSeed, problem });
    say(`FAIL ${problem}`);
  }
  if (performance.now() - said < SAY_EVERY_MS) continue;
  said = performance.now();
  say(`${runs} operations, ${((said - started) / 1000).toFixed(0)} s`);
}
console.log(JSON.stringify({ ok: failures.length === 0, seed, runs, failures }));
process.exitCode = failures.length === 0 ? 0 : 1;

function say(line: string): void {
  if (!values.json) console.log(line);
}
