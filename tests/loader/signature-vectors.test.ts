/** Signatures that were computed from the specification's text, not with the project's writer: its examples, several signers, parts. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { keyIdOf, type TrustedKey, verifyModule } from "../../host/loader/signature.ts";
import { attachSignature, detachSignature, extendModule, signDetached, signModule, splitModule } from "../../host/loader/signing.ts";
import {
  SPEC_HEADER,
  type SpecKey,
  specCustom,
  specDelimiter,
  specKey,
  specModule,
  specSections,
  specSignatureData,
} from "./signature-spec.ts";

const test = suite("signature vectors");

let first: SpecKey;
let second: SpecKey;
let alice: TrustedKey;
let bob: TrustedKey;
test.before(async () => {
  [first, second] = [await specKey(1), await specKey(2)];
  alice = { name: "alice", publicKey: first.publicKey, id: Buffer.from("first") };
  bob = { name: "bob", publicKey: second.publicKey, id: Buffer.from("second") };
});

const bytes = (parts: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> => Uint8Array.from(parts.flat());

/** The appendix's second example: delimiters behind the code, the debugging information and the rest. */
function parted(): { content: Uint8Array<ArrayBuffer>; ends: number[] } {
  const { running, debug, rest } = specSections();
  const parts = [
    [...running, specDelimiter(1)],
    [...debug, specDelimiter(2)],
    [...rest, specDelimiter(3)],
  ];
  const ends = parts.map((_, i) => parts.slice(0, i + 1).flat(2).length);
  return { content: bytes(parts.flat()), ends };
}

async function refused(module: Uint8Array, trusted: readonly TrustedKey[], ...codes: string[]): Promise<string> {
  try {
    await verifyModule(module, trusted);
  } catch (error) {
    assert.instance(error, SumacError);
    const { code, message } = error as SumacError;
    assert.ok(codes.includes(code), `${code}: ${message}`);
    return message;
  }
  throw new Error("accepted");
}
const WRONG = ["signature-wrong", "signature-missing", "module-malformed"];

test("verifyModule accepts the specification's first example: one signature over the whole module, no key id", async () => {
  const { running, debug, rest } = specSections();
  const content = bytes([...running, ...debug, ...rest, specDelimiter(9)]);
  for (const lengths of [false, true]) {
    const data = await specSignatureData(content, [{ ends: [content.length], signers: [{ key: first }] }], lengths);
    const verified = await verifyModule(specModule(data, content), [bob, alice]);
    assert.equal(
      verified.signers.map(({ name, keyId }) => [name, keyId]),
      [["alice", ""]],
    );
    assert.is(verified.parts, 1);
  }
});

test("verifyModule accepts the specification's second example, whole and up to each of its delimiters", async () => {
  const { content, ends } = parted();
  for (const lengths of [false, true]) {
    const module = specModule(await specSignatureData(content, [{ ends, signers: [{ key: first }] }], lengths), content);
    assert.is((await verifyModule(module, [alice])).parts, 3);
    const start = module.length - content.length;
    for (const [i, end] of ends.entries()) {
      const cut = module.subarray(0, start + end);
      const verified = await verifyModule(cut, [alice], { parts: i + 1 });
      assert.is(verified.end, start + end);
      if (i < 2) await refused(cut, [alice], "signature-wrong");
      // What follows the parts that were asked for may be anything that has sections.
      const other = Uint8Array.from([...cut, ...specCustom("evil", [6, 6, 6])]);
      assert.is((await verifyModule(other, [alice], { parts: i + 1 })).end, start + end);
      await refused(other, [alice], "signature-wrong");
    }
  }
});

test("verifyModule accepts the specification's third example: two signers of the same content, by their key ids", async () => {
  const { content, ends } = parted();
  const signers = [
    { key: first, keyId: "first" },
    { key: second, keyId: "second" },
  ];
  for (const lengths of [false, true]) {
    const module = specModule(await specSignatureData(content, [{ ends, signers }], lengths), content);
    const { signers: found, uncounted } = await verifyModule(module, [bob, alice]);
    assert.equal(
      found.map(({ name }) => name),
      ["alice", "bob"],
    );
    assert.equal(uncounted, []);
    const alone = await verifyModule(module, [alice]);
    assert.equal(alone.uncounted, [{ keyId: Buffer.from("second").toString("hex"), why: "by a key that is not trusted" }]);
  }
});

test("signModule and signDetached write what the specification's text gives, for one signer and for several", async () => {
  const { content, ends } = parted();
  const unsigned = Uint8Array.from([...SPEC_HEADER, ...content]);
  const ids = { first: Buffer.from("first"), second: Buffer.from("second") };
  const one = await specSignatureData(content, [{ ends, signers: [{ key: first, keyId: "first" }] }], true);
  const once = await signModule(unsigned, first, { keyId: ids.first });
  assert.equal([...once], [...specModule(one, content)]);
  const both = await specSignatureData(
    content,
    [
      {
        ends,
        signers: [
          { key: first, keyId: "first" },
          { key: second, keyId: "second" },
        ],
      },
    ],
    true,
  );
  const twice = await signModule(once, second, { keyId: ids.second, add: true });
  assert.equal([...twice], [...specModule(both, content)]);
  assert.equal(await signModule(twice, second, { keyId: ids.second, add: true }), twice, "the same signature once");
  const detached = await signDetached(unsigned, second, { keyId: ids.second, add: true, earlier: Uint8Array.from(one) });
  assert.equal([...detached], both);
  assert.is((await verifyModule(await signModule(twice, second), [bob])).signers.length, 1, "replaced without add");
});

test("a detached signature is the payload of the section: the same verdict either way", async () => {
  const { content, ends } = parted();
  const unsigned = Uint8Array.from([...SPEC_HEADER, ...content]);
  const data = Uint8Array.from(await specSignatureData(content, [{ ends, signers: [{ key: first }] }], true));
  const verified = await verifyModule(unsigned, [alice], { detached: data });
  const embedded = attachSignature(unsigned, data);
  assert.equal([...embedded], [...specModule([...data], content)]);
  assert.is((await verifyModule(embedded, [alice])).hash, verified.hash);
  const apart = detachSignature(embedded);
  assert.equal(apart.module, unsigned);
  assert.equal(apart.signature, data);
  // Which of two signatures should count, nobody could say.
  await assertRejects(verifyModule(embedded, [alice], { detached: data }), /give one of them/);
  for (const at of [...data.keys()]) {
    const altered = Uint8Array.from(data);
    altered[at] = (altered[at] ?? 0) ^ 0x41;
    await assertRejects(verifyModule(unsigned, [alice], { detached: altered }), /./);
  }
  for (let length = 0; length < data.length; length++) {
    await assertRejects(verifyModule(unsigned, [alice], { detached: data.subarray(0, length) }), /./);
  }
  await assertRejects(verifyModule(unsigned, [alice], { detached: Uint8Array.from([...data, 0]) }), /after its last record/);
});

test("verifyModule loses a signer with every change of a single byte of a module that two signed, and gains none", async () => {
  const { running } = specSections();
  const content = bytes([...running.slice(0, 2), specDelimiter(1), ...running.slice(2, 4)]);
  const ends = [bytes([...running.slice(0, 2), specDelimiter(1)]).length, content.length];
  const signers = [
    { key: first, keyId: "first" },
    { key: second, keyId: "second" },
  ];
  const module = specModule(await specSignatureData(content, [{ ends, signers }], true), content);
  assert.is((await verifyModule(module, [alice, bob])).signers.length, 2);
  for (let at = 0; at < module.length; at++) {
    for (const flip of [0x01, 0x20, 0x80, 0xff]) {
      const altered = Uint8Array.from(module);
      altered[at] = (altered[at] ?? 0) ^ flip;
      let left = 0;
      try {
        left = (await verifyModule(altered, [alice, bob])).signers.length;
      } catch (error) {
        assert.instance(error, SumacError);
      }
      assert.ok(left < 2, `byte ${at} ^ ${flip}`);
      // One signer is left only where the other one's key id was altered: what runs is still what was signed.
      if (left === 1) assert.equal(altered.subarray(module.length - content.length), content);
    }
  }
  for (let length = 0; length < module.length; length++) await refused(module.subarray(0, length), [alice, bob], ...WRONG);
  for (const tail of [[0], specCustom("x", []), specDelimiter(4), [10, 1, 0], [...module], specCustom("signature", [1])]) {
    await refused(Uint8Array.from([...module, ...tail]), [alice, bob], ...WRONG);
  }
});

test("extendModule adds to a module that was cut: who signed before covers the first part, who signs now covers all", async () => {
  const plain = bytes([SPEC_HEADER, ...specSections().running, ...specSections().rest]);
  const cut = splitModule(plain);
  assert.is(cut.length, plain.length + 2 * specDelimiter(0).length);
  const signed = await signModule(cut, first);
  const extended = extendModule(signed, [{ name: "notes", payload: Buffer.from("reviewed") }]);
  await refused(extended, [alice], "signature-wrong");
  assert.is((await verifyModule(extended, [alice], { parts: 2 })).signer, "alice");
  const again = await signModule(extended, second, { add: true });
  const { signers, uncounted } = await verifyModule(again, [alice, bob]);
  assert.equal(
    signers.map(({ name }) => name),
    ["bob"],
  );
  assert.equal(
    uncounted.map(({ why }) => why),
    ['"alice" signed other bytes, or a part of these only'],
  );
  const partly = await verifyModule(again, [alice, bob], { parts: 2 });
  assert.equal(
    partly.signers.map(({ name }) => name),
    ["alice", "bob"],
  );
  assert.throws(() => splitModule(signed), /before it is signed/);
  assert.throws(() => extendModule(plain, []), /does not end with a delimiter/);
});

test("verifyModule refuses a delimiter that is not sixteen bytes, and more parts than are there", async () => {
  const { running } = specSections();
  const content = bytes([...running, specCustom("signature_delimiter", [1, 2, 3])]);
  const module = specModule(await specSignatureData(content, [{ ends: [content.length], signers: [{ key: first }] }], true), content);
  assert.match(await refused(module, [alice], "signature-wrong"), /3 bytes instead of 16/);
  const whole = await signModule(bytes([SPEC_HEADER, ...running]), first);
  for (const parts of [0, 2]) await assertRejects(verifyModule(whole, [alice], { parts }), /has 1 parts, not/);
});

test("keyIdOf is the first twelve bytes of an HMAC, as other signers make it", async () => {
  const hmac = await crypto.subtle.importKey("raw", first.publicKey, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const expected = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, Buffer.from("key_id"))).subarray(0, 12);
  assert.equal([...(await keyIdOf(first.publicKey))], [...expected]);
});

async function assertRejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  let thrown: unknown;
  try {
    await promise;
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, SumacError);
  assert.match((thrown as SumacError).message, pattern);
}

test.run();
