/**
 * Runs the corpus of hostile modules: each is written to break one rule of docs/rules.md, and must come to what is expected.
 *
 * Usage: npm run hostile -- [--json] [RULE…]
 *
 * With --json a line {rule, name, expected, got} for each module. The last line says how many there were and how many came to
 * something else; the exit code is 1 when any did.
 */
import { parseArgs } from "node:util";
import { CORPUS, judge } from "../tests/hostile-corpus/corpus.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: "boolean", default: false } } });
const chosen = CORPUS.filter(({ rule }) => positionals.length === 0 || positionals.includes(rule));
let different = 0;
for (const one of chosen) {
  const judged = await judge(one);
  const isEqual = judged.got === judged.expected;
  if (!isEqual) different++;
  if (values.json) console.log(JSON.stringify(judged));
  else
    console.log(
      `${isEqual ? "ok  " : "FAIL"} ${one.rule.padEnd(4)} ${one.name}: ${judged.got}${isEqual ? "" : ` (expected: ${judged.expected})`}`,
    );
}
const rules = new Set(chosen.map(({ rule }) => rule)).size;
if (values.json) console.log(JSON.stringify({ ok: different === 0, modules: chosen.length, rules, different }));
else console.log(`${chosen.length} hostile modules for ${rules} rules, ${different} with another end than expected`);
process.exitCode = different === 0 && chosen.length > 0 ? 0 : 1;
