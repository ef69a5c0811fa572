/** Key files: both formats, permissions, the development key, and the names of trusted keys. */
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import {
  developmentKey,
  developmentKeyFile,
  projectRoot,
  publicKeyFile,
  readSigningKey,
  readTrustedKey,
  trustedKeys,
  writeKeyPair,
} from "../../host/loader/keys.ts";

const test = suite<{ root: string }>("keys");

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-keys-"));
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

async function refused(promise: Promise<unknown>, code: string, pattern: RegExp): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, SumacError);
    assert.is((error as SumacError).code, code);
    assert.match((error as SumacError).message, pattern);
    return;
  }
  throw new Error("accepted");
}

const same = (a: Uint8Array, b: Uint8Array): void => assert.equal([...a], [...b]);

test("writeKeyPair makes files that readSigningKey, readTrustedKey and other parsers read", async ({ root }) => {
  const file = join(root, "keys", "alice.pem");
  const publicFile = await writeKeyPair(file);
  assert.is(publicFile, join(root, "keys", "alice.pub.pem"));
  const key = await readSigningKey(file);
  const trusted = await readTrustedKey(publicFile);
  assert.is(trusted.name, "alice");
  same(key.publicKey, trusted.publicKey);
  assert.is(key.privateKey.extractable, false);
  const derived = execFileSync(process.execPath, [
    "-e",
    `
    const { createPublicKey } = require("node:crypto");
    console.log(createPublicKey(require("node:fs").readFileSync(${JSON.stringify(file)})).export({ type: "spki", format: "pem" }));`,
  ]);
  assert.is(derived.toString().trim(), readFileSync(publicFile, "utf8").trim());
});

test("writeKeyPair makes the private file 0600 in a folder 0700 and leaves nothing else", async ({ root }) => {
  await writeKeyPair(join(root, "keys", "alice.pem"));
  assert.is(statSync(join(root, "keys")).mode & 0o777, 0o700);
  assert.is(statSync(join(root, "keys", "alice.pem")).mode & 0o777, 0o600);
  assert.equal(readdirSync(join(root, "keys")).sort(), ["alice.pem", "alice.pub.pem"]);
});

test("writeKeyPair never overwrites a key", async ({ root }) => {
  const file = join(root, "a.pem");
  await writeKeyPair(file);
  const before = readFileSync(file, "utf8");
  await refused(writeKeyPair(file), "key-unusable", /exists already/);
  assert.is(readFileSync(file, "utf8"), before);
  assert.equal(readdirSync(root).sort(), ["a.pem", "a.pub.pem"]);
});

test("readSigningKey refuses a private key that others can read, with the remedy", async ({ root }) => {
  const file = join(root, "a.pem");
  await writeKeyPair(file);
  for (const mode of [0o644, 0o640, 0o604, 0o660, 0o601]) {
    chmodSync(file, mode);
    await refused(readSigningKey(file), "key-unusable", /chmod 600 /);
  }
  chmodSync(file, 0o400);
  await readSigningKey(file);
});

test("readSigningKey and readTrustedKey read the compact form", async ({ root }) => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const d = Buffer.from(privateKey.export({ format: "jwk" }).d as string, "base64url");
  const x = Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url");
  writeFileSync(join(root, "secret"), Buffer.concat([Buffer.from([0x81]), d, x]), { mode: 0o600 });
  writeFileSync(join(root, "public"), Buffer.concat([Buffer.from([0x01]), x]));
  same((await readSigningKey(join(root, "secret"))).publicKey, x);
  same((await readTrustedKey(join(root, "public"))).publicKey, x);
  writeFileSync(join(root, "secret"), Buffer.concat([Buffer.from([0x81]), d, d]));
  await refused(readSigningKey(join(root, "secret")), "key-unusable", /does not belong/);
});

test("key files of another kind are refused without showing their content", async ({ root }) => {
  const rsa = generateKeyPairSync("rsa", {
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const file = join(root, "k");
  const write = (content: string | Buffer): void => writeFileSync(file, content, { mode: 0o600 });
  write(rsa.privateKey);
  await refused(readSigningKey(file), "key-unusable", /Ed25519/);
  await refused(readTrustedKey(file), "key-unusable", /is a private key/);
  write(rsa.publicKey);
  await refused(readSigningKey(file), "key-unusable", /is a public key/);
  await refused(readTrustedKey(file), "key-unusable", /Ed25519/);
  for (const rubbish of [
    "",
    "hello",
    "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n",
    Buffer.alloc(65, 0x80),
    Buffer.alloc(20000),
  ]) {
    write(rubbish);
    await refused(readSigningKey(file), "key-unusable", /^\S+: (is no Ed25519|20000 bytes)/);
    await refused(readTrustedKey(file), "key-unusable", /^\S+: (is no Ed25519|is a private|20000 bytes)/);
  }
  await refused(readSigningKey(join(root, "nothing")), "file-missing", /nothing/);
  await refused(readSigningKey(root), "key-unusable", /is not a file/);
});

test("developmentKey makes one key on first use and keeps it", async ({ root }) => {
  const [first, ...others] = await Promise.all([developmentKey(root), developmentKey(root), developmentKey(root)]);
  for (const other of [...others, await developmentKey(root)]) same(other.publicKey, first.publicKey);
  const file = developmentKeyFile(root);
  assert.is(statSync(file).mode & 0o777, 0o600);
  assert.is(statSync(join(root, ".sumac")).mode & 0o777, 0o700);
  assert.is(readFileSync(join(root, ".sumac", ".gitignore"), "utf8"), "*\n");
  assert.equal(
    (await trustedKeys(root, [])).map((key) => key.name),
    ["dev"],
  );
});

test("trustedKeys names keys by file and refuses two of one name", async ({ root }) => {
  assert.equal(await trustedKeys(root, []), []);
  for (const folder of ["one", "two"]) await writeKeyPair(join(root, folder, "bob.pem"));
  const bob = join(root, "one", "bob.pub.pem");
  assert.equal(
    (await trustedKeys(root, [bob])).map((key) => key.name),
    ["bob"],
  );
  await refused(trustedKeys(root, [bob, join(root, "two", "bob.pub.pem")]), "usage", /"bob" is already trusted/);
});

test("trustedKeys refuses a development key that others may replace", async ({ root }) => {
  await developmentKey(root);
  chmodSync(publicKeyFile(developmentKeyFile(root)), 0o666);
  await refused(trustedKeys(root, []), "key-unusable", /chmod 644/);
});

test("projectRoot is the nearest folder with .sumac or package.json", ({ root }) => {
  const deep = join(root, "a", "b");
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(root, "a", "package.json"), "{}");
  assert.is(projectRoot(deep), join(root, "a"));
  mkdirSync(join(deep, ".sumac"));
  assert.is(projectRoot(deep), deep);
});

test.run();
