/**
 * Adding a domain is one folder plus one manifest row: a project that copies to a disk gets a domain that asks the same disk how
 * large it is. Every command is the CLI's, and no other file of the project changes.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lastJson, type Run, sumac } from "../cli/support.ts";

const TREE = join(import.meta.dirname, "..", "..");

/** The folder: a world and its implementation. */
const WORLD = `package acme:gauge@0.1.0;
world gauge {
  import sumac:block/bdev@0.1.0;
  export init: func();
}
`;
const INDEX = `import { log } from "sumac/log";
import { bdev } from "./gen/bdev";

export function init(): void {
  log("the disk has " + bdev.identify().blocks.toString() + " blocks");
}
`;

/** The row. */
const ROW = {
  name: "gauge",
  module: "../build/domains/apps/gauge.wasm",
  grants: { "sumac:block/bdev@0.1.0": { domain: "disk-shadow" } },
};

const root = mkdtempSync(join(tmpdir(), "sumac-grow-"));
const manifest = join(root, "systems/copy-disk.json");
test.after(() => rmSync(root, { recursive: true, force: true }));

/** A project of a manifest and three modules, signed by its own development key. */
test.before(() => {
  cpSync(join(TREE, "systems/copy-disk.json"), manifest);
  for (const name of ["drivers/disk", "shadows/bdev", "apps/copier"]) {
    const module = `build/domains/${name}.wasm`;
    mkdirSync(join(root, module, ".."), { recursive: true });
    cpSync(join(TREE, module), join(root, module));
  }
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(join(root, "input"), new Uint8Array(3 * 4096));
  for (const name of ["drivers/disk", "shadows/bdev", "apps/copier"]) done(sumac(root, "sign", `build/domains/${name}.wasm`));
});

function done(run: Run): Run {
  assert.is(run.status, 0, run.stdout + run.stderr);
  return run;
}

function runSystem(): Run {
  return done(sumac(root, "run", "systems/copy-disk.json", "--input", "input", "--image", "image", "--kill-every", "0"));
}

/** Every file with the hash of its content. */
function files(): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [path.slice(root.length + 1), createHash("sha256").update(readFileSync(path)).digest("hex")]));
}

test("one folder and one manifest row add a domain to a system, and nothing else is touched", () => {
  assert.not.match(runSystem().stdout, /the disk has/);
  const before = files();

  const folder = join(root, "domains-as/apps/gauge");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "world.wit"), WORLD);
  writeFileSync(join(folder, "index.ts"), INDEX);
  done(sumac(root, "build", "domains-as/apps/gauge"));

  const system = JSON.parse(readFileSync(manifest, "utf8")) as { domains: object[] };
  system.domains.push(ROW);
  writeFileSync(manifest, JSON.stringify(system));

  const { stdout } = runSystem();
  assert.match(stdout, /gauge.*the disk has \d+ blocks/);
  const { domains } = lastJson<{ domains: { name: string; exports: string[] }[] }>(
    sumac(root, "explain", "systems/copy-disk.json", "--json"),
  );
  assert.ok(domains.some(({ name }) => name === "gauge"));

  const after = files();
  const touched = [...after].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name);
  const own = touched.filter((name) => !name.startsWith("domains-as/apps/gauge/gen/"));
  assert.equal(own, [
    "build/domains/apps/gauge.wasm",
    "domains-as/apps/gauge/index.ts",
    "domains-as/apps/gauge/world.wit",
    "systems/copy-disk.json",
  ]);
  assert.equal(
    [...before.keys()].filter((name) => !after.has(name)),
    [],
  );
});

test.run();
