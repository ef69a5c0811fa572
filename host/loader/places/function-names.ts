/**
 * Reads the functions' names in a module's name section. They are the author's word: what cannot be read is left out.
 * Called by places.ts, when a death is told. Sources: [WASM-CORE] Appendix, Name Section.
 */
import { Reader } from "../wasm/reader.ts";
import { FUNCTION_NAMES } from "./symbol-sections.ts";

/** By index in the function index space. */
export function readFunctionNames(bytes: Uint8Array, start: number, end: number): Map<number, string> {
  const names = new Map<number, string>();
  try {
    const section = new Reader(bytes, start, end, "name section");
    while (!section.atEnd) {
      const id = section.u8();
      const size = section.u32();
      const from = section.position;
      section.skip(size);
      if (id !== FUNCTION_NAMES) continue;
      const list = new Reader(bytes, from, section.position, "names of functions");
      for (let count = list.u32(); count > 0; count--) names.set(list.u32(), list.name());
    }
  } catch {
    // As far as it could be read.
  }
  return names;
}
