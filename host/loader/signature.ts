/**
 * Decides who signed exactly these bytes, and whether somebody trusted is among them.
 * Called by the loader on the raw file before anything else looks at it, and by the CLI. Works wherever WebCrypto does.
 * Never reads a file or a key file (keys.ts does), never signs (signing.ts does), and never accepts a signature over less than
 * the whole module unless it was asked for so many parts of it.
 * Sources: [WASM-SIGNATURES].
 *
 * Hashes cover the bytes from the end of the `signature` section on; the 8-byte header is not hashed but can have one value
 * only. Key ids are not signed: an id that is present must be one of the key that verifies, so that no byte of the section
 * can change unnoticed.
 */
import { SumacError } from "../errors.ts";
import { ByteReader, equalBytes, hexOffset, toHex } from "./byte-reader.ts";
import { hashesOf, partsOf, refuseFurtherSignature } from "./parts.ts";
import { HEADER, ownBytes, readSections, type Section } from "./sections.ts";
import { decodeSignatures, SIGNATURE_SECTION, type SignatureRecord, type SignedHashes, signedMessage } from "./signature-format.ts";

/** Signatures that are checked before the module is refused: a record without an id is tried with every trusted key. */
const MAX_ATTEMPTS = 256;

/** A public key, and what its signatures count for. Everything but name and key comes from a key set. */
export interface TrustedKey {
  /** How people call the key: in manifests, logs and errors. */
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Whose key it is. Demands count holders, so that an old and a new key of one person count once. Default: `name`. */
  readonly holder?: string;
  readonly roles?: readonly string[];
  /** An id of the signer's own choice that records may carry instead of the derived one. */
  readonly id?: Uint8Array;
  /** Milliseconds since 1970: its signatures count from this moment on. */
  readonly from?: number;
  /** They do not count from this moment on. */
  readonly until?: number;
  /** Why none of its signatures counts any more. */
  readonly revoked?: string;
  /** Content (hex SHA-256) that the holder does not stand by any more, to the reason. */
  readonly withdrawn?: ReadonlyMap<string, string>;
}

export interface Signer {
  readonly name: string;
  readonly holder: string;
  readonly roles: readonly string[];
  /** Hex. */
  readonly publicKey: string;
  /** Hex of the id in the record; empty when the signer left none. */
  readonly keyId: string;
}

/** A signature that was not counted. */
export interface Uncounted {
  readonly keyId: string;
  readonly why: string;
}

export interface Verified {
  /** Name of the first trusted key that signed. */
  readonly signer: string;
  /** Every trusted key that signed, in the order of the records. */
  readonly signers: readonly Signer[];
  readonly uncounted: readonly Uncounted[];
  /** Hex SHA-256 of everything that is covered: names the module's content. */
  readonly hash: string;
  /** How many parts are covered; 1 unless the module holds delimiters. */
  readonly parts: number;
  /** Offset of the first byte that is not covered: the end of the file, unless only some parts were asked for. */
  readonly end: number;
}

export interface VerifyOptions {
  /** The signature data, where it is not embedded. */
  readonly detached?: Uint8Array;
  /** Verify the first so many parts only. Never used by the loader. */
  readonly parts?: number;
  /** Milliseconds since 1970 at which keys must be valid; default: now. */
  readonly now?: number;
}

/** The signatures that hold, whatever the time is: what the loader may remember of a module. */
export interface CheckedSignatures {
  readonly valid: readonly { readonly key: TrustedKey; readonly keyId: string }[];
  readonly uncounted: readonly Uncounted[];
  readonly hash: string;
  readonly parts: number;
  readonly end: number;
}

/** Twelve bytes that name a public key; the same derivation as wasmsign2's, which refuses a signature with another id. */
export async function keyIdOf(publicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", ownBytes(publicKey), hmac, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode("key_id"));
  return new Uint8Array(mac, 0, 12);
}

/** @throws SumacError unless a trusted key that is valid now signed these bytes */
export async function verifyModule(bytes: Uint8Array, trusted: readonly TrustedKey[], options: VerifyOptions = {}): Promise<Verified> {
  return countSigners(await checkSignatures(bytes, trusted, options), options.now ?? Date.now());
}

/** @throws SumacError unless a trusted key, valid or not, signed these bytes */
export async function checkSignatures(
  bytes: Uint8Array,
  trusted: readonly TrustedKey[],
  { detached, parts }: Omit<VerifyOptions, "now"> = {},
): Promise<CheckedSignatures> {
  const own = ownBytes(bytes);
  const { sets, start, rest } = signaturesOf(own, detached);
  const keys = await Promise.all(trusted.map(async (key) => ({ key, id: await keyIdOf(key.publicKey) })));
  const attempts = { left: MAX_ATTEMPTS };
  let ends: readonly number[] = [];
  let hashes: Uint8Array[] | undefined;
  const valid: { key: TrustedKey; keyId: string }[] = [];
  const uncounted: Uncounted[] = [];
  for (const set of sets) {
    const message = signedMessage(set.hashes);
    for (const record of set.signatures) {
      const keyId = toHex(record.keyId);
      const key = await signerOf(record, message, keys, attempts, valid.length > 0);
      if (key === undefined) {
        uncounted.push({ keyId, why: "by a key that is not trusted" });
        continue;
      }
      // The content is hashed once for each part, so only for somebody who is trusted.
      if (hashes === undefined) {
        ends = coveredParts(own, rest, parts);
        hashes = await hashesOf(own, start, ends);
      }
      if (covers(set.hashes, hashes, parts !== undefined)) valid.push({ key, keyId });
      else uncounted.push({ keyId, why: `"${key.name}" signed other bytes, or a part of these only` });
    }
  }
  const last = hashes?.at(-1);
  if (valid.length === 0 || last === undefined) throw refusal(sets, hashes !== undefined, trusted);
  return { valid, uncounted, hash: toHex(last), parts: ends.length, end: ends.at(-1) ?? own.length };
}

function coveredParts(bytes: Uint8Array, sections: readonly Section[], wanted: number | undefined): number[] {
  const ends = partsOf(bytes, sections);
  if (wanted === undefined) return ends;
  if (wanted >= 1 && wanted <= ends.length) return ends.slice(0, wanted);
  throw new SumacError("signature-wrong", `the module has ${ends.length} parts, not ${wanted}; ask for at most as many as there are`);
}

/** Leaves out keys that are not valid at `now`. @throws SumacError when nobody is left */
export function countSigners({ valid, uncounted: never, hash, parts, end }: CheckedSignatures, now: number): Verified {
  const signers: Signer[] = [];
  const uncounted: Uncounted[] = [...never];
  for (const { key, keyId } of valid) {
    const why = invalidity(key, hash, now);
    const { name, holder = name, roles = [] } = key;
    if (why === undefined) signers.push({ name, holder, roles, publicKey: toHex(key.publicKey), keyId });
    else uncounted.push({ keyId, why: `"${key.name}" ${why}` });
  }
  const [first] = signers;
  if (first === undefined) {
    const reasons = uncounted.slice(never.length).map(({ why }) => why);
    throw new SumacError(
      "trust-refused",
      `no signature counts: ${[...new Set(reasons)].join("; ")}; have the module signed by a key that is valid, or correct the key set`,
    );
  }
  return { signer: first.name, signers, uncounted, hash, parts, end };
}

/** Why a key's signature over this content does not count at that time. A signature carries no time of its own. */
function invalidity(key: TrustedKey, hash: string, now: number): string | undefined {
  if (key.revoked !== undefined) return `was revoked: ${key.revoked}`;
  if (key.from !== undefined && now < key.from) return `is not valid before ${new Date(key.from).toISOString()}`;
  if (key.until !== undefined && now >= key.until) return `expired at ${new Date(key.until).toISOString()}`;
  const withdrawn = key.withdrawn?.get(hash);
  return withdrawn === undefined ? undefined : `withdrew its signature: ${withdrawn}`;
}

/** The signature data, where the signed bytes begin, and their sections. */
function signaturesOf(
  own: Uint8Array<ArrayBuffer>,
  detached: Uint8Array | undefined,
): { sets: SignedHashes[]; start: number; rest: readonly Section[] } {
  const sections = readSections(own);
  const [first, ...rest] = sections;
  if (detached !== undefined) {
    const embedded = sections.find(({ name }) => name === SIGNATURE_SECTION);
    if (embedded !== undefined) {
      throw new SumacError(
        "signature-wrong",
        `the module carries a signature section at byte ${hexOffset(embedded.start)} besides the detached signature; give one of them`,
      );
    }
    const data = ownBytes(detached);
    return { sets: decodeSignatures(data, 0, data.length), start: HEADER.length, rest: sections };
  }
  if (first?.name !== SIGNATURE_SECTION) throw missing(rest);
  refusePadding(own, first);
  refuseFurtherSignature(rest);
  return { sets: decodeSignatures(own, first.payload, first.end), start: first.end, rest };
}

interface NamedKey {
  readonly key: TrustedKey;
  /** The derived one. */
  readonly id: Uint8Array;
}

/** A record that claims a trusted key by its id and does not verify refuses the module at once. */
async function signerOf(
  record: SignatureRecord,
  message: Uint8Array<ArrayBuffer>,
  keys: readonly NamedKey[],
  attempts: { left: number },
  found: boolean,
): Promise<TrustedKey | undefined> {
  const claimed = record.keyId.length > 0;
  for (const { key, id } of keys) {
    if (claimed && !equalBytes(record.keyId, id) && !(key.id !== undefined && equalBytes(record.keyId, key.id))) continue;
    if (attempts.left-- === 0) {
      throw new SumacError(
        "signature-wrong",
        found
          ? `more than ${MAX_ATTEMPTS} signatures could be a trusted key's; have the module signed by fewer, or with key ids`
          : `none of the first ${MAX_ATTEMPTS} signatures that could be a trusted key's is valid; have the module signed with a key id`,
      );
    }
    const publicKey = await crypto.subtle.importKey("raw", ownBytes(key.publicKey), "Ed25519", false, ["verify"]);
    if (await crypto.subtle.verify("Ed25519", publicKey, record.signature, message)) return key;
    if (claimed) {
      throw new SumacError(
        "signature-wrong",
        `the signature by "${key.name}" at byte ${hexOffset(record.offset)} is not valid for its hashes; get the module again or have it signed again`,
      );
    }
  }
  return undefined;
}

/** @param prefix more parts may have been signed than are looked at */
function covers(signed: readonly Uint8Array[], hashes: readonly Uint8Array[], prefix: boolean): boolean {
  if (prefix ? signed.length < hashes.length : signed.length !== hashes.length) return false;
  return hashes.every((hash, i) => equalBytes(hash, signed[i] as Uint8Array));
}

function missing(rest: readonly Section[]): SumacError {
  const late = rest.find((section) => section.name === SIGNATURE_SECTION);
  if (late === undefined) {
    return new SumacError(
      "signature-missing",
      "the module is not signed: its first section is not `signature`; sign it with `sumac sign` or allow it by name with --unsigned",
    );
  }
  return new SumacError(
    "signature-wrong",
    `the signature section at byte ${hexOffset(late.start)} is not the first section, so it does not cover what precedes it; sign the module again`,
  );
}

/** The section is not covered by its own hash, so its header may have one form only. */
function refusePadding(bytes: Uint8Array<ArrayBuffer>, section: Section): void {
  const reader = new ByteReader(bytes, section.start + 1, section.end, "signature-wrong");
  reader.u32Minimal("size of the signature section");
  reader.u32Minimal("name length of the signature section");
}

function refusal(sets: readonly SignedHashes[], partial: boolean, trusted: readonly TrustedKey[]): SumacError {
  if (partial) {
    return new SumacError(
      "signature-wrong",
      "the module's bytes are not those that were signed: altered, truncated, appended to, or signed in part only; get the module again or have it signed again",
    );
  }
  const ids = sets.flatMap((set) => set.signatures.map((record) => toHex(record.keyId) || "(no id)"));
  const names = trusted.map((key) => `"${key.name}"`).join(", ");
  const known = names === "" ? "no key is trusted" : `trusted: ${names}`;
  return new SumacError(
    "signature-wrong",
    `signed with key ${ids.slice(0, 4).join(", ")}, which is not trusted (${known}); add the signer's public key with --trust`,
  );
}
