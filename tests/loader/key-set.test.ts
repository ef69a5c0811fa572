/** Key sets: what counts, for whom, until when; and that nothing in them is overlooked. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { toHex } from "../../host/loader/byte-reader.ts";
import { publicKeyPem } from "../../host/loader/key-format.ts";
import { parseKeySet } from "../../host/loader/key-set.ts";
import { developmentKeyFile, keySetFile, readTrustedKey, trustedKeys, writeKeyPair } from "../../host/loader/keys.ts";
import { checkSignatures, countSigners, type TrustedKey, verifyModule } from "../../host/loader/signature.ts";
import { signModule } from "../../host/loader/signing.ts";
import { SPEC_HEADER, type SpecKey, specKey, specSections } from "./signature-spec.ts";

const test = suite<{ root: string }>("key sets");

const PLAIN = Uint8Array.from([...SPEC_HEADER, ...specSections().running.flat()]);
const DAY = 86_400_000;
const NOW = Date.parse("2026-06-15");

let keys: SpecKey[];
test.before(async () => {
  keys = await Promise.all([1, 2, 3].map(specKey));
});
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-set-"));
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

const compact = (i: number): string => `01${toHex((keys[i] as SpecKey).publicKey)}`;
const set = (...entries: object[]): TrustedKey[] => parseKeySet(JSON.stringify({ keys: entries }), "keys.json");

async function signers(trusted: readonly TrustedKey[], now: number, ...by: number[]): Promise<string[]> {
  let module = PLAIN;
  for (const i of by) module = await signModule(module, keys[i] as SpecKey, { add: true });
  return countSigners(await checkSignatures(module, trusted), now).signers.map(({ name }) => name);
}

async function refused(promise: Promise<unknown>, code: string, pattern: RegExp): Promise<void> {
  let thrown: unknown;
  try {
    await promise;
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, SumacError);
  assert.is((thrown as SumacError).code, code);
  assert.match((thrown as SumacError).message, pattern);
}

test("a key counts from its first moment on and from its last one on no more", async () => {
  const trusted = set({ name: "alice", public: compact(0), from: "2026-01-01", until: "2026-06-15T12:00:00Z" });
  assert.equal(await signers(trusted, NOW, 0), ["alice"]);
  assert.equal(await signers(trusted, Date.parse("2026-01-01"), 0), ["alice"]);
  await refused(signers(trusted, Date.parse("2026-01-01") - 1, 0), "trust-refused", /"alice" is not valid before 2026-01-01T00:00:00/);
  assert.equal(await signers(trusted, NOW + DAY / 2 - 1, 0), ["alice"]);
  await refused(signers(trusted, NOW + DAY / 2, 0), "trust-refused", /"alice" expired at 2026-06-15T12:00:00/);
});

test("a revoked key counts for nothing it ever signed, and the other signers still do", async () => {
  const trusted = set({ name: "alice", public: compact(0), revoked: "laptop lost" }, { name: "bob", public: compact(1) });
  await refused(signers(trusted, NOW, 0), "trust-refused", /"alice" was revoked: laptop lost/);
  assert.equal(await signers(trusted, NOW, 0, 1), ["bob"]);
});

test("a withdrawn signature does not count, other signatures of the key do", async () => {
  const { hash } = await verifyModule(await signModule(PLAIN, keys[0] as SpecKey), set({ name: "alice", public: compact(0) }));
  const trusted = set({ name: "alice", public: compact(0), withdrawn: { [hash]: "it formats the disk" } });
  await refused(signers(trusted, NOW, 0), "trust-refused", /"alice" withdrew its signature: it formats the disk/);
  const other = await signModule(Uint8Array.from([...PLAIN, 0, 2, 1, 120]), keys[0] as SpecKey);
  assert.is((await verifyModule(other, trusted)).signer, "alice");
});

test("parseKeySet names the place of what is wrong, and overlooks no field", () => {
  const good = { name: "alice", public: compact(0) };
  const wrong = (entry: unknown, pattern: RegExp): void => {
    try {
      parseKeySet(JSON.stringify({ keys: [good, entry] }), "keys.json");
    } catch (error) {
      assert.is((error as SumacError).code, "key-unusable");
      assert.match((error as SumacError).message, pattern);
      return;
    }
    throw new Error(`accepted: ${JSON.stringify(entry)}`);
  };
  const bob = { name: "bob", public: compact(1) };
  wrong({ ...bob, revokd: "x" }, /^keys\.json: \/keys\/1\/revokd: is not known/);
  wrong({ ...bob, name: "alice" }, /\/keys\/1\/name: a second key "alice"/);
  wrong({ ...bob, public: compact(1).slice(2) }, /\/keys\/1\/public: must be the compact form/);
  wrong({ ...bob, public: compact(1).toUpperCase() }, /\/keys\/1\/public/);
  for (const until of ["2026-02-30", "2026-13-01", "soon", "2026-01-01T00:00:00", 5]) wrong({ ...bob, until }, /\/keys\/1\/until/);
  wrong({ ...bob, revoked: "" }, /\/keys\/1\/revoked/);
  wrong({ ...bob, revoked: true }, /\/keys\/1\/revoked/);
  wrong({ ...bob, roles: "author" }, /\/keys\/1\/roles/);
  wrong({ ...bob, withdrawn: { abc: "x" } }, /\/keys\/1\/withdrawn\/abc/);
  wrong("bob", /\/keys\/1: must be an object/);
  wrong({ name: "bob" }, /needs a name and a public key/);
  assert.throws(() => set({ ...good, id: "x" }, { ...bob, id: "x" }), /an id names one key/);
  assert.throws(() => parseKeySet("{", "keys.json"), /is not JSON/);
  assert.throws(() => parseKeySet('{"keys": {}}', "keys.json"), /must be a list/);
});

test("trustedKeys reads key files and key sets, and what a set says holds for a key that is named without it", async ({ root }) => {
  await writeKeyPair(join(root, "alice.pem"));
  const alice = await readTrustedKey(join(root, "alice.pub.pem"));
  const file = join(root, "keys.json");
  writeFileSync(file, JSON.stringify({ keys: [{ name: "alice-2026", public: `01${toHex(alice.publicKey)}`, revoked: "lost" }] }));
  for (const files of [
    [join(root, "alice.pub.pem"), file],
    [file, join(root, "alice.pub.pem")],
  ]) {
    const trusted = await trustedKeys(root, files);
    assert.equal(
      trusted.map(({ name, revoked }) => [name, revoked]),
      [["alice-2026", "lost"]],
    );
  }
});

test("trustedKeys refuses one key under two names, which would count twice", async ({ root }) => {
  const file = join(root, "keys.json");
  writeFileSync(
    file,
    JSON.stringify({
      keys: [
        { name: "a", public: compact(0) },
        { name: "b", public: compact(0) },
      ],
    }),
  );
  await refused(trustedKeys(root, [file]), "key-unusable", /"b" and "a" are one key/);
  writeFileSync(join(root, "a.pem"), await publicKeyPem((keys[1] as SpecKey).publicKey));
  writeFileSync(file, JSON.stringify({ keys: [{ name: "a", public: compact(0) }] }));
  await refused(trustedKeys(root, [file, join(root, "a.pem")]), "usage", /a key named "a" is already trusted/);
});

test("trustedKeys trusts the project's own key set without being told, unless others may write it", async ({ root }) => {
  await writeKeyPair(developmentKeyFile(root));
  const own = keySetFile(root);
  writeFileSync(own, JSON.stringify({ keys: [{ name: "team", public: compact(0), roles: ["author"] }] }), { mode: 0o644 });
  assert.equal((await trustedKeys(root, [])).map(({ name }) => name).sort(), ["dev", "team"]);
  rmSync(own);
  writeFileSync(own, JSON.stringify({ keys: [] }));
  const { chmodSync } = await import("node:fs");
  chmodSync(own, 0o666);
  await refused(trustedKeys(root, []), "key-unusable", /others may replace this trusted key/);
});

test.run();
