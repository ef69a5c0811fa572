/** What a system may demand of a module: so many signers, of a role or a list, and what the fingerprint must say. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import type { Fingerprint } from "../../host/loader/fingerprint.ts";
import type { Signer } from "../../host/loader/signature.ts";
import {
  demandFingerprint,
  demandHardening,
  demandSigners,
  type FingerprintDemand,
  type SignerDemand,
} from "../../host/loader/trust-policy.ts";

const test = suite("trust policy");

const signer = (name: string, holder: string, ...roles: string[]): Signer => ({ name, holder, roles, publicKey: "", keyId: "" });
const ALICE = signer("alice-2025", "alice", "author", "reviewer");
const ALICE_NEW = signer("alice-2026", "alice", "author", "reviewer");
const BOB = signer("bob", "bob", "reviewer");
const CAROL = signer("carol", "carol");

function met(signers: readonly Signer[], ...demands: SignerDemand[]): boolean {
  try {
    demandSigners([{ signers: demands }], signers, []);
    return true;
  } catch (error) {
    assert.is((error as SumacError).code, "trust-refused");
    return false;
  }
}

test("demandSigners counts so many of a list: m of n, below, at and above", () => {
  const demand = { count: 2, holders: ["alice", "bob", "dave"] };
  assert.not.ok(met([], demand));
  assert.not.ok(met([ALICE, CAROL], demand));
  assert.ok(met([ALICE, BOB], demand));
  assert.ok(met([ALICE, BOB, CAROL], demand));
  assert.not.ok(met([ALICE, BOB], { ...demand, count: 3 }));
});

test("demandSigners counts holders and not keys, so that rotation gives nobody two votes", () => {
  assert.not.ok(met([ALICE, ALICE_NEW], { count: 2 }));
  assert.ok(met([ALICE_NEW, BOB], { count: 2 }));
  assert.ok(met([ALICE_NEW], { holders: ["alice"] }), "the new key stands for its holder");
});

test("demandSigners judges each demand for itself, by role", () => {
  const both = [{ role: "author" }, { role: "reviewer", count: 2 }];
  assert.ok(met([ALICE, BOB], ...both));
  assert.not.ok(met([ALICE], ...both));
  assert.not.ok(met([BOB, CAROL], ...both));
});

test("demandSigners adds up the demands of system and domain, and says who is missing and who did not count", () => {
  try {
    demandSigners([{ signers: [{}] }, { signers: [{ role: "author", count: 2 }] }], [ALICE], [{ why: '"bob" expired at 2026' }]);
    assert.unreachable();
  } catch (error) {
    assert.match((error as SumacError).message, /needs 2 signers with the role "author", has alice; not counted: "bob" expired at 2026/);
  }
});

const PRINT: Fingerprint = {
  version: 1,
  content: "c".repeat(64),
  world: "a:b/c@1.0.0",
  interfaces: { "a:b/i@1.0.0": "1".repeat(64) },
  imports: ["kernel#panic", "guard#load32"],
  compiler: "assemblyscript 0.28.20",
  optimizer: "binaryen 131",
  flags: ["noUnsafe=true", "optimizeLevel=3"],
  sumac: "0.1.0",
  sources: { domain: "d".repeat(64), library: "e".repeat(64) },
};

const fits = (fingerprint: FingerprintDemand, print: Fingerprint | undefined = PRINT): boolean => {
  try {
    demandFingerprint([{ fingerprint }], print);
    return true;
  } catch (error) {
    assert.instance(error, SumacError);
    assert.is((error as SumacError).code, "trust-refused");
    return false;
  }
};

test("demandFingerprint demands that there is one, and each of its fields by value", () => {
  assert.ok(fits({}));
  assert.throws(() => demandFingerprint([{ fingerprint: {} }], undefined), /has no fingerprint/);
  demandFingerprint([{}], undefined);
  for (const field of ["compiler", "optimizer", "sumac", "world", "content"] as const) {
    assert.ok(fits({ [field]: ["other", PRINT[field]] }), field);
    assert.not.ok(fits({ [field]: ["other"] }), field);
    assert.not.ok(fits({ [field]: [] }), field);
  }
  assert.ok(fits({ sources: [PRINT.sources.domain] }));
  assert.not.ok(fits({ sources: [PRINT.sources.library] }));
});

test("demandFingerprint demands flags, interfaces by hash, and imports that may be required", () => {
  assert.ok(fits({ flags: { with: ["noUnsafe=true"], without: ["optimizeLevel=0"] } }));
  assert.not.ok(fits({ flags: { with: ["debug=true"] } }));
  assert.not.ok(fits({ flags: { without: ["noUnsafe=true"] } }));
  assert.ok(fits({ interfaces: { "a:b/i@1.0.0": "1".repeat(64) } }));
  assert.not.ok(fits({ interfaces: { "a:b/i@1.0.0": "2".repeat(64) } }));
  assert.not.ok(fits({ interfaces: { "a:b/other@1.0.0": "1".repeat(64) } }));
  assert.ok(fits({ imports: [...PRINT.imports, "kernel#log"] }));
  assert.not.ok(fits({ imports: ["kernel#panic"] }));
});

test("demandHardening accepts the versions that are listed", () => {
  demandHardening([{}, { harden: [1, 2] }], 2);
  assert.throws(() => demandHardening([{ harden: [1] }], 2), /hardened by version 2, accepted: 1/);
});

test.run();
