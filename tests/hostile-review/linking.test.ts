/** What an importer writes into its own world must not change what the other side means. */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { InputFile } from "../../host/backends/input-file.ts";
import { parseWit, resolveWorld } from "../../host/idl/idl.ts";
import { IMPLEMENTED } from "../../host/kernel/implemented.ts";
import { fileProvider } from "../../host/system/host-providers.ts";
import { GRANULES } from "../../shared-heap/layout.ts";
import { calls, testSystem } from "../support/system.ts";

const FILE = "sumac:io/file@0.1.0";

test("a world that makes a number of a moved object is not linked to the host's file", async () => {
  const { system, add, end } = await testSystem();
  const file = {
    size: 4096,
    readAt(_offset: number, into: Uint8Array) {
      into.fill(0x41);
      return "ok" as const;
    },
  } as unknown as InputFile;
  const refused = add({
    name: "thief",
    world: `package t:t@0.1.0; world w { import ${FILE}; export t:api/go@0.1.0; }
      package t:api@0.1.0 { interface go { run: func(at: u32) -> u32; } }
      package sumac:io@0.1.0 { interface file { read-at: func(offset: u64, into: u32) -> u32; } }`,
    wat: `(module (import "${FILE}" "read-at" (func $read (param i32 i32 i32) (result i32)))
      (func (export "t:api/go@0.1.0#run") (param i32) (result i32) (call $read (i32.const 0) (i32.const 0) (local.get 0))))`,
    grants: { [FILE]: fileProvider(system.kernel, file) },
  });
  await refused.then(
    () => assert.unreachable("it was linked"),
    (error) => {
      assert.is(error.code, "interface-mismatch");
      assert.match(error.message, /thief.*sumac:io\/file/);
    },
  );
  assert.is(system.kernel.heap.u8[GRANULES + 100], 0);
  await end();
});

test("an importer's @deadline is not the exporter's budget", async () => {
  const { system, add, end, events } = await testSystem();
  const world = (item: string, attribute: string): string => `package t:t@0.1.0; world w { ${item} }
    package t:api@0.1.0 { interface slow { ${attribute}
      run: func(turns: u32) -> u32; } interface go { run: func(turns: u32) -> u32; } }`;
  const service = await add({
    name: "service",
    world: world("export t:api/slow@0.1.0;", ""),
    wat: `(module (func (export "t:api/slow@0.1.0#run") (param $n i32) (result i32) (local $x i32)
      (loop $l (local.set $x (i32.xor (i32.mul (local.get $x) (i32.const 31)) (local.get $n)))
        (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.const 7)))`,
  });
  await add({
    name: "client",
    world: world("import t:api/slow@0.1.0; export t:api/go@0.1.0;", "/// @deadline 1us"),
    wat: `(module (import "t:api/slow@0.1.0" "run" (func $run (param i32) (result i32)))
      (func (export "t:api/go@0.1.0#run") (param i32) (result i32) (call $run (local.get 0))))`,
    grants: { "t:api/slow@0.1.0": calls(service) },
  });
  assert.equal(system.export("client", "t:api/go@0.1.0").run?.(30_000_000), { ok: true, value: 7 });
  assert.equal(
    events.filter(({ kind }) => kind === "death"),
    [],
  );
  await end();
});

test("the host implements the interfaces that interfaces/ describes", () => {
  const files = readdirSync("interfaces")
    .filter((name) => name.endsWith(".wit"))
    .map((name) => parseWit(readFileSync(`interfaces/${name}`, "utf8"), name));
  const imports = Object.keys(IMPLEMENTED).map((id) => `import ${id};`);
  const world = resolveWorld([...files, parseWit(`package t:t@0.1.0; world w { ${imports.join(" ")} }`, "world.wit")], "w");
  assert.equal(Object.fromEntries(world.imports.map(({ id, hash }) => [id, hash])), { ...IMPLEMENTED });
});

test.run();
