/** `sumac run --heap-report FILE`: who had what after each death and at the end, with names, in sums that add up. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { NamedHeapReport } from "../../host/system/heap-report.ts";

type Line = NamedHeapReport & { readonly when: string; readonly domain?: string; readonly deaths?: number };

const folder = mkdtempSync(join(tmpdir(), "sumac-heap-report-"));
const input = join(folder, "input.bin");
writeFileSync(input, Buffer.alloc(3_000_000, 7));

function run(...options: string[]): { readonly status: number | null; readonly stderr: string } {
  const paths = ["--input", input, "--image", join(folder, "disk.img")];
  const args = [resolve("host/cli/main.ts"), "run", resolve("systems/copy.json"), ...paths, "--seed", "3", ...options];
  return spawnSync(process.execPath, args, { encoding: "utf8" });
}

const test = suite("heap report");

test("run --heap-report: a line per death and one at the end, each with owners and types by name and sums that add up", () => {
  const file = join(folder, "heap.jsonl");
  const { status, stderr } = run("--kill-every", "0.5", "--heap-report", file);
  assert.is(status, 0, stderr);
  const lines = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
  const end = lines.at(-1);
  assert.is(end?.when, "end");
  assert.ok(lines.length > 4, `${lines.length} lines`);
  assert.is(end?.deaths, lines.length - 1);
  for (const line of lines) {
    if (line !== end) assert.equal([line.when, line.domain], ["death", "nvme-driver"]);
    // The dead own nothing: whoever is named lives, or is the kernel.
    for (const { id, objects, bytes, types } of line.domains) {
      assert.match(line.owners[id] ?? "", /^(kernel|(copier|disk-shadow|nvme-driver)#\d+)$/);
      assert.is(
        types.reduce((sum, type) => sum + type.objects, 0),
        objects,
      );
      for (const { type } of types) assert.match(line.typeNames[type] ?? "", /^(sumac:|the kernel's own)/);
      assert.is(
        types.reduce((sum, type) => sum + type.bytes, 0),
        bytes,
      );
    }
    assert.ok(line.domains.some(({ id }) => line.owners[id] === "copier#1"));
    assert.ok(line.oldest !== undefined && line.oldest.birth <= line.births);
  }
  // Some death found the copier's block lent to the shadow that waited for the driver.
  const lent = lines.flatMap(({ borrows, owners }) =>
    borrows.lent.flatMap((each) => each.readers.map((reader) => `${owners[each.owner]} to ${owners[reader.id]}`)),
  );
  assert.ok(lent.includes("copier#1 to disk-shadow#1"), lent.join(", "));
});

test("run --heap-report: a file that cannot be written is refused before anything runs", () => {
  const { status, stderr } = run("--heap-report", join(folder, "no-such-folder", "heap.jsonl"));
  assert.is(status, 2);
  assert.match(stderr, /--heap-report .*no-such-folder.*cannot be written \(ENOENT\): name another file/);
});

test.after(() => rmSync(folder, { recursive: true }));

test.run();
