/**
 * AssemblyScript to Wasm inside a test: a source text against the domain library, unhardened, its memory exported.
 * For testing the library and the logic of a domain by itself; what the kernel runs comes from `sumac build`.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const ROOT: string = join(import.meta.dirname, "../..");

export interface CompileAsOptions {
  /** Folder that relative imports of `source` start from. */
  readonly folder?: string;
  readonly flags?: readonly string[];
}

export async function compileAs(source: string, options: CompileAsOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const entry = join(options.folder ?? ROOT, "entry-of-a-test.ts");
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [
      entry,
      ...["--baseDir", "/", "--outFile", "test.wasm", "--lib", join(ROOT, "domains-as/lib")],
      ...["--runtime", "stub", "--enable", "simd", "--use", "abort=~lib/sumac/abort/abort", "-O3"],
      ...(options.flags ?? []),
    ],
    {
      readFile: async (name, baseDir) => {
        const path = join(baseDir, name);
        if (path === entry) return `import "sumac/abort";\n${source}`;
        return await readFile(path, "utf8").catch(() => null);
      },
      writeFile: (name, contents) => {
        if (name === "test.wasm") binary = new Uint8Array(contents as Uint8Array);
      },
    },
  );
  if (error !== null || binary === undefined) throw new Error(`asc: ${String(stderr)}`);
  return binary;
}

export type WasmExports = Record<string, (...args: number[]) => number>;

/** The exports as plain functions, and the memory. */
export function instantiate(
  binary: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports,
): { call: WasmExports; memory: WebAssembly.Memory } {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), imports);
  return { call: exports as unknown as WasmExports, memory: exports.memory as WebAssembly.Memory };
}
