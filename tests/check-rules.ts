/**
 * The gate of the rules: every rule numbered in docs/rules.md is mapped in tests/rules.ts to at least one test, every mapped
 * rule exists, and every test that is named exists.
 */
import { existsSync, readFileSync } from "node:fs";
import { RULES } from "./rules.ts";

const problems: string[] = [];
const documented = new Set([...readFileSync("docs/rules.md", "utf8").matchAll(/^\*\*([A-Z]+\d+)\*\*/gm)].map((m) => m[1] ?? ""));
if (documented.size === 0) problems.push("docs/rules.md: no rule found (a rule starts a line with **H1**)");

for (const rule of documented) {
  if (!(rule in RULES)) problems.push(`docs/rules.md: rule ${rule} has no test: map it in tests/rules.ts`);
}
for (const [rule, tests] of Object.entries(RULES)) {
  if (!documented.has(rule)) problems.push(`tests/rules.ts: rule ${rule} is not in docs/rules.md`);
  if (tests.length === 0) problems.push(`tests/rules.ts: rule ${rule} names no test`);
  for (const test of tests) {
    const [file = "", name = ""] = test.split(" › ");
    if (!existsSync(file)) problems.push(`tests/rules.ts: ${rule}: no file ${file}`);
    else if (!hasTest(readFileSync(file, "utf8"), name)) problems.push(`tests/rules.ts: ${rule}: no test "${name}" in ${file}`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`${documented.size} rules, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** A test is named by a string literal as the first argument of a call. */
function hasTest(source: string, name: string): boolean {
  return ['"', "'", "`"].some((quote) => source.includes(`(${quote}${name}${quote},`));
}
