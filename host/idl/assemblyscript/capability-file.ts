/**
 * The AssemblyScript of capabilities: for those of others a class whose instance *is* the handle, for the domain's own the
 * table of instances that others hold. Called by `generate.ts`.
 */
import type { Interface, ResourceType } from "../model.ts";
import { declareCore, emitClientFunction } from "./client-function.ts";
import type { Codecs } from "./codecs.ts";
import { type FileNames, instancesName } from "./file-names.ts";
import { camel, member } from "./names.ts";

const members: ReadonlySet<string> = new Set(["create", "drop", "handle"]);

/** @param imported undefined where the domain may hold instances and nothing else */
export function emitCapability(type: ResourceType, imported: Interface | undefined, names: FileNames, codecs: Codecs): string {
  const name = names.type(type);
  const core = camel(type.name);
  const methods = (imported?.functions ?? []).filter(({ role }) => role?.resource.name === type.name);
  return [
    ...methods.map((method) => (imported ? declareCore(imported, method) : "")),
    `@external("${type.interfaceId}", "[resource-drop]${type.name}")\ndeclare function drop_${core}(handle: i32): void;\n\n`,
    `/** An instance of the capability \`${type.name}\` that another domain serves: a handle of it, which is a number. */\n@unmanaged\n@final\nexport class ${name} {\n`,
    "  /** 0 where a call that failed should have given one. */\n",
    `  get handle(): u32 {\n    return <u32>${names.glue("baseOf")}(this);\n  }\n`,
    "\n  /** Gives it up; the domain must own it. */\n",
    `  drop(): void {\n    if (this.handle != 0) drop_${core}(${names.glue("baseOf")}(this));\n  }\n`,
    ...methods.map((method) => {
      const { kind = "static", member: own = "" } = method.role ?? {};
      const head = kind === "constructor" ? "static create" : `${kind === "static" ? "static " : ""}${member(own, members)}`;
      return emitClientFunction(method, { head, indent: "  " }, names, codecs);
    }),
    "}\n",
  ].join("");
}

/** The class itself is the domain's: `export namespace kv { export class Counter { … } }` in its `index.ts`. */
export function emitInstances(type: ResourceType, names: FileNames): string {
  const source = names.resource(type);
  return `/** Those of \`${source.replace("domain.", "")}\` that others hold. */\nexport const ${instancesName(type)} = new ${names.library("Instances")}<${source}>();\n`;
}
