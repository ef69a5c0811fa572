/** Blobs in a manifest: booted, explained, and refused where they do not fit. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildGraph } from "../../host/explain/graph.ts";
import { ReachIndex } from "../../host/explain/reach.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { parseManifest } from "../../host/system/manifest.ts";
import { CREATOR, CREATOR_IMPORTS, creatorWorld, MESSAGE, Messages } from "../support/creators.ts";
import { outcome } from "../support/domain.ts";
import { CALL, client, QUICK, worldText } from "../support/handle-domains.ts";
import { type TestDomain, withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";

const test = suite("blobs");

/** Traps on its third call. */
const DRIVER: Pick<TestDomain, "world" | "wat"> = {
  world: worldText(`import ${QUICK}; export ${CALL};`),
  wat: `(module (import "${QUICK}" "run" (func $quick (param i32) (result i32))) (global $calls (mut i32) (i32.const 0))
    (func (export "${CALL}#run") (param $n i32) (result i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1))) (if (i32.eq (global.get $calls) (i32.const 3)) (then unreachable))
      (i32.add (local.get $n) (call $quick (i32.const 0)))))`,
};

function shadow(): Pick<TestDomain, "world" | "wat"> {
  const m = new Messages();
  const make = `(if (i32.ne (call $open ${m.string("driver")}) (i32.const 64)) (then unreachable))
    (if (i32.ne (call $create (call $result (i32.const 0)) ${m.create([QUICK]).text}) (i32.const 64)) (then unreachable))
    (global.set $created (call $result (i32.const 0)))
    (if (i32.ne (call $bind (global.get $created) ${m.string(CALL)}) (i32.const 64)) (then unreachable))`;
  return {
    world: creatorWorld(`import ${CREATOR}; import ${CALL}; export ${QUICK};`),
    wat: `(module ${CREATOR_IMPORTS} (import "${CALL}" "run" (func $call (param i32) (result i32)))
      ${m.memory} ${MESSAGE} (global $created (mut i32) (i32.const 0)) (func $make ${make})
      (func (export "${QUICK}#run") (param $n i32) (result i32) (local $r i32)
        (if (i32.eqz (global.get $created)) (then (call $make)))
        (local.set $r (call $call (local.get $n)))
        (if (call $status (i32.const 0)) (then (call $dropCreated (global.get $created)) (call $make) (return (call $call (local.get $n)))))
        (local.get $r)))`,
  };
}

const MANIFEST = {
  name: "shadowed",
  domains: [
    { name: "leaf", module: "leaf.wasm" },
    {
      name: "shadow",
      module: "shadow.wasm",
      grants: { [CREATOR]: { host: "creator" }, [CALL]: { created: "driver" }, [QUICK]: { domain: "leaf" } },
      blobs: { driver: { module: "driver.wasm", limits: { memoryPages: 2 } } },
    },
  ],
};

test("a system whose shadow makes its driver of a blob boots from its manifest, and outlives its drivers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-blobs-"));
  try {
    const unsigned: string[] = [];
    for (const [name, { world, wat: text }] of Object.entries({
      leaf: client("leaf", { quick: "(i32.const 7)" }),
      shadow: shadow(),
      driver: DRIVER,
    })) {
      const file = join(folder, `${name}.wasm`);
      writeFileSync(file, withWorld(await wat(text), world));
      unsigned.push(file);
    }
    const file = join(folder, "system.json");
    writeFileSync(file, JSON.stringify(MANIFEST));
    const deaths: string[] = [];
    const booted = await bootManifest(file, {
      trusted: [],
      unsigned,
      onEvent: (event) => event.kind === "death" && deaths.push(`${event.death.domain}#${event.death.generation}`),
    });
    const { run } = booted.system.export("shadow", QUICK);
    assert.ok(run !== undefined);
    for (let i = 0; i < 9; i++) assert.is(outcome(run(i)), `ok ${i + 7}`);
    assert.equal(deaths, ["shadow/driver#1", "shadow/driver#2", "shadow/driver#3", "shadow/driver#4"]);
    await booted.finish(true);
    assert.is(booted.system.liveObjects(), 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("what is made of a blob reaches no more than its creator: the graph shows both", () => {
  const graph = buildGraph(parseManifest(JSON.stringify(MANIFEST), "shadowed.json"), new Map());
  const edges = graph.edges.map(({ from, to, interface: id }) => `${from} → ${to} ${id}`);
  for (const edge of [
    `domain:shadow → blob:shadow/driver ${CREATOR}`,
    `domain:shadow → blob:shadow/driver ${CALL}`,
    `blob:shadow/driver → domain:leaf ${QUICK}`,
    `domain:shadow → host:creator ${CREATOR}`,
  ]) {
    assert.ok(edges.includes(edge), `${edge} is not among ${edges.join(", ")}`);
  }
  assert.is(graph.edges.filter(({ from }) => from === "blob:shadow/driver").length, 1);
  const reached = new ReachIndex(graph).all().map(({ domain, target }) => `${domain} ${target}`);
  assert.equal(reached, ["shadow blob:shadow/driver", "shadow domain:leaf", "shadow host:creator"]);
});

test("a grant of a blob that the row does not have is refused with its place", () => {
  const [leaf, row] = MANIFEST.domains;
  const broken = { ...MANIFEST, domains: [leaf, { ...row, blobs: {} }] };
  assert.throws(
    () => parseManifest(JSON.stringify(broken), "s.json"),
    /grants\/test:caps\/call@0\.1\.0: no blob of this domain "driver" here/,
  );
});

test.run();
