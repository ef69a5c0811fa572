/** Births and ends where something is in the way: no call left for `init`, a system that is stopped meanwhile. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REG } from "../../devices/disk/registers.ts";
import { MAX_DEPTH } from "../../host/kernel/words.ts";
import { Resources } from "../../host/system/resources.ts";
import { attempt, domain } from "../support/domain.ts";
import { PlainDma } from "../support/plain-dma.ts";
import { calls, host, restarts, testSystem } from "../support/system.ts";

const test = suite("hostile review: lives");

test("a restart where the chain of calls is full is no birth: nobody runs without its start function and init", async () => {
  const t = await testSystem();
  const mortal = await t.add(
    domain("mortal", {
      code: "(global $began (mut i32) (i32.const 0))",
      start: "(global.set $began (i32.const 1))",
      init: "(global.set $began (i32.add (global.get $began) (i32.const 2)))",
      exports: { call: "(global.get $began)" },
    }),
  );
  // `circle` goes on through the host, to itself, until the chain is as long as it was asked to be; then it restarts.
  const deeper = host({ run: (n = 0) => (attempt(t, "holder", "circle", n - 1) === "ok 64" ? 64 : 0) });
  await t.add(
    domain("holder", {
      imports: { call: calls(mortal), quick: deeper, restart: restarts(t, mortal, { tries: 1 }) },
      exports: { circle: "(if (result i32) (local.get $n) (then (call $quick (local.get $n))) (else (call $restart)))" },
    }),
  );
  assert.is(attempt(t, "mortal", "call", 0), "ok 3");
  assert.is(attempt(t, "holder", "circle", MAX_DEPTH - 2), "ok 64", "one call is left: enough for a birth");
  assert.is(attempt(t, "mortal", "call", 0), "ok 3");
  assert.is(attempt(t, "holder", "circle", MAX_DEPTH - 1), "ok 0", "none is left");
  assert.match(attempt(t, "mortal", "call", 0), /^dead mortal#3$/);
  assert.is(attempt(t, "holder", "circle", 0), "ok 64");
  assert.is(attempt(t, "mortal", "call", 0), "ok 3");
  await t.end();
});

test("a domain whose init has the host stop the system does not outlive it", async () => {
  const t = await testSystem();
  let stopped: Promise<void> | undefined;
  const stop = host({
    run: () => {
      stopped = t.system.stop();
      return 0;
    },
  });
  const last = domain("last", { imports: { quick: stop }, init: "(drop (call $new)) (drop (call $quick (i32.const 0)))" });
  const error: unknown = await t.add(last).catch((thrown: unknown) => thrown);
  assert.match(String(error), /killed: failed to start: the system was stopped/);
  assert.equal(t.system.domains(), []);
  await stopped;
  await t.end();
});

test("where one image cannot be kept, those after it are dropped, not left open and half-made", () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-"));
  try {
    const device = (image: string): { model: "disk"; image: string; megabytes: number } => ({ model: "disk", image, megabytes: 1 });
    const devices = { one: device("one.img"), two: device("two.img") };
    const resources = new Resources({ name: "two images", devices, domains: [] }, join(folder, "system.json"), {});
    resources.open();
    rmSync(join(folder, "one.img.partial"));
    assert.throws(() => resources.close(true), /one\.img/);
    assert.not(existsSync(join(folder, "two.img")));
    assert.not(existsSync(join(folder, "two.img.partial")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a disk in memory is as large as its manifest says", () => {
  const resources = new Resources({ name: "large", devices: { d: { model: "disk", megabytes: 2048 } }, domains: [] }, "system.json", {});
  resources.open();
  const disk = resources.models.get("d");
  disk?.start(new PlainDma(0));
  assert.is(disk?.read32(REG.capacityLow), 2048 * 256);
  resources.close(false);
});

test.run();
