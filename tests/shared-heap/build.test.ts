/** The build of the trusted Wasm: golden text, shape of the modules, and how the debug guard comes about. */
import { readFileSync } from "node:fs";
import { print } from "@bytecodealliance/jco-transpile/wasm-tools";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compileSharedHeap, debugGuard, sectionIds } from "../../scripts/build-heap.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): Buffer => readFileSync(new URL(path, root));
const build = await compileSharedHeap();

test("compileSharedHeap: is deterministic and equals what build/ holds", async () => {
  const again = await compileSharedHeap();
  for (const [name, bytes] of [
    ["heap", again.heap],
    ["guard", again.guard],
    ["guard-debug", again.guardDebug],
  ] as const) {
    assert.is(Buffer.compare(bytes, read(`build/shared-heap/${name}.wasm`)), 0, name);
  }
  assert.is(Buffer.compare(build.heap, again.heap), 0);
});

test("golden: the committed text is that of the fresh build", async () => {
  assert.is(await print(build.heap), read("shared-heap/golden/heap.wat").toString());
  assert.is(await print(build.guard), read("shared-heap/golden/guard.wat").toString());
});

test("heap.wasm: no data, no table, no start, no call: every export is a leaf", async () => {
  const ids = sectionIds(build.heap);
  for (const id of [4, 8, 9, 11]) assert.not(ids.includes(id), `section ${id}`);
  const text = await print(build.heap);
  assert.not(/\bcall(_indirect|_ref)?\b/.test(text));
  assert.is((text.match(/^ {2}\(func /gm) ?? []).length, (text.match(/^ {2}\(export "[^"]*" \(func /gm) ?? []).length);
});

test("guard.wasm: exports in the agreed order, calls nothing but tick and itself, no loop and no call that returns in a scalar access", async () => {
  const names = WebAssembly.Module.exports(new WebAssembly.Module(build.guard as Uint8Array<ArrayBuffer>)).map(({ name }) => name);
  assert.is(
    names.join(" "),
    "load8 load16 load32 load64 loadv128 store8 store16 store32 store64 storev128 copyIn copyOut copyShared fill sizeOf typeOf child status result setResult bulkCopy bulkFill",
  );
  const text = await print(build.guard);
  const scalars = text.split(/^ {2}\(func /m).filter((body) => /^\$(load|store)/.test(body));
  assert.is(scalars.length, 10);
  for (const body of scalars) {
    assert.not(/\b(call_indirect|loop|br_if|br)\b/.test(body), body);
    // In an inner loop of a domain, a call that came back would keep V8 from unrolling it.
    assert.is(body.match(/\bcall \$denied\n\s*unreachable\b/g)?.length, body.match(/\bcall\b/g)?.length, body);
  }
});

test("debugGuard: replaces exactly the marked lines by a trap on the same bits", () => {
  const source = read("shared-heap/guard/guard.wat").toString();
  const [release, debug] = [source.split("\n"), debugGuard(source).split("\n")];
  assert.is(debug.length, release.length);
  const changed = release.flatMap((line, i) => (line === debug[i] ? [] : [[line, debug[i]]]));
  assert.is(changed.length, 9);
  for (const [line = "", replacement = ""] of changed) {
    const width = Number(/i32\.const -(\d+)\)\)\) ;; @align (\d+)$/.exec(line)?.[1]);
    assert.ok(line.endsWith(`@align ${width}`) && replacement.includes(`(i32.const ${width - 1})`), line);
  }
});

test.run();
