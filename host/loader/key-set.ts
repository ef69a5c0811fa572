/**
 * Key sets: which keys are trusted, whose they are, for what, from when to when, and what was revoked.
 * Called by keys.ts with a file's text. Reads no file. The signature format has no field for any of this, and a signature carries
 * no time: a key that expired or was revoked counts for nothing it ever signed, because nobody can tell when it did.
 * Sources: [WASM-SIGNATURES] Signature algorithms and key serialization.
 *
 *   {"keys": [{"name": "alice-2026", "public": "01d75a…", "holder": "alice", "roles": ["author"],
 *              "from": "2026-01-01", "until": "2027-02-01", "revoked": "why", "id": "first", "withdrawn": {"SHA-256": "why"}}]}
 */
import { SumacError } from "../errors.ts";
import type { TrustedKey } from "./signature.ts";
import { parseStrictJson } from "./strict-json.ts";

const MAX_KEYS = 1000;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,63}$/u;
const FIELDS: readonly string[] = ["name", "public", "holder", "roles", "from", "until", "revoked", "id", "withdrawn"];
/** A day, or a moment to the second, in UTC. */
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/;

/** A key set begins with a brace, and no other form of key does. */
export function isKeySet(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return first === 0x7b;
}

/** @throws SumacError "key-unusable" that names the place */
export function parseKeySet(text: string, file: string): TrustedKey[] {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (cause) {
    throw new SumacError("key-unusable", `${file}: is not JSON of one meaning: ${(cause as Error).message}`, { cause });
  }
  const set = object(value, file, "/", ["$schema", "keys"]);
  if (!Array.isArray(set.keys) || set.keys.length > MAX_KEYS) wrong(file, "/keys", `must be a list of at most ${MAX_KEYS} keys`);
  const keys = (set.keys as unknown[]).map((entry, i) => parseKey(entry, file, `/keys/${i}`));
  for (const [i, key] of keys.entries()) {
    const earlier = keys.slice(0, i);
    if (earlier.some(({ name }) => name === key.name)) wrong(file, `/keys/${i}/name`, `a second key "${key.name}"`);
    const id = key.id;
    if (id !== undefined && earlier.some((other) => other.id !== undefined && String(other.id) === String(id))) {
      wrong(file, `/keys/${i}/id`, "an id names one key, and another one has it already");
    }
  }
  return keys;
}

function parseKey(value: unknown, file: string, place: string): TrustedKey {
  const entry = object(value, file, place, FIELDS);
  const text = (field: string, pattern: RegExp, what: string): string | undefined => {
    const found = entry[field];
    if (found === undefined) return undefined;
    if (typeof found !== "string" || !pattern.test(found)) wrong(file, `${place}/${field}`, `must be ${what}`);
    return found as string;
  };
  const name = text("name", NAME, "a name of letters and digits");
  const publicKey = text("public", /^01[0-9a-f]{64}$/, "the compact form of an Ed25519 public key in hex (01 and 64 digits)");
  if (name === undefined || publicKey === undefined) wrong(file, place, "needs a name and a public key");
  const holder = text("holder", NAME, "a name of letters and digits");
  const id = text("id", /^.{1,64}$/u, "1 to 64 characters");
  const from = moment(text("from", MOMENT, "a day or a moment in UTC"), file, `${place}/from`);
  const until = moment(text("until", MOMENT, "a day or a moment in UTC"), file, `${place}/until`);
  const revoked = text("revoked", /^.{1,200}$/u, "the reason, in one line");
  const roles = rolesOf(entry.roles, file, `${place}/roles`);
  const withdrawn = withdrawals(entry.withdrawn, file, `${place}/withdrawn`);
  return {
    name: name as string,
    publicKey: bytesOf((publicKey as string).slice(2)),
    ...(holder === undefined ? {} : { holder }),
    ...(roles === undefined ? {} : { roles }),
    ...(id === undefined ? {} : { id: new TextEncoder().encode(id) }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(revoked === undefined ? {} : { revoked }),
    ...(withdrawn === undefined ? {} : { withdrawn }),
  };
}

function rolesOf(value: unknown, file: string, place: string): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((role) => typeof role === "string" && NAME.test(role))) {
    wrong(file, place, "must be a list of names");
  }
  return value as string[];
}

function withdrawals(value: unknown, file: string, place: string): Map<string, string> | undefined {
  if (value === undefined) return undefined;
  const found = new Map<string, string>();
  for (const [hash, why] of Object.entries(object(value, file, place, undefined))) {
    if (!/^[0-9a-f]{64}$/.test(hash) || typeof why !== "string" || why === "") {
      wrong(file, `${place}/${hash}`, "must give a reason for the SHA-256 of a module's content (64 hex digits)");
    }
    found.set(hash, why as string);
  }
  return found;
}

/** A day begins at midnight in UTC; a day that no calendar has is refused. */
function moment(text: string | undefined, file: string, place: string): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text.slice(0, 10))
    wrong(file, place, "is no day of any calendar");
  return time;
}

function object(value: unknown, file: string, place: string, known: readonly string[] | undefined): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) wrong(file, place, "must be an object");
  const found = value as Record<string, unknown>;
  for (const field of Object.keys(found)) {
    // A misspelt "revoked" must not be overlooked.
    if (known !== undefined && !known.includes(field))
      wrong(file, `${place.replace(/\/$/, "")}/${field}`, `is not known; known: ${known.join(", ")}`);
  }
  return found;
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function wrong(file: string, place: string, why: string): never {
  throw new SumacError("key-unusable", `${file}: ${place}: ${why}`);
}
