/**
 * `npm run bench:report [-- --from FILE]`: measures everything and writes docs/benchmarks.md with its pictures; with a file of results it
 * writes them without measuring. Exit code 0; 2 when something fails.
 */
import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { groupOf } from "./catalogue.ts";
import { chartsOf } from "./report/charts.ts";
import { pageOf } from "./report/page.ts";
import { drawBars } from "./report/svg.ts";
import { readResults } from "./results.ts";

const ROOT: string = join(import.meta.dirname, "..");
const DOCS: string = join(ROOT, "docs");
const PICTURES: string = join(DOCS, "benchmarks");
const MEASURED: string = join(ROOT, "bench", "results", "report.json");

function measureAll(): string {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, "run.ts"), "--json", MEASURED], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("the bench failed");
  return MEASURED;
}

try {
  const { values } = parseArgs({ options: { from: { type: "string" } } });
  const results = await readResults(values.from ?? measureAll());
  const charts = chartsOf(results.results, results.meta.nominalMhz);
  await rm(PICTURES, { recursive: true, force: true });
  await mkdir(PICTURES, { recursive: true });
  for (const { name, chart } of charts) await writeFile(join(PICTURES, `${name}.svg`), drawBars(chart));
  const groups = new Set(results.results.map(groupOf));
  // Pictures that bear no group's name are of calls.
  const pictures = Map.groupBy(
    charts.map(({ name }) => name),
    (name) => (groups.has(name) ? name : "rpc"),
  );
  await writeFile(join(DOCS, "benchmarks.md"), pageOf(results, pictures));
  console.log(`written: docs/benchmarks.md and ${charts.length} pictures in docs/benchmarks/`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
