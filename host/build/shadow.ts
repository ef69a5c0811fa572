/**
 * What `sumac build --shadow` does: one interface to a signed module that keeps it alive. Called by the CLI.
 * The shadow is generated, compiled and signed like any other domain, and its source can be written out to go on from by hand.
 */
import { join } from "node:path";
import type { WitFile } from "../idl/ast.ts";
import { makeShadow } from "../idl/shadow.ts";
import type { SigningKey } from "../loader/signing.ts";
import { type BuiltDomain, compileDomain, type DomainSource } from "./build.ts";
import { packageIds, readWitFolder, shippedWit } from "./domain-folder.ts";
import { writeWhole } from "./files.ts";

export interface BuiltShadow extends BuiltDomain {
  /** The domain's folder as files: path to text. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * @param id the interface, for example `sumac:block/bdev@0.1.0`
 * @param folders of .wit files, besides those that ship with Sumac
 */
export async function buildShadow(id: string, folders: readonly string[], key: SigningKey | undefined): Promise<BuiltShadow> {
  const { files, ...source } = await shadowSource(id, folders);
  return { ...(await compileDomain(source, key)), files };
}

/** All that goes into a shadow's module, and its folder as files. */
export async function shadowSource(id: string, folders: readonly string[]): Promise<DomainSource & Pick<BuiltShadow, "files">> {
  const own: WitFile[] = [];
  for (const folder of folders) own.push(...(await readWitFolder(folder)));
  const { world, source, worldText } = makeShadow([...own, ...(await shippedWit(packageIds(own)))], id);
  const files = new Map([["world.wit", worldText], ...source.files]);
  return { world, source, shown: `the shadow of ${id}`, shadow: id, read: async () => undefined, files };
}

/** Writes the shadow's source to a folder that `sumac build` can build. */
export async function writeShadowSource(folder: string, { files }: BuiltShadow): Promise<void> {
  for (const [path, text] of files) await writeWhole(join(folder, path), text);
}
