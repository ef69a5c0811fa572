/** Several signers, detached signatures, key sets and demands as a user meets them on the command line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wat } from "../support/wat.ts";
import { lastJson, type Run, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli signers");

let plain: Uint8Array;
test.before(async () => {
  plain = await wat('(module (func (export "f")) (@custom "sumac:world" "package a:b;\\nworld w { export f: func(); }\\n"))');
});
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-signers-"));
  writeFileSync(join(context.root, "m.wasm"), plain);
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

interface Report {
  readonly signers: { readonly name: string; readonly holder: string; readonly roles: string[] }[];
  readonly uncounted: { readonly why: string }[];
  readonly notChecked: string[];
  readonly covered: number;
}

function refused(run: Run, code: string, pattern: RegExp): void {
  assert.is(run.status, 2, run.stdout + run.stderr);
  assert.match(run.stderr, new RegExp(`^sumac: ${code}: .+\\n$`));
  assert.match(run.stderr, pattern);
}

function ok(run: Run): Run {
  assert.is(run.status, 0, run.stdout + run.stderr);
  return run;
}

test("sign --add puts a second signature beside the first, and a key set with a policy demands both", ({ root }) => {
  const publicOf = (name: string): string =>
    lastJson<{ public: string }>(ok(sumac(root, "keygen", "--out", `${name}.pem`, "--json"))).public;
  const keys = [
    { name: "alice-1", holder: "alice", public: publicOf("alice"), roles: ["author"] },
    { name: "bob", public: publicOf("bob"), roles: ["reviewer"] },
  ];
  writeFileSync(join(root, "keys.json"), JSON.stringify({ keys }));
  writeFileSync(join(root, "policy.json"), JSON.stringify({ signers: [{ role: "author" }, { role: "reviewer" }] }));
  const verify = (...more: string[]): Run => sumac(root, "verify", "m.wasm", "--trust", "keys.json", "--json", ...more);

  ok(sumac(root, "sign", "m.wasm", "--key", "alice.pem"));
  refused(verify("--policy", "policy.json"), "trust-refused", /m\.wasm: needs 1 signer with the role "reviewer"/);
  ok(sumac(root, "sign", "m.wasm", "--key", "bob.pem", "--add"));
  const report = lastJson<Report>(ok(verify("--policy", "policy.json")));
  assert.equal(
    report.signers.map(({ name, holder }) => [name, holder]),
    [
      ["alice-1", "alice"],
      ["bob", "bob"],
    ],
  );
  writeFileSync(join(root, "keys.json"), JSON.stringify({ keys: [{ ...keys[0], revoked: "lost" }, keys[1]] }));
  refused(verify("--policy", "policy.json"), "trust-refused", /"alice-1" was revoked: lost/);
  const left = lastJson<Report>(ok(verify()));
  assert.match(left.uncounted[0]?.why ?? "", /was revoked/);
  assert.ok(left.notChecked.some((line) => line.includes("was revoked")));
  writeFileSync(join(root, "policy.json"), JSON.stringify({ signer: [] }));
  refused(verify("--policy", "policy.json"), "manifest-invalid", /policy\.json: \/signer: unknown field/);
});

test("sign --detached, verify --signature, detach and attach move one and the same signature", ({ root }) => {
  ok(sumac(root, "sign", "m.wasm", "--detached", "m.sig"));
  assert.equal([...readFileSync(join(root, "m.wasm"))], [...plain]);
  refused(sumac(root, "verify", "m.wasm"), "signature-missing", /m\.wasm/);
  ok(sumac(root, "verify", "m.wasm", "--signature", "m.sig"));
  ok(sumac(root, "attach", "m.wasm", "m.sig", "-o", "signed.wasm"));
  ok(sumac(root, "verify", "signed.wasm"));
  ok(sumac(root, "detach", "signed.wasm", "again.sig", "-o", "again.wasm"));
  assert.equal(readFileSync(join(root, "again.sig")), readFileSync(join(root, "m.sig")));
  assert.equal(readFileSync(join(root, "again.wasm")), readFileSync(join(root, "m.wasm")));
  refused(sumac(root, "attach", "signed.wasm", "m.sig"), "signature-wrong", /further signature section/);
  refused(sumac(root, "detach", "m.wasm", "x.sig"), "signature-missing", /nothing to take out/);
  refused(sumac(root, "sign", "m.wasm", "--detached", "m.sig", "--split"), "usage", /--detached/);
});

test("sign --split and --section cut a module and add to it; verify --parts covers so many parts and says what is left", ({ root }) => {
  ok(sumac(root, "sign", "m.wasm", "--split"));
  writeFileSync(join(root, "notes"), "reviewed");
  ok(sumac(root, "sign", "m.wasm", "--section", "notes=notes", "--add", "-o", "more.wasm"));
  const size = readFileSync(join(root, "more.wasm")).length;
  assert.is(lastJson<Report>(ok(sumac(root, "verify", "more.wasm", "--json"))).covered, size);
  const part = lastJson<Report>(ok(sumac(root, "verify", "more.wasm", "--parts", "2", "--json")));
  assert.ok(part.covered < size);
  assert.ok(part.notChecked.some((line) => line.includes(`the ${size - part.covered} bytes from byte ${part.covered} on`)));
  refused(sumac(root, "verify", "more.wasm", "--parts", "9"), "signature-wrong", /has 3 parts, not 9/);
  refused(sumac(root, "sign", "m.wasm", "--section", "sumac:world=notes"), "usage", /means nothing/);
});

test("sign --key-id and --no-key-id say what the record calls the key", ({ root }) => {
  ok(sumac(root, "sign", "m.wasm", "--no-key-id"));
  ok(sumac(root, "verify", "m.wasm"));
  const named = lastJson<{ keyId: string }>(ok(sumac(root, "sign", "m.wasm", "--key-id", "first", "--json")));
  assert.is(Buffer.from(named.keyId, "hex").toString(), "first");
  refused(sumac(root, "verify", "m.wasm"), "signature-wrong", /not trusted/);
});

test("explain honours detached signatures, and shows where two systems demand different things", ({ root }) => {
  ok(sumac(root, "sign", "m.wasm", "--detached", "m.sig"));
  const row = { name: "d", module: "m.wasm", signature: "m.sig" };
  writeFileSync(join(root, "one.json"), JSON.stringify({ name: "s", domains: [row] }));
  writeFileSync(
    join(root, "two.json"),
    JSON.stringify({ name: "s", trust: { harden: [1] }, domains: [{ ...row, trust: { signers: [{}] } }] }),
  );
  const { domains } = lastJson<{ domains: { module: { state: string } }[] }>(ok(sumac(root, "explain", "one.json", "--json")));
  assert.is(domains[0]?.module.state, "signed");
  const { changes } = lastJson<{ changes: { what: string; domain: string | null }[] }>(
    ok(sumac(root, "explain", "one.json", "two.json", "--json")),
  );
  assert.equal(
    changes.map(({ what, domain }) => [what, domain]),
    [
      ["trust", null],
      ["trust", "d"],
    ],
  );
});

test.run();
