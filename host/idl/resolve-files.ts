/**
 * All files to all interfaces and worlds, resolved: WIT and nothing but WIT, before Sumac's own rules.
 * Called by `idl.ts`; tests compare what this accepts with the Component Model's own tools.
 */
import type { WitFile } from "./ast.ts";
import { interfaceIdOf, Packages } from "./packages.ts";
import type { Problems } from "./problems.ts";
import { Resolver } from "./resolve.ts";
import { WorldResolver } from "./resolve-world.ts";
import type { ResolvedInterface, ResolvedWorld } from "./types.ts";

/** Of packages, interfaces and worlds: a world section is untrusted, and resolving follows its chains by recursion. */
const MAX_ITEMS = 1000;

export interface ResolvedFiles {
  readonly interfaces: readonly ResolvedInterface[];
  readonly worlds: readonly { readonly id: string; readonly world: ResolvedWorld }[];
}

export function resolveFiles(files: readonly WitFile[], problems: Problems): ResolvedFiles {
  const packages = new Packages(files, problems);
  const resolver = new Resolver(packages, problems);
  const worldResolver = new WorldResolver(resolver);
  const all = [...packages.all.values()];
  const count = all.reduce((sum, { interfaces, worlds }) => sum + 1 + interfaces.size + worlds.size, 0);
  if (count > MAX_ITEMS) {
    const at = { file: files[0]?.fileName ?? "", line: 1, column: 1 };
    problems.add(at, `there are ${count} packages, interfaces and worlds, at most ${MAX_ITEMS} are read`, "leave out what is not needed");
    return { interfaces: [], worlds: [] };
  }
  const interfaces = all
    .flatMap((owner) => [...owner.interfaces.values()])
    .map((entry) => resolver.interface(entry, entry.node.name.at))
    .filter((resolved) => resolved !== undefined);
  const worlds = all.flatMap((owner) =>
    [...owner.worlds.values()].flatMap((entry) => {
      const world = worldResolver.world(entry, entry.node.name.at);
      return world ? [{ id: interfaceIdOf(owner.name, world.name), world }] : [];
    }),
  );
  packages.checkUses();
  packages.checkCircles();
  return { interfaces, worlds };
}
