/** Every way to fail to start, as a program and a manifest meet it: one error that says which domain and why, and nothing is left. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KernelEvent } from "../../host/kernel/events.ts";
import { boot, SumacError } from "../../host/sumac.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { BAD_BIRTHS, BIRTH_LIMITS } from "../support/bad-births.ts";
import { domain, type Parts } from "../support/domain.ts";
import { type TestDomain, withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { id } from "../support/world.ts";

const test = suite("bad births");
const folder = mkdtempSync(join(tmpdir(), "sumac-births-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function bytesOf({ wat: text, world }: TestDomain): Promise<Uint8Array> {
  return withWorld(await wat(text), world);
}

async function caught(promise: Promise<unknown>): Promise<SumacError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, SumacError);
  return error as SumacError;
}

const CALL = id("call");
const SOUND: Parts = { exports: { call: "(i32.const 7)" } };
/** A callee that never returns, for an `init` that calls it. */
const HANGING: Parts = { exports: { call: "(loop $l (br $l)) unreachable" } };
const CALLER: Parts = {
  imports: { call: { kind: "host", bind: () => ({}) } },
  init: "(drop (call $new)) (drop (call $call (i32.const 0)))",
};

test("a program whose load fails, in every way, reads why, and has the name and the heap as before", async () => {
  const system = await boot();
  const deaths: string[] = [];
  system.on((event) => {
    if (event.kind === "death") deaths.push(`${event.death.domain}#${event.death.generation}`);
  });
  const load = async (name: string, parts: Parts, grants = {}): Promise<void> =>
    await system.load(name, await bytesOf(domain(name, parts)), { allowUnsigned: true, limits: BIRTH_LIMITS, grants });
  for (const [name, [parts, expected]] of Object.entries(BAD_BIRTHS)) {
    const error = await caught(load("born", parts));
    assert.is(error.code, "domain-failed-to-start", name);
    assert.match(error.message, expected, name);
    assert.match(error.message, /^domain born /, name);
    assert.equal(system.domains(), [], name);
    assert.throws(() => system.export("born", CALL), /no domain "born"/);
  }
  assert.is(deaths.length, Object.keys(BAD_BIRTHS).length);
  assert.is((await caught(load("born", CALLER))).code, "import-not-granted");
  await system.load("hanging", await bytesOf(domain("hanging", HANGING)), { allowUnsigned: true, limits: { callBudgetMs: 100 } });
  const error = await caught(load("born", CALLER, { [CALL]: "hanging" }));
  assert.match(error.message, /: deadline: /);
  await load("born", SOUND);
  assert.equal(system.export("born", CALL).run?.(0), { ok: true, value: 7 });
  await system.stop();
});

test("a manifest with a domain that fails to start, in every way, does not boot, and what was before it ends", async () => {
  const write = async (name: string, parts: Parts): Promise<string> => {
    const file = join(folder, `${name}.wasm`);
    writeFileSync(file, await bytesOf(domain(name, parts)));
    return file;
  };
  const unsigned = [await write("sound", SOUND), await write("hanging", HANGING), await write("bad", SOUND)];
  const limits = BIRTH_LIMITS;
  const bootWith = async (grants: object = {}): Promise<[SumacError, KernelEvent[]]> => {
    const domains = [
      { name: "sound", module: "sound.wasm" },
      { name: "hanging", module: "hanging.wasm", limits: { callBudgetMs: 100 } },
      { name: "bad", module: "bad.wasm", limits, grants, supervision: {} },
    ];
    const path = join(folder, "system.json");
    writeFileSync(path, JSON.stringify({ name: "bad", domains }));
    const events: KernelEvent[] = [];
    const error = await caught(bootManifest(path, { trusted: [], unsigned, onEvent: (event) => void events.push(event) }));
    return [error, events];
  };
  for (const [name, [parts, expected]] of Object.entries(BAD_BIRTHS)) {
    await write("bad", parts);
    const [error, events] = await bootWith();
    assert.is(error.code, "domain-failed-to-start", name);
    assert.match(error.message, expected, name);
    const bad = events.flatMap((event) => (event.kind === "state" && event.domain === "bad" ? [event.state] : []));
    assert.equal(bad, ["created", "starting", "dying", "dead"], name);
  }
  await write("bad", CALLER);
  assert.match((await bootWith())[0].message, /imports test:api\/call@0\.1\.0, which nothing grants/);
  assert.match((await bootWith({ [CALL]: { domain: "hanging" } }))[0].message, /: deadline: /);
  assert.match((await bootWith({ [CALL]: { domain: "hanging", rebind: true } }))[0].message, /: deadline: /);
});

test.run();
