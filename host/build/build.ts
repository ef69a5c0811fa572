/**
 * What `sumac build` does: interfaces → generated AssemblyScript → Wasm → canonical export names, world, signature.
 * Called by the CLI and by scripts/build-domains.ts. The same sources give the same bytes on every machine: nothing here
 * looks at the time, the machine, absolute paths or the order of a directory.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type GeneratedSource, generateAssemblyScript, type World, writeWorldSection } from "../idl/idl.ts";
import { type SigningKey, signModule } from "../loader/signature.ts";
import { compileAssemblyScript } from "./compile.ts";
import { packageRoot, readDomainFolder } from "./domain-folder.ts";
import { readText, writeWhole } from "./files.ts";
import { finishModule } from "./rewrite.ts";

export interface BuiltDomain {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** For example `acme:hello/hello@0.1.0`: package, world, version. */
  readonly world: string;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

/** @param key signs the module; undefined leaves it unsigned */
export async function buildDomain(folder: string, key: SigningKey | undefined): Promise<BuiltDomain> {
  const domain = await readDomainFolder(folder);
  const generated = generateAssemblyScript(domain.world);
  for (const [path, text] of generated.files) await writeIfChanged(join(domain.path, path), text);
  const { world, shown, settings } = domain;
  return await compileDomain({ world, source: generated, shown, ...settings, read: (path) => readText(join(domain.path, path)) }, key);
}

export interface DomainSource {
  readonly world: World;
  readonly source: GeneratedSource;
  /** As the domain is called in messages. */
  readonly shown: string;
  readonly memoryPages?: number;
  /** What is not generated: a file of the domain, by its path. */
  readonly read: (path: string) => Promise<string | undefined>;
}

/** @param key signs the module; undefined leaves it unsigned */
export async function compileDomain(domain: DomainSource, key: SigningKey | undefined): Promise<BuiltDomain> {
  const { world, source, shown } = domain;
  const root = packageRoot();
  const compiled = await compileAssemblyScript({
    config: await readFile(join(root, "asconfig.json"), "utf8"),
    entry: source.entry,
    memoryPages: domain.memoryPages,
    runtime: source.runtime,
    folder: shown,
    read: async (where, path) => {
      if (where === "library") return readText(join(root, "domains-as", "lib", path));
      return source.files.get(path) ?? domain.read(path);
    },
  });
  const finished = finishModule(compiled, source.exportNames, writeWorldSection(world));
  const { packageId, name, imports, exports, functions } = world;
  return {
    wasm: key === undefined ? finished : await signModule(finished, key),
    world: packageId.replace(/(@|$)/, `/${name}$1`),
    imports: imports.map((one) => one.id),
    exports: [...exports.map((one) => one.id), ...functions.map((one) => one.name)],
  };
}

/** Unchanged generated files keep their time stamps, so that editors and watchers stay quiet. */
async function writeIfChanged(file: string, text: string): Promise<void> {
  if ((await readText(file)) !== text) await writeWhole(file, text);
}
