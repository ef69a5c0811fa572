/** keygen, sign, verify and inspect as a user runs them: exit codes, one-line errors, --json. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wat } from "../support/wat.ts";
import { lastJson, type Run, sumac } from "./support.ts";

const test = suite<{ root: string; module: string }>("cli sign and verify");

let plain: Uint8Array;
const PLAIN =
  '(module (import "kernel" "log" (func (param i32 i32))) (memory 2 5) (func (export "f")) (@custom "sumac:world" "package a:b;\\n"))';

test.before(async () => {
  plain = await wat(PLAIN);
});
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-cli-"));
  context.module = join(context.root, "m.wasm");
  writeFileSync(context.module, plain);
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

function refused(run: Run, code: string, pattern: RegExp): void {
  assert.is(run.status, 2, run.stdout + run.stderr);
  assert.match(run.stderr, new RegExp(`^sumac: ${code}: .+\\n$`));
  assert.is(run.stderr.split("\n").length, 2, "one line");
  assert.match(run.stderr, pattern);
}

test("sign makes the development key on first use and never prints it", ({ root }) => {
  const run = sumac(root, "sign", "m.wasm");
  assert.is(run.status, 0, run.stderr);
  const pem = readFileSync(join(root, ".sumac", "dev-key.pem"), "utf8");
  assert.is(statSync(join(root, ".sumac", "dev-key.pem")).mode & 0o777, 0o600);
  const secret = pem.split("\n")[1] as string;
  assert.not.ok((run.stdout + run.stderr).includes(secret));
  assert.is(sumac(root, "verify", "m.wasm").status, 0);
});

test("verify --json names the signer and what was checked", ({ root }) => {
  sumac(root, "sign", "m.wasm", "-o", "out/signed.wasm");
  assert.equal([...readFileSync(join(root, "m.wasm"))], [...plain]);
  const run = sumac(root, "verify", "out/signed.wasm", "--json");
  const report = lastJson<{ ok: boolean; signer: string; keyId: string; hash: string; checked: string[]; notChecked: string[] }>(run);
  assert.is(run.status, 0);
  assert.is(report.ok, true);
  assert.is(report.signer, "dev");
  assert.match(report.keyId, /^[0-9a-f]{24}$/);
  assert.match(report.hash, /^[0-9a-f]{64}$/);
  assert.ok(report.checked.length > 0 && report.notChecked.length > 0);
});

test("keygen --out makes a pair that sign --key and verify --trust use", ({ root }) => {
  const made = sumac(root, "keygen", "--out", "keys/alice.pem");
  assert.is(made.status, 0, made.stderr);
  assert.is(sumac(root, "sign", "m.wasm", "--key", "keys/alice.pem").status, 0);
  refused(sumac(root, "verify", "m.wasm"), "signature-wrong", /m\.wasm: .*--trust/);
  const run = sumac(root, "verify", "m.wasm", "--trust", "keys/alice.pub.pem", "--json");
  assert.is(lastJson<{ signer: string }>(run).signer, "alice");
  refused(sumac(root, "keygen", "--out", "keys/alice.pem"), "key-unusable", /exists already/);
});

test("keygen without --out makes the development key", ({ root }) => {
  assert.is(sumac(root, "keygen").status, 0);
  assert.ok(existsSync(join(root, ".sumac", "dev-key.pub.pem")));
  refused(sumac(root, "keygen"), "key-unusable", /exists already/);
});

test("sign refuses a private key that others can read", ({ root }) => {
  sumac(root, "keygen", "--out", "a.pem");
  chmodSync(join(root, "a.pem"), 0o644);
  refused(sumac(root, "sign", "m.wasm", "--key", "a.pem"), "key-unusable", /chmod 600 a\.pem/);
});

test("verify ends with exit code 2 and one line for every kind of bad module", ({ root, module }) => {
  refused(sumac(root, "verify", "nothing.wasm"), "file-missing", /nothing\.wasm/);
  refused(sumac(root, "verify", "m.wasm"), "signature-missing", /m\.wasm: .*sumac sign/);
  sumac(root, "sign", "m.wasm");
  const signed = readFileSync(module);
  const altered = Buffer.from(signed);
  altered.writeUInt8(altered.readUInt8(altered.length - 1) ^ 1, altered.length - 1);
  for (const bad of [altered, Buffer.concat([signed, Buffer.from([0, 2, 1, 120])])]) {
    writeFileSync(module, bad);
    refused(sumac(root, "verify", "m.wasm"), "signature-wrong", /m\.wasm: .*altered/);
  }
  for (const bad of [signed.subarray(0, signed.length - 1), Buffer.from("hello"), Buffer.alloc(0)]) {
    writeFileSync(module, bad);
    refused(sumac(root, "verify", "m.wasm"), "module-malformed", /m\.wasm: .*at byte 0x/);
  }
});

test("errors with --json are also one JSON object on stdout", ({ root }) => {
  const run = sumac(root, "verify", "m.wasm", "--json");
  assert.is(run.status, 2);
  const { ok, error } = lastJson<{ ok: boolean; error: { code: string; message: string } }>(run);
  assert.is(ok, false);
  assert.is(error.code, "signature-missing");
});

test("inspect shows sections, world, imports, exports, memory and signature records", ({ root }) => {
  sumac(root, "sign", "m.wasm");
  const run = sumac(root, "inspect", "m.wasm", "--json");
  assert.is(run.status, 0, run.stderr);
  const report = lastJson<{
    bytes: number;
    sections: { name: string; offset: number; bytes: number }[];
    world: string;
    imports: unknown[];
    exports: unknown[];
    memories: unknown[];
    signatures: { keyId: string }[];
  }>(run);
  assert.is(report.sections[0]?.name, "signature");
  assert.is(
    report.sections.reduce((sum, section) => sum + section.bytes, 8),
    report.bytes,
  );
  assert.is(report.world, "package a:b;\n");
  assert.equal(report.imports, [{ module: "kernel", name: "log", kind: "function" }]);
  assert.equal(report.exports, [{ name: "f", kind: "function", index: 1 }]);
  assert.equal(report.memories, [{ imported: false, minimum: 2, maximum: 5, shared: false }]);
  assert.match(report.signatures[0]?.keyId ?? "", /^[0-9a-f]{24}$/);
  const text = sumac(root, "inspect", "m.wasm").stdout;
  for (const part of ["package a:b;", "2 pages of 64 KiB, at most 5", "kernel  log", "key id"]) assert.ok(text.includes(part), part);
});

test("inspect never lets a module's names reach the terminal raw", async ({ root, module }) => {
  writeFileSync(
    module,
    await wat('(module (func (export "\\1b[31mred\\u{202e}")) (@custom "\\1b]0;title\\07" "") (@custom "sumac:world" "a\\1b[2J"))'),
  );
  const { stdout } = sumac(root, "inspect", "m.wasm");
  assert.not.match(stdout, /[\u001b\u0007\u202e]/);
  assert.match(stdout, /\\x1b\[31mred\\x202e/);
});

test("inspect shows an unsigned and a malformed signature as such", async ({ root, module }) => {
  assert.match(sumac(root, "inspect", "m.wasm").stdout, /signatures.*\n {2}none/);
  writeFileSync(module, await wat('(module (@custom "signature" (before first) "\\01\\01\\01\\01"))'));
  const run = sumac(root, "inspect", "m.wasm");
  assert.is(run.status, 0);
  assert.match(run.stdout, /malformed: /);
});

test.run();
