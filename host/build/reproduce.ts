/**
 * Builds a module again from what its fingerprint names, and says where the two differ.
 * Called by `sumac reproduce`. Writes nothing, and trusts nothing that the module says of itself: the sources decide.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { SumacError } from "../errors.ts";
import { equalBytes } from "../loader/byte-reader.ts";
import { claimedFingerprint, type Fingerprint, worldId } from "../loader/fingerprint.ts";
import { readSections, type Section, sectionLabel } from "../loader/sections.ts";
import { DELIMITER_SECTION, SIGNATURE_SECTION } from "../loader/signature-format.ts";
import { compileDomain, domainSource } from "./build.ts";
import { readDomainFolder } from "./domain-folder.ts";
import { shownPath } from "./files.ts";
import { shadowSource } from "./shadow.ts";

export interface SectionComparison {
  readonly name: string;
  readonly equal: boolean;
  /** Bytes of the section with its header, 0 where there is none. */
  readonly module: number;
  readonly rebuilt: number;
  /** First byte of the section that differs, in the module; null where they are equal. */
  readonly differsAt: number | null;
}

export interface Reproduction {
  /** All but signature and delimiters is the same, byte for byte. */
  readonly identical: boolean;
  readonly source: string;
  /** What the fingerprints say differently: most often the reason. */
  readonly claims: readonly { readonly what: string; readonly module: string; readonly rebuilt: string }[];
  readonly sections: readonly SectionComparison[];
}

/**
 * @param source the domain's folder, or for a shadow a folder with the interface's .wit files
 * @param root the project below whose `domains-as/` the sources are looked for when no folder is given
 */
export async function reproduce(module: Uint8Array<ArrayBuffer>, source: string | undefined, root: string): Promise<Reproduction> {
  const claimed = claimedFingerprint(module);
  if (claimed === undefined) {
    throw new SumacError(
      "module-refused",
      "the module has no fingerprint, so nobody knows what it was built from: build it with `sumac build`",
    );
  }
  const { wasm, from } = await rebuild(claimed, source, root);
  const rebuilt = claimedFingerprint(wasm);
  if (rebuilt === undefined) throw new Error("the build wrote no fingerprint");
  const sections = compareSections(module, wasm);
  return { identical: sections.every(({ equal }) => equal), source: from, claims: compareClaims(claimed, rebuilt), sections };
}

async function rebuild(
  claimed: Fingerprint,
  source: string | undefined,
  root: string,
): Promise<{ wasm: Uint8Array<ArrayBuffer>; from: string }> {
  if (claimed.shadow !== undefined) {
    const { files: _, ...shadow } = await shadowSource(claimed.shadow, source === undefined ? [] : [source]);
    return { wasm: (await compileDomain(shadow, undefined)).wasm, from: shadow.shown };
  }
  const folder = source ?? (await findSource(claimed.world, root));
  return { wasm: (await compileDomain(await domainSource(folder), undefined)).wasm, from: shownPath(folder) };
}

/** The one folder below `domains-as/` whose world has this id. */
async function findSource(world: string, root: string): Promise<string> {
  const below = join(root, "domains-as");
  const names = existsSync(below) ? await readdir(below, { recursive: true }) : [];
  const found: string[] = [];
  for (const name of names.map((path) => path.replaceAll("\\", "/")).sort()) {
    if (!name.endsWith("/world.wit") || /(^|\/)(lib|gen|node_modules)\//.test(name)) continue;
    const folder = join(below, name, "..");
    if (worldId((await readDomainFolder(folder)).world) === world) found.push(folder);
  }
  const [only, ...others] = found;
  if (only === undefined)
    throw new SumacError("file-missing", `no sources of the world ${world} below ${shownPath(below)}: name their folder with --source`);
  if (others.length === 0) return only;
  const list = found.map((folder) => relative(root, folder)).join(", ");
  throw new SumacError("usage", `several folders have the world ${world} (${list}): name one with --source`);
}

function compareClaims(module: Fingerprint, rebuilt: Fingerprint): Reproduction["claims"] {
  const rows = (print: Fingerprint): [string, string][] => [
    ["compiler", print.compiler],
    ["optimizer", print.optimizer],
    ["flags", print.flags.join(" ")],
    ["sumac", print.sumac],
    ["world", print.world],
    ["sources of the domain", print.sources.domain],
    ["library and generated code", print.sources.library],
    ["content", print.content],
  ];
  const now = new Map(rows(rebuilt));
  return rows(module)
    .map(([what, text]) => ({ what, module: text, rebuilt: now.get(what) ?? "" }))
    .filter((row) => row.module !== row.rebuilt);
}

/** In the module's order; a section that only one side has is compared with nothing. */
function compareSections(module: Uint8Array<ArrayBuffer>, rebuilt: Uint8Array<ArrayBuffer>): SectionComparison[] {
  const [left, right] = [built(module), built(rebuilt)];
  const labels = new Set([...left.keys(), ...right.keys()]);
  return [...labels].map((label) => compare(label, module, left.get(label), rebuilt, right.get(label)));
}

/** What the build wrote: signature and delimiters came later. Labels of equal sections are numbered. */
function built(bytes: Uint8Array<ArrayBuffer>): Map<string, Section> {
  const found = new Map<string, Section>();
  for (const section of readSections(bytes)) {
    if (section.name === SIGNATURE_SECTION || section.name === DELIMITER_SECTION) continue;
    const label = sectionLabel(section);
    let unique = label;
    for (let n = 2; found.has(unique); n++) unique = `${label} (${n})`;
    found.set(unique, section);
  }
  return found;
}

function compare(
  name: string,
  module: Uint8Array<ArrayBuffer>,
  old: Section | undefined,
  rebuilt: Uint8Array<ArrayBuffer>,
  now: Section | undefined,
): SectionComparison {
  const a = old === undefined ? new Uint8Array(0) : module.subarray(old.start, old.end);
  const b = now === undefined ? new Uint8Array(0) : rebuilt.subarray(now.start, now.end);
  const equal = old !== undefined && now !== undefined && equalBytes(a, b);
  const at = a.findIndex((byte, i) => byte !== b[i]);
  const differsAt = equal ? null : (old?.start ?? module.length) + (at < 0 ? a.length : at);
  return { name, equal, module: a.length, rebuilt: b.length, differsAt };
}
