/**
 * The bench's command: `npm run bench [-- PATTERN] [--json FILE] [--check] [--list]`.
 * Measures one group of rows after the other, prints a table and writes the same figures as JSON, to bench/results/last.json unless told.
 * Exit code 0; 1 with --check when a limit is missed or a row was skipped; 2 when the arguments are wrong.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chosenGroups, ROWS } from "./catalogue.ts";
import { measureApart } from "./group-process.ts";
import { describeMachine } from "./machine.ts";
import { writeResults } from "./results.ts";
import type { Result, Skipped } from "./row.ts";
import { header, keepsLimits, table } from "./table.ts";

const ROOT: string = join(import.meta.dirname, "..");
const USAGE = "usage: npm run bench [-- PATTERN] [--json FILE] [--check] [--list]";

interface Options {
  readonly pattern: string;
  readonly json: string;
  readonly check: boolean;
  readonly list: boolean;
}

function parseOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: "string" }, check: { type: "boolean" }, list: { type: "boolean" } },
  });
  if (positionals.length > 1) throw new Error(`one pattern at most, not ${positionals.join(" ")}`);
  return {
    pattern: positionals[0] ?? "",
    json: values.json ?? join("bench", "results", "last.json"),
    check: values.check ?? false,
    list: values.list ?? false,
  };
}

async function main({ pattern, json, check, list }: Options): Promise<number> {
  const groups = chosenGroups(ROWS, pattern);
  if (groups.length === 0) throw new Error(`no row's name contains "${pattern}"; there is: ${ROWS.map(({ name }) => name).join(", ")}`);
  if (list) {
    for (const { name } of groups.flat()) console.log(name);
    return 0;
  }
  const meta = describeMachine(ROOT);
  console.log(`${header(meta)}\n`);
  const results: Result[] = [];
  const missing: Skipped[] = [];
  for (const rows of groups) {
    const { results: measured, skipped } = await measureApart(rows, meta.nominalMhz);
    results.push(...measured);
    missing.push(...skipped);
    console.log(table(measured));
    for (const { name, note } of measured) if (note !== undefined) console.log(`${name}: ${note}`);
    for (const { name, reason } of skipped) console.log(`${name}  skipped: ${reason}`);
    console.log();
  }
  await writeResults(json, { meta, results, skipped: missing });
  console.log(`written: ${json}`);
  return check && (missing.length > 0 || !results.every(keepsLimits)) ? 1 : 0;
}

let options: Options | undefined;
try {
  options = parseOptions();
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
if (options !== undefined) {
  try {
    process.exitCode = await main(options);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}
