/**
 * The same call by a peer: a component made of the same callee, translated by jco, called from JavaScript.
 * What comes out of jco is imported as it is.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { importPeer } from "../support/peers.ts";

type WasmTools = typeof import("@bytecodealliance/jco-transpile/wasm-tools");
type Transpiler = typeof import("@bytecodealliance/jco-transpile");

interface Translated {
  instantiate(getCoreModule: (path: string) => WebAssembly.Module, imports: object): { inc(n: number): number };
}

const WIT = "package bench:jco; world adder { export inc: func(n: u32) -> u32; }";
const CORE = '(module (memory (export "memory") 1) (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))';

export async function incrementByJco(): Promise<(n: number) => number> {
  const { parse, componentEmbed, componentNew } = await importPeer<WasmTools>("@bytecodealliance/jco-transpile/wasm-tools");
  const { transpileBytes } = await importPeer<Transpiler>("@bytecodealliance/jco-transpile");
  const component = await componentNew(await componentEmbed({ binary: await parse(CORE), witSource: WIT, world: "adder" }));
  const { files } = await transpileBytes(component, { name: "adder", instantiation: "sync" });

  const folder = await mkdtemp(join(tmpdir(), "sumac-bench-"));
  try {
    const modules = new Map<string, WebAssembly.Module>();
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      if (name.endsWith(".wasm")) modules.set(name, new WebAssembly.Module(new Uint8Array(await readFile(path))));
    }
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const { instantiate } = (await import(pathToFileURL(join(folder, "adder.js")).href)) as Translated;
    const { inc } = instantiate((path) => moduleOf(modules, path), {});
    return inc;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function moduleOf(modules: ReadonlyMap<string, WebAssembly.Module>, path: string): WebAssembly.Module {
  const module = modules.get(path);
  if (module === undefined) throw new Error(`jco asks for a core module ${path} that it did not write`);
  return module;
}
