/**
 * What `sumac build` does: interfaces → generated AssemblyScript → Wasm → canonical export names, world, fingerprint, signature.
 * Called by the CLI and by scripts/build-domains.ts. The same sources give the same bytes on every machine: nothing here
 * looks at the time, the machine, absolute paths or the order of a directory.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type GeneratedSource, generateAssemblyScript, type World, writeWorldSection } from "../idl/idl.ts";
import { appendFingerprint, worldId } from "../loader/fingerprint.ts";
import { type SigningKey, signModule } from "../loader/signing.ts";
import { summarize } from "../loader/summary.ts";
import { compileAssemblyScript } from "./compile.ts";
import { packageRoot, readDomainFolder } from "./domain-folder.ts";
import { readText, writeWhole } from "./files.ts";
import { type CompiledTexts, provenanceOf } from "./provenance.ts";
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
  const source = await domainSource(folder);
  for (const [path, text] of source.source.files) await writeIfChanged(join(folder, path), text);
  return await compileDomain(source, key);
}

/** All that goes into a domain's module, read from its folder. Writes nothing. */
export async function domainSource(folder: string): Promise<DomainSource> {
  const { world, shown, settings, path: root } = await readDomainFolder(folder);
  const { memoryPages, variantOf } = settings;
  const shared = (path: string): Promise<string | undefined> =>
    variantOf === undefined ? Promise.resolve(undefined) : readText(join(root, variantOf, path));
  const read = async (path: string): Promise<string | undefined> => (await readText(join(root, path))) ?? (await shared(path));
  return { world, source: generateAssemblyScript(world), shown, ...(memoryPages === undefined ? {} : { memoryPages }), read };
}

export interface DomainSource {
  readonly world: World;
  readonly source: GeneratedSource;
  /** As the domain is called in messages. */
  readonly shown: string;
  readonly memoryPages?: number;
  /** The interface whose shadow this is, where all of it was generated. */
  readonly shadow?: string;
  /** What is not generated: a file of the domain, by its path. */
  readonly read: (path: string) => Promise<string | undefined>;
}

/** @param key signs the module; undefined leaves it unsigned */
export async function compileDomain(domain: DomainSource, key: SigningKey | undefined): Promise<BuiltDomain> {
  const { world, source, shown, shadow } = domain;
  const root = packageRoot();
  const texts: CompiledTexts = { domain: new Map(), library: new Map() };
  const options = { config: await readFile(join(root, "asconfig.json"), "utf8"), memoryPages: domain.memoryPages, runtime: source.runtime };
  const compiled = await compileAssemblyScript({
    ...options,
    entry: source.entry,
    folder: shown,
    read: async (where, path) => {
      const generated = where === "domain" ? source.files.get(path) : undefined;
      const own = where === "domain" && generated === undefined;
      const text = generated ?? (own ? await domain.read(path) : await readText(join(root, "domains-as", "lib", path)));
      if (text !== undefined) texts[own ? "domain" : "library"].set(path, text);
      return text;
    },
  });
  const finished = finishModule(compiled, source.exportNames, writeWorldSection(world));
  const required = summarize(finished).imports.map(({ module, name }) => `${module}#${name}`);
  const printed = await appendFingerprint(finished, world, required, await provenanceOf(options, texts, shadow));
  const { imports, exports, functions } = world;
  return {
    wasm: key === undefined ? printed : await signModule(printed, key),
    world: worldId(world),
    imports: imports.map((one) => one.id),
    exports: [...exports.map((one) => one.id), ...functions.map((one) => one.name)],
  };
}

/** Unchanged generated files keep their time stamps, so that editors and watchers stay quiet. */
async function writeIfChanged(file: string, text: string): Promise<void> {
  if ((await readText(file)) !== text) await writeWhole(file, text);
}
