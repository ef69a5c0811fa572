/**
 * The front of the interface language: WIT text in, resolved worlds, core signatures and AssemblyScript out.
 * Called by the build (generate, embed), the loader (compare a module's imports and exports with its world) and the
 * kernel (method descriptions for proxies). Never touches files, modules or memories. Errors are `SumacError`s with
 * code "wit-syntax" or "wit-invalid" and `file:line:column`. Sources: [WIT].
 */
import type { SumacError } from "../errors.ts";
import type { WitFile } from "./ast.ts";
import type { CoreFunction, GeneratedSource, Interface, MethodDescription, World } from "./model.ts";

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
  RecordType,
  Scalar,
  SharedType,
  SourceParam,
  World,
} from "./model.ts";

/** Reads one file; the grammar only, names are resolved by `resolveWorld`. */
export function parseWit(text: string, fileName: string): WitFile {
  throw new Error(`not built yet: ${fileName} ${text.length}`);
}

/**
 * Resolves a world, checks every rule and lowers its functions; throws the first problem.
 * @param files every file of the packages concerned, in any order; several files may share one package
 * @param worldName `name`, or `ns:package/name@version` where `name` alone is not unique
 */
export function resolveWorld(files: readonly WitFile[], worldName: string): World {
  throw new Error(`not built yet: ${files.length} ${worldName}`);
}

/** Every problem of the files and, if given, of one world, in source order; empty when all is well. */
export function problemsOf(files: readonly WitFile[], worldName?: string): SumacError[] {
  throw new Error(`not built yet: ${files.length} ${worldName}`);
}

/** The text of the custom section `sumac:world`: canonical, so equal worlds give equal bytes. */
export function writeWorldSection(world: World): string {
  return world.text;
}

/** The world that a module carries. The text is untrusted: it is parsed and checked like any other. */
export function readWorldSection(text: string): World {
  throw new Error(`not built yet: ${text.length}`);
}

/**
 * All functions that a module of this world may import, besides those of "guard" and "kernel": the methods and `[alive]`
 * of each imported interface, `[constructor]x` and `[resource-drop]x` of each shared type within reach.
 */
export function coreImportsOf(world: World): CoreFunction[] {
  throw new Error(`not built yet: ${world.name}`);
}

/** All functions that a module of this world must export, and the only ones it may. */
export function coreExportsOf(world: World): CoreFunction[] {
  throw new Error(`not built yet: ${world.name}`);
}

/** The core export that implements a method: `sumac:block/bdev@0.1.0#read`. */
export function exportNameOf(owner: Interface, method: MethodDescription): string {
  return `${owner.id}#${method.name}`;
}

/** The AssemblyScript that a domain of this world is compiled with; the same world gives the same text. */
export function generateAssemblyScript(world: World): GeneratedSource {
  throw new Error(`not built yet: ${world.name}`);
}
