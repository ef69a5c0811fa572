/**
 * Everything that Sumac generates from WIT, as it should be and as it lies on disk. Called by `sumac bindgen`.
 *
 *     a domain's folder         gen/*.ts in it (AssemblyScript)
 *     ROOT/interfaces           ROOT/docs/interfaces/*.md and ROOT/host/interfaces/*.ts
 *     any other folder of .wit  gen/*.md and gen/*.ts in it
 *
 * A folder of .wit may hold a record of what was published: published.json. Interfaces that differ from it are refused, or,
 * where the caller publishes, recorded as they are. All is generated before anything is compared or written, so that bad input changes nothing.
 */
import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { SumacError } from "../errors.ts";
import { comparePublished, generateAssemblyScript, generatePackages, type WitFile } from "../idl/idl.ts";
import { packageIds, readDomainFolder, readWitFolder, shippedWit } from "./domain-folder.ts";
import { filesBelow, readText, shownPath, writeWhole } from "./files.ts";
import { PUBLISHED_FILE, publishedText, readPublished } from "./published-file.ts";

export interface Bindings {
  /** Absolute path to text: all that is generated. */
  readonly files: ReadonlyMap<string, string>;
  /** Those of `files` that are missing or hold another text, sorted. */
  readonly stale: readonly string[];
  /** Generated earlier, in the same folders, from what is no longer there; sorted. */
  readonly leftover: readonly string[];
  /** Interfaces that no record of published ones knows, each as `file:line:column: …`; none where there is no record. */
  readonly unrecorded: readonly string[];
  /** When publishing: how the record differed from the interfaces that it now holds. */
  readonly republished: readonly string[];
}

/**
 * @param root the project's folder
 * @param paths folders of domains or of .wit files; without any, the project's own
 * @param record "publish" makes the record of published interfaces say what they are now
 */
export async function makeBindings(root: string, paths: readonly string[], record: "compare" | "publish" = "compare"): Promise<Bindings> {
  const files = new Map<string, string>();
  const unrecorded: string[] = [];
  const republished: string[] = [];
  const folders = new Set<string>();
  const named: string[] = [];
  for (const path of paths) named.push(...(await foldersAt(resolve(path))));
  for (const folder of paths.length > 0 ? named : await ownFolders(root)) {
    const made = existsSync(join(folder, "world.wit")) ? await domainFiles(folder) : await interfaceFiles(folder, root, record);
    for (const each of made.folders) folders.add(each);
    unrecorded.push(...(made.unrecorded ?? []));
    republished.push(...(made.republished ?? []));
    for (const [file, text] of made.files) files.set(file, text);
  }
  const stale: string[] = [];
  for (const [file, text] of files) if ((await readText(file)) !== text) stale.push(file);
  const leftover: string[] = [];
  for (const folder of folders) {
    for (const name of await filesBelow(folder)) {
      const file = join(folder, name);
      if (!files.has(file) && isGenerated((await readText(file)) ?? "")) leftover.push(file);
    }
  }
  return { files, stale: stale.sort(), leftover: leftover.sort(), unrecorded, republished };
}

export async function writeBindings({ files, stale, leftover }: Bindings): Promise<void> {
  for (const file of stale) await writeWhole(file, files.get(file) ?? "");
  for (const file of leftover) await rm(file);
}

interface Made {
  /** Where nothing else may be generated. */
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, string>;
  readonly unrecorded?: readonly string[];
  readonly republished?: readonly string[];
}

async function domainFiles(folder: string): Promise<Made> {
  const { world } = await readDomainFolder(folder);
  const { files } = generateAssemblyScript(world);
  return { folders: [join(folder, "gen")], files: below(folder, files) };
}

async function interfaceFiles(folder: string, root: string, record: "compare" | "publish"): Promise<Made> {
  const own = await readWitFolder(folder);
  const isProjects = folder === join(root, "interfaces");
  const pages = isProjects ? join(root, "docs", "interfaces") : join(folder, "gen");
  const types = isProjects ? join(root, "host", "interfaces") : join(folder, "gen");
  const from = isProjects ? root : dirname(folder);
  // Named as seen from the project, so that the text does not depend on where the command runs.
  const named = own.map((file): WitFile => ({ ...file, fileName: slashes(relative(from, resolve(file.fileName))) }));
  const others = await shippedWit(packageIds(own));
  const generated = generatePackages(named, others, {
    links: {
      source: (fileName) => slashes(relative(pages, join(from, fileName))),
      types: (stem) => slashes(relative(pages, join(types, `${stem}.ts`))),
    },
    imports: existsSync(join(types, "..", "kernel", "host-values.ts")) ? "sources" : "package",
  });
  const files = new Map([...below(pages, generated.pages), ...below(types, generated.types)]);
  const made: Made = { folders: [...new Set([pages, types])], files };
  const recordFile = join(folder, PUBLISHED_FILE);
  const recorded = await readPublished(recordFile);
  if (recorded === undefined && record === "compare") return made;
  const compared = comparePublished(named, others, recorded ?? new Map(), slashes(relative(from, recordFile)));
  const { refusals, unrecorded, changes } = compared;
  if (record === "publish") {
    files.set(recordFile, publishedText(compared.present));
    return { ...made, republished: changes };
  }
  const [first] = refusals;
  if (first !== undefined) throw first;
  return { ...made, unrecorded };
}

/** `interfaces/` and every domain below `domains-as/`. */
async function ownFolders(root: string): Promise<string[]> {
  const domains = await domainsBelow(join(root, "domains-as"));
  const interfaces = join(root, "interfaces");
  const folders = [...(existsSync(interfaces) ? [interfaces] : []), ...domains];
  if (folders.length > 0) return folders;
  throw new SumacError(
    "file-missing",
    `${shownPath(root)}: has neither interfaces/ nor domains below domains-as/; name folders of domains or of .wit files`,
  );
}

async function domainsBelow(folder: string): Promise<string[]> {
  return (await filesBelow(folder))
    .filter((name) => name.endsWith("/world.wit") && !/(^|\/)(lib|gen|node_modules)\//.test(name))
    .map((name) => join(folder, dirname(name)));
}

/** A domain, the domains below a folder, or a folder of interfaces. */
async function foldersAt(folder: string): Promise<string[]> {
  const shown = shownPath(folder);
  if (!existsSync(folder)) throw new SumacError("file-missing", `${shown}: no such folder; name one with a world.wit or with .wit files`);
  if (!statSync(folder).isDirectory()) throw new SumacError("file-missing", `${shown}: is not a folder; name the one that holds it`);
  if (existsSync(join(folder, "world.wit"))) return [folder];
  const domains = await domainsBelow(folder);
  if (domains.length > 0) return domains;
  if ((await filesBelow(folder)).some((name) => name.endsWith(".wit"))) return [folder];
  throw new SumacError("file-missing", `${shown}: holds no .wit file; name a domain's folder or a folder of interfaces`);
}

/** Whether a file begins the way that generated ones do: nobody's own file is removed. */
function isGenerated(text: string): boolean {
  return /^(\/\/|<!--|\/\*\*\n.*\n) ?(\* )?Generated from .* by `sumac (bindgen|build)`/.test(text);
}

function below(folder: string, files: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...files].map(([name, text]) => [join(folder, name), text]));
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}
