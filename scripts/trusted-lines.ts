/**
 * Prints how many lines of code are trusted, by path, and holds SECURITY.md against it.
 *
 *   node scripts/trusted-lines.ts          print the table
 *   node scripts/trusted-lines.ts --check  fail when SECURITY.md says something else (the gate)
 *   node scripts/trusted-lines.ts --write  put the table into SECURITY.md
 *
 * A line counts when it holds more than space and comment. A documented figure agrees while it is within 15 %, or a hundred lines, of
 * the counted one: the document says how much there is to read, and a commit should not have to touch it for every line.
 * Every file below the trusted folders belongs to exactly one row, so nothing trusted is left out.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../host/build/domain-folder.ts";

interface Row {
  /** Prefixes of paths; of several that fit a file, the longest decides. */
  readonly paths: readonly string[];
  readonly what: string;
  /** Whether isolation rests on it while a domain runs. */
  readonly isolates: boolean;
}

const TRUSTED: readonly string[] = ["host/", "shared-heap/", "devices/"];
const CODE = /\.(ts|wat)$/;
const GENERATED = /(^|\/)(golden|node_modules)\//;

const ROWS: readonly Row[] = [
  { paths: ["host/kernel/"], what: "proxies, life and death of domains, deadlines, grants", isolates: true },
  { paths: ["shared-heap/"], what: "the heap, and the guard that every access goes through", isolates: true },
  {
    paths: ["host/loader/audit/", "host/loader/wasm/", "host/loader/limits.ts"],
    what: "the audit: the proof of the hardened bytes, with the opcode tables",
    isolates: true,
  },
  {
    paths: ["host/loader/check", "host/loader/world-match.ts"],
    what: "the strict reader, and the world held against the module",
    isolates: true,
  },
  { paths: ["host/loader/"], what: "signatures, keys, fingerprints, demands, the order of the steps", isolates: true },
  { paths: ["host/idl/"], what: "worlds: text to signatures and checks", isolates: true },
  {
    paths: ["host/system/", "host/platform/", "host/control/", "host/errors.ts", "host/version.ts"],
    what: "manifests, wiring, watchdog, control socket",
    isolates: true,
  },
  { paths: ["devices/", "host/backends/"], what: "device models behind their ports, files behind them", isolates: true },
  { paths: ["host/sumac.ts", "host/interfaces/"], what: "the library's front", isolates: true },
  {
    paths: ["host/loader/harden"],
    what: "the rewriter: the audit proves its output, so a fault refuses modules and frees none",
    isolates: false,
  },
  {
    paths: ["host/build/", "host/idl/assemblyscript/", "host/idl/typescript/", "host/idl/pages/"],
    what: "the build and what it generates: signs what it builds, holds nothing at run time",
    isolates: false,
  },
  { paths: ["host/cli/", "host/explain/", "host/"], what: "the command line and its views", isolates: false },
];

const DOCUMENT: string = join(packageRoot(), "SECURITY.md");
const BEGIN = "<!-- trusted lines: begin -->";
const END = "<!-- trusted lines: end -->";

const counted = count();
const problems = process.argv.includes("--write") ? write() : process.argv.includes("--check") ? check() : print();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function count(): Map<Row, number> {
  const lines = new Map(ROWS.map((row): [Row, number] => [row, 0]));
  for (const folder of TRUSTED) {
    const names = readdirSync(join(packageRoot(), folder), { recursive: true, encoding: "utf8" });
    for (const name of names.map((path) => folder + path.replaceAll("\\", "/"))) {
      if (!CODE.test(name) || GENERATED.test(name)) continue;
      const row = rowOf(name);
      lines.set(row, (lines.get(row) ?? 0) + linesOf(readFileSync(join(packageRoot(), name), "utf8")));
    }
  }
  return lines;
}

function rowOf(name: string): Row {
  const fitting = ROWS.flatMap((row) => row.paths.filter((path) => name.startsWith(path)).map((path) => ({ row, path })));
  const [best] = fitting.sort((a, b) => b.path.length - a.path.length);
  if (best === undefined) throw new Error(`${name} is trusted, but no row of scripts/trusted-lines.ts has it`);
  return best.row;
}

/** Without lines that hold only space or comment. */
function linesOf(text: string): number {
  const code = text.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/^\s*(\/\/|;;).*$/gm, "");
  return code.split("\n").filter((line) => line.trim() !== "").length;
}

function table(): string[] {
  const rows = (isolates: boolean): string[] =>
    ROWS.filter((row) => row.isolates === isolates).map((row) => `| ${pathsText(row)} | ${counted.get(row)} | ${row.what} |`);
  return [
    "| path | lines | what |",
    "|---|---:|---|",
    ...rows(true),
    `| **isolation rests on** | **${sum(true)}** | |`,
    ...rows(false),
    `| **trusted otherwise** | **${sum(false)}** | |`,
  ];
}

function sum(isolates: boolean): number {
  return ROWS.filter((row) => row.isolates === isolates).reduce((total, row) => total + (counted.get(row) ?? 0), 0);
}

/** `host/` takes what no other row has. */
function pathsText({ paths }: Row): string {
  return paths
    .filter((path) => path !== "host/")
    .map((path) => `\`${path}${/[/.]/.test(path.slice(-3)) ? "" : "*"}\``)
    .join(", ");
}

function print(): string[] {
  console.log(table().join("\n"));
  return [];
}

function write(): string[] {
  const { before, after } = split(readFileSync(DOCUMENT, "utf8"));
  writeFileSync(DOCUMENT, `${before}${BEGIN}\n${table().join("\n")}\n${END}${after}`);
  return [];
}

function check(): string[] {
  const { inside } = split(readFileSync(DOCUMENT, "utf8"));
  const documented = inside.trim().split("\n");
  const now = table();
  const remedy = "run: node scripts/trusted-lines.ts --write";
  if (documented.length !== now.length)
    return [`SECURITY.md has ${documented.length} lines of trusted code where there are ${now.length}: ${remedy}`];
  return now.flatMap((line, i) => {
    const old = documented[i] ?? "";
    const [is, was] = [figure(line), figure(old)];
    const close = is === was || Math.abs(is - was) <= Math.max(100, is * 0.15);
    return withoutFigure(line) === withoutFigure(old) && close ? [] : [`SECURITY.md: "${old}" should be "${line}": ${remedy}`];
  });
}

function figure(line: string): number {
  return Number(/\| \**(\d+)\** \|/.exec(line)?.[1] ?? 0);
}

function withoutFigure(line: string): string {
  return line.replace(/\| \**\d+\** \|/, "| |");
}

function split(text: string): { before: string; inside: string; after: string } {
  const [before, rest = ""] = text.split(BEGIN);
  const [inside, after] = rest.split(END);
  if (before === undefined || inside === undefined || after === undefined) throw new Error(`SECURITY.md lacks ${BEGIN} … ${END}`);
  return { before, inside, after };
}
