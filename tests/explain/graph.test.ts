/** The capability graph of a manifest: golden text, JSON and DOT, reach, problems, and names that want to do harm. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import { NvmeModel } from "../../devices/nvme/model.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { Loopback } from "../../host/backends/net/loopback.ts";
import { systemJson } from "../../host/cli/explain.ts";
import { graphDot } from "../../host/cli/explain-dot.ts";
import { systemLines } from "../../host/cli/explain-text.ts";
import { buildGraph } from "../../host/explain/graph.ts";
import { PCI_IDENTITIES } from "../../host/explain/pci.ts";
import { MANY, ReachIndex } from "../../host/explain/reach.ts";
import { type Manifest, parseManifest } from "../../host/system/manifest.ts";
import { parseDot } from "./dot.ts";
import { DIAMOND, golden, manifest, module, modulesFor, worldOf } from "./support.ts";

const test = suite("capability graph");

const COPY_FILE = join(import.meta.dirname, "..", "..", "systems", "copy.json");
const COPY = parseManifest(readFileSync(COPY_FILE, "utf8"), COPY_FILE);
const CONTROL = /[\p{Cc}\p{Cf}]/u;

function explained(system: Manifest, modules = modulesFor(system)): { text: string[]; json: string; dot: string } {
  const graph = buildGraph(system, modules);
  return {
    text: systemLines(system, graph),
    json: `${JSON.stringify(systemJson(system, graph), null, 2)}\n`,
    dot: graphDot(graph),
  };
}

for (const [name, system] of [
  ["copy", COPY],
  ["diamond", DIAMOND],
] as const) {
  test(`${name}: text, JSON and DOT as they were reviewed`, () => {
    const { text, json, dot } = explained(system);
    golden(`${name}.txt`, `${text.join("\n")}\n`);
    golden(`${name}.json`, json);
    golden(`${name}.dot`, `${dot}\n`);
  });
}

test("the order of keys and of independent domains changes nothing", () => {
  const [driver, left, right, guardian, top] = DIAMOND.domains;
  const reverse = <T>(values: Readonly<Record<string, T>> = {}): Record<string, T> => Object.fromEntries(Object.entries(values).reverse());
  const domains = [driver, guardian, right, left, top].map((domain) => ({ ...domain, grants: reverse(domain?.grants) }));
  // Devices keep their order: the first that is free is claimed first.
  assert.equal(explained(manifest({ ...DIAMOND, domains })), explained(DIAMOND));
});

test("reach: direct, through whom, and not through a restart", () => {
  const reach = new ReachIndex(buildGraph(DIAMOND, new Map())).all();
  const of = (domain: string) =>
    reach.filter((each) => each.domain === domain).map(({ target, direct, through }) => `${target}${direct ? " directly" : ""} ${through}`);
  assert.equal(of("guardian"), ["restart:driver directly "]);
  assert.equal(of("left"), ["device:first driver", "domain:driver directly ", 'pci:"1af4:10f1":first driver']);
  assert.ok(of("top").includes("domain:driver left,right"));
  assert.ok(of("top").includes("file:secret right"));
  assert.ok(of("right").includes("image:second.img directly "));
});

test("paths are counted where they cannot be listed", () => {
  const stages = Array.from({ length: 40 }, (_, i) => [`l${i}`, `r${i}`]);
  const domains = stages.flatMap((pair, i) =>
    pair.map((name) => {
      const [left, right] = stages[i - 1] ?? [];
      const grants = i === 0 ? { "a:b/c": { host: "clock" } } : { "a:b/l": { domain: left }, "a:b/r": { domain: right } };
      return { name, module: "m.wasm", grants };
    }),
  );
  const index = new ReachIndex(buildGraph(manifest({ name: "many", domains }), new Map()));
  const { paths, count } = index.pathsTo("host:clock", 3);
  assert.is(count, MANY);
  assert.is(paths.length, 3);
  assert.ok(paths.every((path) => path.length === 41));
});

test("a grant that is not imported, an import that is not granted, a provider that lacks or differs", () => {
  const system = manifest({
    name: "wrong",
    domains: [
      { name: "a", module: "a.wasm" },
      {
        name: "b",
        module: "b.wasm",
        grants: { "t:p/kept@0.1.0": { domain: "a" }, "t:p/other@0.1.0": { domain: "a" }, "t:p/idle@0.1.0": { host: "clock" } },
      },
      { name: "c", module: "c.wasm", grants: { "t:p/mmio@0.1.0": { pci: "ffff:0001" } } },
      { name: "d", module: "d.wasm", grants: { "t:p/mine@0.1.0": { host: "clock" } } },
    ],
  });
  const { domains } = buildGraph(
    system,
    new Map([
      ["a", module(worldOf([], ["t:p/kept@0.1.0"], "run: func(n: u32);"))],
      ["d", module(worldOf(["t:p/mine@0.1.0"], []))],
      ["b", module(worldOf(["t:p/kept@0.1.0", "t:p/other@0.1.0", "t:p/missing@0.1.0"], []))],
    ]),
  );
  const [, b, c, d] = domains;
  assert.match(
    b?.problems.join("\n") ?? "",
    /kept@0\.1\.0: differs from a's: .*missing@0\.1\.0: imported, and nothing grants it.*other@0\.1\.0: a does not export it/s,
  );
  assert.equal(
    b?.imports.map(({ interface: id, imported, provider }) => `${id} ${imported} ${provider}`),
    ["t:p/idle@0.1.0 false host:clock", "t:p/kept@0.1.0 true domain:a", "t:p/missing@0.1.0 true null", "t:p/other@0.1.0 true domain:a"],
  );
  assert.match(c?.problems.join("\n") ?? "", /no PCI function ffff:0001 is free/);
  assert.is(c?.exports, null);
  assert.match(d?.problems.join("\n") ?? "", /mine@0\.1\.0: differs from the host's sumac:device\/clock@0\.1\.0/);
});

test("the table of PCI identities is the models' own", () => {
  const { vendor, device, classCode } = new NvmeModel({ store: new MemoryStore(1) }).identity;
  assert.equal(PCI_IDENTITIES.nvme, { vendor, device, classCode });
  const card = new IxgbeModel({ wire: new Loopback() }).identity;
  assert.equal(PCI_IDENTITIES.ixgbe, { vendor: card.vendor, device: card.device, classCode: card.classCode });
});

test("hostile names in a manifest reach neither the terminal nor the syntax of DOT", () => {
  for (const evil of [
    'a"b',
    "a\nb",
    "a\\",
    'x"]; n0 -> n1; //',
    "\u001b[2J\u0007",
    "\u202egnp",
    "\u009b31m",
    "&quot;",
    "__proto__",
    "constructor",
    "<b>",
    "{a|b}",
  ]) {
    const system = manifest({
      name: "evil",
      parameters: { p: evil },
      files: { [evil]: { path: evil } },
      devices: { [evil]: { model: "nvme", image: evil } },
      domains: [
        { name: "a", module: evil, grants: { [`m${evil}`]: { pci: "01:08:02" } } },
        { name: "b", module: "b.wasm", grants: { [evil]: { file: evil }, [`${evil}2`]: { device: evil }, x: { domain: "a" } } },
      ],
      main: { domain: "b", interface: evil, method: evil },
      faults: { domain: "a", device: evil, everyMegabytes: 1 },
    });
    const { text, dot, json } = explained(system, new Map([["a", { kind: "unreadable", message: `at ${evil}` }]]));
    for (const line of text) assert.not.match(line, CONTROL);
    const { nodes, edges } = parseDot(dot);
    assert.is(nodes.size, 6, evil);
    assert.is(edges, 6, evil);
    assert.equal(
      (JSON.parse(json) as { domains: { name: string }[] }).domains.map(({ name }) => name),
      ["a", "b"],
    );
  }
});

test("two names that differ are two nodes", () => {
  const names = ["a", "a:b", '"a"', "a b"];
  const devices = Object.fromEntries(names.map((name) => [name, { model: "disk", image: name }]));
  const grants = Object.fromEntries(names.map((name) => [`x:y/${name}`, { device: name }]));
  assert.is(buildGraph(manifest({ name: "n", devices, domains: [{ name: "d", module: "m", grants }] }), new Map()).nodes.length, 9);
});

test.run();
