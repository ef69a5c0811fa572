/**
 * Ed25519 keys as bytes: PEM (PKCS#8 private, SPKI public) and the compact form of the signature format.
 * Called by keys.ts, which owns the files. Works wherever WebCrypto does; messages never contain key material.
 * Sources: [RFC8410] Ed25519 in PKCS#8 and SPKI; [WASM-SIGNATURES] Signature algorithms and key serialization.
 */
import { SumacError } from "../errors.ts";
import { concatBytes, equalBytes } from "./byte-reader.ts";
import { ownBytes } from "./sections.ts";
import type { SigningKey } from "./signing.ts";

/** Compact forms: 01 ‖ public (32), 81 ‖ secret (32) ‖ public (32). */
const COMPACT_PUBLIC = 0x01;
const COMPACT_PAIR = 0x81;
/** DER before the 32 secret bytes: SEQUENCE, version 0, algorithm 1.3.101.112, OCTET STRING in OCTET STRING. */
const PKCS8_PREFIX: readonly number[] = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

export interface GeneratedKey {
  readonly key: SigningKey;
  readonly privatePem: string;
  readonly publicPem: string;
}

export async function generateKey(): Promise<GeneratedKey> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
  const privatePem = toPem("PRIVATE KEY", new Uint8Array(pkcs8));
  return { key: { privateKey, publicKey }, privatePem, publicPem: await publicKeyPem(publicKey) };
}

export async function publicKeyPem(publicKey: Uint8Array): Promise<string> {
  const key = await crypto.subtle.importKey("raw", ownBytes(publicKey), "Ed25519", true, ["verify"]);
  return toPem("PUBLIC KEY", new Uint8Array(await crypto.subtle.exportKey("spki", key)));
}

/** @param what names the file in messages */
export async function parsePrivateKey(bytes: Uint8Array, what: string): Promise<SigningKey> {
  if (bytes[0] === COMPACT_PAIR && bytes.length === 65) {
    const key = await importPrivate(concatBytes([PKCS8_PREFIX, bytes.subarray(1, 33)]), what);
    if (!equalBytes(key.publicKey, bytes.subarray(33))) unusable(what, "its public half does not belong to its private half");
    return key;
  }
  const block = fromPem(bytes);
  if (block?.label === "PRIVATE KEY") return importPrivate(block.der, what);
  if (block?.label === "PUBLIC KEY" || (bytes[0] === COMPACT_PUBLIC && bytes.length === 33)) {
    unusable(what, "is a public key; signing needs the private one");
  }
  if (block?.label === "ENCRYPTED PRIVATE KEY") unusable(what, "is encrypted; decrypt it with openssl pkcs8 first");
  return unusable(what, "is no Ed25519 private key (PEM PKCS#8 or the compact form); make one with `sumac keygen`");
}

export async function parsePublicKey(bytes: Uint8Array, what: string): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes[0] === COMPACT_PUBLIC && bytes.length === 33) return new Uint8Array(bytes.subarray(1));
  const block = fromPem(bytes);
  if (block?.label === "PUBLIC KEY") {
    try {
      const key = await crypto.subtle.importKey("spki", block.der, "Ed25519", true, ["verify"]);
      return new Uint8Array(await crypto.subtle.exportKey("raw", key));
    } catch (cause) {
      return unusable(what, "is no Ed25519 public key (other algorithms are not supported)", cause);
    }
  }
  if (block?.label.endsWith("PRIVATE KEY") || (bytes[0] === COMPACT_PAIR && bytes.length === 65)) {
    unusable(what, "is a private key; pass the public one (.pub.pem), which may be shared");
  }
  return unusable(what, "is no Ed25519 public key (PEM SPKI or the compact form)");
}

async function importPrivate(der: Uint8Array<ArrayBuffer>, what: string): Promise<SigningKey> {
  try {
    const exportable = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
    const { x } = await crypto.subtle.exportKey("jwk", exportable);
    const publicKey = fromBase64((x as string).replaceAll("-", "+").replaceAll("_", "/"));
    // What stays in memory cannot be exported again.
    const privateKey = await crypto.subtle.importKey("pkcs8", der, "Ed25519", false, ["sign"]);
    return { privateKey, publicKey };
  } catch (cause) {
    return unusable(what, "is no Ed25519 private key (other algorithms are not supported)", cause);
  }
}

function toPem(label: string, der: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...der)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function fromPem(bytes: Uint8Array): { label: string; der: Uint8Array<ArrayBuffer> } | undefined {
  const text = new TextDecoder().decode(bytes);
  const [, label, body] = /^-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----\s*$/.exec(text.trimStart()) ?? [];
  if (label === undefined || body === undefined) return undefined;
  try {
    return { label, der: fromBase64(body.replace(/[\r\n]/g, "")) };
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function unusable(what: string, why: string, cause?: unknown): never {
  throw new SumacError("key-unusable", `${what}: ${why}`, cause === undefined ? undefined : { cause });
}
