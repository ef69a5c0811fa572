/**
 * TypeScript for hosts: one file per package with the types of its interfaces as `Sumac.export` gives them, and one that maps
 * interface ids to these types. Called by `idl.ts`. Types only, so that nothing of it exists when the program runs.
 */
import { interfaceName } from "../assemblyscript/names.ts";
import { printAttributes } from "../attributes.ts";
import type { FunctionDescription, InterfaceDescription, PackageDescription } from "../describe.ts";
import { sourceFolders } from "../describe.ts";
import type { HostType, SourceParam } from "../model.ts";
import { printType } from "../print.ts";
import { tsdoc } from "./comments.ts";
import { FileScope, moduleName, namesIn } from "./names.ts";
import { emitEnum, emitRecord, emitType, hostType, parameter, property } from "./types.ts";

/** Where generated files find the types of the host. */
export type HostImports = "sources" | "package";

/** The file with `InterfaceTypes`. */
export const INTERFACE_TYPES = "interface-types.ts";

const LINE = 140;

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
    ...each.types.map((type) => emitType(type, scope)).filter((text) => text !== undefined),
    ...(each.functions.length > 0 ? [emitInterface(each, scope)] : []),
  ]);
  // Written last: only now it is known what the others mention. A foreign record may mention a foreign enum.
  const foreign = new Map<string, string>();
  for (let count = -1; count < foreign.size; ) {
    count = foreign.size;
    for (const type of scope.foreign()) {
      const note = tsdoc({ lines: [`\`${type.name}\` of \`${type.interfaceId}\`.`] }, "");
      foreign.set(scope.type(type), note + (type.kind === "enum" ? emitEnum(type, scope) : emitRecord(type, new Map(), scope)));
    }
  }
  const about = tsdoc(
    { comment: owner.comment, lines: [`\`${owner.id}\`: its interfaces as \`Sumac.export\` gives them to the host.`] },
    "",
  );
  const imports = hostImports(owner, scope, from) + scope.imports();
  return [header(owner.sources) + about + imports, ...pieces, ...foreign.values()].filter((text) => text !== "").join("\n");
}

function hostImports(owner: PackageDescription, scope: FileScope, from: HostImports): string {
  if (owner.interfaces.every(({ functions }) => functions.length === 0)) return "";
  if (from === "package") return `import type { Called${scope.usesResult ? ", HostResult" : ""} } from "sumac-kernel";\n`;
  const result = scope.usesResult ? 'import type { HostResult } from "../kernel/host-calls.ts";\n' : "";
  return `${result}import type { Called } from "../kernel/status.ts";\n`;
}

function header(sources: readonly string[]): string {
  return `// Generated from ${sources.join(", ")} by \`sumac bindgen\`; change that, not this.\n`;
}

function emitInterface({ model, comment, functions }: InterfaceDescription, scope: FileScope): string {
  const doc = tsdoc({ comment, lines: [`What \`Sumac.export\` gives for \`${model.id}\`.`] }, "");
  const methods = functions.map((each) => emitMethod(each, scope));
  return `${doc}export interface ${scope.interface(model.id)} {\n${methods.join("\n")}}\n`;
}

function emitMethod({ method, node, comment, parts }: FunctionDescription, scope: FileScope): string {
  const params = method.sourceParams.map((param) => `${parameter(param.name)}: ${hostType(param.type, scope)}`);
  const result = `Called<${method.sourceResult ? hostType(method.sourceResult, scope) : "undefined"}>`;
  const attributes = printAttributes(method).map((text) => `\`${text}\``);
  const tags = method.sourceParams.map((param) => paramTag(param, parts.get(param.name)));
  if (node.result && method.sourceResult) tags.push(`@returns \`${printType(node.result)}\`${returned(method.sourceResult)}`);
  const doc = tsdoc({ comment, lines: attributes.length > 0 ? [`${attributes.join(", ")}.`] : [], tags }, "  ");
  const start = `  readonly ${property(method.name)}: (`;
  const line = `${start}${params.join(", ")}) => ${result};\n`;
  if (line.length <= LINE + 1) return doc + line;
  return `${doc}${start}\n${params.map((param) => `    ${param},\n`).join("")}  ) => ${result};\n`;
}

function paramTag({ name, type }: SourceParam, text: readonly string[] = []): string {
  const more = text.length > 0 ? ` ${text.join(" ")}` : "";
  return `@param ${parameter(name)} ${what(type)}.${more}`;
}

function what(type: HostType): string {
  switch (type.kind) {
    case "scalar":
      return `\`${type.scalar}\``;
    case "own":
      return `base of an object \`${type.shared.name}\` that the host owns; it moves to the domain`;
    case "borrow":
      return `base of an object \`${type.shared.name}\` that the host owns; it is lent until the call returns`;
    case "enum":
    case "flags":
    case "record":
      return `\`${type.name}\` of \`${interfaceName(type.interfaceId)}\``;
    default:
      return `a ${type.kind}`;
  }
}

function returned(type: HostType): string {
  const payload = type.kind === "result" ? type.ok : type;
  return payload?.kind === "own" ? `; the value is the object's base, and the host owns the object: it must free it` : "";
}

function emitMap(packages: readonly PackageDescription[]): string {
  const entries: string[] = [];
  const imports: string[] = [];
  for (const each of packages) {
    const names = namesIn(each);
    const served = each.interfaces.filter(({ functions }) => functions.length > 0);
    if (served.length === 0) continue;
    const space = moduleName(each);
    imports.push(`import type * as ${space} from "./${each.fileStem}.ts";\n`);
    for (const { model } of served) entries.push(`  readonly ${JSON.stringify(model.id)}: ${space}.${names.get(model.id)};\n`);
  }
  return (
    header(sourceFolders(packages)) +
    `${imports.sort().join("")}\n/** Interface id to the type of what \`Sumac.export\` gives for it. */\nexport interface InterfaceTypes {\n${entries.sort().join("")}}\n`
  );
}
