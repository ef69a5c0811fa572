/**
 * What `sumac build` does: interfaces → generated AssemblyScript → Wasm → canonical export names, world, signature.
 * Called by the CLI and by scripts/build-domains.ts. The same sources give the same bytes on every machine: nothing here
 * looks at the time, the machine, absolute paths or the order of a directory.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { generateAssemblyScript, writeWorldSection } from "../idl/idl.ts";
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

  const root = packageRoot();
  const compiled = await compileAssemblyScript({
    config: await readFile(join(root, "asconfig.json"), "utf8"),
    entry: generated.entry,
    memoryPages: domain.settings.memoryPages,
    folder: domain.shown,
    read: async (where, path) => {
      if (where === "library") return readText(join(root, "domains-as", "lib", path));
      return generated.files.get(path) ?? readText(join(domain.path, path));
    },
  });
  const finished = finishModule(compiled, generated.exportNames, writeWorldSection(domain.world));
  const { packageId, name, imports, exports, functions } = domain.world;
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
