/**
 * What a built module says about its sources, so that a death can be told in their words: function names and a source map.
 *
 *     name               the standard section, of which the functions' names are kept
 *     sumac:source-map   a source map (version 3, JSON) without the sources' text; its columns count bytes from the first
 *                        byte of the code section's content, so that sections before the code may change
 *
 * Called by compile.ts. Both are read again by `host/loader/places/`. Only file names of the compiler's virtual folders are in it.
 * Sources: [SOURCE-MAP], [WASM-CORE] Appendix, Name Section.
 */
import { ByteReader, concatBytes } from "../loader/byte-reader.ts";
import { FUNCTION_NAMES, NAME_SECTION, SOURCE_MAP_SECTION } from "../loader/places/symbol-sections.ts";
import { encodeVlq, readVlq } from "../loader/places/vlq.ts";
import { customSection, HEADER, readSections, type Section } from "../loader/sections.ts";
import { SECTION_ID } from "../loader/summary.ts";

/**
 * @param wasm as the compiler wrote it with --debug and --sourceMap
 * @param map its source map, whose columns count bytes from the beginning of the file
 */
export function embedSymbols(wasm: Uint8Array<ArrayBuffer>, map: string): Uint8Array<ArrayBuffer> {
  const sections = readSections(wasm);
  const parts: ArrayLike<number>[] = [HEADER];
  let codeStart = 0;
  for (const section of sections) {
    if (section.id === SECTION_ID.code) codeStart = section.payload;
    if (section.id !== 0) parts.push(wasm.subarray(section.start, section.end));
    else if (section.name === NAME_SECTION) parts.push(customSection(NAME_SECTION, functionNames(wasm, section)));
  }
  parts.push(customSection(SOURCE_MAP_SECTION, new TextEncoder().encode(rebased(map, codeStart))));
  return concatBytes(parts);
}

/** The subsection with the functions' names, as it is. */
function functionNames(wasm: Uint8Array<ArrayBuffer>, { payload, end }: Section): Uint8Array {
  const reader = new ByteReader(wasm, payload, end, "module-malformed");
  while (!reader.done) {
    const start = reader.pos;
    const id = reader.u8("subsection of names");
    reader.take(reader.u32("size of a subsection"), "subsection of names");
    if (id === FUNCTION_NAMES) return wasm.subarray(start, reader.pos);
  }
  return new Uint8Array(0);
}

/** Every column is relative to the one before it, so only the first number of the mappings has to change. */
function rebased(text: string, codeStart: number): string {
  const { sources, mappings } = JSON.parse(text) as { sources: readonly string[]; mappings: string };
  const first = mappings === "" ? undefined : readVlq(mappings, 0);
  const moved = first === undefined ? "" : encodeVlq(first.value - codeStart) + mappings.slice(first.next);
  return JSON.stringify({ version: 3, sources, names: [], mappings: moved });
}
