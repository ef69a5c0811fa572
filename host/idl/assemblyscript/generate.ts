/**
 * The AssemblyScript of a domain, file by file: `gen/<interface>.ts` for everything it can mention, `gen/world.ts` as the
 * entry. Called by `idl.ts`. Deterministic: the same world gives the same text, which is committed and compared.
 */
import type { GeneratedSource, World } from "../model.ts";
import { emitClient } from "./client-file.ts";
import { emitExports } from "./export-file.ts";
import { FileNames, type Part, Plan } from "./plan.ts";
import { emitShared } from "./shared-type.ts";
import { emitNumbers, emitRecord } from "./type-files.ts";

export function generate(world: World): GeneratedSource {
  const plan = new Plan(world);
  const files = new Map<string, string>();
  for (const part of [...plan.parts.values()].sort((a, b) => (a.short < b.short ? -1 : 1))) {
    const text = emitPart(part, plan);
    if (text !== undefined) files.set(`gen/${part.short}.ts`, text);
  }
  const entry = emitExports(world, plan, new FileNames(plan, undefined));
  const about = `The entry of a domain of the world \`${world.name}\` (${world.packageId}): the functions that others call, as index.ts implements them.`;
  files.set("gen/world.ts", header(about) + entry.text);
  return { files, entry: "gen/world.ts", exportNames: entry.names };
}

function emitPart(part: Part, plan: Plan): string | undefined {
  const names = new FileNames(plan, part.id);
  const pieces: string[] = [];
  for (const type of part.named.values()) {
    if (type.kind === "record") pieces.push(emitRecord(type, names));
    else if (type.kind !== "variant") pieces.push(emitNumbers(type));
  }
  for (const type of part.shared.values()) pieces.push(emitShared(type, names));
  if (part.imported) pieces.push(emitClient(part.imported, part.namespace, plan, names));
  if (pieces.length === 0) return undefined;
  const imports = names.imports();
  const what = part.imported ? "its types and the calls to it" : "its types";
  return `${header(`\`${part.id}\`: ${what}.`)}${imports}${imports === "" ? "" : "\n"}${pieces.join("\n")}`;
}

function header(about: string): string {
  return `/**\n * ${about}\n * Generated from the WIT by \`sumac build\`; change that, not this.\n */\n`;
}
