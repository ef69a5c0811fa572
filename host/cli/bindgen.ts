/** `sumac bindgen`: everything that is generated from WIT, written anew or compared. */
import type { Command } from "commander";
import { makeBindings, writeBindings } from "../build/bindgen.ts";
import { shownPath } from "../build/files.ts";
import { SumacError } from "../errors.ts";
import { projectRoot } from "../loader/keys.ts";
import { print, printJson, visible } from "./output.ts";

interface BindgenOptions {
  readonly check?: true;
  readonly publish?: true;
  readonly json?: true;
}

export function addBindgen(program: Command): void {
  program
    .command("bindgen")
    .summary("generate code and pages from interfaces")
    .description(
      "Generates from WIT: the AssemblyScript of domains (gen/), a page of documentation and the host's TypeScript per interface package. Without PATHS, for all of the project: interfaces/ and the domains below domains-as/.",
    )
    .argument("[paths...]", "folders of domains, or of .wit files")
    .option("--check", "write nothing, and fail if a generated file is not what it would be now")
    .option("--publish", "record every interface in published.json as it is now; from then on a change needs a new version")
    .option("--json", "print one JSON object")
    .action(bindgen);
}

async function bindgen(paths: readonly string[], options: BindgenOptions): Promise<void> {
  if (options.check && options.publish) throw new SumacError("usage", "--check writes nothing and --publish does: give one of them");
  const bindings = await makeBindings(projectRoot(process.cwd()), paths, options.publish ? "publish" : "compare");
  const { unrecorded, republished } = bindings;
  const stale = bindings.stale.map(shownPath);
  const leftover = bindings.leftover.map(shownPath);
  if (options.check) refuseStale(stale, leftover, unrecorded, ["sumac bindgen", ...paths].join(" "));
  else await writeBindings(bindings);
  if (options.json) {
    printJson({ ok: true, files: bindings.files.size, written: stale, removed: leftover, unrecorded, republished });
    return;
  }
  for (const change of republished) print(visible(`published anew: ${change}`));
  for (const file of stale) print(`${file}: written`);
  for (const file of leftover) print(`${file}: removed`);
  for (const each of unrecorded) print(visible(each));
  print(`${bindings.files.size} generated files are up to date`);
}

function refuseStale(stale: readonly string[], leftover: readonly string[], unrecorded: readonly string[], remedy: string): void {
  const [first] = stale;
  const [extra] = leftover;
  const [draft] = unrecorded;
  if (first !== undefined) throw new SumacError("generated-stale", `${first}: is not what its .wit generates; run \`${remedy}\``);
  if (extra !== undefined) throw new SumacError("generated-stale", `${extra}: nothing generates it any more; run \`${remedy}\``);
  if (draft !== undefined) throw new SumacError("generated-stale", draft);
}
