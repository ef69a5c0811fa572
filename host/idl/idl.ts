/**
 * The front of the interface language: WIT text in, resolved worlds, core signatures and AssemblyScript out.
 * Called by the build (generate, embed), the loader (compare a module's imports and exports with its world) and the
 * kernel (method descriptions for proxies). Never touches files, modules or memories. Errors are `SumacError`s with
 * code "wit-syntax" or "wit-invalid" and `file:line:column`. Sources: [WIT].
 */
import type { SumacError } from "../errors.ts";
import { generate } from "./assemblyscript/generate.ts";
import type { WitFile } from "./ast.ts";
import { differenceOf } from "./canonical.ts";
import { coreExports, coreImports, exportName } from "./core-names.ts";
import { describePackages } from "./describe.ts";
import { WorldLowerer } from "./lower-world.ts";
import type { CoreFunction, GeneratedSource, Interface, MethodDescription, World } from "./model.ts";
import { generatePages, type PageLinks } from "./pages/generate.ts";
import { parseFile } from "./parser.ts";
import { invalid, Problems, syntaxError } from "./problems.ts";
import { resolveFiles } from "./resolve-files.ts";
import { generateTypes, type HostImports } from "./typescript/generate.ts";

export type { WitFile } from "./ast.ts";
export type {
  CoreFunction,
  EnumType,
  FieldType,
  FlagsType,
  GeneratedSource,
  HostType,
  Interface,
  MethodDescription,
  NamedType,
  ObjectParam,
  PlainType,
  RecordType,
  ResourceType,
  Scalar,
  SharedRef,
  SharedType,
  SourceParam,
  World,
} from "./model.ts";
export type { PageLinks } from "./pages/generate.ts";
export { comparePublished, type PublishedComparison, type PublishedInterface, type PublishedRecord } from "./published.ts";
export type { HostImports } from "./typescript/generate.ts";

/** Reads one file; the grammar only, names are resolved by `resolveWorld`. */
export function parseWit(text: string, fileName: string): WitFile {
  return parseFile(text, fileName);
}

/**
 * Resolves a world, checks every rule and lowers its functions; throws the first problem.
 * @param files every file of the packages concerned, in any order; several files may share one package
 * @param worldName `name`, or `ns:package/name@version` where `name` alone is not unique
 */
export function resolveWorld(files: readonly WitFile[], worldName: string): World {
  const problems = new Problems();
  const { worlds } = resolveFiles(files, problems);
  // What is broken as WIT would be reported again, in other words, by the lowering.
  problems.throwFirst();
  const found = worlds.filter(({ id, world }) => id === worldName || world.name === worldName);
  const [only, ...others] = found;
  const start = { file: files[0]?.fileName ?? "(no file)", line: 1, column: 1 };
  if (!only) throw invalid(start, `there is no world \`${worldName}\``, "define it, or add the file that does");
  if (others.length > 0) {
    throw invalid(start, `several worlds are called \`${worldName}\``, `write one of ${found.map(({ id }) => id).join(", ")}`);
  }
  const lowered = new WorldLowerer(problems).world(only.world);
  problems.throwFirst();
  return lowered;
}

/** Every interface of the files, lowered; throws the first problem. */
export function resolveInterfaces(files: readonly WitFile[]): Interface[] {
  const problems = new Problems();
  const { interfaces } = resolveFiles(files, problems);
  problems.throwFirst();
  const lowerer = new WorldLowerer(problems);
  const lowered = interfaces.map((each) => lowerer.interface(each));
  problems.throwFirst();
  return lowered;
}

/** Every problem of the files, of all their interfaces and worlds; empty when all is well. */
export function problemsOf(files: readonly WitFile[]): SumacError[] {
  const problems = new Problems();
  const { interfaces, worlds } = resolveFiles(files, problems);
  const lowerer = new WorldLowerer(problems);
  for (const each of interfaces) lowerer.interface(each);
  for (const { world } of worlds) lowerer.world(world);
  return problems.sorted();
}

/** The text of the custom section `sumac:world`: canonical, so equal worlds give equal bytes. */
export function writeWorldSection(world: World): string {
  return world.text;
}

/** The world that a module carries. The text is untrusted: it is parsed and checked like any other. */
export function readWorldSection(text: string): World {
  const start = { file: "sumac:world", line: 1, column: 1 };
  if (text.length > MAX_SECTION_CHARACTERS) {
    throw syntaxError(start, `the section has more than ${MAX_SECTION_CHARACTERS} characters`, "build the module again");
  }
  const file = parseFile(text, start.file);
  const worlds = file.items.filter((item) => item.kind === "world");
  const [world] = worlds;
  if (!world || worlds.length > 1) {
    throw syntaxError(start, `the section holds ${worlds.length} worlds, not one`, "build the module again");
  }
  return resolveWorld([file], world.name.text);
}

/**
 * All functions that a module of this world may import, besides those of "guard" and "kernel": the methods and `[alive]`
 * of each imported interface, `[constructor]x` and `[resource-drop]x` of each shared type within reach.
 */
export function coreImportsOf(world: World): CoreFunction[] {
  return coreImports(world);
}

/** All functions that a module of this world must export, and the only ones it may. */
export function coreExportsOf(world: World): CoreFunction[] {
  return coreExports(world);
}

/** The core export that implements a method: `sumac:block/bdev@0.1.0#read`. */
export function exportNameOf(owner: Interface, method: MethodDescription): string {
  return exportName(owner.id, method.name);
}

/** Why an importer and an exporter of one interface may not be linked, or undefined when they may. */
export function explainMismatch(importer: Interface, exporter: Interface): string | undefined {
  if (importer.id !== exporter.id) return `\`${importer.id}\` is not \`${exporter.id}\``;
  return differenceOf(importer.canonical, exporter.canonical);
}

/** The AssemblyScript that a domain of this world is compiled with; the same world gives the same text. */
export function generateAssemblyScript(world: World): GeneratedSource {
  return generate(world);
}

/** What is generated for people and for hosts from the packages that some files define: file names to texts. */
export interface PackageSources {
  /** `block.md`, …, and `README.md`. */
  readonly pages: ReadonlyMap<string, string>;
  /** `block.ts`, …, and `interface-types.ts`. */
  readonly types: ReadonlyMap<string, string>;
}

/**
 * Pages and TypeScript of packages; throws the first problem of their interfaces. The same files give the same texts.
 * @param files those that define the packages
 * @param others files whose types they may use
 */
export function generatePackages(
  files: readonly WitFile[],
  others: readonly WitFile[],
  options: { readonly links: PageLinks; readonly imports: HostImports },
): PackageSources {
  const packages = describePackages(files, others);
  return { pages: generatePages(packages, options.links), types: generateTypes(packages, options.imports) };
}

/** Far beyond any world; keeps a hostile section from costing the host more than a moment. */
const MAX_SECTION_CHARACTERS = 256 * 1024;
