/**
 * The Module Signatures format once more, written from the specification's text and WebCrypto alone, for vectors that owe nothing to
 * the project's own writer. Called by tests. Sources: [WASM-SIGNATURES] Signature data, Appendix A.
 */
export interface SpecKey {
  readonly privateKey: CryptoKey;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

export interface SpecSigner {
  readonly key: SpecKey;
  /** As the examples of the appendix: none, "first", "second". */
  readonly keyId?: string;
}

/** Signers of one list of hashes. */
export interface SpecSet {
  /** How many bytes of the content each hash covers, from its first on. */
  readonly ends: readonly number[];
  readonly signers: readonly SpecSigner[];
}

const PKCS8 = "302e020100300506032b657004220420";

/** A key from 32 secret bytes: the same on every machine. */
export async function specKey(seed: number): Promise<SpecKey> {
  const secret = new Uint8Array(32).fill(seed);
  const der = Uint8Array.from([...Buffer.from(PKCS8, "hex"), ...secret]);
  const exportable = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", exportable);
  return { privateKey: exportable, publicKey: new Uint8Array(Buffer.from(x, "base64url")) };
}

/** varuint32 */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}

/**
 * The payload of a `signature` section over `content`, everything behind that section.
 * @param lengths with the length in front of each record that signers write although the specification's tables leave it out
 */
export async function specSignatureData(content: Uint8Array<ArrayBuffer>, sets: readonly SpecSet[], lengths: boolean): Promise<number[]> {
  const prefixed = (bytes: number[]): number[] => (lengths ? [...leb(bytes.length), ...bytes] : bytes);
  const out = [0x01, 0x01, 0x01, ...leb(sets.length)];
  for (const { ends, signers } of sets) {
    const hashes: number[] = [];
    for (const end of ends) hashes.push(...new Uint8Array(await crypto.subtle.digest("SHA-256", content.subarray(0, end))));
    const message = Uint8Array.from([...Buffer.from("wasmsig"), 0x01, 0x01, 0x01, ...hashes]);
    const records: number[] = [];
    for (const { key, keyId = "" } of signers) {
      const signature = [...new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, message))];
      const id = [...Buffer.from(keyId)];
      records.push(...prefixed([...leb(id.length), ...id, 0x01, ...leb(signature.length), ...signature]));
    }
    out.push(...prefixed([...leb(ends.length), ...hashes, ...leb(signers.length), ...records]));
  }
  return out;
}

export function specCustom(name: string, payload: readonly number[]): number[] {
  const body = [...leb(name.length), ...Buffer.from(name), ...payload];
  return [0, ...leb(body.length), ...body];
}

export const SPEC_HEADER: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Header, `signature` section, content. */
export function specModule(data: readonly number[], content: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...SPEC_HEADER, ...specCustom("signature", data), ...content]);
}

/** The appendix's module: its eleven kinds of sections that run, then its custom ones; the contents are as small as they can be. */
export function specSections(): { readonly running: number[][]; readonly debug: number[][]; readonly rest: number[][] } {
  const empty = (id: number): number[] => [id, 1, 0];
  return {
    running: [1, 2, 3, 4, 5, 6, 7, 9, 10, 11].map(empty),
    debug: [".debug_info", ".debug_macinfo", ".debug_loc", ".debug_ranges", ".debug_abbrev", ".debug_line", ".debug_str"].map((name) =>
      specCustom(name, [1, 2, 3]),
    ),
    rest: [specCustom("name", [0, 1, 0]), specCustom("producers", [0])],
  };
}

export function specDelimiter(fill: number): number[] {
  return specCustom("signature_delimiter", new Array<number>(16).fill(fill));
}
