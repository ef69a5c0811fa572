/** `sumac build --shadow`: an interface becomes a signed module; its source can be written out and built like any other. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lastJson, type Run, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli build --shadow");

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-shadow-"));
});
test.after.each(({ root }) => rmSync(root, { recursive: true }));

function refused(run: Run, code: string, pattern: RegExp): void {
  assert.is(run.status, 2, run.stdout + run.stderr);
  assert.match(run.stderr, new RegExp(`^sumac: ${code}: [^\\n]+\\n$`));
  assert.match(run.stderr, pattern);
}

test("build --shadow makes a signed module; the source that it writes builds to the same content", ({ root }) => {
  const run = sumac(root, "build", "--shadow", "sumac:block/bdev@0.1.0", "--source", "mine", "--json");
  assert.is(run.status, 0, run.stderr);
  const [made] = lastJson<{ modules: { module: string; shadow: string; imports: string[]; exports: string[]; signed: boolean }[] }>(
    run,
  ).modules;
  assert.equal(made?.imports, ["sumac:block/bdev@0.1.0", "sumac:kernel/supervisor@0.1.0"]);
  assert.equal(made?.exports, ["sumac:block/bdev@0.1.0"]);
  assert.equal([made?.module, made?.shadow, made?.signed], ["build/shadows/bdev.wasm", "sumac:block/bdev@0.1.0", true]);
  assert.is(sumac(root, "verify", "build/shadows/bdev.wasm").status, 0);
  assert.is(sumac(root, "build", "mine", "-o", "again.wasm").status, 0);
  // Only where the texts come from differs: all of the one is generated, the other has become a domain of its own.
  const contentOf = (file: string): string =>
    lastJson<{ fingerprint: { content: string } }>(sumac(root, "inspect", file, "--json")).fingerprint.content;
  assert.is(contentOf("again.wasm"), contentOf("build/shadows/bdev.wasm"));
});

test("build --shadow finds interfaces in the folders that are named", ({ root }) => {
  mkdirSync(join(root, "wit"));
  const file = join(root, "wit", "shop.wit");
  const text = "package acme:shop@2.0.0;\n\ninterface prices {\n  /// @idempotent\n  of: func(item: u32) -> u64;\n}\n";
  writeFileSync(file, text);
  const run = sumac(root, "build", "--shadow", "acme:shop/prices@2.0.0", "wit", "-o", "prices.wasm");
  assert.is(run.status, 0, run.stderr);
  assert.match(run.stdout, /^prices\.wasm: \d+ bytes, world acme:prices-shadow\/shadow@2\.0\.0\n$/);
  writeFileSync(file, text.replace("@idempotent", "Twice is too much."));
  refused(
    sumac(root, "build", "--shadow", "acme:shop/prices@2.0.0", "wit"),
    "wit-invalid",
    /wit\/shop\.wit:5:3: `of` is not `@idempotent`/,
  );
});

test("build --shadow refuses what names no interface, and options that mean nothing", ({ root }) => {
  refused(sumac(root, "build"), "usage", /missing required argument 'dir'/);
  refused(sumac(root, "build", "--shadow", "sumac:block/disk@0.1.0"), "wit-invalid", /there is no interface `sumac:block\/disk@0\.1\.0`/);
  refused(sumac(root, "build", "echo", "--source", "x"), "usage", /--source belongs to --shadow/);
  assert.not.ok(existsSync(join(root, "build")));
});

test.run();
