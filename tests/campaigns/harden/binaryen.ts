/**
 * Random valid modules by Binaryen's own fuzzer (`wasm-opt --translate-to-fuzz`), restricted to what the loader accepts.
 *
 * The tool is a script that expects a process of its own and takes half a second to start. Here it is loaded once and run in this
 * process, each time as a new instance with its file system, arguments and exit replaced.
 *
 * Such a module ends soon: it counts its calls and loop turns, and traps when the count is used up, then starts to count anew.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { Random } from "../../loader/random-program.ts";

const require: NodeJS.Require = createRequire(import.meta.url);
const TOOL: string = join(dirname(require.resolve("binaryen")), "bin", "wasm-opt");
/** What `check` accepts and no more. */
const FEATURES: readonly string[] = [
  "--mvp-features",
  "--enable-simd",
  "--enable-bulk-memory",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals",
  "--enable-multivalue",
];
const LEAST_BYTES = 200;
const MOST_BYTES = 12_000;

type Tool = (module: object, require: NodeJS.Require, file: string, folder: string, process: object, webAssembly: object) => void;

export class BinaryenFuzzer {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "sumac-fuzz-"));
  readonly #tool: Tool;
  #compiled: WebAssembly.Module | undefined;

  constructor() {
    const source = readFileSync(TOOL, "utf8").replace(/^#!.*/, "");
    const wrapped = `(function (Module, require, __filename, __dirname, process, WebAssembly) {${source}\n})`;
    this.#tool = new Script(wrapped, { filename: TOOL }).runInThisContext() as Tool;
  }

  /** The same module for the same seed. */
  async module(seed: number): Promise<Uint8Array> {
    const random = new Random(seed);
    const input = join(this.#folder, "input");
    const output = join(this.#folder, "output.wasm");
    writeFileSync(
      input,
      Uint8Array.from({ length: LEAST_BYTES + random.below(MOST_BYTES) }, () => random.below(256)),
    );
    // With a pass to run, however idle, it does not warn that there is none.
    await this.#run([input, "--translate-to-fuzz", "--strip-debug", "-o", output, ...FEATURES]);
    return readFileSync(output);
  }

  end(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #run(args: readonly string[]): Promise<void> {
    return new Promise((done, failed) => {
      const module = { arguments: [...args], print: ignore, printErr: ignore, postRun: [done], onAbort: failed };
      const surroundings = Object.create(process, {
        exit: { value: (code: number) => failed(new Error(`wasm-opt ended with ${code}`)) },
        argv: { value: ["node", TOOL] },
        exitCode: { value: undefined, writable: true },
        on: { value: ignore },
      });
      const webAssembly = Object.create(WebAssembly, {
        instantiate: { value: (bytes: BufferSource, imports: WebAssembly.Imports) => this.#instantiate(bytes, imports) },
      });
      this.#tool(module, require, TOOL, dirname(TOOL), surroundings, webAssembly);
    });
  }

  async #instantiate(bytes: BufferSource, imports: WebAssembly.Imports): Promise<WebAssembly.WebAssemblyInstantiatedSource> {
    this.#compiled ??= await WebAssembly.compile(bytes);
    return { module: this.#compiled, instance: await WebAssembly.instantiate(this.#compiled, imports) };
  }
}

function ignore(): void {}
