/**
 * The file `published.json` in a folder of interfaces: every interface that was published, with its canonical text.
 * Called by bindgen.ts. A file that contradicts itself is refused: a record that was edited protects nobody.
 */
import { SumacError } from "../errors.ts";
import type { PublishedInterface, PublishedRecord } from "../idl/idl.ts";
import { sha256Hex } from "../idl/sha256.ts";
import { readText, shownPath } from "./files.ts";

export const PUBLISHED_FILE = "published.json";

/** Undefined when there is no such file: nothing was published. */
export async function readPublished(file: string): Promise<PublishedRecord | undefined> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  const shown = shownPath(file);
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch (cause) {
    throw unusable(shown, (cause as Error).message, cause);
  }
  if (typeof entries !== "object" || entries === null || Array.isArray(entries)) throw unusable(shown, "must hold an object");
  return new Map(Object.entries(entries).map(([id, entry]) => [id, checked(shown, id, entry)]));
}

export function publishedText(record: PublishedRecord): string {
  return `${JSON.stringify(Object.fromEntries(record), null, 2)}\n`;
}

function checked(shown: string, id: string, entry: unknown): PublishedInterface {
  const { hash, lines } = (typeof entry === "object" && entry !== null ? entry : {}) as Partial<Record<string, unknown>>;
  if (typeof hash !== "string" || !Array.isArray(lines) || !lines.every((line) => typeof line === "string")) {
    throw unusable(shown, `/${id} must have a "hash" and "lines"`);
  }
  if (sha256Hex(lines.join("\n")) !== hash) throw unusable(shown, `/${id} has a hash that is not that of its lines`);
  return { hash, lines };
}

function unusable(shown: string, problem: string, cause?: unknown): SumacError {
  const remedy = "restore it from version control, or delete it and run `sumac bindgen --publish`";
  return new SumacError("wit-invalid", `${shown}: ${problem}: ${remedy}`, cause === undefined ? {} : { cause });
}
