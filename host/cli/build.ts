/** `sumac build`: folders with a world and AssemblyScript sources to signed modules. */
import { basename, join, relative, resolve, sep } from "node:path";
import type { Command } from "commander";
import { buildDomain } from "../build/build.ts";
import { shownPath, writeWhole } from "../build/files.ts";
import { SumacError } from "../errors.ts";
import { developmentKey, projectRoot, readSigningKey } from "../loader/keys.ts";
import { print, printJson } from "./output.ts";

interface BuildOptions {
  readonly output?: string;
  readonly key?: string;
  /** False after --no-sign. */
  readonly sign: boolean;
  readonly json?: true;
}

export function addBuild(program: Command): void {
  program
    .command("build")
    .summary("compile and sign domains")
    .description(
      "Compiles each DIR (world.wit, index.ts, optionally domain.json) to a module that carries its world, and signs it. The modules go to build/domains/.",
    )
    .argument("<dir...>", "folders of domains")
    .option("-o, --output <file>", "where the module goes (with one DIR only)")
    .option("--key <file>", "private key to sign with (default: the development key)")
    .option("--no-sign", "leave the modules unsigned")
    .option("--json", "print one JSON object")
    .action(build);
}

async function build(folders: readonly string[], options: BuildOptions): Promise<void> {
  if (options.output !== undefined && folders.length > 1) {
    throw new SumacError("usage", `-o names one file, but ${folders.length} folders are given; build them one by one or leave -o out`);
  }
  if (options.key !== undefined && !options.sign)
    throw new SumacError("usage", "--key and --no-sign contradict each other; give one of them");
  const root = projectRoot(process.cwd());
  const key = options.sign ? await (options.key === undefined ? developmentKey(root) : readSigningKey(options.key)) : undefined;
  const modules: object[] = [];
  for (const folder of folders) {
    const built = await buildDomain(folder, key);
    const output = options.output ?? join(root, "build", "domains", `${moduleName(root, folder)}.wasm`);
    await writeWhole(output, built.wasm);
    const { world, imports, exports } = built;
    modules.push({ folder, module: shownPath(output), bytes: built.wasm.length, world, imports, exports, signed: key !== undefined });
    if (!options.json) print(`${shownPath(output)}: ${built.wasm.length} bytes, world ${world}${key === undefined ? ", not signed" : ""}`);
  }
  if (options.json) printJson({ ok: true, modules });
}

/** Below domains-as/ the path is kept (`drivers/disk`), elsewhere the folder's own name counts. */
function moduleName(root: string, folder: string): string {
  const inside = relative(join(root, "domains-as"), resolve(folder));
  const outside = inside === "" || inside.startsWith("..") || resolve(inside) === inside;
  return outside ? basename(resolve(folder)) : inside.split(sep).join("/");
}
