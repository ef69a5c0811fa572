/**
 * Cuts a module into its sections by their headers alone, and puts custom sections in.
 * Called before anything is trusted (signatures) and by the tools (inspect, build). Reads no instruction and judges no
 * content: whether a module may run is decided by check and audit.
 * Sources: [WASM-CORE] Binary format, Modules.
 */
import { SumacError } from "../errors.ts";
import { ByteReader, concatBytes, encodeU32 } from "./byte-reader.ts";

export interface Section {
  readonly id: number;
  /** Only custom sections (id 0) have one. */
  readonly name: string | undefined;
  /** Offset of the id byte. */
  readonly start: number;
  /** First byte of the content after the size, and for a custom section after its name. */
  readonly payload: number;
  /** One past the last byte. */
  readonly end: number;
}

export const HEADER: Uint8Array<ArrayBuffer> = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
const MAX_SECTIONS = 4096;

const SECTION_NAMES: readonly string[] = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
];

export function sectionLabel(section: Pick<Section, "id" | "name">): string {
  return section.name ?? SECTION_NAMES[section.id] ?? `unknown (id ${section.id})`;
}

/** Every byte after the header belongs to exactly one of the returned sections, in file order. */
export function readSections(bytes: Uint8Array<ArrayBuffer>): Section[] {
  checkHeader(bytes);
  const reader = new ByteReader(bytes, HEADER.length, bytes.length, "module-malformed");
  const sections: Section[] = [];
  while (!reader.done) {
    const start = reader.pos;
    if (sections.length === MAX_SECTIONS) reader.fail(`more than ${MAX_SECTIONS} sections`);
    const id = reader.u8("section id");
    const size = reader.u32("section size");
    const body = reader.pos;
    reader.take(size, `section "${sectionLabel({ id, name: undefined })}"`);
    const end = reader.pos;
    let name: string | undefined;
    let payload = body;
    if (id === 0) {
      const inner = new ByteReader(bytes, body, end, "module-malformed");
      name = inner.name("name of a custom section");
      payload = inner.pos;
    }
    sections.push({ id, name, start, payload, end });
  }
  return sections;
}

function checkHeader(bytes: Uint8Array): void {
  if (HEADER.every((byte, i) => bytes[i] === byte)) return;
  const wasm = HEADER.subarray(0, 4).every((byte, i) => bytes[i] === byte);
  if (wasm && bytes[4] === 0x0d && bytes[6] === 0x01) {
    throw new SumacError("module-malformed", "this is a component at byte 0x4; a core WebAssembly module (version 1) is needed");
  }
  const what = wasm ? "unsupported WebAssembly version at byte 0x4" : 'no WebAssembly module: it must begin with "\\0asm" at byte 0x0';
  throw new SumacError("module-malformed", `${what}; pass a .wasm file that a compiler wrote`);
}

export function customSection(name: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const encodedName = new TextEncoder().encode(name);
  const nameLength = encodeU32(encodedName.length);
  const size = nameLength.length + encodedName.length + payload.length;
  return concatBytes([[0], encodeU32(size), nameLength, encodedName, payload]);
}

/** The UTF-8 text of the only custom section of that name, or undefined. */
export function customText(bytes: Uint8Array<ArrayBuffer>, sections: readonly Section[], name: string): string | undefined {
  const found = sections.filter((section) => section.name === name);
  const [section] = found;
  if (section === undefined) return undefined;
  if (found.length > 1) {
    throw new SumacError("module-malformed", `custom section "${name}" occurs ${found.length} times; a module holds it once`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(section.payload, section.end));
  } catch {
    throw new SumacError("module-malformed", `custom section "${name}" at byte 0x${section.payload.toString(16)} is not UTF-8 text`);
  }
}

/** A copy in plain (unshared) memory, so that what was checked cannot be changed by another thread meanwhile. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
