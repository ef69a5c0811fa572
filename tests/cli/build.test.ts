/** `sumac build`: a folder becomes a signed module with its world; the same folder elsewhere becomes the same bytes. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import type { SumacError } from "../../host/errors.ts";
import { readWorldSection } from "../../host/idl/idl.ts";
import { lastJson, type Run, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli build");
const FIXTURE = join(import.meta.dirname, "..", "fixtures", "domains", "echo");

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-build-"));
  cpSync(FIXTURE, join(context.root, "echo"), { recursive: true });
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

function refused(run: Run, code: string, pattern: RegExp): void {
  assert.is(run.status, 2, run.stdout + run.stderr);
  assert.match(run.stderr, new RegExp(`^sumac: ${code}: [^\\n]+\\n$`));
  assert.match(run.stderr, pattern);
}

/** The module with imports that do nothing, as far as this test needs them. */
async function instantiate(bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, (...args: number[]) => number>> {
  const { instance } = await WebAssembly.instantiate(bytes, { kernel: { log: () => {}, panic: () => {} } });
  return instance.exports as Record<string, (...args: number[]) => number>;
}

test("build writes a signed module with canonical export names and its world", async ({ root }) => {
  const run = sumac(root, "build", "echo", "--json");
  assert.is(run.status, 0, run.stderr);
  const { modules } = lastJson<{ modules: { module: string; world: string; exports: string[]; signed: boolean }[] }>(run);
  assert.equal(modules[0]?.exports, ["sumac:fixture/echo@0.1.0", "init"]);
  assert.is(modules[0]?.world, "sumac:fixture/echo-domain@0.1.0");
  const file = join(root, "build", "domains", "echo.wasm");
  assert.is(modules[0]?.module, "build/domains/echo.wasm");
  assert.is(sumac(root, "verify", file).status, 0);

  const domain = await instantiate(readFileSync(file));
  assert.equal(Object.keys(domain).sort(), ["init", "sumac:fixture/echo@0.1.0#add"]);
  assert.is(domain["sumac:fixture/echo@0.1.0#add"]?.(40, 2), 42);

  const report = lastJson<{ world: string; sections: { name: string }[] }>(sumac(root, "inspect", file, "--json"));
  const world = readWorldSection(report.world);
  assert.is(world.name, "echo-domain");
  assert.equal(
    world.exports.map((one) => one.id),
    ["sumac:fixture/echo@0.1.0"],
  );
  assert.equal(
    report.sections.map((section) => section.name).filter((name) => /name|producers|source/.test(name)),
    ["name", "sumac:source-map"],
  );
});

test("build gives the same bytes in another folder, at another time, with an older gen/", ({ root }) => {
  assert.is(sumac(root, "build", "echo", "--no-sign", "-o", "one.wasm").status, 0);
  const elsewhere = join(root, "a folder", "deeper", "echo");
  cpSync(FIXTURE, elsewhere, { recursive: true });
  cpSync(join(root, "echo", "gen"), join(elsewhere, "gen"), { recursive: true });
  writeFileSync(join(elsewhere, "gen", "world.ts"), "not even AssemblyScript");
  assert.is(sumac(join(root, "a folder"), "build", "deeper/echo", "--no-sign", "-o", "two.wasm").status, 0);
  assert.equal(readFileSync(join(root, "a folder", "two.wasm")), readFileSync(join(root, "one.wasm")));
  const generated = readFileSync(join(elsewhere, "gen", "world.ts"), "utf8");
  assert.is(generated, readFileSync(join(root, "echo", "gen", "world.ts"), "utf8"));
});

test("build --key signs with that key, --no-sign with none", ({ root }) => {
  sumac(root, "keygen", "--out", "alice.pem");
  assert.is(sumac(root, "build", "echo", "--key", "alice.pem", "-o", "signed.wasm").status, 0);
  const run = sumac(root, "verify", "signed.wasm", "--trust", "alice.pub.pem", "--json");
  assert.is(lastJson<{ signer: string }>(run).signer, "alice");
  assert.is(sumac(root, "build", "echo", "--no-sign", "-o", "plain.wasm").status, 0);
  refused(sumac(root, "verify", "plain.wasm"), "signature-missing", /plain\.wasm/);
  assert.not.ok(existsSync(join(root, ".sumac")));
});

test("build asks for the memory that domain.json names", ({ root }) => {
  writeFileSync(join(root, "echo", "domain.json"), '{ "memoryPages": 7 }');
  sumac(root, "build", "echo", "--no-sign", "-o", "m.wasm");
  const { memories } = lastJson<{ memories: { minimum: number }[] }>(sumac(root, "inspect", "m.wasm", "--json"));
  assert.is(memories[0]?.minimum, 7);
  for (const [text, pattern] of [
    ['{ "memorypages": 7 }', /echo\/domain\.json: \/memorypages is not known/],
    ['{ "memoryPages": 0 }', /\/memoryPages must be a whole number/],
    ['{ "variantOf": "../nobody" }', /\/variantOf must name the folder of another domain/],
    ['{ "variantOf": "../../echo" }', /\/variantOf must name the folder of another domain/],
    ["[1]", /must hold an object/],
    ["{", /echo\/domain\.json: /],
  ] as const) {
    writeFileSync(join(root, "echo", "domain.json"), text);
    refused(sumac(root, "build", "echo"), "manifest-invalid", pattern);
  }
});

test("build takes what a variant's folder does not have from the domain next to it, and its own files first", ({ root }) => {
  const index = `import { shared } from "./shared";
import { volume } from "./volume";
export function init(): void { shared(volume()); }
export namespace echo { export function add(a: u32, b: u32): u32 { return a + b; } }
`;
  mkdirSync(join(root, "louder"));
  writeFileSync(join(root, "louder", "domain.json"), '{ "variantOf": "../echo" }');
  writeFileSync(join(root, "louder", "world.wit"), readFileSync(join(root, "echo", "world.wit"), "utf8"));
  writeFileSync(join(root, "louder", "index.ts"), index);
  writeFileSync(join(root, "louder", "volume.ts"), "export function volume(): u32 { return 11; }\n");
  refused(sumac(root, "build", "louder", "--no-sign"), "build-failed", /shared\.ts' not found/);
  writeFileSync(join(root, "echo", "shared.ts"), "export function shared(n: u32): u32 { return n; }\n");
  writeFileSync(join(root, "echo", "volume.ts"), "this is not a program\n");
  assert.is(sumac(root, "build", "louder", "--no-sign").status, 0);
});

test("build reports the first problem with file, line and column", async ({ root }) => {
  const index = join(root, "echo", "index.ts");
  const good = readFileSync(index, "utf8");
  const problem = async (source: string, pattern: RegExp): Promise<void> => {
    writeFileSync(index, source);
    try {
      await buildDomain(join(root, "echo"), undefined);
    } catch (error) {
      assert.is((error as SumacError).code, "build-failed");
      assert.match((error as SumacError).message, pattern);
      return;
    }
    throw new Error(`built: ${source}`);
  };
  await problem(good.replace("return a + b;", 'return "sum";'), /echo\/index\.ts:12:12: AS\d+: /);
  await problem(good.replace("sums[0] += 1;", "store<u32>(a, b);"), /echo\/index\.ts:11:5: AS101: .*unsafe/);
  await problem(good.replace("function add", "function plus"), /echo\/gen\/world\.ts:\d+:\d+: .*index\.ts must export/);
  await problem(`import "../../outside";\n${good}`, /echo\/index\.ts:1:8: .*not found/);
  refused(sumac(root, "build", "echo"), "build-failed", /echo\/index\.ts:1:8: /);
  assert.not.ok(existsSync(join(root, "build")));
});

test("build refuses folders and worlds that are none", ({ root }) => {
  refused(sumac(root, "build", "nowhere"), "file-missing", /nowhere: no such folder/);
  refused(sumac(root, "build", "echo", "echo", "-o", "x.wasm"), "usage", /-o names one file/);
  const wit = join(root, "echo", "world.wit");
  const good = readFileSync(wit, "utf8");
  writeFileSync(wit, good.replace("u32,", "u33,"));
  refused(sumac(root, "build", "echo"), "wit-invalid", /echo\/world\.wit:5:/);
  writeFileSync(wit, good.replace("world", "wordl"));
  refused(sumac(root, "build", "echo"), "wit-syntax", /echo\/world\.wit:8:/);
  writeFileSync(wit, `${good}\nworld second {}\n`);
  refused(sumac(root, "build", "echo"), "wit-invalid", /holds 2 worlds/);
  rmSync(join(root, "echo", "index.ts"));
  refused(sumac(root, "build", "echo"), "file-missing", /echo\/index\.ts: no such file/);
});

test.run();
