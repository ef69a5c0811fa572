/**
 * TypeScript for hosts: one file per package with the types of its interfaces as `Sumac.export` gives them, and one that maps
 * interface ids to these types. Called by `idl.ts`. Types only, so that nothing of it exists when the program runs.
 */
import type { PackageDescription } from "../describe.ts";
import { sourceFolders } from "../describe.ts";
import { tsdoc } from "./comments.ts";
import { emitInterface } from "./functions.ts";
import { FileScope, moduleName, namesIn } from "./names.ts";
import { emitNamed, emitType } from "./types.ts";

/** Where generated files find the types of the host. */
export type HostImports = "sources" | "package";

/** The file with `InterfaceTypes`. */
export const INTERFACE_TYPES = "interface-types.ts";

/** File names to texts. */
export function generateTypes(packages: readonly PackageDescription[], from: HostImports): Map<string, string> {
  const files = new Map<string, string>();
  for (const each of packages) files.set(`${each.fileStem}.ts`, emitPackage(each, packages, from));
  files.set(INTERFACE_TYPES, emitMap(packages));
  return files;
}

function emitPackage(owner: PackageDescription, all: readonly PackageDescription[], from: HostImports): string {
  const scope = new FileScope(owner, all);
  const pieces = owner.interfaces.flatMap((each) => [
    ...each.types.flatMap((type) => emitType(type, scope)),
    ...emitInterface(each, scope),
  ]);
  // Written last: only now it is known what the others mention. A foreign record may mention a foreign enum.
  const foreign = new Map<string, string>();
  for (let count = -1; count < foreign.size; ) {
    count = foreign.size;
    for (const type of scope.foreign()) {
      const note = tsdoc({ lines: [`\`${type.name}\` of \`${type.interfaceId}\`.`] }, "");
      foreign.set(scope.type(type), note + emitNamed(type, new Map(), scope));
    }
  }
  const about = tsdoc(
    { comment: owner.comment, lines: [`\`${owner.id}\`: its interfaces as \`Sumac.export\` gives them to the host.`] },
    "",
  );
  const imports = hostImports(scope, from) + scope.imports();
  return [header(owner.sources) + about + imports, ...pieces, ...foreign.values()].filter((text) => text !== "").join("\n");
}

function hostImports(scope: FileScope, from: HostImports): string {
  const used = scope.used();
  if (from === "package") return used.length > 0 ? `import type { ${used.join(", ")} } from "sumac-kernel";\n` : "";
  const calls = used.filter((name) => name !== "Called");
  return [
    calls.length > 0 ? `import type { ${calls.join(", ")} } from "../kernel/host/host-values.ts";\n` : "",
    calls.length < used.length ? 'import type { Called } from "../kernel/status.ts";\n' : "",
  ].join("");
}

function header(sources: readonly string[]): string {
  return `// Generated from ${sources.join(", ")} by \`sumac bindgen\`; change that, not this.\n`;
}

function emitMap(packages: readonly PackageDescription[]): string {
  const entries: string[] = [];
  const implementations: string[] = [];
  const imports: string[] = [];
  for (const each of packages) {
    const names = namesIn(each);
    const served = each.interfaces.filter(({ model }) => model.functions.length > 0);
    if (served.length === 0) continue;
    const space = moduleName(each);
    imports.push(`import type * as ${space} from "./${each.fileStem}.ts";\n`);
    for (const { model } of served) {
      const entry = `  readonly ${JSON.stringify(model.id)}: ${space}.${names.get(model.id)}`;
      entries.push(`${entry};\n`);
      implementations.push(`${entry}Implementation;\n`);
    }
  }
  return (
    header(sourceFolders(packages)) +
    `${imports.sort().join("")}\n/** Interface id to the type of what \`Sumac.export\` gives for it. */\nexport interface InterfaceTypes {\n${entries.sort().join("")}}\n\n` +
    `/** Interface id to the type of what an application grants for it. */\nexport interface ImplementationTypes {\n${implementations.sort().join("")}}\n`
  );
}
