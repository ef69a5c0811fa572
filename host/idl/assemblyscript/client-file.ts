/**
 * The AssemblyScript that calls an imported interface: a core declaration per function, and a namespace with the typed
 * ones. Called by `generate.ts`. Functions of capabilities are members of their classes, in `capability-file.ts`.
 */
import type { Interface } from "../model.ts";
import { declareCore, emitClientFunction } from "./client-function.ts";
import type { Codecs } from "./codecs.ts";
import type { FileNames } from "./file-names.ts";
import { identifier } from "./names.ts";

export function emitClient(imported: Interface, namespace: string, names: FileNames, codecs: Codecs): string {
  const own = imported.functions.filter(({ role }) => !role);
  const alive = `@external("${imported.id}", "[alive]")\ndeclare function core_alive_(): i32;\n`;
  return [
    ...own.map((method) => declareCore(imported, method)),
    alive,
    `\n/** Calls to whoever serves \`${imported.id}\`. */\nexport namespace ${namespace} {\n`,
    "  /** Whether the domain behind it lives, for the price of a look. */\n  export function isAlive(): bool {\n    return core_alive_() != 0;\n  }\n",
    ...own.map((method) => {
      // `isAlive` is the generator's own.
      const name = identifier(method.name) === "isAlive" ? "isAlive_" : identifier(method.name);
      return emitClientFunction(method, { head: `export function ${name}`, indent: "  " }, names, codecs);
    }),
    "}\n",
  ].join("");
}
