/** Signatures of modules: vectors assembled by hand from the format's text, and everything that must be refused. */
import { createHash, createHmac, createPrivateKey, sign as nodeSign } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { parsePrivateKey } from "../../host/loader/key-format.ts";
import { keyIdOf, type TrustedKey, verifyModule } from "../../host/loader/signature.ts";
import { signModule } from "../../host/loader/signing.ts";

const test = suite("signature");

// The first key of RFC 8032, section 7.1.
const SECRET = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
const PUBLIC = Buffer.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "hex");
const nodeKey = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), SECRET]),
  format: "der",
  type: "pkcs8",
});
const ALICE: TrustedKey = { name: "alice", publicKey: PUBLIC };
const STRANGER: TrustedKey = {
  name: "stranger",
  publicKey: Buffer.from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "hex"),
};

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** (module (type (func)) (func (type 0)) (export "f" (func 0))) in hand-made sections. */
const SECTIONS: [number[], ...number[][]] = [
  [0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
  [0x03, 0x02, 0x01, 0x00],
  [0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
  [0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b],
];
const PLAIN = Uint8Array.from([...HEADER, ...SECTIONS.flat()]);

const custom = (name: string, payload: number[]): number[] => [
  0,
  1 + name.length + payload.length,
  name.length,
  ...Buffer.from(name),
  ...payload,
];
const delimiter = (fill: number): number[] => custom("signature_delimiter", Array(16).fill(fill));
const sha256 = (bytes: number[]): number[] => [...createHash("sha256").update(Uint8Array.from(bytes)).digest()];
const defaultId = [...createHmac("sha256", PUBLIC).update("key_id").digest().subarray(0, 12)];

function signatureOver(hashes: number[][], ids: number[] = [1, 1, 1]): number[] {
  return [...nodeSign(null, Buffer.concat([Buffer.from("wasmsig"), Uint8Array.from([...ids, ...hashes.flat()])]), nodeKey)];
}

interface Handmade {
  lengths?: boolean;
  version?: number;
  content?: number;
  hash?: number;
  algorithm?: number;
  keyId?: number[];
  hashes?: number[][];
  signature?: number[];
  tail?: number[];
}

/** A signed module put together from the format's tables, without the code under test. Every count here is below 128. */
function handmade(sections: number[][], change: Handmade = {}): Uint8Array {
  const { lengths = true, version = 1, content = 1, hash = 1, algorithm = 1, keyId = defaultId, tail = [] } = change;
  const hashes = change.hashes ?? [sha256(sections.flat())];
  const signature = change.signature ?? signatureOver(hashes);
  const length = (bytes: number[]): number[] => (lengths ? [...leb(bytes.length), ...bytes] : bytes);
  const record = length([keyId.length, ...keyId, algorithm, ...leb(signature.length), ...signature]);
  const set = length([hashes.length, ...hashes.flat(), 1, ...record]);
  const payload = [version, content, hash, 1, ...set, ...tail];
  const body = [9, ...Buffer.from("signature"), ...payload];
  return Uint8Array.from([...HEADER, 0, ...leb(body.length), ...body, ...sections.flat()]);
}
const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, n >> 7]);

async function refused(bytes: Uint8Array, ...codes: string[]): Promise<string> {
  try {
    await verifyModule(bytes, [ALICE]);
  } catch (error) {
    assert.instance(error, SumacError);
    const { code, message } = error as SumacError;
    assert.ok(codes.includes(code), `${code}: ${message}`);
    assert.not.match(message, /\n/);
    return message;
  }
  throw new Error("accepted");
}

const aliceKey = () => parsePrivateKey(Uint8Array.from([0x81, ...SECRET, ...PUBLIC]), "alice");
const WRONG = ["signature-wrong", "signature-missing", "module-malformed"];

test("signModule writes the bytes that the format's tables prescribe", async () => {
  const signed = await signModule(PLAIN, await aliceKey());
  assert.equal([...signed], [...handmade(SECTIONS)]);
  assert.ok(WebAssembly.validate(signed));
});

test("signModule is deterministic and replaces an earlier signature", async () => {
  const once = await signModule(PLAIN, await aliceKey());
  assert.equal(await signModule(once, await aliceKey()), once);
});

test("keyIdOf derives the id that other signers of the format derive", async () => {
  assert.equal([...(await keyIdOf(PUBLIC))], defaultId);
});

test("verifyModule names signer, key id and hash of the content", async () => {
  const verified = await verifyModule(handmade(SECTIONS), [STRANGER, ALICE]);
  const hash = Buffer.from(sha256(SECTIONS.flat())).toString("hex");
  const keyId = Buffer.from(defaultId).toString("hex");
  const signers = [{ name: "alice", holder: "alice", roles: [], publicKey: PUBLIC.toString("hex"), keyId }];
  assert.equal(verified, { signer: "alice", signers, uncounted: [], hash, parts: 1, end: handmade(SECTIONS).length });
});

test("verifyModule reads records without length fields and without a key id", async () => {
  assert.is((await verifyModule(handmade(SECTIONS, { lengths: false }), [ALICE])).signer, "alice");
  assert.is((await verifyModule(handmade(SECTIONS, { keyId: [] }), [STRANGER, ALICE])).signer, "alice");
  assert.is((await verifyModule(handmade(SECTIONS, { keyId: [], lengths: false }), [ALICE])).signer, "alice");
});

test("verifyModule hashes parts rolling, up to each delimiter", async () => {
  const parts = [...SECTIONS.slice(0, 2), delimiter(7), ...SECTIONS.slice(2), delimiter(8)];
  const hashes = [sha256(parts.slice(0, 3).flat()), sha256(parts.flat())];
  const signed = handmade(parts, { hashes });
  assert.is((await verifyModule(signed, [ALICE])).parts, 2);
  assert.equal([...(await signModule(Uint8Array.from([...HEADER, ...parts.flat()]), await aliceKey()))], [...signed]);
});

test("verifyModule refuses a signature over a part of the module only", async () => {
  const parts = [...SECTIONS.slice(0, 2), delimiter(7), ...SECTIONS.slice(2), delimiter(8)];
  const first = sha256(parts.slice(0, 3).flat());
  const whole = sha256(parts.flat());
  for (const hashes of [[first], [whole], [whole, first], [first, whole, whole]]) {
    await refused(handmade(parts, { hashes }), "signature-wrong");
  }
  const noDelimiter = [...SECTIONS.slice(0, 2), delimiter(7), ...SECTIONS.slice(2)];
  await refused(handmade(noDelimiter, { hashes: [first] }), "signature-wrong");
});

test("verifyModule refuses a stripped or an added delimiter", async () => {
  const withDelimiter = [...SECTIONS, delimiter(7)];
  const hashes = [sha256(withDelimiter.flat())];
  assert.is((await verifyModule(handmade(withDelimiter, { hashes }), [ALICE])).signer, "alice");
  await refused(handmade(SECTIONS, { hashes }), "signature-wrong");
  await refused(handmade(withDelimiter, { hashes: [sha256(SECTIONS.flat())] }), "signature-wrong");
});

test("verifyModule refuses a module without a signature, naming the remedy", async () => {
  assert.match(await refused(PLAIN, "signature-missing"), /sumac sign/);
  await refused(Uint8Array.from(HEADER), "signature-missing");
});

test("verifyModule refuses a signature section that is not the first, and a second one", async () => {
  const signed = handmade(SECTIONS);
  const section = [...signed.subarray(8, signed.length - SECTIONS.flat().length)];
  await refused(Uint8Array.from([...HEADER, ...SECTIONS[0], ...section, ...SECTIONS.slice(1).flat()]), "signature-wrong");
  await refused(Uint8Array.from([...HEADER, ...section, ...section, ...SECTIONS.flat()]), "signature-wrong");
  const inside = [...SECTIONS, custom("signature", [1])];
  await refused(handmade(inside), "signature-wrong");
});

test("verifyModule refuses every change of a single byte", async () => {
  const signed = handmade(SECTIONS);
  for (let at = 0; at < signed.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const altered = Buffer.from(signed);
      altered.writeUInt8(altered.readUInt8(at) ^ flip, at);
      await refused(altered, ...WRONG);
    }
  }
});

test("verifyModule refuses truncation at every length", async () => {
  const signed = handmade(SECTIONS);
  for (let length = 0; length < signed.length; length++) await refused(signed.subarray(0, length), ...WRONG);
});

test("verifyModule refuses every kind of appended tail", async () => {
  const signed = handmade(SECTIONS);
  const tails = [
    [0],
    [0x0b],
    custom("x", []),
    custom("producers", [1, 2]),
    delimiter(1),
    custom("signature", [1]),
    [0x0b, 1, 0],
    [...signed],
  ];
  for (const tail of tails) await refused(Uint8Array.from([...signed, ...tail]), ...WRONG);
});

test("verifyModule refuses unknown versions, content types, hash functions and algorithms", async () => {
  for (const other of [0, 2, 0x81]) {
    for (const field of ["version", "content", "hash"] as const) {
      const ids = [1, 1, 1];
      ids[["version", "content", "hash"].indexOf(field)] = other;
      const signature = signatureOver([sha256(SECTIONS.flat())], ids);
      await refused(handmade(SECTIONS, { [field]: other, signature }), "signature-wrong");
    }
    await refused(handmade(SECTIONS, { algorithm: other }), "signature-wrong");
  }
});

test("verifyModule refuses records of a wrong length and bytes after the last record", async () => {
  for (const lengths of [true, false]) {
    await refused(handmade(SECTIONS, { lengths, tail: [0] }), "signature-wrong");
    await refused(handmade(SECTIONS, { lengths, signature: Array(63).fill(1) }), "signature-wrong");
    await refused(handmade(SECTIONS, { lengths, signature: [...signatureOver([sha256(SECTIONS.flat())]), 0] }), "signature-wrong");
    await refused(handmade(SECTIONS, { lengths, hashes: [] }), "signature-wrong");
    await refused(handmade(SECTIONS, { lengths, hashes: [sha256([1]).slice(1)] }), "signature-wrong");
  }
});

test("verifyModule refuses a padded size of the signature section", async () => {
  const signed = handmade(SECTIONS);
  const padded = [...signed.subarray(0, 10), Buffer.from(signed).readUInt8(10) | 0x80, 0x00, ...signed.subarray(11)];
  assert.match(await refused(Uint8Array.from(padded), "signature-wrong"), /padded/);
});

test("verifyModule refuses unknown keys, and ids that name another key", async () => {
  await refused(handmade(SECTIONS, { keyId: [1, 2, 3] }), "signature-wrong");
  const strangerId = [...(await keyIdOf(STRANGER.publicKey))];
  await refused(handmade(SECTIONS, { keyId: strangerId }), "signature-wrong");
  for (const trusted of [[], [STRANGER]]) {
    try {
      await verifyModule(handmade(SECTIONS), trusted);
      assert.unreachable();
    } catch (error) {
      assert.is((error as SumacError).code, "signature-wrong");
      assert.match((error as SumacError).message, /--trust/);
    }
  }
});

test("verifyModule refuses a signature made for another message", async () => {
  const hashes = [sha256(SECTIONS.flat())];
  const bare = [...nodeSign(null, Uint8Array.from(hashes.flat()), nodeKey)];
  await refused(handmade(SECTIONS, { signature: bare }), "signature-wrong");
  await refused(handmade(SECTIONS, { signature: signatureOver(hashes, [1, 1]) }), "signature-wrong");
});

test("verifyModule refuses components and other files by name", async () => {
  assert.match(await refused(Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), "module-malformed"), /component/);
  await refused(new TextEncoder().encode("#!/bin/sh\necho hello\n"), "module-malformed");
});

test.run();
