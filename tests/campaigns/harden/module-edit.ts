/**
 * Changes to modules that let one run as it was built and as it was hardened, in the same surroundings.
 *
 * `acceptable` takes away what the loader refuses and no instruction needs (exports that are no functions, custom sections), before
 * either form is made; `bare` gives the original its memory from outside, as hardening does, and changes no instruction.
 */
import { Reader } from "../../../host/loader/wasm/reader.ts";
import { Writer } from "../../../host/loader/wasm/writer.ts";
import { join, type Section, sections } from "../../loader/audit-fixture.ts";

const ID = { custom: 0, type: 1, import: 2, memory: 5, export: 7 } as const;
const HAS_MAXIMUM = 1;

export interface Acceptable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Pages that the module's memory may have, by its own declaration: what hardening grants then is no more. */
  readonly quota: number;
}

/** @param mostPages for a module that declares no maximum, or a larger one */
export function acceptable(module: Uint8Array, mostPages: number): Acceptable {
  let quota = mostPages;
  const kept = sections(module).flatMap((section): Section[] => {
    if (section.id === ID.custom) return [];
    if (section.id === ID.export) return [{ id: ID.export, content: functionExports(section.content) }];
    if (section.id === ID.memory) quota = Math.min(mostPages, limitsOf(section.content).maximum ?? mostPages);
    return [section];
  });
  return { bytes: join(kept), quota };
}

/** The module with its memory imported as "sumac" "memory", at most `quota` pages. */
export function bare(module: Uint8Array, quota: number): Uint8Array<ArrayBuffer> {
  const all = sections(module);
  const own = all.find(({ id }) => id === ID.memory);
  const minimum = own === undefined ? 0 : limitsOf(own.content).minimum;
  const imports = all.find(({ id }) => id === ID.import);
  const rest = all.filter(({ id }) => id !== ID.memory && id !== ID.import);
  const at = rest.findIndex(({ id }) => id !== ID.type);
  const section = { id: ID.import, content: withMemory(imports?.content ?? Uint8Array.of(0), minimum, quota) };
  return join(rest.toSpliced(at < 0 ? rest.length : at, 0, section));
}

function functionExports(content: Uint8Array): Uint8Array {
  const reader = new Reader(content, 0, content.length, "exports");
  const out = new Writer(content.length);
  let count = 0;
  for (let n = reader.u32(); n > 0; n--) {
    const start = reader.position;
    reader.name();
    const kind = reader.u8();
    reader.u32();
    if (kind !== 0) continue;
    count++;
    out.copy(content, start, reader.position);
  }
  return counted(count, out.view());
}

function withMemory(imports: Uint8Array, minimum: number, maximum: number): Uint8Array {
  const reader = new Reader(imports, 0, imports.length, "imports");
  const count = reader.u32();
  const out = new Writer(imports.length + 32);
  out.copy(imports, reader.position, imports.length);
  out.name("sumac");
  out.name("memory");
  out.u8(2);
  out.u8(HAS_MAXIMUM);
  out.u32(minimum);
  out.u32(maximum);
  return counted(count + 1, out.view());
}

function counted(count: number, entries: Uint8Array): Uint8Array {
  const out = new Writer(entries.length + 5);
  out.u32(count);
  out.append(entries);
  return out.view().slice();
}

function limitsOf(content: Uint8Array): { readonly minimum: number; readonly maximum: number | undefined } {
  const reader = new Reader(content, 0, content.length, "memory");
  reader.u32();
  const flags = reader.u8();
  const minimum = reader.u32();
  return { minimum, maximum: flags & HAS_MAXIMUM ? reader.u32() : undefined };
}
