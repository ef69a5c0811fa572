/** `sumac run --trace`: the trace of a whole job that recovers from deaths. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { endOf, isWithin, readTrace } from "../support/trace.ts";
import { lastJson, sumac } from "./support.ts";

const root: string = mkdtempSync(join(tmpdir(), "sumac-trace-"));
const input: string = join(root, "input");
writeFileSync(input, Buffer.alloc(400_000, 7));

const COPY: readonly string[] = [
  ...["run", resolve("systems/copy.json"), "--json", "--input", input, "--image", join(root, "image")],
  ...["--kill-every", "0.2", "--seed", "7", "--trust", resolve(".sumac/dev-key.pub.pem")],
];

test.after(() => rmSync(root, { recursive: true, force: true }));

test("run --trace: every recovered death of a copy shows the shadow's call going on", () => {
  const file = join(root, "trace.json");
  const summary = lastJson<{ ok: boolean; recovered: number }>(sumac(root, ...COPY, "--trace", file));
  assert.is(summary.ok, true);
  assert.ok(summary.recovered >= 2);
  const { events, tracks, slices } = readTrace(readFileSync(file, "utf8"));
  const driver = tracks.get("nvme-driver");
  const shadow = tracks.get("disk-shadow");
  const calls = [...slices("sumac:block/bdev@0.1.0#write"), ...slices("sumac:block/bdev@0.1.0#read")];
  const repeats = calls.filter(({ tid, args }) => tid === driver && args?.repeats !== undefined);
  assert.ok(repeats.length >= 2, `${repeats.length} repeated calls`);
  for (const repeat of repeats) {
    const outer = calls.find((call) => call.tid === shadow && isWithin(repeat, call));
    assert.ok(outer, "the shadow's call");
    assert.is(outer.args?.outcome, "returned");
    const start = events.find(({ ph, id }) => ph === "s" && id === repeat.args?.repeats);
    const broken = calls.find((call) => call.tid === driver && start && call.ts <= start.ts && start.ts <= endOf(call));
    assert.ok(broken && isWithin(broken, outer));
    assert.ok(endOf(broken) <= repeat.ts);
  }
  assert.ok(events.some(({ name }) => name === "move block"));
  assert.ok(events.some(({ name }) => name === "borrow block"));
});

test("run --trace: a file that cannot be written is refused before anything runs", () => {
  const { status, stderr, stdout } = sumac(root, ...COPY, "--trace", join(root, "none", "trace.json"));
  assert.is(status, 2);
  assert.match(stderr, /^sumac: file-unreadable: --trace .*none.* cannot be written \(ENOENT\): name another file\n$/);
  assert.match(stdout, /^\{"ok":false/);
});

test.run();
