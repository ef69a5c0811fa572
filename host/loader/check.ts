/**
 * Decides whether bytes are a WebAssembly module that Sumac runs, and says what is in it.
 *
 * Called by the loader before anything slow sees the module. It never follows a number of the module further than the bytes
 * go, never recurses, and takes time proportional to the file. What it returns is trusted by harden but not by audit, which
 * reads the hardened bytes afresh.
 *
 * Sources: [WASM-CORE] 5.5.
 */
import { checkCodeSection } from "./check/code.ts";
import {
  checkExportSection,
  checkFunctionSection,
  checkGlobalSection,
  checkMemorySection,
  checkStartSection,
  checkTableSection,
} from "./check/definitions.ts";
import { type Draft, emptyDraft } from "./check/draft.ts";
import { checkImportSection } from "./check/imports.ts";
import { checkDataCountSection, checkDataSection, checkElementSection } from "./check/segments.ts";
import { checkTypeSection, REMEDY } from "./check/types.ts";
import { MAX_CUSTOM_SECTIONS, MAX_MODULE_BYTES } from "./limits.ts";
import type { CheckedModule } from "./wasm/checked-module.ts";
import { Reader } from "./wasm/reader.ts";
import { malformed, naming, refused, tooMuch } from "./wasm/reject.ts";

export interface CheckOptions {
  /** The domain's quota in pages of 64 KiB. */
  readonly maxMemoryPages: number;
  /** What messages call the module, for instance its file's name. */
  readonly name?: string;
}

/** Sections in the order in which they must stand; the id is not the order. */
const ORDER: readonly (readonly [id: number, name: string, check: (reader: Reader, draft: Draft, quota: number) => void])[] = [
  [1, "type section", checkTypeSection],
  [2, "import section", checkImportSection],
  [3, "function section", checkFunctionSection],
  [4, "table section", checkTableSection],
  [5, "memory section", checkMemorySection],
  [6, "global section", checkGlobalSection],
  [7, "export section", checkExportSection],
  [8, "start section", checkStartSection],
  [9, "element section", checkElementSection],
  [12, "data count section", checkDataCountSection],
  [10, "code section", checkCodeSection],
  [11, "data section", checkDataSection],
];
const REFUSED_SECTIONS: ReadonlyMap<number, string> = new Map([
  [13, "exceptions (a tag section)"],
  [14, "string references (a strings section)"],
]);
/** "\0asm", version 1, layer 0 (a component has layer 1). */
const HEADER: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const WORLD_SECTION = "sumac:world";

/** @throws SumacError "module-malformed" or "module-refused", with the byte offset */
export function check(bytes: Uint8Array, { maxMemoryPages, name = "module" }: CheckOptions): CheckedModule {
  return naming(name, () => {
    const { dataCount, declared: _, ...found } = readSections(bytes, maxMemoryPages);
    validate(bytes);
    return { name, bytes, hasDataCount: dataCount !== undefined, ...found };
  });
}

function readSections(bytes: Uint8Array, quota: number): Draft {
  if (bytes.length > MAX_MODULE_BYTES) throw tooMuch(0, "bytes in a module", bytes.length, MAX_MODULE_BYTES);
  const file = new Reader(bytes, 0, bytes.length, "the file");
  checkHeader(file);
  const draft = emptyDraft();
  let last = -1;
  while (!file.atEnd) {
    const offset = file.position;
    const id = file.u8();
    const size = file.u32();
    const start = file.position;
    if (size > bytes.length - start) {
      throw malformed(offset, `a section of ${size} bytes, but the file has only ${bytes.length - start} more`);
    }
    file.skip(size);
    if (id === 0) {
      readCustom(new Reader(bytes, start, file.position, "custom section"), offset, draft);
      continue;
    }
    const rank = ORDER.findIndex(([known]) => known === id);
    const found = ORDER[rank];
    if (found === undefined) throw badSection(offset, id);
    const [, name, checkSection] = found;
    if (rank === last) throw malformed(offset, `a second ${name}`);
    if (rank < last) throw malformed(offset, `the ${name} stands after the ${ORDER[last]?.[1]}`);
    last = rank;
    const reader = new Reader(bytes, start, file.position, name);
    checkSection(reader, draft, quota);
    reader.finish();
  }
  if (draft.functions.length !== draft.declared.length) {
    throw malformed(file.position, `${draft.declared.length} functions but no code section`);
  }
  if (draft.dataCount !== undefined && draft.dataCount !== draft.data.length) {
    throw malformed(file.position, `no data section, but the data count section says ${draft.dataCount}`);
  }
  return draft;
}

function checkHeader(file: Reader): void {
  const found = HEADER.map(() => file.u8());
  const wrong = found.findIndex((byte, i) => byte !== HEADER[i]);
  if (wrong < 0) return;
  if (wrong < 4) throw malformed(wrong, "no WebAssembly module");
  if (found[6] === 1) throw refused(6, "a component", "give the core module that it was made from");
  throw malformed(wrong, "an unknown version of WebAssembly");
}

function badSection(offset: number, id: number): Error {
  const feature = REFUSED_SECTIONS.get(id);
  return feature === undefined ? malformed(offset, `${id} is no kind of section`) : refused(offset, feature, REMEDY);
}

function readCustom(reader: Reader, offset: number, draft: Draft): void {
  const name = reader.name();
  if (draft.customSections.length === MAX_CUSTOM_SECTIONS) {
    throw tooMuch(offset, "custom sections", MAX_CUSTOM_SECTIONS + 1, MAX_CUSTOM_SECTIONS);
  }
  draft.customSections.push({ name, offset, start: reader.position, end: reader.end });
  if (name !== WORLD_SECTION) return;
  if (draft.world !== undefined) throw malformed(offset, `a second custom section "${WORLD_SECTION}"`);
  draft.world = reader.bytes.subarray(reader.position, reader.end);
}

/** Types are V8's business: it has to check them anyway, and its verdict decides. */
function validate(bytes: Uint8Array): void {
  if (WebAssembly.validate(bytes as BufferSource)) return;
  let message = "V8 does not accept it";
  try {
    new WebAssembly.Module(bytes as BufferSource);
  } catch (error) {
    if (error instanceof Error) message = error.message.replace(/^WebAssembly\.Module\(\): /, "");
  }
  const at = / @\+(\d+)$/.exec(message);
  throw malformed(at === null ? 0 : Number(at[1]), message.replace(/ @\+\d+$/, ""));
}
