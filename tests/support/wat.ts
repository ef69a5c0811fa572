/**
 * WAT to bytes, for tests that need a module nobody's compiler would emit.
 * The assembler is wasm-tools (through jco), so it accepts proposals that Sumac refuses.
 */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";

export async function wat(text: string): Promise<Uint8Array> {
  return await parse(text);
}
