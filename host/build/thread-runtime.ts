/**
 * Domains with threads: which files of the library are compiled with them besides their own, and room for the runtime's functions that are
 * not interrupted by another thread. Called by compile.ts.
 *
 * The runtime's own `__new`, `__alloc` and so on are global names. Without that decorator they are ordinary exports of its files, and
 * `sumac/thread-runtime` declares global ones that call them.
 */
import { THREAD_EXPORT_NAMES } from "../loader/thread-exports.ts";

/** A domain that uses this file of the library has threads. */
export const THREAD_LIBRARY = "~lib/sumac/thread-imports.ts";
export const THREAD_ENTRY = "sumac-threads.ts";

export function threadEntrySource(runtime: "stub" | "incremental"): string {
  const variant = runtime === "stub" ? "thread-runtime-stub" : "thread-runtime";
  return `export { ${[...THREAD_EXPORT_NAMES.keys()].join(", ")} } from "sumac/thread-base";\nimport "sumac/${variant}";\n`;
}

const REPLACED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["~lib/rt/itcms", new Set(["__new", "__renew", "__link", "__pin", "__unpin", "__collect"])],
  ["~lib/rt/tlsf", new Set(["__alloc", "__realloc", "__free"])],
  ["~lib/rt/stub", new Set(["__new", "__renew", "__alloc", "__realloc"])],
]);

/** What of the compiler's tree is looked at. */
interface Source {
  readonly internalPath: string;
  readonly statements: readonly { readonly name?: { readonly text: string }; decorators?: unknown }[];
}

/** A transform of the compiler: everything has been read, nothing has been resolved. */
export const replaceRuntime = {
  afterParse({ sources }: { readonly sources: readonly Source[] }): void {
    let found = 0;
    for (const { internalPath, statements } of sources) {
      const names = REPLACED.get(internalPath);
      for (const statement of statements) {
        if (statement.name === undefined || names?.has(statement.name.text) !== true) continue;
        statement.decorators = null;
        found++;
      }
    }
    // The compiler's version is pinned; with another one its runtime must be looked at again.
    if (found !== 9 && found !== 4)
      throw new Error(`the runtime of AssemblyScript has ${found} of the functions that threads need otherwise`);
  },
};
