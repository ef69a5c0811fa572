/**
 * Signs a module and decides whether somebody trusted signed exactly these bytes.
 * Called by the loader on the raw file before anything else looks at it, and by the CLI. Works wherever WebCrypto does.
 * Never reads a file or a key file (keys.ts does) and never accepts a signature over less than the whole module.
 * Sources: [WASM-SIGNATURES].
 *
 * Hashes cover the bytes from the end of the `signature` section on; the 8-byte header is not hashed but can have one value
 * only. Key ids are not signed: an id that is present must equal the id of the key that verifies, so that no byte of the
 * section can change unnoticed.
 */
import { SumacError } from "../errors.ts";
import { ByteReader, concatBytes, equalBytes, hexOffset, toHex } from "./byte-reader.ts";
import { customSection, HEADER, ownBytes, readSections, type Section, sectionLabel } from "./sections.ts";
import {
  DELIMITER_SECTION,
  decodeSignatures,
  encodeSignatures,
  MAX_HASHES,
  SIGNATURE_SECTION,
  type SignatureRecord,
  type SignedHashes,
  signedMessage,
} from "./signature-format.ts";

/** Signatures that are checked before the module is refused: a record without an id is tried with every trusted key. */
const MAX_ATTEMPTS = 256;

export interface SigningKey {
  readonly privateKey: CryptoKey;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface TrustedKey {
  /** How people call the signer: in manifests, logs and errors. */
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface Verified {
  /** Name of the trusted key that signed. */
  readonly signer: string;
  /** Hex of the id in the record; empty when the signer left none. */
  readonly keyId: string;
  /** Hex SHA-256 of everything after the signature section: names the module's content. */
  readonly hash: string;
  /** How many parts the signature separates; 1 unless the module holds delimiters. */
  readonly parts: number;
}

/** Twelve bytes that name a public key; the same derivation as wasmsign2's, which refuses a signature with another id. */
export async function keyIdOf(publicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", ownBytes(publicKey), hmac, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode("key_id"));
  return new Uint8Array(mac, 0, 12);
}

/** A leading signature section is replaced; the rest of the module stays byte for byte. */
export async function signModule(bytes: Uint8Array, key: SigningKey, keyId?: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const own = ownBytes(bytes);
  let sections = readSections(own);
  if (sections[0]?.name === SIGNATURE_SECTION) sections = sections.slice(1);
  refuseSecond(sections);
  const start = sections[0]?.start;
  if (start === undefined) throw new SumacError("module-malformed", "the module has no section; there is nothing to sign");
  const content = own.subarray(start);
  const hashes = await hashParts(own, start, sections);
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, signedMessage(hashes)));
  const id = keyId === undefined ? await keyIdOf(key.publicKey) : new Uint8Array(keyId);
  const payload = encodeSignatures([{ hashes, signatures: [{ keyId: id, signature, offset: 0 }] }]);
  return concatBytes([HEADER, customSection(SIGNATURE_SECTION, payload), content]);
}

export async function verifyModule(bytes: Uint8Array, trusted: readonly TrustedKey[]): Promise<Verified> {
  const own = ownBytes(bytes);
  const [first, ...rest] = readSections(own);
  if (first?.name !== SIGNATURE_SECTION) throw missing(rest);
  refusePadding(own, first);
  refuseSecond(rest);
  const sets = decodeSignatures(own, first.payload, first.end);
  const keys = await Promise.all(trusted.map(async (key) => ({ ...key, id: await keyIdOf(key.publicKey) })));
  const attempts = { left: MAX_ATTEMPTS };
  let hashes: Uint8Array[] | undefined;
  for (const set of sets) {
    const message = signedMessage(set.hashes);
    for (const record of set.signatures) {
      const signer = await signerOf(record, message, keys, attempts);
      if (signer === undefined) continue;
      // The content is hashed once for each part, so only for somebody who is trusted.
      hashes ??= await hashParts(own, first.end, rest);
      if (!sameHashes(set.hashes, hashes)) continue;
      const last = hashes[hashes.length - 1] as Uint8Array;
      return { signer, keyId: toHex(record.keyId), hash: toHex(last), parts: hashes.length };
    }
  }
  throw refusal(sets, hashes !== undefined, trusted);
}

interface NamedKey extends TrustedKey {
  readonly id: Uint8Array;
}

/** A record that claims a trusted key by its id and does not verify refuses the module at once. */
async function signerOf(
  record: SignatureRecord,
  message: Uint8Array<ArrayBuffer>,
  keys: readonly NamedKey[],
  attempts: { left: number },
): Promise<string | undefined> {
  const claimed = record.keyId.length > 0;
  for (const key of keys) {
    if (claimed && !equalBytes(record.keyId, key.id)) continue;
    if (attempts.left-- === 0) {
      throw new SumacError(
        "signature-wrong",
        `none of the first ${MAX_ATTEMPTS} signatures that could be a trusted key's is valid; have the module signed with a key id`,
      );
    }
    const publicKey = await crypto.subtle.importKey("raw", ownBytes(key.publicKey), "Ed25519", false, ["verify"]);
    if (await crypto.subtle.verify("Ed25519", publicKey, record.signature, message)) return key.name;
    if (claimed) {
      throw new SumacError(
        "signature-wrong",
        `the signature by "${key.name}" at byte ${hexOffset(record.offset)} is not valid for its hashes; get the module again or have it signed again`,
      );
    }
  }
  return undefined;
}

/** SHA-256 from `start` to the end of each delimiter, and to the end of the module when something follows the last one. */
async function hashParts(bytes: Uint8Array<ArrayBuffer>, start: number, sections: readonly Section[]): Promise<Uint8Array<ArrayBuffer>[]> {
  const ends = sections.filter((section) => section.name === DELIMITER_SECTION).map((section) => section.end);
  if (ends[ends.length - 1] !== bytes.length) ends.push(bytes.length);
  if (ends.length > MAX_HASHES) {
    throw new SumacError(
      "signature-wrong",
      `the module has ${ends.length} parts, a signature covers at most ${MAX_HASHES}; remove delimiters`,
    );
  }
  const digests = ends.map((end) => crypto.subtle.digest("SHA-256", bytes.subarray(start, end)));
  return (await Promise.all(digests)).map((digest) => new Uint8Array(digest));
}

function sameHashes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((hash, i) => equalBytes(hash, b[i] as Uint8Array));
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

function refuseSecond(sections: readonly Section[]): void {
  const second = sections.find((section) => section.name === SIGNATURE_SECTION);
  if (second === undefined) return;
  throw new SumacError(
    "signature-wrong",
    `a further ${sectionLabel(second)} section at byte ${hexOffset(second.start)}: a module holds one, at its beginning; get the module again from its author`,
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
