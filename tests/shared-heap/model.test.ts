/**
 * Random programs on the heap and on a reference model, compared after every operation: 100 000 operations over 2 to 8 domains
 * with trees, quotas near their limits and forged arguments, audited after every one. `npm run campaign:heap` runs millions.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MIN_HEAP_BYTES } from "../../shared-heap/layout.ts";
import { report } from "./model/machine.ts";
import { programOf, shrink } from "./model/program.ts";
import { emptyHeap } from "./support.ts";

const PROGRAMS = 50;
const LENGTH = 2000;

test(`heap: ${PROGRAMS * LENGTH} random operations agree with the model, and the audit holds after every one`, () => {
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const problem = report(programOf(seed, LENGTH), { auditEvery: 1, newHeap: () => emptyHeap(MIN_HEAP_BYTES) });
    assert.is(problem, undefined, problem);
  }
});

test("shrink: what is left fails still, and nothing of it can be left out", () => {
  const program = programOf(7, 500);
  const fails = ({ operations }: { operations: readonly { kind: string }[] }): boolean =>
    operations.filter(({ kind }) => kind === "move").length >= 3 && operations.some(({ kind }) => kind === "take");
  const { operations } = shrink(program, fails);
  assert.equal(operations.map(({ kind }) => kind).toSorted(), ["move", "move", "move", "take"]);
});

test.run();
