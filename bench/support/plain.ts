/** Modules without Sumac, for baselines: the text as it is, straight into the engine. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";

export type PlainExports = Readonly<Record<string, (...args: number[]) => number>>;

export async function plain(module: string | Uint8Array, imports: WebAssembly.Imports = {}): Promise<PlainExports> {
  const bytes = typeof module === "string" ? await parse(module) : module;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), imports);
  return exports as unknown as PlainExports;
}

/** One export; throws where there is none. */
export function functionOf(exports: PlainExports, name: string): (...args: number[]) => number {
  const found = exports[name];
  if (found === undefined) throw new Error(`the module exports no ${name}`);
  return found;
}
