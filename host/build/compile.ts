/**
 * AssemblyScript to Wasm, through the compiler's API and a file system of two folders: the domain's and the library.
 * Called by build.ts. The compiler sees virtual paths only and reads nothing else (no node_modules, no config upwards), so
 * that what it emits depends on the sources and not on where they lie.
 */
import { SumacError } from "../errors.ts";
import { embedSymbols } from "./symbols.ts";
import { THREAD_ENTRY, THREAD_ENTRY_SOURCE, THREAD_LIBRARY, threadTurns } from "./thread-turns.ts";

export interface CompileOptions {
  /** Text of the shared asconfig.json. */
  readonly config: string;
  /** Path of the entry in the domain's folder. */
  readonly entry: string;
  readonly memoryPages: number | undefined;
  readonly runtime: "stub" | "incremental";
  /** Text of a file of the domain's folder or of the library, undefined when there is none. Paths have forward slashes. */
  readonly read: (where: "domain" | "library", path: string) => Promise<string | undefined>;
  /** How the domain's folder is called in messages. */
  readonly folder: string;
}

const DOMAIN = "/domain";
const LIBRARY = "/library";
const CONFIG = "asconfig.json";
const OUTPUT = "out.wasm";
const SOURCE_MAP: string = `${OUTPUT}.map`;
/**
 * Compiled with every domain: `abort` is an alias for a function of this library file, which the compiler must have read
 * even if the domain imports nothing that leads to it.
 */
const ABORT_ENTRY = "sumac-abort.ts";
const ABORT_SOURCE = 'import "sumac/abort";\n';

export async function compileAssemblyScript(options: CompileOptions): Promise<Uint8Array<ArrayBuffer>> {
  const seen = new Map<string, string>();
  const plain = await compileOnce(options, false, seen);
  // Whether the domain has threads is known only when its sources have been read.
  return seen.has(THREAD_LIBRARY) ? await compileOnce(options, true, seen) : plain;
}

async function compileOnce(options: CompileOptions, hasThreads: boolean, seen: Map<string, string>): Promise<Uint8Array<ArrayBuffer>> {
  const { main } = await import("assemblyscript/asc");
  let output: Uint8Array | undefined;
  let sourceMap: string | undefined;
  const problems: Problem[] = [];
  const entries = [...(hasThreads ? [THREAD_ENTRY] : []), options.entry, ABORT_ENTRY];
  const args = [...entries, "--baseDir", DOMAIN, "--lib", LIBRARY, "--config", CONFIG, "--outFile", OUTPUT, "--noColors"];
  // Names and positions: the code is the same with and without them.
  args.push("--runtime", options.runtime, "--debug", "--sourceMap");
  if (options.memoryPages !== undefined) args.push("--initialMemory", String(options.memoryPages));
  const silent = { write: () => {} };

  const { error } = await main(args, {
    stdout: silent,
    stderr: silent,
    ...(hasThreads ? { transforms: [await threadTurns()] as never } : {}),
    // Library files are read when imported; listing none keeps their exports from becoming globals.
    listFiles: () => [],
    readFile: async (fileName, folder) => {
      const path = slashes(fileName).replace(/^\.\//, "");
      const where = slashes(folder).replace(/\/$/, "");
      if (path.split("/").includes("..")) return null;
      if (where === DOMAIN && path === CONFIG) return options.config;
      if (where === DOMAIN && path === ABORT_ENTRY) return ABORT_SOURCE;
      if (where === DOMAIN && path === THREAD_ENTRY) return THREAD_ENTRY_SOURCE;
      if (where !== DOMAIN && where !== LIBRARY) return null;
      const text = await options.read(where === DOMAIN ? "domain" : "library", path);
      if (text !== undefined) seen.set(where === DOMAIN ? path : `~lib/${path}`, text);
      return text ?? null;
    },
    writeFile: (fileName, contents) => {
      if (fileName === OUTPUT && typeof contents !== "string") output = contents;
      if (fileName === SOURCE_MAP && typeof contents === "string") sourceMap = contents;
    },
    reportDiagnostic: (diagnostic) => {
      const { message, code, category, range } = diagnostic;
      problems.push({ message, code, isError: category === CATEGORY_ERROR, path: range?.source?.normalizedPath, start: range?.start });
    },
  });

  const first = problems.find((problem) => problem.isError);
  if (first !== undefined) throw new SumacError("build-failed", describe(first, seen, options.folder));
  if (error !== null) throw new SumacError("build-failed", `${options.folder}: ${error.message.split("\n")[0]}`, { cause: error });
  if (output === undefined) throw new SumacError("build-failed", `${options.folder}: the compiler wrote nothing`);
  if (sourceMap === undefined) throw new Error("the compiler wrote no source map");
  return embedSymbols(new Uint8Array(output), sourceMap);
}

/** What the compiler is told, `name=value`: the shared options, and what this domain has instead. Sorted by name. */
export function effectiveFlags({ config, runtime, memoryPages }: Pick<CompileOptions, "config" | "memoryPages" | "runtime">): string[] {
  const { options }: { options: Record<string, unknown> } = JSON.parse(config);
  const all = { ...options, debug: true, sourceMap: true, runtime, ...(memoryPages === undefined ? {} : { initialMemory: memoryPages }) };
  return Object.entries(all)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}=${String(one)}`))
    .sort();
}

interface Problem {
  readonly message: string;
  readonly code: number;
  readonly isError: boolean;
  readonly path: string | undefined;
  readonly start: number | undefined;
}

/** AssemblyScript's DiagnosticCategory.Error; its enum exists in types only. */
const CATEGORY_ERROR = 3;

function describe(problem: Problem, seen: ReadonlyMap<string, string>, folder: string): string {
  const message = `AS${problem.code}: ${problem.message.replace(/\.$/, "")}`;
  const { path, start } = problem;
  if (path === undefined) return `${folder}: ${message}`;
  const shown = path.startsWith("~lib/") ? path : `${folder}/${path}`;
  const text = seen.get(path);
  if (text === undefined || start === undefined) return `${shown}: ${message}`;
  const before = text.slice(0, start);
  const line = before.split("\n").length;
  const remedy = path.startsWith("gen/") ? "; index.ts must export what world.wit promises, as gen/ uses it" : "";
  return `${shown}:${line}:${start - before.lastIndexOf("\n")}: ${message}${remedy}`;
}

function slashes(path: string): string {
  return path.replaceAll("\\", "/");
}
