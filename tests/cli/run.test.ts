/** `sumac run` as a user meets it: the copy, its image, its faults, and every kind of bad input as one line with exit code 2. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const SYSTEM = resolve("systems/copy.json");
const MAIN = resolve("host/cli/main.ts");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function sumac(...args: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "run", ...args], { encoding: "utf8" });
  return { code: status, stdout, stderr };
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

const folder = mkdtempSync(join(tmpdir(), "sumac-run-"));
const input = join(folder, "input.bin");
const image = join(folder, "disk.img");
/** Not a multiple of the block size, and no two blocks alike. */
const content = Buffer.alloc(6_000_123);
for (let i = 0; i < content.length; i += 4) content.writeUInt32LE((i * 2654435761) >>> 0, Math.min(i, content.length - 4));
writeFileSync(input, content);

/** A copy of the manifest whose paths still lead to the project, with one change. */
function manifestWith(change: (manifest: Record<string, never>) => void): string {
  const manifest = JSON.parse(readFileSync(SYSTEM, "utf8"), (key, value) => (key === "module" ? resolve("systems", value) : value));
  change(manifest);
  const path = join(folder, "system.json");
  writeFileSync(path, JSON.stringify(manifest));
  return path;
}

const job = suite("run");

job("run: the image is the file, the digests are sha256sum's, every death is recovered, the heap is empty", () => {
  rmSync(image, { force: true });
  const { code, stdout, stderr } = sumac(SYSTEM, "--json", "--input", input, "--image", image, "--kill-every", "0.5", "--seed", "7");
  assert.is(code, 0, stderr);
  const summary = JSON.parse(lastLine(stdout));
  const digest = createHash("sha256").update(content).digest("hex");
  assert.is(summary.ok, true);
  assert.is(summary.bytes, content.length);
  assert.is(summary.sha256Input, digest);
  assert.is(summary.sha256ReadBack, digest);
  assert.is(execFileSync("sha256sum", [input], { encoding: "utf8" }).slice(0, 64), digest);
  execFileSync("cmp", ["-n", String(content.length), input, image]);
  const deaths = Object.values(summary.deaths as Record<string, number>).reduce((a, b) => a + b, 0);
  assert.ok(deaths >= 12, `${deaths} deaths`);
  assert.equal(Object.keys(summary.deaths).sort(), ["deadline", "killed", "quota", "trap"]);
  assert.is(summary.recovered, deaths);
  assert.is(summary.heapLiveObjectsAtEnd, 0);
  assert.equal(summary.heapProblems, []);
  assert.is(summary.domains.find(({ name }: { name: string }) => name === "nvme-driver").generation, deaths + 1);
});

job("run: the simple disk does the same job", () => {
  const { code, stdout, stderr } = sumac(
    resolve("systems/copy-disk.json"),
    "--json",
    "--input",
    input,
    "--image",
    image,
    "--kill-every",
    "1",
  );
  assert.is(code, 0, stderr);
  const summary = JSON.parse(lastLine(stdout));
  assert.is(summary.sha256ReadBack, summary.sha256Input);
  assert.is(
    summary.recovered,
    Object.values(summary.deaths as Record<string, number>).reduce((a, b) => a + b, 0),
  );
});

job("run: without --json progress, deaths and a summary are plain lines", () => {
  const { code, stdout } = sumac(SYSTEM, "--input", input, "--image", image, "--kill-every", "2");
  assert.is(code, 0);
  assert.match(stdout, /writing 100 %/);
  assert.match(stdout, /nvme-driver#1 died: (trap|deadline|killed|quota)/);
  assert.match(stdout, /answers again after \d+ µs/);
  assert.match(stdout, /copy: done in/);
  assert.not.match(stdout, /\x1b/);
});

job("run: an empty input makes an empty image", () => {
  const empty = join(folder, "empty");
  writeFileSync(empty, "");
  const target = join(folder, "empty.img");
  const { code, stdout } = sumac(SYSTEM, "--json", "--input", empty, "--image", target);
  assert.is(code, 0);
  assert.is(JSON.parse(lastLine(stdout)).bytes, 0);
});

job("run: bytes of an existing larger image beyond the copy are kept", () => {
  const large = join(folder, "large.img");
  writeFileSync(large, Buffer.alloc(8_192_000, 0xee));
  assert.is(sumac(SYSTEM, "--json", "--input", input, "--image", large).code, 0);
  const after = readFileSync(large);
  assert.is(Buffer.compare(after.subarray(0, content.length), content), 0);
  assert.is(after.length, 8_192_000);
  assert.is(after[8_191_999], 0xee);
});

job.run();

const bad = suite("bad input");

/** One line on stderr that starts with the code and contains every piece; exit code 2; no stack trace; no image. */
function refuses(ended: Ended, code: string, ...pieces: (string | RegExp)[]): void {
  assert.is(ended.code, 2, ended.stderr + ended.stdout);
  assert.is(ended.stderr.trimEnd().split("\n").length, 1, ended.stderr);
  assert.ok(ended.stderr.startsWith(`sumac: ${code}: `), ended.stderr);
  for (const piece of pieces) {
    if (typeof piece === "string") assert.ok(ended.stderr.includes(piece), `${piece} is not in: ${ended.stderr}`);
    else assert.match(ended.stderr, piece);
  }
}

interface ManifestDomain {
  grants: Record<string, unknown>;
  module: string;
  limits: Record<string, unknown>;
}
interface Manifest {
  domains: ManifestDomain[];
}

function domainOf(manifest: Manifest, index: number): ManifestDomain {
  const domain = manifest.domains[index];
  if (domain === undefined) throw new Error(`the manifest has no domain ${index}`);
  return domain;
}

const driver = resolve("build/domains/drivers/nvme.wasm");

/** The system with another file as its driver's module. */
function withDriver(bytes: Uint8Array): string {
  const path = join(folder, "driver.wasm");
  writeFileSync(path, bytes);
  return manifestWith((manifest) => {
    domainOf(manifest as unknown as Manifest, 0).module = path;
  });
}

const fresh = (): string => join(folder, `never-${Math.round(performance.now() * 1000)}.img`);

for (const [what, change, code] of [
  ["truncated", (bytes: Buffer) => bytes.subarray(0, bytes.length - 7), /signature-wrong|module-malformed/],
  ["altered", (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === bytes.length - 9 ? byte ^ 1 : byte))), /signature-wrong/],
  ["appended to", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0, 2, 1, 0x78])]), /signature-wrong/],
  ["no module at all", () => Buffer.from("hello"), /module-malformed|signature/],
] as const) {
  bad(`bad input: a module that is ${what} is refused by name`, () => {
    const target = fresh();
    const ended = sumac(withDriver(change(readFileSync(driver))), "--input", input, "--image", target);
    refuses(ended, code.exec(ended.stderr)?.[0] ?? "none", "driver.wasm");
    assert.not.ok(existsSync(target) || existsSync(`${target}.partial`));
  });
}

bad("bad input: an unsigned module runs only when it is named", () => {
  const unsigned = join(folder, "unsigned.wasm");
  execFileSync(process.execPath, [MAIN, "build", resolve("domains-as/drivers/nvme"), "--no-sign", "-o", unsigned]);
  const system = withDriver(readFileSync(unsigned));
  refuses(sumac(system, "--input", input, "--image", fresh()), "signature-missing", "driver.wasm");
  const named = sumac(system, "--json", "--input", input, "--image", fresh(), "--unsigned", join(folder, "driver.wasm"));
  assert.is(named.code, 0, named.stderr);
  assert.is(JSON.parse(lastLine(named.stdout)).domains[0].signer, "unsigned");
});

bad("bad input: a module signed by somebody else is refused", () => {
  const key = join(folder, "stranger.pem");
  execFileSync(process.execPath, [MAIN, "keygen", "--out", key]);
  const signed = join(folder, "stranger.wasm");
  execFileSync(process.execPath, [MAIN, "sign", driver, "--key", key, "-o", signed]);
  refuses(sumac(withDriver(readFileSync(signed)), "--input", input, "--image", fresh()), "signature-wrong", "driver.wasm");
});

for (const [what, change, code, ...pieces] of [
  ["an unknown field", (m: Manifest) => Object.assign(m, { domians: [] }), "manifest-invalid", "/domians", "unknown field"],
  [
    "an unknown nested field",
    (m: Manifest) => Object.assign(domainOf(m, 1).limits, { memory: 3 }),
    "manifest-invalid",
    "/domains/1/limits/memory",
  ],
  [
    "a wrong type",
    (m: Manifest) => Object.assign(domainOf(m, 0).limits, { heapBytes: "much" }),
    "manifest-invalid",
    "/domains/0/limits/heapBytes",
  ],
  [
    "a grant of a domain that comes later",
    (m: Manifest) => Object.assign(domainOf(m, 1).grants, { "sumac:block/bdev@0.1.0": { domain: "copier" } }),
    "manifest-invalid",
    "/domains/1/grants",
    "copier",
  ],
  [
    "a missing grant",
    (m: Manifest) => delete domainOf(m, 1).grants["sumac:block/bdev@0.1.0"],
    "import-not-granted",
    "disk-shadow",
    "sumac:block/bdev@0.1.0",
  ],
  [
    "a module that does not exist",
    (m: Manifest) => Object.assign(domainOf(m, 2), { module: "/nowhere/copier.wasm" }),
    "file-missing",
    "/nowhere/copier.wasm",
    "copier",
  ],
  [
    "a PCI function that is not there",
    (m: Manifest) => Object.assign(domainOf(m, 0).grants, { "sumac:device/mmio@0.1.0": { pci: "02:00:00" } }),
    "manifest-invalid",
    "nvme-driver",
    "no PCI function matches 02:00:00",
    "class 010802",
  ],
  [
    "an interface that nobody exports",
    (m: Manifest) => Object.assign(m, { main: { domain: "copier", interface: "a:b/c", method: "run" } }),
    "interface-mismatch",
    "a:b/c",
  ],
] as const) {
  bad(`bad input: a manifest with ${what} names the place`, () => {
    const path = manifestWith((manifest) => {
      change(manifest as unknown as Manifest);
    });
    refuses(sumac(path, "--input", input, "--image", fresh()), code, ...pieces);
  });
}

bad("bad input: a manifest that is missing, no JSON, or a folder", () => {
  refuses(sumac(join(folder, "none.json")), "file-missing", "none.json");
  writeFileSync(join(folder, "broken.json"), '{ "name": ');
  refuses(sumac(join(folder, "broken.json")), "manifest-invalid", "broken.json", "JSON");
  refuses(sumac(folder), "file-unreadable", folder);
});

bad("bad input: an input that is missing, a folder, or the image itself", () => {
  refuses(sumac(SYSTEM, "--input", join(folder, "nothing"), "--image", fresh()), "file-missing", "nothing");
  refuses(sumac(SYSTEM, "--input", folder, "--image", fresh()), "input-unreadable", folder);
  refuses(sumac(SYSTEM, "--input", input, "--image", input), "image-not-writable", "input.bin");
});

bad("bad input: an image that is too small, a folder, or in a folder that does not exist", () => {
  const small = join(folder, "small.img");
  writeFileSync(small, Buffer.alloc(4096, 7));
  refuses(sumac(SYSTEM, "--input", input, "--image", small), "image-too-small", "small.img", "truncate");
  assert.equal(readFileSync(small), Buffer.alloc(4096, 7));
  refuses(sumac(SYSTEM, "--input", input, "--image", folder), "image-not-writable", folder);
  refuses(sumac(SYSTEM, "--input", input, "--image", join(folder, "no", "disk.img")), "image-not-writable", "disk.img");
});

bad("bad input: an image that may not be written (skipped as root, who may write anything)", () => {
  if (process.getuid?.() === 0) return;
  const readOnly = join(folder, "read-only.img");
  copyFileSync(input, readOnly);
  chmodSync(readOnly, 0o444);
  refuses(sumac(SYSTEM, "--input", input, "--image", readOnly), "image-not-writable", "read-only.img");
});

bad("bad input: an input that shrinks while it is read is reported, and no image is kept", async () => {
  const shrinking = join(folder, "shrinking.bin");
  writeFileSync(shrinking, Buffer.alloc(200_000_000));
  const target = fresh();
  const child = spawn(process.execPath, [MAIN, "run", SYSTEM, "--input", shrinking, "--image", target, "--kill-every", "0"]);
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += chunk));
  child.stdout.once("data", () => truncateSync(shrinking, 1_000_000));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  refuses({ code, stdout: "", stderr }, "input-shrank", "shrinking.bin");
  assert.not.ok(existsSync(target) || existsSync(`${target}.partial`));
});

bad("bad input: --verbose adds the stack trace that is otherwise left out", () => {
  const { stderr } = sumac(join(folder, "none.json"), "--verbose");
  assert.match(stderr, /\n\s+at /);
});

bad.after(() => rmSync(folder, { recursive: true, force: true }));
bad.run();
