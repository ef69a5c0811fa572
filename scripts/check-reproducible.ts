/**
 * Builds all that Sumac builds (heap, guard, domains, a generated shadow; signed) several times, each time in a copy of the tree and
 * under one condition that leaks into careless builds, and compares every file with `cmp`.
 *
 * Usage: npm run check:reproducible [-- --keep] [--json]
 *
 * Conditions: one processor, another locale and time zone, another time, another folder, all of them at once. That a condition
 * really holds for a Node process is checked before its build is believed. Installs Debian's faketime when it is missing.
 * The last line is JSON: {ok, files, conditions: [{name, seconds, differing}]}. What was looked at and why it does not leak:
 * docs/reproducible-builds.md.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../host/build/domain-folder.ts";

interface Condition {
  readonly name: string;
  /** In front of every command. */
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Below the temporary folder. */
  readonly folder: string;
  /** A JavaScript expression and what it gives where the condition holds. */
  readonly proof: readonly (readonly [expression: string, expected: string])[];
}

const ONE_CPU = { prefix: ["taskset", "-c", "0"], proof: [["os.availableParallelism()", "1"]] } as const;
const TURKISH = {
  env: { LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8", TZ: "Pacific/Kiritimati" },
  proof: [
    ["(1.5).toLocaleString()", "1,5"],
    ["new Date(2e12).getHours()", "17"],
  ],
} as const;
const LONG_AGO = {
  prefix: ["faketime", "--exclude-monotonic", "2001-02-03 04:05:06"],
  proof: [["new Date().getFullYear()", "2001"]],
} as const;
const FAR_AWAY = "another folder/ünï/deeper still/tree";
const NOTHING = { prefix: [], env: {}, proof: [] } as const;

const CONDITIONS: readonly Condition[] = [
  { name: "as it is", folder: "tree", ...NOTHING },
  { name: "one processor", folder: "one-cpu", ...NOTHING, ...ONE_CPU },
  { name: "Turkish locale, another time zone", folder: "locale", ...NOTHING, ...TURKISH },
  { name: "another time", folder: "time", ...NOTHING, ...LONG_AGO },
  { name: "another folder", ...NOTHING, folder: FAR_AWAY, proof: [["process.cwd().includes('ünï')", "true"]] },
  {
    name: "all at once",
    folder: `all/${FAR_AWAY}`,
    prefix: [...ONE_CPU.prefix, ...LONG_AGO.prefix],
    env: TURKISH.env,
    proof: [...ONE_CPU.proof, ...TURKISH.proof, ...LONG_AGO.proof],
  },
];

/** Not part of what is built from; `.sumac` holds the key that signs. */
const LEFT_OUT: ReadonlySet<string> = new Set(["node_modules", "build", "dist", ".git"]);
const COMMANDS: readonly (readonly string[])[] = [
  ["scripts/build-heap.ts"],
  ["scripts/build-domains.ts", "--force"],
  ["host/cli/main.ts", "build", "--shadow", "sumac:block/bdev@0.1.0"],
];

const { values } = parseArgs({ options: { keep: { type: "boolean", default: false }, json: { type: "boolean", default: false } } });
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

try {
  ensureFaketime();
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
const temporary = mkdtempSync(join(tmpdir(), "sumac-reproducible-"));
try {
  process.exitCode = check(temporary) ? 0 : 1;
} finally {
  if (values.keep) say(`kept: ${temporary}`);
  else rmSync(temporary, { recursive: true });
}

function check(base: string): boolean {
  const results: { name: string; seconds: number; differing: string[] }[] = [];
  let reference: string | undefined;
  let files: string[] = [];
  for (const condition of CONDITIONS) {
    const started = performance.now();
    const output = build(condition, join(base, condition.folder));
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    if (reference === undefined) {
      reference = output;
      files = modulesBelow(output);
    }
    const first = reference;
    const missing = modulesBelow(output).length === files.length ? [] : ["(other files)"];
    const differing = [...missing, ...files.filter((file) => !same(join(first, file), join(output, file)))];
    results.push({ name: condition.name, seconds, differing });
    say(
      `${differing.length === 0 ? "same" : "DIFFERS"}  ${condition.name}, ${seconds} s${differing.map((file) => `\n  ${file}`).join("")}`,
    );
  }
  const ok = files.length > 0 && results.every(({ differing }) => differing.length === 0);
  console.log(JSON.stringify({ ok, files: files.length, conditions: results }));
  return ok;
}

/** @returns the folder of what was built */
function build({ name, prefix, env, proof }: Condition, tree: string): string {
  const root = packageRoot();
  mkdirSync(tree, { recursive: true });
  cpSync(root, tree, { recursive: true, filter: (from) => !LEFT_OUT.has(relative(root, from)) });
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
  const [program = process.execPath, ...before] = [...prefix, process.execPath];
  const run = (args: readonly string[]): string =>
    execFileSync(program, [...before, ...args], { cwd: tree, env: { ...process.env, ...env }, encoding: "utf8" }).trim();
  for (const [expression, expected] of proof) {
    const found = run(["-p", expression]);
    if (found !== expected) throw new Error(`${name}: ${expression} is ${found} and not ${expected}: the condition does not hold here`);
  }
  for (const command of COMMANDS) run(command);
  return join(tree, "build");
}

function modulesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".wasm")).sort();
}

function same(a: string, b: string): boolean {
  try {
    execFileSync("cmp", ["--", a, b], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** @throws Error that says what to do */
function ensureFaketime(): void {
  if (process.platform !== "linux") throw new Error("this check needs Linux: taskset, faketime, cmp");
  if (hasFaketime()) return;
  process.stderr.write("faketime is missing: installing Debian's package\n");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const remedy = 'faketime is missing and could not be installed: run "apt-get install faketime" as root';
  try {
    execFileSync("apt-get", ["update", "-q"], { stdio: ["ignore", "ignore", "pipe"], env });
    execFileSync("apt-get", ["install", "-q", "-y", "--no-install-recommends", "faketime"], { stdio: ["ignore", "ignore", "pipe"], env });
  } catch (cause) {
    throw new Error(remedy, { cause });
  }
  if (!hasFaketime()) throw new Error(remedy);
}

function hasFaketime(): boolean {
  try {
    execFileSync("faketime", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
