/**
 * The AssemblyScript of a domain, file by file: `gen/<interface>.ts` for everything it can mention, `gen/world.ts` as the
 * entry. Called by `idl.ts`. Deterministic: the same world gives the same text, which is committed and compared.
 */
import type { GeneratedSource, World } from "../model.ts";
import { emitCapability, emitInstances } from "./capability-file.ts";
import { emitClient } from "./client-file.ts";
import { Codecs } from "./codecs.ts";
import { emitExports } from "./export-file.ts";
import { FileNames } from "./file-names.ts";
import { type Part, Plan } from "./plan.ts";
import { emitShared, emitView } from "./shared-type.ts";
import { emitNamed, emitTuple } from "./type-files.ts";

export function generate(world: World): GeneratedSource {
  const plan = new Plan(world);
  const files = new Map<string, string>();
  for (const part of [...plan.parts.values()].sort((a, b) => (a.short < b.short ? -1 : 1))) {
    const text = emitPart(part, plan);
    if (text !== undefined) files.set(`gen/${part.short}.ts`, text);
    const own = emitOwn(part, plan);
    if (own !== undefined) files.set(`gen/${part.short}_own.ts`, own);
  }
  if (plan.arities.size > 0) files.set("gen/tuples.ts", emitTuples(plan));
  const entry = emitExports(world, new FileNames(plan, undefined, "export"));
  const about = `The entry of a domain of the world \`${world.name}\` (${world.packageId}): the functions that others call, as index.ts implements them.`;
  files.set("gen/world.ts", header(about) + entry.text);
  return { files, entry: "gen/world.ts", exportNames: entry.names, runtime: plan.isCollected ? "incremental" : "stub" };
}

function emitPart(part: Part, plan: Plan): string | undefined {
  const names = new FileNames(plan, part.id);
  const codecs = new Codecs(names);
  const pieces: string[] = [];
  for (const type of part.named.values()) pieces.push(emitNamed(type, names, codecs));
  for (const type of part.views.values()) pieces.push(emitView(type, names));
  for (const type of part.shared.values()) pieces.push(emitShared(type, names));
  for (const type of part.resources.values()) pieces.push(emitCapability(type, part.imported, names, codecs));
  if (part.imported) pieces.push(emitClient(part.imported, part.namespace, names, codecs));
  if (pieces.length === 0) return undefined;
  const what = part.imported ? "its types and the calls to it" : "its types";
  return fileText(`\`${part.id}\`: ${what}.`, pieces, names, codecs);
}

function emitOwn(part: Part, plan: Plan): string | undefined {
  const names = new FileNames(plan, part.id, "export");
  const codecs = new Codecs(names);
  const pieces = [
    ...(part.exported?.resources ?? []).map((type) => emitInstances(type, names)),
    ...[...part.ownNamed.values()].map((type) => emitNamed(type, names, codecs)),
  ];
  if (pieces.length === 0) return undefined;
  return fileText(
    `\`${part.id}\`: the capabilities that this domain serves itself, and its types that mention one.`,
    pieces,
    names,
    codecs,
  );
}

function emitTuples(plan: Plan): string {
  const pieces = [...plan.arities].sort((a, b) => a - b).map(emitTuple);
  return `${header("Tuples, by the number of their items; copied where they cross.")}${pieces.join("\n")}`;
}

function fileText(about: string, pieces: readonly string[], names: FileNames, codecs: Codecs): string {
  const functions = codecs.text();
  const imports = names.imports();
  return `${header(about)}${imports}${imports === "" ? "" : "\n"}${pieces.join("\n")}${functions}`;
}

function header(about: string): string {
  return `/**\n * ${about}\n * Generated from the WIT by \`sumac build\`; change that, not this.\n */\n`;
}
