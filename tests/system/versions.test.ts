/**
 * Two versions of one interface live in one system: a store serves both, each client speaks the one that it was built with,
 * and a client that means something else by the same version is refused with the lines that tell the two apart.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import { SumacError } from "../../host/errors.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";

const test = suite("versions");

const FIRST = "package acme:store@1.0.0;\ninterface kv {\n  read: func(key: u32) -> u32;\n}\n";
const SECOND = `package acme:store@2.0.0;
interface kv {
  enum error { missing }
  read: func(key: u32) -> result<u64, error>;
  write: func(key: u32, value: u64);
}
`;
/** Published by nobody: the same version, another meaning. */
const CHANGED = FIRST.replace("-> u32", "-> u64");

type Files = Readonly<Record<string, string>>;

const STORE: Files = {
  "world.wit": "package acme:shop@0.1.0;\nworld store { export acme:store/kv@1.0.0; export acme:store/kv@2.0.0; }\n",
  "wit/first.wit": FIRST,
  "wit/second.wit": SECOND,
  "index.ts": `import { Outcome } from "sumac/outcome";
import { KvError } from "./gen/acme-store-kv-2-0-0";
const values: StaticArray<u64> = new StaticArray<u64>(8);
export namespace acmeStoreKv100 {
  export function read(key: u32): u32 { return u32(values[key]); }
}
export namespace acmeStoreKv200 {
  export function read(key: u32): Outcome<u64> {
    return values[key] == 0 ? Outcome.error<u64>(KvError.missing) : Outcome.ok<u64>(values[key]);
  }
  export function write(key: u32, value: u64): void { values[key] = value; }
}
`,
};

const client = (name: string, version: string, wit: string, body: string, type: string): Files => ({
  "world.wit": `package acme:shop@0.1.0;
interface ${name} { run: func(key: u32) -> ${type}; }
world ${name}-client { import acme:store/kv@${version}; export ${name}; }
`,
  "wit/kv.wit": wit,
  "index.ts": `import { kv } from "./gen/kv";\nexport namespace ${name} {\n  export function run(key: u32): ${type} { ${body} }\n}\n`,
});

const ONE = client("one", "1.0.0", FIRST, "return kv.read(key);", "u32");
const TWO = client("two", "2.0.0", SECOND, "kv.write(key, 0x1_0000_0007); return kv.read(key).value;", "u64");
const STRANGER = client("one", "1.0.0", CHANGED, "return u32(kv.read(key));", "u32");

const folder = mkdtempSync(join(tmpdir(), "sumac-versions-"));

let built: Promise<void> | undefined;

async function buildAll(): Promise<void> {
  for (const [name, files] of Object.entries({ store: STORE, one: ONE, two: TWO, stranger: STRANGER })) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), text);
    }
    writeFileSync(join(folder, `${name}.wasm`), (await buildDomain(join(folder, name), undefined)).wasm);
  }
}

test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A system of the store and of clients, each with the version of the interface that it is granted. */
async function boot(clients: Readonly<Record<string, string>>): Promise<Booted> {
  built ??= buildAll();
  await built;
  const path = join(folder, "system.json");
  const domains = Object.entries(clients).map(([name, version]) => ({
    name,
    module: `${name}.wasm`,
    grants: { [`acme:store/kv@${version}`]: { domain: "store" } },
  }));
  writeFileSync(path, JSON.stringify({ name: "shop", domains: [{ name: "store", module: "store.wasm" }, ...domains] }));
  const unsigned = ["store", ...Object.keys(clients)].map((name) => join(folder, `${name}.wasm`));
  return await bootManifest(path, { trusted: [], unsigned });
}

test("one system: a store of two versions, and a client of each", async () => {
  const { system, finish } = await boot({ one: "1.0.0", two: "2.0.0" });
  try {
    const one = system.export("one", "acme:shop/one@0.1.0");
    const two = system.export("two", "acme:shop/two@0.1.0");
    assert.equal(one.run?.(3), { ok: true, value: 0 });
    assert.equal(two.run?.(3), { ok: true, value: 0x1_0000_0007n });
    // Both clients speak to one and the same store: the first sees what the second put, as far as its version can tell.
    assert.equal(one.run?.(3), { ok: true, value: 7 });
    assert.equal(one.run?.(2), { ok: true, value: 0 });
  } finally {
    await finish(true);
  }
});

test("a grant of the other version is no grant of this one", async () => {
  await refused({ two: "1.0.0" }, "import-not-granted", /domain two imports acme:store\/kv@2\.0\.0, which nothing grants/);
});

test("a module that means something else by the same version is refused, with the lines that differ", async () => {
  await refused(
    { stranger: "1.0.0" },
    "interface-mismatch",
    /domains stranger and store mean different interfaces by acme:store\/kv@1\.0\.0: the importer alone has: func read\(key:u32\)->u64; the exporter alone has: func read\(key:u32\)->u32$/,
  );
});

async function refused(clients: Readonly<Record<string, string>>, code: string, pattern: RegExp): Promise<void> {
  try {
    await (await boot(clients)).finish(false);
  } catch (error) {
    assert.instance(error, SumacError);
    assert.is((error as SumacError).code, code);
    assert.match((error as SumacError).message, pattern);
    return;
  }
  assert.unreachable("it was booted");
}

test.run();
