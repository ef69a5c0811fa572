/**
 * The kernel's modules as they lie in its package: where each is, what it needs, and in which order they can be inserted.
 * The package carries no index of dependencies (it is made at installation), so each module is asked itself. Called by initrd.ts.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface KernelModule {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The modules of these names, each behind what it needs. A name that is no module is built into the kernel, or wrong: wrong is told at insertion. */
export function modulesInOrder(root: string, names: readonly string[]): KernelModule[] {
  const paths = index(join(root, "lib", "modules"));
  const ordered = new Map<string, KernelModule>();
  const visit = (name: string): void => {
    const path = paths.get(plain(name));
    if (path === undefined) throw new Error(`the kernel package has no module ${name}`);
    if (ordered.has(plain(name))) return;
    const bytes = readFileSync(path);
    for (const needed of needs(bytes)) visit(needed);
    ordered.set(plain(name), { name: basename(path, ".ko"), bytes });
  };
  for (const name of names) visit(name);
  return [...ordered.values()];
}

function index(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ko"));
  return new Map(files.map((path) => [plain(basename(path, ".ko")), join(folder, path)]));
}

/** The strings of a module's information section are separated by zeros. */
function needs(bytes: Buffer): string[] {
  const at = bytes.indexOf("\0depends=");
  if (at < 0) return [];
  const start = at + "\0depends=".length;
  const list = bytes.toString("latin1", start, bytes.indexOf(0, start));
  return list === "" ? [] : list.split(",");
}

/** A module's name has underscores where its file may have hyphens. */
function plain(name: string): string {
  return name.replaceAll("-", "_");
}
