/** What a manifest demands of modules, at the loader that production uses; and the record that says what was seen and granted. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import { SumacError } from "../../host/errors.ts";
import { claimedFingerprint } from "../../host/loader/fingerprint.ts";
import { HARDEN_VERSION, type LoadRecord } from "../../host/loader/load-record.ts";
import type { TrustedKey } from "../../host/loader/signature.ts";
import { signDetached, signModule } from "../../host/loader/signing.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { type SpecKey, specKey } from "../loader/signature-spec.ts";

const test = suite("trust of systems");

let root: string;
let plain: Uint8Array<ArrayBuffer>;
let keys: SpecKey[];
let alice: TrustedKey;
let bob: TrustedKey;
test.before(async () => {
  root = mkdtempSync(join(tmpdir(), "sumac-trust-"));
  cpSync(join(import.meta.dirname, "..", "fixtures", "domains", "echo"), join(root, "echo"), { recursive: true });
  plain = (await buildDomain(join(root, "echo"), undefined)).wasm;
  keys = [await specKey(1), await specKey(2)];
  alice = { name: "alice", publicKey: (keys[0] as SpecKey).publicKey, roles: ["author"] };
  bob = { name: "bob-2026", holder: "bob", publicKey: (keys[1] as SpecKey).publicKey, roles: ["reviewer"] };
  const once = await signModule(plain, keys[0] as SpecKey);
  writeFileSync(join(root, "plain.wasm"), plain);
  writeFileSync(join(root, "one.wasm"), once);
  writeFileSync(join(root, "two.wasm"), await signModule(once, keys[1] as SpecKey, { add: true }));
  writeFileSync(join(root, "plain.sig"), await signDetached(plain, keys[1] as SpecKey));
});
test.after(() => rmSync(root, { recursive: true }));

interface Row {
  readonly module: string;
  readonly signature?: string;
  readonly trust?: object;
}

/** @returns the record of the one domain */
async function record(
  row: Row,
  trust?: object,
  trusted: readonly TrustedKey[] = [alice, bob],
  unsigned: string[] = [],
): Promise<LoadRecord> {
  const file = join(root, "system.json");
  writeFileSync(file, JSON.stringify({ name: "s", ...(trust === undefined ? {} : { trust }), domains: [{ name: "echo", ...row }] }));
  const booted = await bootManifest(file, { trusted, unsigned });
  try {
    return booted.system.loadRecord("echo");
  } finally {
    await booted.finish(false);
  }
}

async function refused(attempt: Promise<unknown>, code: string, pattern: RegExp): Promise<void> {
  let thrown: unknown;
  try {
    await attempt;
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, SumacError);
  assert.is((thrown as SumacError).code, code, (thrown as SumacError).message);
  assert.match((thrown as SumacError).message, pattern);
}

const TWO = { signers: [{ role: "author" }, { role: "reviewer" }] };

test("a system demands signers of each role, and a module that one of them did not sign is refused", async () => {
  await refused(record({ module: "one.wasm" }, TWO), "trust-refused", /^one\.wasm: needs 1 signer with the role "reviewer", has none/);
  assert.equal(
    (await record({ module: "two.wasm" }, TWO)).signers.map(({ name, holder, roles }) => [name, holder, roles]),
    [
      ["alice", "alice", ["author"]],
      ["bob-2026", "bob", ["reviewer"]],
    ],
  );
});

test("a domain's demands add to its system's and never lower them", async () => {
  const both = { signers: [{ count: 2 }] };
  await refused(record({ module: "one.wasm", trust: both }), "trust-refused", /needs 2 signers, has alice/);
  await refused(record({ module: "one.wasm", trust: { signers: [{}] } }, both), "trust-refused", /needs 2 signers/);
  assert.is((await record({ module: "two.wasm", trust: { signers: [{ holders: ["bob"] }] } }, both)).policy.length, 2);
});

test("keys that are revoked or have expired meet no demand, and are named", async () => {
  const gone = { ...bob, revoked: "lost" };
  await refused(record({ module: "two.wasm" }, TWO, [alice, gone]), "trust-refused", /not counted: "bob-2026" was revoked: lost/);
  const old = { ...bob, until: Date.now() - 1 };
  await refused(record({ module: "two.wasm" }, TWO, [alice, old]), "trust-refused", /"bob-2026" expired at/);
  assert.is((await record({ module: "two.wasm" }, undefined, [alice, old])).uncounted.length, 1);
});

test("a detached signature counts like an embedded one", async () => {
  const { signers } = await record({ module: "plain.wasm", signature: "plain.sig" }, { signers: [{ role: "reviewer" }] });
  assert.equal(
    signers.map(({ name }) => name),
    ["bob-2026"],
  );
  await refused(record({ module: "one.wasm", signature: "plain.sig" }), "signature-wrong", /give one of them/);
  await refused(record({ module: "plain.wasm", signature: "no.sig" }), "file-missing", /signature no\.sig of domain echo/);
});

test("who lets a module run unsigned does not lift what the system demands", async () => {
  const file = join(root, "plain.wasm");
  assert.equal((await record({ module: "plain.wasm" }, undefined, [alice], [file])).signers, []);
  await refused(record({ module: "plain.wasm" }, { signers: [{}] }, [alice], [file]), "trust-refused", /needs 1 signer, has none/);
  await refused(record({ module: "plain.wasm" }, {}, [alice]), "signature-missing", /plain\.wasm/);
});

test("a system demands anything of the fingerprint, and of the hardening", async () => {
  const print = claimedFingerprint(plain);
  assert.ok(print !== undefined);
  const good = { compiler: [print.compiler], content: [print.content], interfaces: print.interfaces, flags: { with: ["noUnsafe=true"] } };
  assert.equal((await record({ module: "one.wasm" }, { fingerprint: good, harden: [HARDEN_VERSION] })).fingerprint, print);
  await refused(
    record({ module: "one.wasm" }, { fingerprint: { compiler: ["rustc 1.0"] } }),
    "trust-refused",
    /compiler is assemblyscript/,
  );
  await refused(record({ module: "one.wasm" }, { fingerprint: { imports: [] } }), "trust-refused", /imports hold/);
  await refused(record({ module: "one.wasm" }, { harden: [] }), "trust-refused", /hardened by version/);
});

test("demands in another form are refused with their place", async () => {
  for (const [trust, pattern] of [
    [{ signers: [{ counts: 2 }] }, /\/trust\/signers\/0\/counts: unknown field/],
    [{ signers: [{ count: 0 }] }, /\/trust\/signers\/0\/count/],
    [{ fingerprint: { compiler: "assemblyscript" } }, /\/trust\/fingerprint\/compiler/],
    [{ keys: [] }, /\/trust\/keys: unknown field/],
  ] as const) {
    await refused(record({ module: "one.wasm" }, trust), "manifest-invalid", pattern);
  }
});

test("the record of a domain holds what is known at load only: signers, demands, hardening, limits and grants", async () => {
  const seen = await record({ module: "two.wasm" }, TWO);
  assert.is(seen.domain, "echo");
  assert.is(seen.module, "two.wasm");
  assert.equal(seen.policy, [TWO]);
  assert.equal(seen.grants, {});
  assert.is(seen.limits.memoryPages, 256);
  assert.match(seen.hardened.guard, /^[0-9a-f]{64}$/);
  assert.equal(JSON.parse(JSON.stringify(seen)), seen, "plain data");
});

test.run();
