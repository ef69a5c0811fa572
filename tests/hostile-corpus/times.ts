/** Domains that want more CPU time than they have in a window: T7. */
import { createDomain } from "../../host/kernel/life/birth.ts";
import { attempt, domain, type Parts } from "../support/domain.ts";
import { host, type TestSystem } from "../support/system.ts";
import { type HostileCase, scene } from "./case.ts";

/** So much that a busy machine does not make a single short call too long; the window does not end while a scene is played. */
const LIMITS = { cpuBudgetMs: 120, cpuWindowMs: 60_000, callBudgetMs: 0 } as const;
const PATIENCE_MS = 30_000;
const WORK =
  "(func $work (local $w i32) (local.set $w (i32.const 500000)) (loop $l (br_if $l (local.tee $w (i32.sub (local.get $w) (i32.const 1))))))";

/** Calls with 1, 2, 3, … until something else than `ok` comes of it that `isEnd` accepts. */
function until(t: TestSystem, isEnd: (got: string) => boolean): string {
  const end = performance.now() + PATIENCE_MS;
  for (let n = 1; performance.now() < end; n++) {
    const got = attempt(t, "evil", "call", n);
    if (!got.startsWith("ok") && isEnd(got)) return got;
  }
  return "had as much as it wanted";
}

function working(name: string, expected: string, parts: Parts): HostileCase {
  return scene("T7", name, expected, async (t) => {
    await t.add(domain("evil", { ...parts, limits: LIMITS }));
    return until(t, () => true);
  });
}

/** Microseconds of the host's clock. */
const clock = host({ run: () => (performance.now() * 1000) | 0 });

export const TIMES: readonly HostileCase[] = [
  working("works without end, in calls that are all short", "throttled evil#1", {
    code: WORK,
    exports: { call: "(call $work) (local.get $n)" },
  }),
  working("works without end in one call, when its time is used up", "deadline evil#1", {
    exports: { call: "(loop $l (br $l)) unreachable" },
  }),
  working("has a clock, and returns before the next sample would come", "throttled evil#1", {
    imports: { quick: clock },
    exports: {
      call: `(local $began i32) (local.set $began (call $quick (i32.const 0)))
        (loop $l (br_if $l (i32.lt_u (i32.sub (call $quick (i32.const 0)) (local.get $began)) (i32.const 180)))) (local.get $n)`,
    },
  }),
  scene("T7", "dies before its time is used up, to have it anew in its next life", "throttled", async (t) => {
    const exports = {
      call: "(call $work) (if (i32.eqz (i32.rem_u (local.get $n) (i32.const 10))) (then unreachable)) (local.get $n)",
    };
    const seat = await t.add(domain("evil", { code: WORK, exports, limits: LIMITS }));
    const got = until(t, (each) => {
      if (each.startsWith("trap")) createDomain(t.system.kernel, seat);
      return !each.startsWith("trap");
    });
    return got.split(" ")[0] ?? "";
  }),
];
