/**
 * Builds and signs every domain of the tree: each folder below domains-as/ that holds a world.wit becomes
 * build/domains/<same path>.wasm. Called by `npm run build:domains`. A domain whose inputs, signing key and module are
 * what they were after the last build is left alone, so that a second `npm start` is quick; `--force` builds all.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDomain } from "../host/build/build.ts";
import { packageRoot, readDomainFolder } from "../host/build/domain-folder.ts";
import { readText, writeWhole } from "../host/build/files.ts";
import { printError } from "../host/cli/output.ts";
import { developmentKey } from "../host/loader/keys.ts";
import type { SigningKey } from "../host/loader/signing.ts";
import { SUMAC_VERSION } from "../host/version.ts";

const ROOT: string = packageRoot();
const SOURCES: string = join(ROOT, "domains-as");
const OUTPUT: string = join(ROOT, "build", "domains");
/** What every domain depends on: library, interfaces, compiler options, and the code that turns one into the other. */
const COMMON_INPUTS: readonly string[] = [
  "domains-as/lib",
  "interfaces",
  "asconfig.json",
  "host/build",
  "host/idl",
  "host/loader",
  "host/errors.ts",
  "node_modules/assemblyscript/package.json",
];

async function main(force: boolean): Promise<void> {
  const key = await developmentKey(ROOT);
  const common = await hashOf(
    COMMON_INPUTS.map((path) => join(ROOT, path)),
    createHash("sha256").update(key.publicKey).update(SUMAC_VERSION).digest(),
  );
  for (const name of await domainNames()) await buildOne(name, key, common, force);
}

async function buildOne(name: string, key: SigningKey, common: Buffer, force: boolean): Promise<void> {
  const folder = join(SOURCES, name);
  const module = join(OUTPUT, `${name}.wasm`);
  const stampFile = join(OUTPUT, `${name}.stamp`);
  // Hashed before the build: a source that changes meanwhile makes the stamp stale, not wrong.
  const { settings } = await readDomainFolder(folder);
  const inputs = await hashOf([folder, ...(settings.variantOf === undefined ? [] : [join(folder, settings.variantOf)])], common);
  const stamp = async (): Promise<string> => `${(await hashOf([module], inputs)).toString("hex")}\n`;
  if (!force && existsSync(module) && (await readText(stampFile)) === (await stamp())) return;
  const started = performance.now();
  const built = await buildDomain(folder, key);
  await writeWhole(module, built.wasm);
  await writeWhole(stampFile, await stamp());
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`build/domains/${name}.wasm  ${built.wasm.length} bytes  ${built.world}  ${seconds} s`);
}

/** `drivers/disk`, `shadows/disk`, …, sorted. */
async function domainNames(): Promise<string[]> {
  const names = await readdir(SOURCES, { recursive: true });
  return names
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith("/world.wit") && !/(^|\/)(lib|gen|node_modules)\//.test(name))
    .map((name) => name.slice(0, -"/world.wit".length))
    .sort();
}

/** SHA-256 over names and contents of files and folders; generated code is an output, not an input. */
async function hashOf(paths: readonly string[], seed: Buffer): Promise<Buffer> {
  const hash = createHash("sha256").update(seed);
  for (const path of paths) {
    const inside = await filesBelow(path);
    for (const name of inside) {
      const content = await readFile(join(path, name));
      hash.update(`${name}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest();
}

/** Relative to `path`; for a file, the empty name. */
async function filesBelow(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
    return files.filter((name) => !name.split(/[\\/]/).includes("gen")).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return [""];
    throw error;
  }
}

try {
  await main(process.argv.includes("--force"));
} catch (error) {
  process.exitCode = printError(error, { verbose: process.argv.includes("--verbose"), json: false });
}
