/** `sumac build`: folders with a world and AssemblyScript sources to signed modules, or one interface to its shadow. */
import { basename, join, relative, resolve, sep } from "node:path";
import type { Command } from "commander";
import { type BuiltDomain, buildDomain } from "../build/build.ts";
import { shownPath, writeWhole } from "../build/files.ts";
import { buildShadow, writeShadowSource } from "../build/shadow.ts";
import { SumacError } from "../errors.ts";
import { developmentKey, projectRoot, readSigningKey } from "../loader/keys.ts";
import { print, printJson } from "./output.ts";

interface BuildOptions {
  readonly output?: string;
  readonly key?: string;
  /** False after --no-sign. */
  readonly sign: boolean;
  /** Id of an interface; DIRs are folders of .wit files then. */
  readonly shadow?: string;
  readonly source?: string;
  readonly json?: true;
}

export function addBuild(program: Command): void {
  program
    .command("build")
    .summary("compile and sign domains")
    .description(
      "Compiles each DIR (world.wit, index.ts, optionally domain.json) to a module that carries its world, and signs it. The modules go to build/domains/.",
    )
    .argument("[dir...]", "folders of domains; with --shadow, of the interface's .wit files")
    .option("-o, --output <file>", "where the module goes (with one DIR only)")
    .option("--shadow <interface>", "make the shadow of an interface whose functions are all @idempotent")
    .option("--source <folder>", "with --shadow: also write its source, to go on from by hand")
    .option("--key <file>", "private key to sign with (default: the development key)")
    .option("--no-sign", "leave the modules unsigned")
    .option("--json", "print one JSON object")
    .action(build);
}

async function build(folders: readonly string[], options: BuildOptions): Promise<void> {
  const { output, shadow, source } = options;
  if (shadow === undefined && folders.length === 0)
    throw new SumacError("usage", "missing required argument 'dir'; see `sumac build --help`");
  if (shadow === undefined && source !== undefined) throw new SumacError("usage", "--source belongs to --shadow; leave it out");
  if (shadow === undefined && output !== undefined && folders.length > 1) {
    throw new SumacError("usage", `-o names one file, but ${folders.length} folders are given; build them one by one or leave -o out`);
  }
  if (options.key !== undefined && !options.sign)
    throw new SumacError("usage", "--key and --no-sign contradict each other; give one of them");
  const root = projectRoot(process.cwd());
  const key = options.sign ? await (options.key === undefined ? developmentKey(root) : readSigningKey(options.key)) : undefined;
  const modules: object[] = [];
  const write = async (made: BuiltDomain, from: object, place: string): Promise<void> => {
    const { wasm, world, imports, exports } = made;
    const file = output ?? join(root, "build", place);
    await writeWhole(file, wasm);
    modules.push({ ...from, module: shownPath(file), bytes: wasm.length, world, imports, exports, signed: key !== undefined });
    if (!options.json) print(`${shownPath(file)}: ${wasm.length} bytes, world ${world}${key === undefined ? ", not signed" : ""}`);
  };
  if (shadow !== undefined) {
    const built = await buildShadow(shadow, folders, key);
    if (source !== undefined) await writeShadowSource(source, built);
    await write(built, { shadow }, join("shadows", `${shadow.replace(/^.*\/|@.*$/g, "")}.wasm`));
  } else {
    for (const folder of folders)
      await write(await buildDomain(folder, key), { folder }, join("domains", `${moduleName(root, folder)}.wasm`));
  }
  if (options.json) printJson({ ok: true, modules });
}

/** Below domains-as/ the path is kept (`drivers/disk`), elsewhere the folder's own name counts. */
function moduleName(root: string, folder: string): string {
  const inside = relative(join(root, "domains-as"), resolve(folder));
  const outside = inside === "" || inside.startsWith("..") || resolve(inside) === inside;
  return outside ? basename(resolve(folder)) : inside.split(sep).join("/");
}
