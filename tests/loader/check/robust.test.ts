/** Any bytes at all: `check` accepts or throws a SumacError, and what it accepts can be hardened and passes the audit. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../../host/errors.ts";
import { EVERYTHING } from "../everything.ts";
import { hardenAndAudit } from "../hardened.ts";
import { checked } from "../module-bytes.ts";
import { Random } from "../random-program.ts";

/** @returns the error's code, or "accepted" if the module was accepted, hardened and audited. */
function fate(module: Uint8Array): string {
  let found: ReturnType<typeof checked>;
  try {
    found = checked(module);
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    assert.match(error.message, /^module: byte offset 0x[0-9a-f]+: [^\n]+; [^\n]+$/);
    assert.ok(error.code === "module-malformed" || error.code === "module-refused", error.code);
    return error.code;
  }
  hardenAndAudit(found);
  return "accepted";
}

test("check: a module that uses everything is accepted", () => {
  assert.is(fate(EVERYTHING), "accepted");
});

test("check: a module cut off anywhere is malformed, unless what is left is a whole module", () => {
  for (let length = 0; length < EVERYTHING.length; length++) {
    const cut = EVERYTHING.slice(0, length);
    assert.is(fate(cut), WebAssembly.validate(cut) ? "accepted" : "module-malformed", `cut at ${length}`);
  }
});

test("check: a module with a byte left out or doubled anywhere is no surprise", () => {
  for (let at = 0; at < EVERYTHING.length; at++) {
    fate(Uint8Array.from([...EVERYTHING.subarray(0, at), ...EVERYTHING.subarray(at + 1)]));
    fate(Uint8Array.from([...EVERYTHING.subarray(0, at + 1), ...EVERYTHING.subarray(at)]));
  }
});

test("check: random bytes in a module are no surprise", () => {
  const random = new Random(2024);
  const fates = new Map<string, number>();
  for (let round = 0; round < 6000; round++) {
    const module = EVERYTHING.slice();
    for (let changes = random.below(3) + 1; changes > 0; changes--) {
      const at = random.below(module.length);
      module[at] = random.below(2) ? random.below(256) : (module[at] as number) ^ (1 << random.below(8));
    }
    const found = fate(module);
    fates.set(found, (fates.get(found) ?? 0) + 1);
  }
  // All three must come up often, or the test would say little.
  for (const [found, count] of fates) assert.ok(count > 100, `${found}: ${count}`);
  assert.is(fates.size, 3);
});

test("check: random bytes behind a header are no surprise", () => {
  const random = new Random(7);
  for (let round = 0; round < 3000; round++) {
    const module = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
    module.set([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00].slice(0, module.length));
    // Half of them announce sections that exist.
    if (module.length > 9 && random.below(2)) module[8] = random.below(14);
    fate(module);
  }
});

test.run();
