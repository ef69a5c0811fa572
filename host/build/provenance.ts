/**
 * Where a module comes from, for its fingerprint: compiler and options, library, and a hash of every text that was compiled.
 * Called by build.ts. Looks at package files of the compiler and at what the build read; never at the time or the machine.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Provenance } from "../loader/fingerprint.ts";
import { SUMAC_VERSION } from "../version.ts";
import { type CompileOptions, effectiveFlags } from "./compile.ts";

/** The texts that the compiler asked for, by path: the domain's own, and what Sumac gave it. */
export interface CompiledTexts {
  readonly domain: Map<string, string>;
  readonly library: Map<string, string>;
}

export async function provenanceOf(
  options: Pick<CompileOptions, "config" | "memoryPages" | "runtime">,
  texts: CompiledTexts,
  shadow: string | undefined,
): Promise<Provenance> {
  const compiler = createRequire(import.meta.url).resolve("assemblyscript/package.json");
  const optimizer = createRequire(compiler).resolve("binaryen/package.json");
  return {
    compiler: `assemblyscript ${await versionIn(compiler)}`,
    optimizer: `binaryen ${await versionIn(optimizer)}`,
    flags: effectiveFlags(options),
    sumac: SUMAC_VERSION,
    sources: { domain: hashOf(texts.domain), library: hashOf(texts.library) },
    ...(shadow === undefined ? {} : { shadow }),
  };
}

async function versionIn(packageFile: string): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(packageFile, "utf8"));
  return version;
}

/** By name, and not in the order in which the compiler asked, which may depend on how fast the disk is. */
function hashOf(texts: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const name of [...texts.keys()].sort()) {
    const text = Buffer.from(texts.get(name) ?? "", "utf8");
    hash.update(`${name}\0${text.length}\0`).update(text);
  }
  return hash.digest("hex");
}
