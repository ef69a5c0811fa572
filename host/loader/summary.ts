/**
 * What a module says about itself on the outside: imports, exports, memories. For tools that show or rename, not for trust.
 * Called by `sumac inspect` and by the build. Whether a module may run is decided by check and audit, which read for
 * themselves. Sources: [WASM-CORE] Binary format, Modules.
 */
import { ByteReader } from "./byte-reader.ts";
import { readSections, type Section } from "./sections.ts";

export type ExternKind = "function" | "table" | "memory" | "global" | "tag";

export interface ImportEntry {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
}

export interface ExportEntry {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** Sizes in pages of 64 KiB. */
export interface MemoryEntry {
  readonly imported: boolean;
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
}

export interface ModuleSummary {
  readonly sections: readonly Section[];
  readonly imports: readonly ImportEntry[];
  readonly exports: readonly ExportEntry[];
  readonly memories: readonly MemoryEntry[];
}

export const SECTION_ID = { import: 2, memory: 5, export: 7, code: 10 } as const;
const EXTERN_KINDS: readonly ExternKind[] = ["function", "table", "memory", "global", "tag"];
/** Flags of a limits byte: has a maximum, is shared. */
const HAS_MAXIMUM = 1;
const IS_SHARED = 2;
const MAX_ENTRIES = 100_000;

export function summarize(bytes: Uint8Array<ArrayBuffer>): ModuleSummary {
  const sections = readSections(bytes);
  const memories: MemoryEntry[] = [];
  const imports = entries(bytes, sections, SECTION_ID.import, (reader) => {
    const entry = { module: reader.name("import module"), name: reader.name("import name"), kind: kind(reader) };
    const memory = skipImportType(reader, entry.kind);
    if (memory !== undefined) memories.push({ imported: true, ...memory });
    return entry;
  });
  const own = entries(bytes, sections, SECTION_ID.memory, (reader) => ({ imported: false, ...limits(reader) }));
  return { sections, imports, exports: readExports(bytes, sections), memories: [...memories, ...own] };
}

export function readExports(bytes: Uint8Array<ArrayBuffer>, sections: readonly Section[]): ExportEntry[] {
  return entries(bytes, sections, SECTION_ID.export, (reader) => ({
    name: reader.name("export name"),
    kind: kind(reader),
    index: reader.u32("export index"),
  }));
}

/** Reads the counted entries of the section with this id; none when the module has no such section. */
function entries<T>(bytes: Uint8Array<ArrayBuffer>, sections: readonly Section[], id: number, read: (reader: ByteReader) => T): T[] {
  const section = sections.find((candidate) => candidate.id === id);
  if (section === undefined) return [];
  const reader = new ByteReader(bytes, section.payload, section.end, "module-malformed");
  const count = reader.u32("number of entries");
  if (count > MAX_ENTRIES) reader.fail(`${count} entries are too many`, section.payload);
  const out: T[] = [];
  for (let i = 0; i < count; i++) out.push(read(reader));
  if (!reader.done) reader.fail("bytes after the last entry of the section");
  return out;
}

function kind(reader: ByteReader): ExternKind {
  const at = reader.pos;
  return EXTERN_KINDS[reader.u8("kind of import or export")] ?? reader.fail("unknown kind of import or export", at);
}

function skipImportType(reader: ByteReader, what: ExternKind): Omit<MemoryEntry, "imported"> | undefined {
  switch (what) {
    case "function":
      reader.u32("type index");
      return undefined;
    case "table":
      reader.u8("reference type");
      limits(reader);
      return undefined;
    case "memory":
      return limits(reader);
    case "global":
      reader.take(2, "type of a global");
      return undefined;
    case "tag":
      reader.u8("tag attribute");
      reader.u32("type index");
      return undefined;
  }
}

function limits(reader: ByteReader): Omit<MemoryEntry, "imported"> {
  const at = reader.pos;
  const flags = reader.u8("limits");
  if (flags > (HAS_MAXIMUM | IS_SHARED)) reader.fail("unsupported form of limits", at);
  const minimum = reader.u32("minimum size");
  const maximum = flags & HAS_MAXIMUM ? reader.u32("maximum size") : undefined;
  return { minimum, maximum, shared: (flags & IS_SHARED) !== 0 };
}
