/** AssemblyScript to Wasm for baselines: compiled as domains are, but linked with nothing of theirs. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const LIBRARY: string = join(import.meta.dirname, "../../domains-as/lib");
const ENTRY = "entry.ts";
const OUTPUT = "out.wasm";
const FLAGS: readonly string[] = ["--runtime", "stub", "--enable", "simd", "--optimizeLevel", "3", "--shrinkLevel", "0", "--use", "abort="];

/** @param flags further flags of the compiler */
export async function compileAssemblyScript(source: string, flags: readonly string[] = []): Promise<Uint8Array<ArrayBuffer>> {
  const { main } = await import("assemblyscript/asc");
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await main([ENTRY, "--outFile", OUTPUT, "--lib", LIBRARY, ...FLAGS, ...flags], {
    listFiles: () => [],
    // Nothing else is read: the project's asconfig.json would bring in what domains are linked with.
    readFile: async (name, folder) => {
      if (name === ENTRY) return source;
      return folder === LIBRARY ? await readFile(join(folder, name), "utf8").catch(() => null) : null;
    },
    writeFile: (name, contents) => {
      if (name === OUTPUT) binary = new Uint8Array(contents as Uint8Array);
    },
  });
  if (error !== null || binary === undefined) throw new Error(`AssemblyScript: ${String(stderr)}`);
  return binary;
}
