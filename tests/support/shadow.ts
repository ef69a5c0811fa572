/** Generated shadows for tests, and systems of a driver, its shadow and whoever uses it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildShadow } from "../../host/build/shadow.ts";
import { developmentKey, projectRoot } from "../../host/loader/keys.ts";

/** Builds and signs the shadow of an interface. @returns where its module lies */
export async function shadowModule(folder: string, id: string, witFolders: readonly string[] = []): Promise<string> {
  const { wasm } = await buildShadow(id, witFolders, await developmentKey(projectRoot(process.cwd())));
  const file = join(folder, `shadow-of-${id.replaceAll(/[^a-z0-9]+/g, "-")}.wasm`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wasm);
  return file;
}
