/**
 * The section `sumac:fingerprint`: what a module says of how it was built. Written by the build, signed with the module.
 * Called by the build (append), the loader (a fingerprint that is there must be true as far as the module itself can show it) and
 * the tools. Reads no file. What no reader can see in the bytes, compiler, flags and sources, is proved by `sumac reproduce` alone.
 *
 *   header │ [signature] │ sections … │ sumac:fingerprint │ custom sections that were added later …
 *                        └─ `content` ┘ is the SHA-256 of these, without delimiters
 *
 * The text is JSON in one form: fields in the order below, names sorted, no space. Any other form is refused, so that equal
 * fingerprints are equal bytes.
 */
import { SumacError } from "../errors.ts";
import type { World } from "../idl/idl.ts";
import { concatBytes, hexOffset, toHex } from "./byte-reader.ts";
import { parseFingerprint } from "./fingerprint-format.ts";
import { customSection, customText, readSections, type Section } from "./sections.ts";
import { DELIMITER_SECTION, SIGNATURE_SECTION } from "./signature-format.ts";

export interface Fingerprint {
  /** Of this format. */
  readonly version: 1;
  /** Hex SHA-256 of every section before this one, but for signature and delimiters. */
  readonly content: string;
  /** For example `acme:hello/hello@0.1.0`. */
  readonly world: string;
  /** Id to hash of every interface that the world imports or exports. */
  readonly interfaces: Readonly<Record<string, string>>;
  /** Every import that the module requires, `interface#function`, in the module's order. */
  readonly imports: readonly string[];
  /** Name and version, such as `assemblyscript 0.28.20`. */
  readonly compiler: string;
  readonly optimizer: string;
  /** All that the compiler was told, in order: the shared options first. */
  readonly flags: readonly string[];
  /** The Sumac whose library and generator it was built with. */
  readonly sumac: string;
  /** Hex SHA-256 over the names and texts of the files that the compiler read. */
  readonly sources: { readonly domain: string; readonly library: string };
  /** The interface whose shadow this is, where the build generated the domain. */
  readonly shadow?: string;
}

/** What the build knows; the rest is read off the module. */
export type Provenance = Pick<Fingerprint, "compiler" | "optimizer" | "flags" | "sumac" | "sources" | "shadow">;

export const FINGERPRINT_SECTION = "sumac:fingerprint";
const RESERVED = "sumac:";

/** @param imports `interface#function`, in the module's order */
export async function appendFingerprint(
  module: Uint8Array<ArrayBuffer>,
  world: World,
  imports: readonly string[],
  provenance: Provenance,
): Promise<Uint8Array<ArrayBuffer>> {
  const { shadow, ...known } = provenance;
  const fingerprint: Fingerprint = {
    version: 1,
    content: await contentHash(module, readSections(module)),
    world: worldId(world),
    interfaces: interfacesOf(world),
    imports,
    compiler: known.compiler,
    optimizer: known.optimizer,
    flags: known.flags,
    sumac: known.sumac,
    sources: { domain: known.sources.domain, library: known.sources.library },
    ...(shadow === undefined ? {} : { shadow }),
  };
  return concatBytes([module, customSection(FINGERPRINT_SECTION, new TextEncoder().encode(JSON.stringify(fingerprint)))]);
}

/** What the module claims; undefined when it carries none. @throws SumacError when it carries one in another form, or two */
export function claimedFingerprint(
  module: Uint8Array<ArrayBuffer>,
  sections: readonly Section[] = readSections(module),
): Fingerprint | undefined {
  const text = customText(module, sections, FINGERPRINT_SECTION);
  return text === undefined ? undefined : parseFingerprint(text);
}

/**
 * The fingerprint, held against the module that carries it.
 * @throws SumacError "module-refused" when it is not true
 */
export async function checkFingerprint(
  module: Uint8Array<ArrayBuffer>,
  world: World,
  imports: readonly string[],
): Promise<Fingerprint | undefined> {
  const sections = readSections(module);
  const claimed = claimedFingerprint(module, sections);
  if (claimed === undefined) return undefined;
  const last = sections.findIndex(({ name }) => name === FINGERPRINT_SECTION);
  const reserved = sections.slice(last + 1).find(({ id, name }) => id !== 0 || name === undefined || name.startsWith(RESERVED));
  if (reserved !== undefined) untrue("content", `does not cover the section at byte ${hexOffset(reserved.start)}, which stands behind it`);
  const content = await contentHash(module, sections);
  if (claimed.content !== content) untrue("content", `is ${claimed.content}, but the sections have ${content}`);
  if (claimed.world !== worldId(world)) untrue("world", `is ${claimed.world}, but the module carries ${worldId(world)}`);
  const found = interfacesOf(world);
  const ids = new Set([...Object.keys(found), ...Object.keys(claimed.interfaces)]);
  for (const id of ids) {
    if (found[id] !== claimed.interfaces[id])
      untrue(`interface ${id}`, `has the hash ${claimed.interfaces[id] ?? "(none)"}, but the world says ${found[id] ?? "(none)"}`);
  }
  if (imports.length !== claimed.imports.length || imports.some((name, i) => name !== claimed.imports[i])) {
    untrue("imports", "are not those of the module");
  }
  return claimed;
}

/** `package/world@version`. */
export function worldId({ packageId, name }: World): string {
  return packageId.replace(/(@|$)/, `/${name}$1`);
}

function interfacesOf({ imports, exports }: World): Record<string, string> {
  const all = [...imports, ...exports].map(({ id, hash }): [string, string] => [id, hash]);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

async function contentHash(module: Uint8Array<ArrayBuffer>, sections: readonly Section[]): Promise<string> {
  const end = sections.findIndex(({ name }) => name === FINGERPRINT_SECTION);
  const covered = (end < 0 ? sections : sections.slice(0, end)).filter(
    ({ name }) => name !== SIGNATURE_SECTION && name !== DELIMITER_SECTION,
  );
  const bytes = concatBytes(covered.map((section) => module.subarray(section.start, section.end)));
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function untrue(field: string, what: string): never {
  throw new SumacError("module-refused", `its fingerprint is not true: ${field} ${what}: build it again`);
}
