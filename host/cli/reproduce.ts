/** `sumac reproduce`: builds a module again from its sources and compares. */
import type { Command } from "commander";
import { type Reproduction, reproduce } from "../build/reproduce.ts";
import { projectRoot } from "../loader/keys.ts";
import { about, readModule } from "./module-file.ts";
import { bold, EXIT, print, printJson, visible } from "./output.ts";

interface ReproduceOptions {
  readonly source?: string;
  readonly json?: true;
}

/** @param finish receives the exit code */
export function addReproduce(program: Command, finish: (exitCode: number) => void): void {
  program
    .command("reproduce")
    .summary("build a module again and compare")
    .description(
      "Builds MODULE again from the sources that its fingerprint names and compares the two, byte for byte but for signatures. Writes nothing. The exit code is 1 when they differ.",
    )
    .argument("<module>", "a .wasm file that `sumac build` made")
    .option("--source <folder>", "the domain's folder (default: the one below domains-as/ with the same world)")
    .option("--json", "print one JSON object")
    .action(async (file: string, { source, json }: ReproduceOptions) => {
      const bytes = await readModule(file);
      const result = await about(file, () => reproduce(bytes, source, projectRoot(process.cwd())));
      if (json) printJson({ ok: result.identical, module: file, ...result });
      else printResult(file, result);
      finish(result.identical ? EXIT.ok : EXIT.jobFailed);
    });
}

function printResult(file: string, { identical, source, claims, sections }: Reproduction): void {
  print(`${file}: ${bold(identical ? "identical" : "NOT identical")} to what ${visible(source)} gives now`);
  for (const { what, module, rebuilt } of claims) {
    print(`  ${what}`);
    print(`    module   ${visible(module)}`);
    print(`    rebuilt  ${visible(rebuilt)}`);
  }
  for (const { name, equal, module, rebuilt, differsAt } of sections) {
    if (!equal) print(`  section ${visible(name)}: ${module} bytes, rebuilt ${rebuilt}; differs from byte 0x${differsAt?.toString(16)} on`);
  }
}
