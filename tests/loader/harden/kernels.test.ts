/** Compiled AssemblyScript: the same results hardened, interrupted or not. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compileAs } from "../../support/compile-as.ts";
import { DATA_KERNEL_NAMES, DATA_KERNELS } from "../data-kernels.ts";
import { original, outcome, start } from "../hardened.ts";
import { KERNEL_NAMES, KERNELS } from "../kernels.ts";

const NAMES = [...KERNEL_NAMES, ...DATA_KERNEL_NAMES];
const SOURCE = `${KERNELS}${DATA_KERNELS}`;
const bytes = await compileAs(SOURCE, { flags: ["--noExportMemory"] });
const unsafe = await compileAs(SOURCE, { flags: ["--noExportMemory", "--noAssert", "-O3z", "--converge"] });
const imports = { kernel: { log() {}, panic() {} } };

for (const [how, module] of [
  ["for speed", bytes],
  ["for size", unsafe],
] as const) {
  const before = original(module, imports);
  const after = start(module, imports);
  for (const name of NAMES) {
    test(`harden: the kernel ${name}, compiled ${how}, returns what it returned before`, () => {
      assert.is(after.call[name]?.(), before[name]?.());
      assert.is(after.ticks(), 0);
    });
  }
}

test("harden: kernels go on when the verdict is to live, and the interrupt word was looked at often", () => {
  const before = original(bytes, imports);
  const after = start(bytes, imports);
  after.interrupt(0);
  for (const name of NAMES) {
    const ticks = after.ticks();
    assert.is(after.call[name]?.(), before[name]?.(), name);
    assert.ok(after.ticks() - ticks > 20, `${name} asked only ${after.ticks() - ticks} times`);
  }
});

test("harden: every kernel dies at its first safepoint when the verdict is to die", () => {
  const after = start(bytes, imports);
  after.interrupt(1);
  for (const [i, name] of NAMES.entries()) {
    assert.is(
      outcome(() => after.call[name]?.() ?? 0),
      "unreachable",
      name,
    );
    assert.is(after.ticks(), i + 1, name);
  }
});

test.run();
