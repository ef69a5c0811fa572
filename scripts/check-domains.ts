/**
 * The gate of the border: what a domain imports comes from WIT, so nothing below domains-as/ declares an import by hand.
 * `@external` and `declare` stand in the domain library and in generated files only. Called by `npm run ok:static` as
 * `node scripts/check-domains.ts [FOLDER]`; prints one line per place and ends with 1 when there is any.
 *
 * It keeps sources honest and protects nobody: the loader refuses a module that imports what its world does not grant.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { filesBelow, shownPath } from "../host/build/files.ts";

const REMEDY = "import it through an interface: add it to world.wit and use what `sumac bindgen` generates in gen/";

const folder = process.argv[2] ?? "domains-as";
const sources = (await filesBelow(folder)).filter((name) => name.endsWith(".ts") && !name.startsWith("lib/"));
if (sources.length === 0) throw new Error(`${folder}: holds no sources of domains`);

let problems = 0;
for (const name of sources) {
  const text = await readFile(join(folder, name), "utf8");
  if (isGenerated(name, text)) continue;
  for (const { line, column, found } of declaredImports(text)) {
    problems++;
    console.error(`${shownPath(join(folder, name))}:${line}:${column}: \`${found}\` declares an import by hand: ${REMEDY}`);
  }
}
console.log(`${sources.length} sources of domains, ${problems} problems`);
process.exitCode = problems > 0 ? 1 : 0;

/** A hand-written file does not become a generated one by lying in gen/. */
function isGenerated(name: string, text: string): boolean {
  return /(^|\/)gen\//.test(name) && /^\/\*\*(?:(?!\*\/)[\s\S])*\* Generated from the WIT by `sumac build`/.test(text);
}

/** AssemblyScript imports whatever is ambient: functions, variables, and namespaces of them. */
function declaredImports(text: string): { line: number; column: number; found: string }[] {
  const bare = withoutComments(text);
  return [...bare.matchAll(/@external(\.js)?\b|\bdeclare\s+(function|namespace|const|let|var|class)\b/g)].map(({ index, 0: found }) => {
    const before = bare.slice(0, index);
    return { line: before.split("\n").length, column: index - before.lastIndexOf("\n"), found: found.replace(/\s+/g, " ") };
  });
}

/** Comments and strings become blanks, so that words in them count for nothing and every place stays where it was. */
function withoutComments(text: string): string {
  return text.replace(/\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g, (match) =>
    match.replace(/[^\n]/g, " "),
  );
}
