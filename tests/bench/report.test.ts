/** What the bench says of results that are made up: limits, changes between two runs, the page and its pictures. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { chosenGroups, ROWS } from "../../bench/catalogue.ts";
import { changes } from "../../bench/compare.ts";
import { meanOf, measure } from "../../bench/harness.ts";
import type { Meta } from "../../bench/machine.ts";
import { chartsOf } from "../../bench/report/charts.ts";
import { pageOf } from "../../bench/report/page.ts";
import { drawBars } from "../../bench/report/svg.ts";
import type { Comparison, Result, Row } from "../../bench/row.ts";
import { noise } from "../../bench/statistics.ts";
import { keepsLimits, limitsOf } from "../../bench/table.ts";

const META: Meta = {
  node: "v26.0.0",
  v8: "14",
  platform: "linux-x64",
  cpu: "made up",
  cores: 2,
  nominalMhz: 2600,
  memoryGigabytes: 8,
  load: 0,
  commit: "0123456789abcdef",
  modified: false,
  date: "2030-01-02T03:04:05.000Z",
};

function result(name: string, median: number, more: Partial<Result> = {}): Result {
  return { name, unit: "ns", median, p99: median * 2, samples: 100, batch: 1000, noise: 0.02, cycles: median * 2.6, ...more };
}

function ratio(to: string, value: number, limits: Partial<Comparison> = {}): NonNullable<Result["ratio"]> {
  return { to, value, noise: 0.02, ...limits };
}

const RESULTS: readonly Result[] = [
  result("rpc/direct", 2),
  result("rpc/scalar", 10, {
    ratio: ratio("rpc/direct", 5, { atMost: 6, aim: 3 }),
    published: { by: "RedLeaf", cycles: 124, aim: 62 },
  }),
  result("rpc/jco", 1000, { ratio: ratio("rpc/scalar", 100, { atLeast: 150, aim: 400 }) }),
  result("rpc/rref-4096", 25, { ratio: ratio("rpc/scalar", 2.5, { atMost: 2.5 }) }),
];

test("keepsLimits: a ratio, published cycles, a p99 and a gauge count, each at its bound", () => {
  const kept = (more: Partial<Result>): boolean => keepsLimits(result("x/y", 10, more));
  assert.ok(kept({}));
  assert.ok(kept({ ratio: ratio("x/z", 2, { atMost: 2 }) }));
  assert.not.ok(kept({ ratio: ratio("x/z", 2.01, { atMost: 2 }) }));
  assert.not.ok(kept({ ratio: ratio("x/z", 1.99, { atLeast: 2 }) }));
  assert.not.ok(kept({ published: { by: "a", cycles: 26, aim: 13 } }));
  assert.ok(kept({ published: { by: "a", cycles: 27, aim: 13 } }));
  assert.not.ok(kept({ p99AtMost: 19 }));
  assert.not.ok(kept({ unit: "domains", atLeast: 11 }));
});

test("measure: a row's floor and aim are in its result, where keepsLimits and the table look", async () => {
  const text = "x".repeat(1000);
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) if (JSON.stringify(text).length !== 1002) throw new Error("another text");
  };
  const row: Row = { name: "x/floor", unit: "op/s", atLeast: 1e12, aim: 2e12, rounds: 1, prepare: async () => ({ run }) };
  const [measured] = (await measure([row])).results;
  assert.is(measured?.atLeast, 1e12);
  assert.equal(limitsOf(measured as Result), [">= 1000000000000 op/s (aim 2000000000000)"]);
  assert.not.ok(keepsLimits({ ...(measured as Result), median: 1e11 }));
});

test("pageOf: a row's floor is judged beside its ratio, with its aim", () => {
  const floored = result("x/y", 350_000, { unit: "op/s", atLeast: 300_000, aim: 450_000 });
  const page = pageOf({ meta: META, results: [floored], skipped: [] }, new Map());
  assert.match(page, "| `x/y` | 350000 op/s | >= 300000 op/s | >= 450000 op/s | kept, aim missed |");
});

test("noise: half of what lies between the quartiles, as a part of the median", () => {
  assert.is(noise([100, 100, 100]), 0);
  assert.is(noise([80, 90, 100, 110, 120]), 0.1);
});

test("meanOf: geometric means of medians and of ratios, and none where a part was skipped or has no ratio", () => {
  const measured = [
    result("x/a", 2, { ratio: ratio("x/a-plain", 1.2) }),
    result("x/b", 8, { ratio: ratio("x/b-plain", 0.3) }),
    result("x/c", 1000),
  ];
  const mean = { name: "x/mean", unit: "us", meanOf: ["x/a", "x/b"], ratio: { to: "x/mean-plain", atMost: 1 } } as const;
  const made = meanOf(mean, measured);
  assert.is(made?.median, 4);
  assert.is(Math.round((made?.ratio?.value ?? 0) * 1e6), 600_000);
  assert.is(made?.ratio?.atMost, 1);
  assert.is(made?.ratio?.noise, Math.sqrt(2 * 0.02 * 0.02) / 2);
  assert.is(meanOf({ ...mean, meanOf: ["x/a", "x/z"] }, measured), undefined);
  assert.is(meanOf({ ...mean, meanOf: ["x/a", "x/c"] }, measured), undefined);
});

test("changes: ratios are compared where both have them, and count beyond twice the noise of both", () => {
  const after = [
    result("rpc/direct", 2.1),
    result("rpc/scalar", 30, { ratio: ratio("rpc/direct", 5.2) }),
    result("rpc/jco", 1, { ratio: ratio("rpc/scalar", 50) }),
    result("rpc/new", 1),
  ];
  const found = changes(RESULTS, after).map(({ name, what, isReal }) => [name, what, isReal]);
  assert.equal(found, [
    ["rpc/direct", "ns", false],
    ["rpc/scalar", "to rpc/direct", false],
    ["rpc/jco", "to rpc/scalar", true],
  ]);
});

test("pageOf: every limit stands beside its aim, with what was missed", () => {
  const page = pageOf({ meta: META, results: RESULTS, skipped: [{ name: "rpc/isolated-vm", reason: "no build" }] }, new Map());
  assert.match(page, "Missed in this run: 1.");
  assert.match(page, "| `rpc/scalar` to rpc/direct | 5.00x ± 2.0% | <= 6x | <= 3x | kept, aim missed |");
  assert.match(page, "| `rpc/scalar`, in cycles | 26 | < 124 of RedLeaf | <= 62 | kept |");
  assert.match(page, "| `rpc/jco` to rpc/scalar | 100x ± 2.0% | >= 150x | >= 400x | **missed** |");
  assert.match(page, "- `rpc/isolated-vm`: no build");
  assert.match(page, "made up at 2.60 GHz, 2 cores");
});

test("drawBars: the same results give the same bytes, with each row's name and figure and the line of the limit", () => {
  const charts = chartsOf(RESULTS, META.nominalMhz);
  assert.equal(
    charts.map(({ name }) => name),
    ["ladder", "peers", "buffers"],
  );
  const draw = (): string => charts.map(({ chart }) => drawBars(chart)).join("");
  const drawn = draw();
  assert.is(drawn, draw());
  for (const text of ["rpc/scalar", "10.00 ns, 26 cycles", "seL4: call and reply", "320.8 ns, 834 cycles", "no isolation"]) {
    assert.match(drawn, text);
  }
});

test("chosenGroups: names are unique, and a row brings along what it is compared with", () => {
  assert.is(new Set(ROWS.map(({ name }) => name)).size, ROWS.length);
  const names = chosenGroups(ROWS, "rpc/shadow-rref")
    .flat()
    .map(({ name }) => name);
  assert.equal(names, ["rpc/direct", "rpc/scalar", "rpc/rref-4096", "rpc/shadow-rref"]);
  const mean = chosenGroups(ROWS, "kernels/hardened").flat();
  assert.is(mean.length, 18, "eight kernels, what each is compared with, and a mean of both");
});

test.run();
