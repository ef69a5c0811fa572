/**
 * A domain's folder on disk: `world.wit`, `index.ts`, an optional `domain.json`, and the WIT packages it may use.
 * Called by build.ts. Reads only; what is generated or compiled is written elsewhere.
 */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { SumacError } from "../errors.ts";
import type { PackageName, WitFile } from "../idl/ast.ts";
import { parseWit, resolveWorld, type World } from "../idl/idl.ts";
import { readText, shownPath } from "./files.ts";

export interface DomainFolder {
  /** As shown to people: relative to the current folder. */
  readonly shown: string;
  readonly path: string;
  readonly world: World;
  readonly settings: DomainSettings;
}

/** What `domain.json` may say. */
export interface DomainSettings {
  /** Initial memory, in pages of 64 KiB; the compiler takes what the data needs when absent. */
  readonly memoryPages?: number;
  /** The folder next to it, `../name`, whose sources it shares but for those of the same name in its own. */
  readonly variantOf?: string;
}

const MAX_PAGES = 65536;
const NEIGHBOUR = /^\.\.\/[a-z0-9][a-z0-9-]*$/;

/** The folder that holds the domain library and the interfaces: this package's own. */
export function packageRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "domains-as", "lib", "sumac"))) return folder;
    if (folder === dirname(folder)) throw new Error("the package is incomplete: domains-as/lib is missing");
  }
}

export async function readDomainFolder(folder: string): Promise<DomainFolder> {
  const path = resolve(folder);
  const shown = shownPath(path);
  for (const needed of ["world.wit", "index.ts"]) {
    if (existsSync(join(path, needed))) continue;
    const what = existsSync(path) ? `${shown}/${needed}: no such file` : `${shown}: no such folder`;
    throw new SumacError("file-missing", `${what}; a domain's folder holds world.wit and index.ts`);
  }
  return { shown, path, world: await readWorld(path), settings: await readSettings(path) };
}

async function readWorld(path: string): Promise<World> {
  const worldFile = join(path, "world.wit");
  const own: WitFile[] = [];
  for (const file of await witFiles(path, false)) own.push(await parse(file));
  for (const file of await witFiles(join(path, "wit"), true)) own.push(await parse(file));
  // A package that the folder brings along hides the one of the same name that ships with Sumac.
  const local = packageIds(own);
  const shipped = await shippedWit(local);
  const main = own.find((file) => file.fileName === shownPath(worldFile)) as WitFile;
  const worlds = main.items.filter((item) => item.kind === "world");
  const [world] = worlds;
  if (world === undefined || worlds.length > 1) {
    throw new SumacError("wit-invalid", `${main.fileName}: holds ${worlds.length} worlds; a domain has exactly one`);
  }
  const name = main.package === undefined ? world.name.text : qualified(main.package, world.name.text);
  return resolveWorld([...own, ...shipped], name);
}

/** The packages that files define. */
export function packageIds(files: readonly WitFile[]): ReadonlySet<string> {
  return new Set(files.flatMap((file) => [file.package, ...file.nested.map((nested) => nested.name)]).map(packageId));
}

/** Sumac's own interfaces, but for packages that the caller brings along. */
export async function shippedWit(hidden: ReadonlySet<string>): Promise<WitFile[]> {
  const shipped: WitFile[] = [];
  for (const file of await witFiles(join(packageRoot(), "interfaces"), true)) {
    const parsed = await parse(file);
    if (!hidden.has(packageId(parsed.package))) shipped.push(parsed);
  }
  return shipped;
}

/** Every `.wit` file below a folder, parsed. */
export async function readWitFolder(folder: string): Promise<WitFile[]> {
  const files: WitFile[] = [];
  for (const file of await witFiles(folder, true)) files.push(await parse(file));
  return files;
}

async function parse(file: string): Promise<WitFile> {
  return parseWit(await readFile(file, "utf8"), shownPath(file));
}

async function witFiles(folder: string, recursive: boolean): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder, { recursive });
  // Sorted, since the order of a directory differs between machines.
  return names
    .filter((name) => name.endsWith(".wit"))
    .sort()
    .map((name) => join(folder, name));
}

function packageId(name: PackageName | undefined): string {
  if (name === undefined) return "";
  return `${name.namespace.text}:${name.name.text}${name.version === undefined ? "" : `@${name.version}`}`;
}

function qualified(name: PackageName, world: string): string {
  const version = name.version === undefined ? "" : `@${name.version}`;
  return `${name.namespace.text}:${name.name.text}/${world}${version}`;
}

async function readSettings(path: string): Promise<DomainSettings> {
  const file = join(path, "domain.json");
  const text = await readText(file);
  if (text === undefined) return {};
  const shown = shownPath(file);
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (cause) {
    throw new SumacError("manifest-invalid", `${shown}: ${(cause as Error).message}`, { cause });
  }
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new SumacError("manifest-invalid", `${shown}: must hold an object such as {"memoryPages": 4}`);
  }
  for (const [key, value] of Object.entries(settings)) {
    if (key === "variantOf") {
      if (typeof value === "string" && NEIGHBOUR.test(value) && existsSync(join(path, value, "index.ts"))) continue;
      throw new SumacError("manifest-invalid", `${shown}: /variantOf must name the folder of another domain next to it, such as "../nvme"`);
    }
    if (key !== "memoryPages") throw new SumacError("manifest-invalid", `${shown}: /${key} is not known; known: /memoryPages, /variantOf`);
    if (!Number.isInteger(value) || value < 1 || value > MAX_PAGES) {
      throw new SumacError("manifest-invalid", `${shown}: /memoryPages must be a whole number from 1 to ${MAX_PAGES}`);
    }
  }
  return settings;
}
