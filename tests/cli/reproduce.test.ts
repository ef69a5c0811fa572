/** `sumac reproduce`: the same bytes from the same sources, and what differs where they are not the same. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileDomain, domainSource } from "../../host/build/build.ts";
import { lastJson, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli reproduce");
const FIXTURE = join(import.meta.dirname, "..", "fixtures", "domains", "echo");

/** What the fixture gives, unsigned. */
let built: Uint8Array;
test.before(async () => {
  built = (await compileDomain(await domainSource(FIXTURE), undefined)).wasm;
});
test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-reproduce-"));
  cpSync(FIXTURE, join(context.root, "domains-as", "echo"), { recursive: true });
  writeFileSync(join(context.root, "package.json"), "{}");
  writeFileSync(join(context.root, "m.wasm"), built);
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

interface Report {
  readonly ok: boolean;
  readonly source: string;
  readonly claims: { readonly what: string }[];
  readonly sections: { readonly name: string; readonly equal: boolean; readonly differsAt: number | null }[];
}

test("reproduce finds the sources by the world and builds the same bytes, whoever signed and cut the module", ({ root }) => {
  sumac(root, "sign", "m.wasm", "--split");
  const run = sumac(root, "reproduce", "m.wasm", "--json");
  assert.is(run.status, 0, run.stderr);
  const { ok, source, claims, sections } = lastJson<Report>(run);
  assert.is(ok, true);
  assert.is(source, "domains-as/echo");
  assert.equal(claims, []);
  assert.ok(sections.length > 5 && sections.every(({ equal, differsAt }) => equal && differsAt === null));
  assert.not.ok(existsSync(join(root, "domains-as", "echo", "gen")), "nothing was written");
});

test("reproduce ends with exit code 1 and names what differs: a source, a section, a claim", ({ root }) => {
  const index = join(root, "domains-as", "echo", "index.ts");
  writeFileSync(index, readFileSync(index, "utf8").replace("a + b;", "a + b + 1;"));
  const run = sumac(root, "reproduce", "m.wasm", "--json");
  assert.is(run.status, 1, run.stderr);
  const { ok, claims, sections } = lastJson<Report>(run);
  assert.is(ok, false);
  assert.equal(
    claims.map(({ what }) => what),
    ["sources of the domain", "content"],
  );
  assert.ok(sections.some(({ name, equal }) => name === "code" && !equal));
  assert.ok(sections.some(({ name, equal }) => name === "import" && equal));
});

test("reproduce notices an altered module that claims the old fingerprint", ({ root }) => {
  const bytes = readFileSync(join(root, "m.wasm"));
  const at = bytes.indexOf(Buffer.from("the sum does not fit", "utf16le"));
  assert.ok(at > 0);
  bytes.writeUInt8(0x54, at);
  writeFileSync(join(root, "m.wasm"), bytes);
  const run = sumac(root, "reproduce", "m.wasm");
  assert.is(run.status, 1, run.stderr);
  assert.match(
    run.stdout,
    /NOT identical to what domains-as\/echo gives now\n {2}section data: \d+ bytes, rebuilt \d+; differs from byte 0x/,
  );
  assert.ok(run.stdout.trimEnd().endsWith(`0x${at.toString(16)} on`), run.stdout);
});

test("reproduce refuses a module without a fingerprint, and sources that are missing or several", ({ root }) => {
  cpSync(FIXTURE, join(root, "domains-as", "second"), { recursive: true });
  assert.match(sumac(root, "reproduce", "m.wasm").stderr, /several folders have the world .*--source/);
  assert.is(sumac(root, "reproduce", "m.wasm", "--source", "domains-as/second").status, 0);
  rmSync(join(root, "domains-as"), { recursive: true });
  assert.match(sumac(root, "reproduce", "m.wasm").stderr, /no sources of the world sumac:fixture\/echo-domain@0\.1\.0/);
  writeFileSync(join(root, "m.wasm"), Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 0, 2, 1, 120]));
  const run = sumac(root, "reproduce", "m.wasm");
  assert.is(run.status, 2);
  assert.match(run.stderr, /module-refused: m\.wasm: .*no fingerprint/);
});

test("reproduce builds a generated shadow from the interface alone", ({ root }) => {
  assert.is(sumac(root, "build", "--shadow", "sumac:block/bdev@0.1.0", "-o", "shadow.wasm").status, 0);
  const run = sumac(root, "reproduce", "shadow.wasm", "--json");
  assert.is(run.status, 0, run.stdout + run.stderr);
  assert.is(lastJson<Report>(run).source, "the shadow of sumac:block/bdev@0.1.0");
});

test.run();
