/** The fingerprint that the build writes: true of its module, in one form only, and refused by the loader where it is not. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import { SumacError } from "../../host/errors.ts";
import { readWorldSection } from "../../host/idl/idl.ts";
import { concatBytes, toHex } from "../../host/loader/byte-reader.ts";
import { checkFingerprint, claimedFingerprint, FINGERPRINT_SECTION, type Fingerprint } from "../../host/loader/fingerprint.ts";
import { parseFingerprint } from "../../host/loader/fingerprint-format.ts";
import { customSection, customText, readSections } from "../../host/loader/sections.ts";
import { extendModule, splitModule } from "../../host/loader/signing.ts";
import { summarize } from "../../host/loader/summary.ts";
import { testSystem } from "../support/system.ts";

const test = suite("fingerprint");

let module: Uint8Array<ArrayBuffer>;
let print: Fingerprint;
test.before(async () => {
  const root = mkdtempSync(join(tmpdir(), "sumac-print-"));
  cpSync(join(import.meta.dirname, "..", "fixtures", "domains", "echo"), join(root, "echo"), { recursive: true });
  module = (await buildDomain(join(root, "echo"), undefined)).wasm;
  rmSync(root, { recursive: true });
  print = claimedFingerprint(module) as Fingerprint;
});

const worldOf = (bytes: Uint8Array<ArrayBuffer>) => readWorldSection(customText(bytes, readSections(bytes), "sumac:world") ?? "");
const importsOf = (bytes: Uint8Array<ArrayBuffer>): string[] => summarize(bytes).imports.map((one) => `${one.module}#${one.name}`);
const checked = (bytes: Uint8Array<ArrayBuffer>) => checkFingerprint(bytes, worldOf(module), importsOf(module));

/** The module with another fingerprint in its place. */
function withText(text: string): Uint8Array<ArrayBuffer> {
  const section = readSections(module).find(({ name }) => name === FINGERPRINT_SECTION);
  return concatBytes([module.subarray(0, section?.start), customSection(FINGERPRINT_SECTION, Buffer.from(text))]);
}

async function refused(bytes: Uint8Array<ArrayBuffer>, pattern: RegExp, code = "module-refused"): Promise<void> {
  let thrown: unknown;
  try {
    await checked(bytes);
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, SumacError);
  assert.is((thrown as SumacError).code, code);
  assert.match((thrown as SumacError).message, pattern);
}

test("buildDomain writes a fingerprint of world, interfaces, imports, compiler, flags, library and sources", async () => {
  assert.is(print.world, "sumac:fixture/echo-domain@0.1.0");
  assert.equal(Object.keys(print.interfaces), ["sumac:fixture/echo@0.1.0"]);
  assert.is(print.interfaces["sumac:fixture/echo@0.1.0"], worldOf(module).exports[0]?.hash);
  assert.equal(print.imports, importsOf(module));
  assert.match(print.compiler, /^assemblyscript \d+\.\d+\.\d+/);
  assert.match(print.optimizer, /^binaryen \d+/);
  assert.ok(print.flags.includes("noUnsafe=true") && print.flags.includes("optimizeLevel=3"));
  assert.match(print.sumac, /^\d+\.\d+\.\d+$/);
  const sections = readSections(module);
  const end = sections.find(({ name }) => name === FINGERPRINT_SECTION)?.start;
  assert.is(print.content, toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", module.subarray(8, end)))));
  assert.equal(await checked(module), print);
});

test("checkFingerprint leaves out signature and delimiters, and what was added behind it", async () => {
  const cut = splitModule(module);
  assert.equal(await checked(cut), print);
  assert.equal(await checked(extendModule(cut, [{ name: "notes", payload: Buffer.from("x") }])), print);
  await refused(extendModule(cut, [{ name: "sumac:notes", payload: Buffer.from("x") }]), /does not cover the section at byte 0x/);
  await refused(concatBytes([module, [5, 3, 1, 0, 1]]), /does not cover the section at byte 0x/);
});

test("checkFingerprint refuses a fingerprint that is not true of content, world, interfaces or imports", async () => {
  const lie = (change: Partial<Fingerprint>): Uint8Array<ArrayBuffer> => withText(JSON.stringify({ ...print, ...change }));
  await refused(lie({ content: "0".repeat(64) }), /content is 0{64}, but the sections have/);
  await refused(lie({ world: "sumac:fixture/other@0.1.0" }), /world is sumac:fixture\/other/);
  await refused(lie({ interfaces: {} }), /interface sumac:fixture\/echo@0.1.0 has the hash \(none\)/);
  await refused(lie({ interfaces: { ...print.interfaces, "z:z/z": "0".repeat(64) } }), /but the world says \(none\)/);
  await refused(lie({ imports: [...print.imports, "kernel#more"] }), /imports are not those/);
  await refused(lie({ imports: [] }), /imports are not those/);
  const altered = Uint8Array.from(module);
  const data = readSections(module).find(({ id }) => id === 10);
  altered[(data?.end ?? 0) - 1] = 0x0c;
  await refused(altered, /content is/);
});

test("checkFingerprint refuses a second fingerprint, and is content with none", async () => {
  const sections = readSections(module);
  const section = sections.find(({ name }) => name === FINGERPRINT_SECTION);
  const without = Uint8Array.from(module.subarray(0, section?.start));
  assert.is(await checked(without), undefined);
  await refused(concatBytes([module, module.subarray(section?.start)]), /occurs 2 times/, "module-malformed");
});

test("parseFingerprint accepts the one form and no other", () => {
  const text = JSON.stringify(print);
  assert.equal(parseFingerprint(text), print);
  assert.is(JSON.stringify(parseFingerprint(JSON.stringify({ ...print, shadow: "a:b/c@1.0.0" })).shadow), '"a:b/c@1.0.0"');
  const two = { ...print.interfaces, "a:a/a@1.0.0": "1".repeat(64) };
  for (const [what, other] of Object.entries({
    space: `${text} `,
    pretty: JSON.stringify(print, null, 1),
    escape: text.replace("sumac:fixture", "sumac\\u003afixture"),
    twice: text.replace('"version":1,', '"version":1,"version":1,'),
    number: text.replace('"version":1,', '"version":1.0,'),
    version: text.replace('"version":1,', '"version":2,'),
    more: text.replace(/}$/, ',"more":1}'),
    less: text.replace(/"sumac":"[^"]*",/, ""),
    order: JSON.stringify(Object.fromEntries(Object.entries(print).reverse())),
    unsorted: JSON.stringify({ ...print, interfaces: two }),
    hash: text.replace(print.content, print.content.toUpperCase()),
    control: JSON.stringify({ ...print, compiler: "a\u001b[2J" }),
    list: JSON.stringify([print]),
    rubbish: "{",
    nothing: "",
    huge: JSON.stringify({ ...print, flags: new Array(2000).fill("x".repeat(300)) }),
  })) {
    try {
      parseFingerprint(other);
    } catch (error) {
      assert.instance(error, SumacError, what);
      assert.is((error as SumacError).code, "module-malformed", what);
      continue;
    }
    throw new Error(`accepted: ${what}`);
  }
});

test("the loader refuses a module whose fingerprint lies, and records a true one with what it made of the module", async () => {
  const { system, end } = await testSystem();
  const options = { name: "echo.wasm", trusted: [], allowUnsigned: true, memoryPages: 16 };
  const { record } = await system.loader.load(module, options);
  assert.equal(record.fingerprint, print);
  assert.is(record.module, "echo.wasm");
  assert.is(record.hash, toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", module))));
  assert.equal([record.signed, record.signers, record.policy], [null, [], []]);
  assert.match(record.hardened.hash, /^[0-9a-f]{64}$/);
  assert.ok(record.hardened.version >= 1);
  let message = "";
  try {
    await system.loader.load(withText(JSON.stringify({ ...print, content: "0".repeat(64) })), options);
  } catch (error) {
    message = (error as SumacError).message;
  }
  assert.match(message, /^echo\.wasm: its fingerprint is not true/);
  await end();
});

test.run();
