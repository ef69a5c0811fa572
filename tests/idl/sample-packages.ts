/** Packages as the generators of pages and of TypeScript see them: one with everything that is supported, and the project's own. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { generatePackages, type HostImports, type PackageSources, parseWit, type WitFile } from "../../host/idl/idl.ts";

export const root: string = join(import.meta.dirname, "../..");
export const golden: string = join(import.meta.dirname, "golden/package");

export async function ownInterfaces(): Promise<WitFile[]> {
  const names = (await readdir(join(root, "interfaces"))).filter((name) => name.endsWith(".wit")).sort();
  return Promise.all(names.map(async (name) => parseWit(await readFile(join(root, "interfaces", name), "utf8"), `interfaces/${name}`)));
}

export function generated(files: readonly WitFile[], others: readonly WitFile[], imports: HostImports = "package"): PackageSources {
  const links = { source: (file: string) => `../${file}`, types: (stem: string) => `${stem}.ts` };
  return generatePackages(files, others, { links, imports });
}

/** What is generated from the package with everything; it uses types of the project's own. */
export async function full(): Promise<PackageSources> {
  const file = parseWit(await readFile(join(golden, "full.wit"), "utf8"), "wit/full.wit");
  return generated([file], await ownInterfaces());
}
