/**
 * The bytes of a `signature` section: encode, decode, and the message that is signed. No cryptography here.
 * Called by signature.ts, and by `sumac inspect`, which shows unverified records as such.
 * Sources: [WASM-SIGNATURES] Signature data.
 *
 *   spec_version 01 · content_type 01 · hash_fn 01 · count · count × signed_hashes
 *   signed_hashes = length · hash count · hashes (32 bytes each) · signature count · signature count × signature
 *   signature     = length · key id length · key id · algorithm 01 · 40 · 64 bytes
 *
 * The tables of [WASM-SIGNATURES] do not mention the two `length` fields, but every existing signer (wasmsign2) writes them.
 * Sumac writes them and reads both forms. A form counts only if it consumes the payload to the last byte.
 */
import { SumacError } from "../errors.ts";
import { ByteReader, concatBytes, encodeU32 } from "./byte-reader.ts";

export interface SignatureRecord {
  /** Chosen by the signer and not itself signed: a hint which key to try, never a proof. May be empty. */
  readonly keyId: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** Where the signature's bytes stand in the module, for messages. */
  readonly offset: number;
}

export interface SignedHashes {
  /** One SHA-256 for each part, each over everything from the first part to the end of its own. */
  readonly hashes: readonly Uint8Array<ArrayBuffer>[];
  readonly signatures: readonly SignatureRecord[];
}

export const SIGNATURE_SECTION = "signature";
export const DELIMITER_SECTION = "signature_delimiter";
export const HASH_BYTES = 32;
const SIGNATURE_BYTES = 64;
const SPEC_VERSION = 0x01;
const CONTENT_TYPE_MODULE = 0x01;
const HASH_SHA256 = 0x01;
const ALGORITHM_ED25519 = 0x01;
/** As in wasmsign2; they bound the work that an untrusted section can ask for. */
export const MAX_HASHES = 64;
const MAX_SETS = 64;
const MAX_SIGNATURES = 256;
const MAX_KEY_ID_BYTES = 256;

/** What a key signs: a domain separator, the three identifiers, then the hashes. */
export function signedMessage(hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const domain = new TextEncoder().encode("wasmsig");
  return concatBytes([domain, [SPEC_VERSION, CONTENT_TYPE_MODULE, HASH_SHA256], ...hashes]);
}

export function encodeSignatures(sets: readonly SignedHashes[]): Uint8Array<ArrayBuffer> {
  const encoded = sets.map((set) =>
    withLength(
      concatBytes([
        encodeU32(set.hashes.length),
        ...set.hashes,
        encodeU32(set.signatures.length),
        ...set.signatures.map((record) =>
          withLength(concatBytes([withLength(record.keyId), [ALGORITHM_ED25519], withLength(record.signature)])),
        ),
      ]),
    ),
  );
  return concatBytes([[SPEC_VERSION, CONTENT_TYPE_MODULE, HASH_SHA256], encodeU32(sets.length), ...encoded]);
}

function withLength(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([encodeU32(bytes.length), bytes]);
}

/** Decodes the payload that stands at `start..end` of a module. */
export function decodeSignatures(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): SignedHashes[] {
  try {
    return decodeForm(new ByteReader(bytes, start, end, "signature-wrong"), true);
  } catch (prefixedError) {
    try {
      return decodeForm(new ByteReader(bytes, start, end, "signature-wrong"), false);
    } catch {
      throw prefixedError;
    }
  }
}

function decodeForm(reader: ByteReader, lengths: boolean): SignedHashes[] {
  expectId(reader, "specification version", SPEC_VERSION);
  expectId(reader, "content type", CONTENT_TYPE_MODULE);
  expectId(reader, "hash function", HASH_SHA256);
  const sets = list(reader, "number of hash sets", MAX_SETS, () => record(reader, lengths, "hash set", decodeSet));
  if (!reader.done) reader.fail("signature section has bytes after its last record");
  return sets;

  function decodeSet(inner: ByteReader): SignedHashes {
    const hashes = list(inner, "number of hashes", MAX_HASHES, () => inner.take(HASH_BYTES, "hash"));
    const signatures = list(inner, "number of signatures", MAX_SIGNATURES, () => record(inner, lengths, "signature record", decodeRecord));
    return { hashes, signatures };
  }
}

function decodeRecord(reader: ByteReader): SignatureRecord {
  const idBytes = reader.u32Minimal("key id length");
  if (idBytes > MAX_KEY_ID_BYTES) reader.fail(`key id longer than ${MAX_KEY_ID_BYTES} bytes`);
  const keyId = reader.take(idBytes, "key id");
  expectId(reader, "signature algorithm", ALGORITHM_ED25519);
  const signatureBytes = reader.u32Minimal("signature length");
  if (signatureBytes !== SIGNATURE_BYTES) reader.fail(`signature of ${signatureBytes} bytes instead of ${SIGNATURE_BYTES}`);
  const offset = reader.pos;
  return { keyId, signature: reader.take(SIGNATURE_BYTES, "signature"), offset };
}

/** Runs `decode` on exactly the announced bytes, or on the reader itself in the form without lengths. */
function record<T>(reader: ByteReader, lengths: boolean, what: string, decode: (inner: ByteReader) => T): T {
  if (!lengths) return decode(reader);
  const length = reader.u32Minimal(`${what} length`);
  const start = reader.pos;
  reader.take(length, what);
  const inner = new ByteReader(reader.bytes, start, reader.pos, "signature-wrong");
  const value = decode(inner);
  if (!inner.done) inner.fail(`${what} is longer than its content`);
  return value;
}

function list<T>(reader: ByteReader, what: string, max: number, item: () => T): T[] {
  const count = reader.u32Minimal(what);
  if (count === 0 || count > max) reader.fail(`${what} is ${count}, must be 1 to ${max}`);
  return Array.from({ length: count }, item);
}

function expectId(reader: ByteReader, what: string, known: number): void {
  const at = reader.pos;
  const got = reader.u8(what);
  if (got === known) return;
  const hex = got.toString(16).padStart(2, "0");
  throw new SumacError("signature-wrong", `${what} 0x${hex} at byte 0x${at.toString(16)} is not known (known: 0x0${known})`);
}
