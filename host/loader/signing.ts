/**
 * Signs modules: embedded or detached, alone or beside other signers, whole or cut into parts that can be verified apart.
 * Called by the build and the CLI. Works wherever WebCrypto does; never verifies (signature.ts does) and never prints a key.
 * Sources: [WASM-SIGNATURES].
 */
import { SumacError } from "../errors.ts";
import { concatBytes, equalBytes, hexOffset } from "./byte-reader.ts";
import { hashesOf, newDelimiter, partsOf, refuseFurtherSignature } from "./parts.ts";
import { customSection, HEADER, ownBytes, readSections, type Section } from "./sections.ts";
import { keyIdOf } from "./signature.ts";
import {
  DELIMITER_SECTION,
  decodeSignatures,
  encodeSignatures,
  SIGNATURE_SECTION,
  type SignatureRecord,
  type SignedHashes,
  signedMessage,
} from "./signature-format.ts";

export interface SigningKey {
  readonly privateKey: CryptoKey;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface SignOptions {
  /** What the record calls the key; default: the derived id. Empty = none, so that verifiers try every key. */
  readonly keyId?: Uint8Array;
  /** Keep the signatures that are there; otherwise they are replaced. */
  readonly add?: boolean;
}

/** The module's content stays byte for byte. The same module, key and options give the same bytes. */
export async function signModule(bytes: Uint8Array, key: SigningKey, options: SignOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const { module, signature } = detachSignature(bytes);
  const data = await signDetached(module, key, { ...options, ...(signature === undefined ? {} : { earlier: signature }) });
  return attachSignature(module, data);
}

/** @returns the signature data for a module that carries none. @param options.earlier data to add to, with `add` */
export async function signDetached(
  bytes: Uint8Array,
  key: SigningKey,
  options: SignOptions & { readonly earlier?: Uint8Array } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const own = ownBytes(bytes);
  const sections = readSections(own);
  refuseFurtherSignature(sections);
  if (sections.length === 0) throw new SumacError("module-malformed", "the module has no section; there is nothing to sign");
  const hashes = await hashesOf(own, HEADER.length, partsOf(own, sections));
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, signedMessage(hashes)));
  const keyId = options.keyId === undefined ? await keyIdOf(key.publicKey) : new Uint8Array(options.keyId);
  const record = { keyId, signature, offset: 0 };
  const earlier = options.add && options.earlier !== undefined ? ownBytes(options.earlier) : undefined;
  const sets = earlier === undefined ? [] : decodeSignatures(earlier, 0, earlier.length);
  return encodeSignatures(withRecord(sets, hashes, record));
}

/** Signers of the same bytes share a set; a signer of bytes that were added to opens a new one. */
function withRecord(sets: readonly SignedHashes[], hashes: readonly Uint8Array<ArrayBuffer>[], record: SignatureRecord): SignedHashes[] {
  const same = (set: SignedHashes): boolean =>
    set.hashes.length === hashes.length && set.hashes.every((hash, i) => equalBytes(hash, hashes[i] as Uint8Array));
  if (!sets.some(same)) return [...sets, { hashes, signatures: [record] }];
  return sets.map((set) => {
    if (!same(set) || set.signatures.some(({ signature }) => equalBytes(signature, record.signature))) return set;
    return { hashes: set.hashes, signatures: [...set.signatures, record] };
  });
}

export interface Detached {
  readonly module: Uint8Array<ArrayBuffer>;
  /** Undefined when the module was not signed. */
  readonly signature: Uint8Array<ArrayBuffer> | undefined;
}

/** Takes the signature section out; its payload is the detached signature. */
export function detachSignature(bytes: Uint8Array): Detached {
  const own = ownBytes(bytes);
  const [first, ...rest] = readSections(own);
  refuseFurtherSignature(rest);
  if (first?.name !== SIGNATURE_SECTION) return { module: own, signature: undefined };
  return { module: concatBytes([HEADER, own.subarray(first.end)]), signature: own.slice(first.payload, first.end) };
}

/** Puts signature data in front of a module that carries none. */
export function attachSignature(bytes: Uint8Array, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const own = ownBytes(bytes);
  refuseFurtherSignature(readSections(own));
  const data = ownBytes(signature);
  decodeSignatures(data, 0, data.length);
  return concatBytes([HEADER, customSection(SIGNATURE_SECTION, data), own.subarray(HEADER.length)]);
}

/**
 * Cuts an unsigned module in two: what runs, and the custom sections behind it; each can then be verified without the next, and
 * sections can be added later without breaking the signature.
 */
export function splitModule(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const own = ownBytes(bytes);
  const sections = readSections(own);
  const before = sections.find(({ name }) => name === SIGNATURE_SECTION || name === DELIMITER_SECTION);
  if (before !== undefined) {
    throw new SumacError(
      "signature-wrong",
      `the module has a ${before.name} section at byte ${hexOffset(before.start)}: cut it before it is signed`,
    );
  }
  const runs = sections.findLast(({ id }) => id !== 0);
  const cut = runs === undefined || runs.end === own.length ? [] : [own.subarray(runs.end)];
  const head = own.subarray(0, runs?.end ?? own.length);
  return concatBytes([head, newDelimiter(), ...cut.flatMap((tail) => [tail, newDelimiter()])]);
}

/** Adds custom sections and a delimiter at the end, where a delimiter allows it: signatures over what was there stay valid for it. */
export function extendModule(
  bytes: Uint8Array,
  added: readonly { readonly name: string; readonly payload: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const own = ownBytes(bytes);
  const last: Section | undefined = readSections(own).at(-1);
  if (last?.name !== DELIMITER_SECTION) {
    throw new SumacError(
      "signature-wrong",
      "the module does not end with a delimiter, so nothing can be added to it: sign it with --split first",
    );
  }
  return concatBytes([own, ...added.map(({ name, payload }) => customSection(name, payload)), newDelimiter()]);
}
