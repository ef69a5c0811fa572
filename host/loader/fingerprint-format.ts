/**
 * The text of a fingerprint: parsed strictly, because whoever built the module wrote it.
 * Called by fingerprint.ts. Judges the form only, never whether it is true.
 */
import { SumacError } from "../errors.ts";
import type { Fingerprint } from "./fingerprint.ts";

const MAX_CHARACTERS: number = 256 * 1024;
const HASH = /^[0-9a-f]{64}$/;
const LINE = /^[^\p{C}]{1,400}$/u;
const FIELDS: readonly string[] = [
  "version",
  "content",
  "world",
  "interfaces",
  "imports",
  "compiler",
  "optimizer",
  "flags",
  "sumac",
  "sources",
  "shadow",
];

/** @throws SumacError "module-malformed" */
export function parseFingerprint(text: string): Fingerprint {
  if (text.length > MAX_CHARACTERS) malformed(`has more than ${MAX_CHARACTERS} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SumacError("module-malformed", `its fingerprint is not JSON: ${(cause as Error).message}: build it again`, { cause });
  }
  const claimed = fields(value, FIELDS, "");
  if (claimed.version !== 1) malformed("has another version than 1");
  need(claimed, "content", isHash);
  for (const field of ["world", "compiler", "optimizer", "sumac"]) need(claimed, field, isLine);
  for (const field of ["imports", "flags"]) need(claimed, field, (list) => Array.isArray(list) && list.every(isLine));
  if (claimed.shadow !== undefined) need(claimed, "shadow", isLine);
  const sources = fields(claimed.sources, ["domain", "library"], "sources");
  for (const field of ["domain", "library"]) need(sources, field, isHash);
  const interfaces = fields(claimed.interfaces, undefined, "interfaces");
  const ids = Object.keys(interfaces);
  for (const id of ids) if (!isLine(id) || !isHash(interfaces[id])) malformed("holds an interface without a hash");
  if (ids.some((id, i) => i > 0 && !((ids[i - 1] as string) < id))) malformed("holds interfaces that are not sorted");
  const fingerprint = value as Fingerprint;
  const order = Object.keys(claimed);
  if (order.some((field, i) => field !== FIELDS[i])) malformed("has its fields in another order");
  // Spaces, escapes, numbers such as 1e0, duplicate names: all that has a second form.
  if (JSON.stringify(fingerprint) !== text) malformed("is not written in the one form that it has");
  return fingerprint;
}

function fields(value: unknown, known: readonly string[] | undefined, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) malformed(`${what} is no object`);
  const found = value as Record<string, unknown>;
  const odd = Object.keys(found).find((field) => known !== undefined && !known.includes(field));
  if (odd !== undefined) malformed(`has a field that is not known: ${JSON.stringify(odd).slice(0, 60)}`);
  return found;
}

function need(owner: Record<string, unknown>, field: string, fits: (value: unknown) => boolean): void {
  if (!Object.hasOwn(owner, field) || !fits(owner[field])) malformed(`lacks "${field}", or has it in another form`);
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && HASH.test(value);
}

function isLine(value: unknown): boolean {
  return typeof value === "string" && LINE.test(value);
}

function malformed(what: string): never {
  throw new SumacError("module-malformed", `its fingerprint ${what}: build it again`);
}
