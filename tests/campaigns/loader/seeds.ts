/** The valid inputs that the campaign damages: small, and of every kind that its reader knows. Made anew, so nothing has to be built. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../../../host/loader/byte-reader.ts";
import { generateKey } from "../../../host/loader/key-format.ts";
import { customSection, HEADER } from "../../../host/loader/sections.ts";
import type { TrustedKey } from "../../../host/loader/signature.ts";
import { signDetached, signModule, splitModule } from "../../../host/loader/signing.ts";
import { EVERYTHING as MUTANTS } from "../../loader/audit-real.ts";
import { EVERYTHING } from "../../loader/everything.ts";
import { randomModule } from "../../loader/random-program.ts";
import { SPEC_HEADER, specKey, specSections } from "../../loader/signature-spec.ts";
import { wat } from "../../support/wat.ts";
import { world } from "../../support/world.ts";

const ROOT: string = join(import.meta.dirname, "../../..");
const INTERFACES: readonly string[] = ["block", "device", "io", "job", "kernel"];
const HASH: string = "0123456789abcdef".repeat(4);
const KEYS = 3;

export interface Seeds {
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
  readonly signed: readonly Uint8Array<ArrayBuffer>[];
  readonly signatures: readonly Uint8Array<ArrayBuffer>[];
  readonly trusted: readonly TrustedKey[];
  readonly publicKeys: readonly Uint8Array<ArrayBuffer>[];
  readonly privateKeys: readonly Uint8Array<ArrayBuffer>[];
  readonly texts: {
    readonly manifests: readonly string[];
    readonly policies: readonly string[];
    readonly keySets: readonly string[];
    readonly fingerprints: readonly string[];
    readonly wit: readonly string[];
    readonly worlds: readonly string[];
  };
}

export async function makeSeeds(): Promise<Seeds> {
  const keys = await Promise.all(Array.from({ length: KEYS }, (_, i) => specKey(i + 1)));
  const generated = await generateKey();
  const plain = Uint8Array.from([...SPEC_HEADER, ...specSections().running.flat()]);
  const cut = splitModule(plain);
  const [first, second] = keys as [(typeof keys)[number], (typeof keys)[number]];
  const both = await signModule(await signModule(cut, first), second, { add: true });
  const modules = [EVERYTHING, await wat(MUTANTS), await wat(randomModule(5, 100)), plain].map((bytes) => new Uint8Array(bytes));
  const compact = (key: Uint8Array): string => `01${toHex(key)}`;
  return {
    modules: [...modules, withWorld(plain)],
    signed: [await signModule(plain, first), both],
    signatures: [
      await signDetached(plain, first),
      await signDetached(cut, second),
      await signDetached(plain, first, { keyId: new Uint8Array() }),
    ],
    trusted: keys.map(({ publicKey }, i) => ({ name: `key ${i}`, publicKey })),
    publicKeys: [text(generated.publicPem), Uint8Array.of(0x01, ...first.publicKey)],
    privateKeys: [text(generated.privatePem), Uint8Array.of(0x81, ...new Uint8Array(32).fill(1), ...first.publicKey)],
    texts: {
      manifests: [...["copy", "copy-disk"].map((name) => readFileSync(join(ROOT, "systems", `${name}.json`), "utf8")), MANIFEST],
      policies: [POLICY],
      keySets: [keySet(keys.map(({ publicKey }) => compact(publicKey)))],
      fingerprints: [FINGERPRINT, JSON.stringify({ ...JSON.parse(FINGERPRINT), shadow: "a:b/c@0.1.0" })],
      wit: INTERFACES.map((name) => readFileSync(join(ROOT, "interfaces", `${name}.wit`), "utf8")),
      worlds: [world({ imports: ["call", "take"], exports: ["give", "attempt"], init: true }), world({ exports: ["prune"] })],
    },
  };
}

function withWorld(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const section = customSection("sumac:world", text("package a:b@0.1.0;\nworld w {\n}\n"));
  return Uint8Array.from([...HEADER, ...module.subarray(HEADER.length), ...section]);
}

function text(from: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(from);
}

/** The tree of a WIT file without where its parts stand. */
export function withoutPositions(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (name, value: unknown) => (name === "at" || name === "fileName" ? undefined : value)));
}

const POLICY: string = JSON.stringify({
  signers: [{ role: "author", count: 2 }, { holders: ["alice", "bob"] }],
  fingerprint: { compiler: ["assemblyscript 0.28.20"], flags: { with: ["noUnsafe=true"] }, interfaces: { "a:b/c@0.1.0": HASH } },
  harden: [1],
});
const MANIFEST: string = JSON.stringify({
  name: "everything",
  parameters: { image: "x.img" },
  heap: { megabytes: 32 },
  files: { source: { path: "a.txt" } },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a parameter of the manifest
  devices: { disk: { model: "disk", megabytes: 8, image: "${image}" } },
  supervision: { groups: { storage: { strategy: "one-for-all" }, inner: { parent: "storage" } } },
  domains: [
    {
      name: "driver",
      module: "driver.wasm",
      signature: "driver.sig",
      grants: { "sumac:device/mmio@0.1.0": { device: "disk" }, "sumac:device/clock@0.1.0": { host: "clock" } },
      limits: { memoryPages: 4, heapBytes: 65_536, heapObjects: 64, initBudgetMs: 500, callBudgetMs: 20, logLinesPerSecond: 5, handles: 3 },
      supervision: { restart: "transient", group: "inner" },
    },
    {
      name: "app",
      module: "app.wasm",
      blobs: { child: { module: "child.wasm", most: 2 } },
      grants: { "sumac:block/bdev@0.1.0": { domain: "driver", rebind: true }, "sumac:io/file@0.1.0": { file: "source" } },
    },
  ],
  main: { domain: "app", interface: "sumac:job/copy@0.1.0", method: "run" },
  faults: { domain: "driver", device: "disk", everyMegabytes: 4, kinds: ["trap"] },
});
const FINGERPRINT: string = JSON.stringify({
  version: 1,
  content: HASH,
  world: "a:b/w@0.1.0",
  interfaces: { "a:b/c@0.1.0": HASH, "a:b/d@0.1.0": HASH },
  imports: ["kernel#log", "a:b/c@0.1.0#run"],
  compiler: "assemblyscript 0.28.20",
  optimizer: "binaryen 131",
  flags: ["noUnsafe=true", "optimizeLevel=3"],
  sumac: "0.1.0",
  sources: { domain: HASH, library: HASH },
});

function keySet(keys: readonly string[]): string {
  return JSON.stringify({
    keys: keys.map((key, i) => ({
      name: `key-${i}`,
      public: key,
      holder: "alice",
      roles: ["author", "reviewer"],
      from: "2026-01-01",
      until: "2027-02-01T00:00:00Z",
      ...(i === 1 ? { revoked: "lost", id: "first", withdrawn: { [HASH]: "broken" } } : {}),
    })),
  });
}
