/**
 * The entry of a domain: one exported function with a core signature per method that the world demands, which calls the
 * typed one in the domain's `index.ts`. Called by `generate.ts`. What `index.ts` lacks is an error of the compiler.
 */
import { exportName } from "../core-names.ts";
import type { MethodDescription, SourceParam, World } from "../model.ts";
import { identifier } from "./names.ts";
import { type FileNames, type Plan, sourceType } from "./plan.ts";
import { fromWord, fromWord64, isWide, toArea, toWords } from "./words.ts";

export interface ExportFile {
  readonly text: string;
  readonly names: ReadonlyMap<string, string>;
}

export function emitExports(world: World, plan: Plan, names: FileNames): ExportFile {
  const exported = new Map<string, string>();
  const functions: string[] = [];
  const add = (owner: string, canonical: string, target: string, method: MethodDescription): void => {
    // Neither part holds an inner underscore, so the pair is unique.
    const name = `${owner}_${identifier(method.name)}`;
    exported.set(name, canonical);
    functions.push(emitExport(name, target, method, plan, names));
  };
  for (const method of world.functions) add("world", method.name, `domain.${identifier(method.name)}`, method);
  for (const { id, functions: methods } of world.exports) {
    const namespace = plan.parts.get(id)?.namespace ?? "";
    for (const method of methods) {
      add(namespace, exportName(id, method.name), `domain.${namespace}.${identifier(method.name)}`, method);
    }
  }
  const body = functions.join("\n");
  return { text: `import * as domain from "../index";\n${names.imports()}\n${body}`, names: exported };
}

function emitExport(name: string, target: string, method: MethodDescription, plan: Plan, names: FileNames): string {
  const params = method.sourceParams.flatMap((param) => coreParams(param));
  const args = method.sourceParams.map((param) => argument(param, names));
  const call = `${target}(${args.join(", ")})`;
  const result = method.result === "none" ? "void" : "i32";
  const lines = body(method, call, plan, names).map((line) => `  ${line}\n`);
  return `export function ${name}(${params.map((param) => `${param}: i32`).join(", ")}): ${result} {\n${lines.join("")}}\n`;
}

function coreParams(param: SourceParam): string[] {
  const name = identifier(param.name);
  return isWide(param.type) ? [`${name}_lo`, `${name}_hi`] : [name];
}

/** Whatever the word is, the value is one of its type: a caller may be hostile. An enum's case may still be unknown. */
function argument(param: SourceParam, names: FileNames): string {
  const name = identifier(param.name);
  if (!isWide(param.type)) return fromWord(name, "i32", param.type, names);
  return fromWord64(`${names.glue("join")}(${name}_lo, ${name}_hi)`, param.type.scalar);
}

function body(method: MethodDescription, call: string, plan: Plan, names: FileNames): string[] {
  const payload = plan.payload(method);
  if (method.result === "packed") {
    if (!payload || method.resultMove !== undefined) return [`return ${call}.packed;`];
    const store = payload.kind === "record" ? "outcome_.value.to_words();" : toArea(0, "outcome_.value", payload, names);
    return [`const outcome_ = ${call};`, "if (!outcome_.isOk) return outcome_.packed;", store, "return 64;"];
  }
  if (!payload) return [`${call};`];
  if (payload.kind === "record") return [`${call}.to_words();`];
  const value = [`const value_: ${sourceType(payload, names)} = ${call};`];
  if (isWide(payload)) return [...value, toArea(0, "value_", payload, names)];
  return [...value, `return ${toWords("value_", payload, names).join()};`];
}
