/** systems/copy.json in this process: what its devices were doing when their driver died. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NvmeModel } from "../../devices/nvme/model.ts";
import type { KernelEvent } from "../../host/kernel/events.ts";
import type { HostResult } from "../../host/kernel/host/host-values.ts";
import type { Called } from "../../host/kernel/status.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { bootManifest } from "../../host/system/boot.ts";

test("systems/copy.json: drivers die with commands in flight, of every kind of death, and the copy is whole", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-copy-"));
  const input = join(folder, "input");
  writeFileSync(
    input,
    Uint8Array.from({ length: 12_000_000 }, (_, i) => (i * 31) >>> 3),
  );
  const inFlight: number[] = [];
  const { stop } = NvmeModel.prototype;
  NvmeModel.prototype.stop = function (this: NvmeModel) {
    inFlight.push(this.inFlight);
    stop.call(this);
  };
  try {
    const booted = await bootManifest("systems/copy.json", {
      parameters: { input, image: join(folder, "image") },
      trusted: await trustedKeys(projectRoot(process.cwd()), []),
      faultEveryMegabytes: 0.3,
      seed: 3,
    });
    const events: KernelEvent[] = [];
    /** Causes of the deaths that found a command in flight: the stop comes right before the death is told. */
    const causes = new Set<string>();
    booted.system.kernel.events.on((event) => {
      events.push(event);
      if (event.kind === "death" && (inFlight.at(-1) ?? 0) > 0) causes.add(event.death.cause);
    });
    const called = booted.system.export("copier", "sumac:job/copy@0.1.0").run?.() as Called<HostResult<number, string>>;
    assert.ok(called.ok && called.value.tag === "ok", JSON.stringify(called));
    if (called.ok) booted.system.kernel.heap.exports.free(Number(called.value.val));
    const died = events.filter(({ kind }) => kind === "death").length;
    assert.ok(died >= 40, `${died} deaths`);
    assert.is(events.filter(({ kind }) => kind === "recovered").length, died);
    assert.equal([...causes].filter((cause) => cause !== "quota").sort(), ["deadline", "killed", "trap"]);
    await booted.finish(true);
    assert.is(booted.system.liveObjects(), 0);
  } finally {
    NvmeModel.prototype.stop = stop;
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
