/**
 * A component made of the ladder's callee, translated by jco, called from JavaScript.
 * What comes out of jco is imported as it is.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { FIRST, LAST, SUM } from "../../rows/ladder-world.ts";
import { importPeer } from "../peers.ts";

type WasmTools = typeof import("@bytecodealliance/jco-transpile/wasm-tools");
type Transpiler = typeof import("@bytecodealliance/jco-transpile");

/** What the component exports. */
export interface Component {
  inc(n: number): number;
  /** The first byte plus the last one. */
  ends(bytes: Uint8Array): number;
  /** Looks at the first byte and the last one, and gives the list back. */
  pass(bytes: Uint8Array): Uint8Array;
  /** Looks at all of it. */
  sum(bytes: Uint8Array): Uint8Array;
}

interface Translated {
  instantiate(getCoreModule: (path: string) => WebAssembly.Module, imports: object): Component;
}

const WIT = `package bench:jco;
world callee {
  export inc: func(n: u32) -> u32;
  export ends: func(bytes: list<u8>) -> u32;
  export pass: func(bytes: list<u8>) -> list<u8>;
  export sum: func(bytes: list<u8>) -> list<u8>;
}`;

/** A call's list is always at 1024, the allocator has nothing else to give; a list that is returned is described at 0. */
const CORE = `(module (memory (export "memory") 2)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func $ends (export "ends") (param $p i32) (param $bytes i32) (result i32)
    (i32.add (i32.load8_u (local.get $p)) (i32.load8_u (i32.sub (i32.add (local.get $p) (local.get $bytes)) (i32.const 1)))))
  (func $back (param $p i32) (param $bytes i32) (result i32)
    (i32.store (i32.const 0) (local.get $p))
    (i32.store (i32.const 4) (local.get $bytes))
    (i32.const 0))
  (func (export "pass") (param $p i32) (param $bytes i32) (result i32)
    (if (i32.ne (call $ends (local.get $p) (local.get $bytes)) (i32.const ${FIRST + LAST})) (then unreachable))
    (call $back (local.get $p) (local.get $bytes)))
  (func (export "sum") (param $p i32) (param $bytes i32) (result i32) (local $sum i32) (local $at i32)
    (local.set $at (local.get $p))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (i32.add (local.get $p) (local.get $bytes)))))
    (if (i32.ne (local.get $sum) (i32.const ${SUM | 0})) (then unreachable))
    (call $back (local.get $p) (local.get $bytes))))`;

export async function jcoComponent(): Promise<Component> {
  const { parse, componentEmbed, componentNew } = await importPeer<WasmTools>("@bytecodealliance/jco-transpile/wasm-tools");
  const { transpileBytes } = await importPeer<Transpiler>("@bytecodealliance/jco-transpile");
  const component = await componentNew(await componentEmbed({ binary: await parse(CORE), witSource: WIT, world: "callee" }));
  const { files } = await transpileBytes(component, { name: "callee", instantiation: "sync" });

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
    const { instantiate } = (await import(pathToFileURL(join(folder, "callee.js")).href)) as Translated;
    return instantiate((path) => moduleOf(modules, path), {});
  } finally {
    await rm(folder, { recursive: true });
  }
}

function moduleOf(modules: ReadonlyMap<string, WebAssembly.Module>, path: string): WebAssembly.Module {
  const module = modules.get(path);
  if (module === undefined) throw new Error(`jco asks for a core module ${path} that it did not write`);
  return module;
}
