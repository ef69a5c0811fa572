/** Systems and modules to explain, made of text: nothing is compiled. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { ModuleFacts, ModuleState } from "../../host/explain/module.ts";
import { parseWit, readWorldSection, resolveWorld, type WitFile } from "../../host/idl/idl.ts";
import { type Manifest, parseManifest } from "../../host/system/manifest.ts";

const HASH = "0123456789abcdef".repeat(4);

/** Facts of a module whose world is this text. */
export function facts(world: string, overrides: Partial<ModuleFacts> = {}): ModuleFacts {
  return {
    bytes: 1000,
    codeBytes: 600,
    hash: HASH,
    signature: { kind: "signed", signer: "dev" },
    memories: [{ imported: false, minimum: 1, maximum: undefined, shared: false }],
    world: readWorldSection(world),
    ...overrides,
  };
}

/** The interfaces that ship with Sumac; those of other packages are made up. */
const SHIPPED: readonly WitFile[] = globSync(join(import.meta.dirname, "..", "..", "interfaces", "*.wit")).map((file) =>
  parseWit(readFileSync(file, "utf8"), file),
);

/** A world of interfaces by id, such as `sumac:block/bdev@0.1.0`; those that are made up have this one function each. */
export function worldOf(imports: readonly string[], exports: readonly string[], body = "run: func();"): string {
  const madeUp = [...new Set([...imports, ...exports])].filter((id) => !id.startsWith("sumac:"));
  const packages = Map.groupBy(madeUp, (id) => id.replace(/\/.*@/, "@"));
  const text = [
    "package test:domain@0.1.0;",
    `world domain { ${[...imports.map((id) => `import ${id};`), ...exports.map((id) => `export ${id};`)].join(" ")} }`,
    ...[...packages].map(
      ([name, ids]) => `package ${name} { ${ids.map((id) => `interface ${/\/(.*)@/.exec(id)?.[1]} { ${body} }`).join(" ")} }`,
    ),
  ].join("\n");
  return resolveWorld([parseWit(text, "world.wit"), ...SHIPPED], "domain").text;
}

export function module(world: string, overrides: Partial<ModuleFacts> = {}): ModuleState {
  return { kind: "read", facts: facts(world, overrides) };
}

/** Modules that import what their domain is granted and export what others are granted of it. */
export function modulesFor(manifest: Manifest): Map<string, ModuleState> {
  return new Map(
    manifest.domains.map(({ name, grants = {} }) => {
      const given = manifest.domains.flatMap((user) =>
        Object.entries(user.grants ?? {}).flatMap(([id, grant]) => (grant.domain === name ? [id] : [])),
      );
      return [name, module(worldOf(Object.keys(grants), [...new Set(given)]))];
    }),
  );
}

export function manifest(value: object): Manifest {
  return parseManifest(JSON.stringify(value), "made-up.json");
}

const BLOCK = "sumac:block/bdev@0.1.0";
const SUPERVISOR = "sumac:kernel/supervisor@0.1.0";

/** left and right both hold the driver, top holds both; guardian may restart the driver and hold nothing else. */
export const DIAMOND: Manifest = manifest({
  name: "diamond",
  files: { secret: { path: "/etc/secret" } },
  devices: { first: { model: "nvme", megabytes: 16 }, second: { model: "nvme", image: "second.img" }, plain: { model: "disk" } },
  domains: [
    { name: "driver", module: "driver.wasm", grants: { "sumac:device/mmio@0.1.0": { pci: "1af4:10f1" } } },
    { name: "left", module: "left.wasm", grants: { [BLOCK]: { domain: "driver" } }, limits: { memoryPages: 3 } },
    {
      name: "right",
      module: "right.wasm",
      grants: { [BLOCK]: { domain: "driver" }, "sumac:device/mmio@0.1.0": { pci: "01:08:02" }, "sumac:io/file@0.1.0": { file: "secret" } },
    },
    { name: "guardian", module: "guardian.wasm", grants: { [SUPERVISOR]: { supervise: "driver" } } },
    {
      name: "top",
      module: "top.wasm",
      grants: { "test:parts/a@0.1.0": { domain: "left" }, "test:parts/b@0.1.0": { domain: "right" } },
    },
  ],
});

/** Compares with a file in golden/; run with UPDATE_GOLDEN=1 after a wanted change. */
export function golden(name: string, text: string): void {
  const file = join(import.meta.dirname, "golden", name);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);
  assert.fixture(text, readFileSync(file, "utf8"), name);
}
