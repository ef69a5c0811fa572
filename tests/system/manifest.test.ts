/** What a manifest may say of grants. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SumacError } from "../../host/errors.ts";
import { type Grant, type Manifest, parseManifest } from "../../host/system/manifest.ts";

const test = suite("manifest");

function withGrant(grant: unknown): Manifest {
  const domains = [
    { name: "driver", module: "driver.wasm" },
    { name: "shadow", module: "shadow.wasm", grants: { "a:b/c": grant } },
  ];
  return parseManifest(JSON.stringify({ name: "m", domains }), "m.json");
}

test("parseManifest: the right to restart comes with numbers for its patience, which may be left out", () => {
  const grants: readonly Grant[] = [
    { supervise: "driver" },
    { supervise: "driver", retry: {} },
    { supervise: "driver", retry: { tries: 3, firstWaitMs: 0.5, mostWaitMs: 20, patienceMs: 100 } },
  ];
  for (const grant of grants) assert.equal(withGrant(grant).domains[1]?.grants?.["a:b/c"], grant);
});

test("parseManifest: a grant has one provider, and patience belongs to restarts only", () => {
  for (const [grant, message] of [
    [{ supervise: "driver", domain: "driver" }, /\/domains\/1\/grants\/a:b\/c: names supervise and domain: an interface has one provider/],
    [{ domain: "driver", retry: {} }, /\/domains\/1\/grants/],
    [{ retry: {} }, /\/domains\/1\/grants/],
    [{ supervise: "driver", retry: { tries: -1 } }, /\/retry\/tries/],
    [{ supervise: "driver", retry: { trials: 1 } }, /\/retry\/trials: unknown field/],
  ] as const) {
    assert.throws(
      () => withGrant(grant),
      (error: SumacError) => {
        assert.is(error.code, "manifest-invalid");
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test("parseManifest: CPU time is in whole milliseconds, in windows of ten of them at least", () => {
  const withLimits = (limits: unknown): Manifest =>
    parseManifest(JSON.stringify({ name: "m", domains: [{ name: "driver", module: "driver.wasm", limits }] }), "m.json");
  for (const limits of [{ cpuBudgetMs: 0 }, { cpuBudgetMs: 1, cpuWindowMs: 10 }, { cpuBudgetMs: 60_000, cpuWindowMs: 60_000 }]) {
    assert.equal(withLimits(limits).domains[0]?.limits, limits);
  }
  for (const limits of [{ cpuBudgetMs: -1 }, { cpuBudgetMs: 0.5 }, { cpuBudgetMs: 60_001 }, { cpuWindowMs: 9 }, { cpuWindowMs: 60_001 }]) {
    assert.throws(
      () => withLimits(limits),
      (error: SumacError) => error.code === "manifest-invalid" && error.message.includes(`/limits/${Object.keys(limits)[0]}`),
    );
  }
});

test.run();
