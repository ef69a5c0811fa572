/** `sumac nvme`: what it prints, what it changes, and how it refuses. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lastJson, sumac } from "./support.ts";

const test = suite<{ root: string }>("cli nvme");

test.before((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sumac-cli-nvme-"));
  writeFileSync(join(context.root, "a.img"), new Uint8Array(1 << 20).fill(7));
  writeFileSync(join(context.root, "b.img"), new Uint8Array(100_000).fill(7));
});
test.after(({ root }) => rmSync(root, { recursive: true }));

test("nvme list names every image with its size in whole blocks", ({ root }) => {
  const run = sumac(root, "nvme", "list", "a.img", "b.img", "--json");
  const { images } = lastJson<{ images: { image: string; bytes: number; blockBytes: number; model: string }[] }>(run);
  assert.equal(
    images.map(({ image, bytes, blockBytes, model }) => [image, bytes, blockBytes, model]),
    [
      ["a.img", 1 << 20, 4096, "Sumac NVMe model"],
      ["b.img", 98_304, 4096, "Sumac NVMe model"],
    ],
  );
  assert.match(sumac(root, "nvme", "list", "a.img").stdout, /a\.img {2}namespace 1 {2}1048576 bytes in blocks of 4096/);
});

test("nvme id shows controller and namespace, in the blocks that were asked for, and reads a read-only image", ({ root }) => {
  chmodSync(join(root, "a.img"), 0o444);
  const run = sumac(root, "nvme", "id", "a.img", "--block-bytes", "512", "--json");
  chmodSync(join(root, "a.img"), 0o644);
  const { controller, namespaces } = lastJson<{
    controller: { version: string; namespaces: number };
    namespaces: { blocks: number; formats: number[] }[];
  }>(run);
  assert.equal([controller.version, controller.namespaces], ["1.4", 1]);
  assert.equal([namespaces[0]?.blocks, namespaces[0]?.formats], [2048, [512, 4096]]);
  assert.match(sumac(root, "nvme", "id", "a.img").stdout, /serial +SUMAC-0/);
});

test("nvme smart counts what --verify reads, and nvme log is empty for a good image", ({ root }) => {
  const { health } = lastJson<{ health: Record<string, number> }>(sumac(root, "nvme", "smart", "a.img", "--verify", "--json"));
  assert.equal([health.dataUnitsRead, health.mediaErrors, health.kelvin], [3, 0, 308]);
  assert.is(sumac(root, "nvme", "log", "a.img", "--verify").stdout, "a.img: no errors\n");
  assert.equal(lastJson<{ errors: unknown[] }>(sumac(root, "nvme", "log", "a.img", "--json")).errors, []);
});

test("nvme format erases only with --yes, and keeps the size", ({ root }) => {
  const refused = sumac(root, "nvme", "format", "b.img");
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /usage: format erases everything in b\.img; add --yes/);
  assert.is(readFileSync(join(root, "b.img"))[0], 7);
  const run = sumac(root, "nvme", "format", "b.img", "--yes", "--block-bytes", "512", "--json");
  assert.equal(lastJson(run), { ok: true, image: "b.img", bytes: 99_840, blockBytes: 512 });
  const bytes = readFileSync(join(root, "b.img"));
  assert.is(bytes.length, 100_000);
  assert.ok(bytes.subarray(0, 99_840).every((byte) => byte === 0));
});

test("nvme format --megabytes makes an image", ({ root }) => {
  assert.is(sumac(root, "nvme", "format", "new.img", "--yes", "--megabytes", "2").status, 0);
  assert.is(statSync(join(root, "new.img")).size, 2 << 20);
});

test("nvme refuses what is no image, and sizes of blocks that do not exist, in one line", ({ root }) => {
  for (const [args, text] of [
    [["id", "missing.img"], "there is no such file"],
    [["id", "."], "not a regular file"],
    [["id", "a.img", "--block-bytes", "1024"], "give 512 or 4096"],
    [["frobnicate", "a.img"], "unknown command"],
  ] as const) {
    const run = sumac(root, "nvme", ...args);
    assert.is(run.status, 2, args.join(" "));
    assert.match(run.stderr, /^sumac: [a-z-]+: [^\n]+\n$/);
    assert.ok(run.stderr.includes(text), run.stderr);
  }
});

test.run();
