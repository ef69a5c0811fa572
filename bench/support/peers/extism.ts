/** The ladder's callee as an Extism plugin: bytes in, bytes out. A plugin keeps the blocks of its calls until it is told to reset its memory. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { importPeer } from "../peers.ts";
import type { AsyncCallee } from "./threads.ts";

interface Extism {
  default(
    manifest: { readonly wasm: readonly { readonly data: Uint8Array }[] },
    options: { readonly runInWorker: boolean },
  ): Promise<Plugin>;
}

interface Plugin {
  call(name: string, input: Uint8Array): Promise<DataView | null>;
  reset(): Promise<boolean>;
  close(): Promise<void>;
}

const ENV = "extism:host/env";

const PLUGIN = `(module
  (import "${ENV}" "input_load_u64" (func $load64 (param i64) (result i64)))
  (import "${ENV}" "alloc" (func $alloc (param i64) (result i64)))
  (import "${ENV}" "store_u64" (func $store64 (param i64 i64)))
  (import "${ENV}" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "inc") (result i32) (local $out i64)
    (local.set $out (call $alloc (i64.const 8)))
    (call $store64 (local.get $out) (i64.add (call $load64 (i64.const 0)) (i64.const 1)))
    (call $output (local.get $out) (i64.const 8))
    (i32.const 0)))`;

/** Two blocks a call; there is room for 32 767. */
const CALLS_PER_RESET = 4096;

export async function extismCallee(runInWorker: boolean): Promise<AsyncCallee> {
  const extism = await importPeer<Extism>("@extism/extism");
  const plugin = await extism.default({ wasm: [{ data: await parse(PLUGIN) }] }, { runInWorker });
  const input = new Uint8Array(8);
  const word = new DataView(input.buffer);
  let calls = 0;
  return {
    async inc(n) {
      if (++calls % CALLS_PER_RESET === 0) await plugin.reset();
      word.setUint32(0, n, true);
      return (await plugin.call("inc", input))?.getUint32(0, true) ?? Number.NaN;
    },
    end: () => plugin.close(),
  };
}
