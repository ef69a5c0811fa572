/**
 * The last touches on a compiled module: exports get their canonical names, the world goes in, everything else in custom sections
 * goes out, but for the module's symbols. Called by build.ts only; instructions are not touched.
 */
import { SumacError } from "../errors.ts";
import { concatBytes, encodeU32 } from "../loader/byte-reader.ts";
import { NAME_SECTION, SOURCE_MAP_SECTION } from "../loader/places/symbol-sections.ts";
import { customSection, HEADER, readSections } from "../loader/sections.ts";
import { type ExportEntry, readExports, SECTION_ID } from "../loader/summary.ts";
import { THREAD_EXPORT_NAMES } from "../loader/thread-exports.ts";

export const WORLD_SECTION = "sumac:world";
const SYMBOLS: ReadonlySet<string> = new Set([NAME_SECTION, SOURCE_MAP_SECTION]);

/**
 * @param exportNames compiled identifier → canonical name; exactly these exports must be there
 * @param world text of the custom section, which goes last
 */
export function finishModule(
  wasm: Uint8Array<ArrayBuffer>,
  exportNames: ReadonlyMap<string, string>,
  world: string,
): Uint8Array<ArrayBuffer> {
  const sections = readSections(wasm);
  const parts: ArrayLike<number>[] = [HEADER];
  const exported = rename(readExports(wasm, sections), exportNames);
  for (const section of sections) {
    if (section.id === 0 && !SYMBOLS.has(section.name ?? "")) continue;
    if (section.id === SECTION_ID.export) parts.push(exportSection(exported));
    else parts.push(wasm.subarray(section.start, section.end));
  }
  parts.push(customSection(WORLD_SECTION, new TextEncoder().encode(world)));
  return concatBytes(parts);
}

function rename(exported: readonly ExportEntry[], exportNames: ReadonlyMap<string, string>): ExportEntry[] {
  const missing = new Set(exportNames.keys());
  const renamed = exported.map((entry) => {
    const name = exportNames.get(entry.name) ?? THREAD_EXPORT_NAMES.get(entry.name);
    if (name === undefined || entry.kind !== "function") {
      throw new SumacError(
        "build-failed",
        `the compiled module exports ${entry.kind} "${entry.name}", which is not in its world; remove that export from the sources`,
      );
    }
    missing.delete(entry.name);
    return { ...entry, name };
  });
  const [first] = missing;
  if (first !== undefined)
    throw new SumacError(
      "build-failed",
      `the compiled module lacks the export "${exportNames.get(first)}" of its world; implement it in index.ts`,
    );
  return renamed;
}

const KIND_CODE = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

function exportSection(exports: readonly ExportEntry[]): Uint8Array {
  const body = concatBytes([
    encodeU32(exports.length),
    ...exports.flatMap(({ name, kind, index }) => {
      const encoded = new TextEncoder().encode(name);
      return [encodeU32(encoded.length), encoded, [KIND_CODE[kind]], encodeU32(index)];
    }),
  ]);
  return concatBytes([[SECTION_ID.export], encodeU32(body.length), body]);
}
