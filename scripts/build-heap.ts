/**
 * Builds the trusted Wasm: the shared heap (AssemblyScript) and the guard (WAT, release and debug).
 * Called by `npm run build:heap`, by the gate with `--check`, and by a developer with `--update-golden`.
 * Must never emit a module that carries data of its own or imports anything but what it is built for: it checks and fails.
 *
 *   node scripts/build-heap.ts                  write build/shared-heap/{heap,guard,guard-debug}.wasm
 *   node scripts/build-heap.ts --check          build, then compare with shared-heap/golden/*.wat
 *   node scripts/build-heap.ts --update-golden  build, then rewrite shared-heap/golden/*.wat
 *
 * The golden files are the text of the release binaries: trusted Wasm is reviewed as Wasm, so a change of compiler or
 * source shows up as a difference in text that a person reads.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, print } from "@bytecodealliance/jco-transpile/wasm-tools";
import asc from "assemblyscript/asc";

const ROOT: string = fileURLToPath(new URL("..", import.meta.url));
const SOURCE = "shared-heap";
const OUTPUT = "build/shared-heap";

/** A broken build of trusted code: always a stop, never a warning. */
function fail(message: string): never {
  throw new Error(`build-heap: ${message}`);
}

/**
 * The debug guard is the release guard with each line marked `;; @align N` replaced by a trap on the bits that the release
 * guard clears. One source, so the two cannot drift.
 */
export function debugGuard(release: string): string {
  const lines = release.split("\n").map((line) => {
    const width = /;; @align (\d+)$/.exec(line)?.[1];
    if (width === undefined) return line;
    return `    (if (i32.and (local.get $p) (i32.const ${Number(width) - 1})) (then (call $misaligned (local.get $p)) unreachable))`;
  });
  return lines.join("\n");
}

const ASC_OPTIONS: readonly string[] = [
  "--runtime",
  "stub",
  "--importMemory",
  "--noExportMemory",
  "--sharedMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
  "--enable",
  "threads",
  "--enable",
  "bulk-memory",
  "--enable",
  "simd",
  // No abort import: a failed assertion becomes `unreachable`.
  "--use",
  "abort=",
  "-O3",
  "--converge",
];

async function buildHeapModule(): Promise<Uint8Array> {
  const folder = join(ROOT, SOURCE, "assembly");
  const errors: string[] = [];
  let binary: Uint8Array | undefined;
  const { error } = await asc.main(["index.ts", "--outFile", "heap.wasm", ...ASC_OPTIONS], {
    stderr: { write: (text: string) => void errors.push(text) },
    readFile: async (name: string) => {
      try {
        return await readFile(join(folder, name), "utf8");
      } catch {
        return null; // asc probes several names for one import
      }
    },
    writeFile: (name: string, contents: Uint8Array | string) => {
      if (name === "heap.wasm" && typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) fail(`asc failed\n${errors.join("")}`);
  return binary;
}

/** The ids of a module's sections in order; enough reading to prove that a section is absent. */
export function sectionIds(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  let at = 8;
  while (at < bytes.length) {
    ids.push(bytes[at++] ?? 0);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return ids;
}

function requireShape(name: string, bytes: Uint8Array, imports: readonly string[]): void {
  const forbidden = new Map([
    [4, "a table"],
    [8, "a start function"],
    [9, "an element segment"],
    [11, "a data segment"],
  ]);
  for (const id of sectionIds(bytes)) {
    const what = forbidden.get(id);
    if (what !== undefined) fail(`${name} has ${what}; trusted modules keep all state in the shared memory`);
  }
  const found = WebAssembly.Module.imports(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
  const names = found.map((entry) => `${entry.module}.${entry.name}`);
  if (names.join(" ") !== imports.join(" ")) fail(`${name} imports [${names.join(", ")}], expected [${imports.join(", ")}]`);
}

/** The heap's promise: no function calls another, so a stack overflow never interrupts an operation half way. */
function requireLeaves(text: string): void {
  const line = text.split("\n").findIndex((instruction) => /^\s*(return_)?call(_indirect|_ref)?\b/.test(instruction));
  if (line >= 0) fail(`heap.wasm has a call (line ${line + 1} of its text); inline the helper: every export must be a leaf`);
}

export interface HeapBuild {
  readonly heap: Uint8Array;
  readonly guard: Uint8Array;
  readonly guardDebug: Uint8Array;
}

const GUARD_IMPORTS = ["sumac.memory", "sumac.heap", "sumac.me", "sumac.line", "sumac.tick"];

/** Compiles the three modules and checks their shape; writes nothing. */
export async function compileSharedHeap(): Promise<HeapBuild> {
  const text = await readFile(join(ROOT, SOURCE, "guard/guard.wat"), "utf8");
  const build = {
    heap: await buildHeapModule(),
    guard: await parse(text),
    guardDebug: await parse(debugGuard(text)),
  };
  requireShape("heap.wasm", build.heap, ["env.memory"]);
  requireShape("guard.wasm", build.guard, GUARD_IMPORTS);
  requireShape("guard-debug.wasm", build.guardDebug, GUARD_IMPORTS);
  return build;
}

async function compareGolden(golden: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, fresh] of golden) {
    const path = join(SOURCE, "golden", name);
    const kept = await readFile(join(ROOT, path), "utf8").catch(() => "");
    if (kept === fresh) continue;
    const keptLines = kept.split("\n");
    const line = fresh.split("\n").findIndex((text, index) => text !== keptLines[index]);
    fail(`${path}:${line + 1}: differs from the fresh build; review the change, then run scripts/build-heap.ts --update-golden`);
  }
  const known = [...golden.keys()].sort().join(" ");
  const present = (await readdir(join(ROOT, SOURCE, "golden"))).sort().join(" ");
  if (known !== present) fail(`${SOURCE}/golden holds [${present}], expected [${known}]`);
}

async function main(args: readonly string[]): Promise<void> {
  for (const arg of args) {
    if (arg !== "--check" && arg !== "--update-golden") fail(`unknown option ${arg}; use --check or --update-golden`);
  }
  const build = await compileSharedHeap();
  await mkdir(join(ROOT, OUTPUT), { recursive: true });
  await writeFile(join(ROOT, OUTPUT, "heap.wasm"), build.heap);
  await writeFile(join(ROOT, OUTPUT, "guard.wasm"), build.guard);
  await writeFile(join(ROOT, OUTPUT, "guard-debug.wasm"), build.guardDebug);
  const heapText = await print(build.heap);
  requireLeaves(heapText);
  const golden = new Map([
    ["guard.wat", await print(build.guard)],
    ["heap.wat", heapText],
  ]);
  if (args.includes("--update-golden")) {
    await mkdir(join(ROOT, SOURCE, "golden"), { recursive: true });
    for (const [name, text] of golden) await writeFile(join(ROOT, SOURCE, "golden", name), text);
  }
  if (args.includes("--check")) await compareGolden(golden);
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
