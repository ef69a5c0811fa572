/** World and index.ts to a module, the way `sumac build` does it, but from texts. Used by the generator's tests. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileAssemblyScript } from "../../host/build/compile.ts";
import { finishModule } from "../../host/build/rewrite.ts";
import { generateAssemblyScript, parseWit, resolveWorld, type World, writeWorldSection } from "../../host/idl/idl.ts";

export const root: string = join(import.meta.dirname, "../..");

/** The world `name` of a text that may use the project's own interfaces. */
export async function worldOf(text: string, name: string): Promise<World> {
  const folder = join(root, "interfaces");
  const shipped = (await readdir(folder))
    .filter((file) => file.endsWith(".wit"))
    .sort()
    .map(async (file) => parseWit(await readFile(join(folder, file), "utf8"), file));
  return resolveWorld([parseWit(text, "world.wit"), ...(await Promise.all(shipped))], name);
}

/**
 * The finished module: canonical export names, its world embedded; not signed, not hardened.
 * @param options further options of the compiler
 */
export async function compileDomain(world: World, index: string, options: object = {}): Promise<Uint8Array<ArrayBuffer>> {
  const generated = generateAssemblyScript(world);
  const config = JSON.parse(await readFile(join(root, "asconfig.json"), "utf8"));
  const compiled = await compileAssemblyScript({
    config: JSON.stringify({ ...config, options: { ...config.options, ...options } }),
    entry: generated.entry,
    memoryPages: undefined,
    runtime: generated.runtime,
    folder: "t",
    read: async (where, path) => {
      if (where === "domain") return path === "index.ts" ? index : generated.files.get(path);
      const file = join(root, "domains-as/lib", path);
      return existsSync(file) ? readFile(file, "utf8") : undefined;
    },
  });
  return finishModule(compiled, generated.exportNames, writeWorldSection(world));
}
