/** What a module must export before it is given threads: refused at load, with the reason, where it does not. */
import binaryen from "binaryen";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { THREAD_EXPORTS } from "../../host/loader/thread-exports.ts";
import { compileThreads } from "../kernel/threads/rig.ts";
import { addAs } from "../support/as-domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("exports for threads");
const CODE = "function idle(n: u32): i32 { return n; }";

/** The module as another runtime would have it. */
function without(module: Uint8Array, ...names: readonly string[]): Uint8Array<ArrayBuffer> {
  const made = binaryen.readBinary(module);
  made.setFeatures(binaryen.Features.MutableGlobals | binaryen.Features.SignExt | binaryen.Features.BulkMemory | binaryen.Features.SIMD128);
  for (const name of names) made.removeExport(name);
  const bytes = new Uint8Array(made.emitBinary());
  made.dispose();
  return bytes;
}

async function refusal(module: Uint8Array<ArrayBuffer>, threads: number): Promise<string> {
  const t = await testSystem();
  try {
    await addAs(t, { name: "maker", module, limits: { threads } });
    return "accepted";
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    return `${error.code}: ${error.message}`;
  } finally {
    await t.end();
  }
}

test("a runtime whose collector cannot see the stacks of threads that wait is refused more than one, with the reason and the remedy", async () => {
  const { save, restore } = THREAD_EXPORTS;
  const collected = await compileThreads(CODE, ["idle"], "collected");
  const blind = without(collected, save.name, restore.name);
  assert.is(
    await refusal(blind, 2),
    `module-refused: maker: cannot run more than one thread, of which limits.threads allows 2: its collector sees only the stack that runs, and it does not export "${save.name}" and "${restore.name}" to show it the others: import "sumac/thread" and build it again, or set limits.threads to 1`,
  );
  assert.is(await refusal(without(collected, restore.name), 2).then((text) => text.startsWith("module-refused: ")), true);
  assert.is(await refusal(blind, 1), "accepted");
  assert.is(await refusal(collected, 2), "accepted");
});

test("a runtime that frees nothing needs not show its stacks", async () => {
  const { save, restore } = THREAD_EXPORTS;
  const plain = await compileThreads(CODE, ["idle"], "plain");
  assert.is(await refusal(without(plain, save.name, restore.name), 100), "accepted");
});

test("a module that cannot run threads is refused any", async () => {
  const plain = await compileThreads(CODE, ["idle"], "plain");
  const told = await refusal(without(plain, ...Object.values(THREAD_EXPORTS).map(({ name }) => name)), 1);
  assert.match(told, /^module-refused: maker: cannot run threads, of which limits\.threads allows 1: it does not export /);
});

test.run();
