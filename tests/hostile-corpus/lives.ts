/** Domains that try to take something over from one life to the next, or to live for ever: D8 to D12. */
import { setTimeout as sleep } from "node:timers/promises";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { attempt, call, domain, type Parts } from "../support/domain.ts";
import { calls, host, type TestSystem } from "../support/system.ts";
import { type HostileCase, scene } from "./case.ts";

/** Kills and starts again: what it started from, or why it did not. */
function again(t: TestSystem, seat: Seat): string {
  if (seat.current !== undefined) t.system.kernel.kill(seat.current, "for the test");
  const birth = createDomain(t.system.kernel, seat);
  return birth.ok ? birth.domain.startedFrom : birth.error.cause;
}

async function anew(t: TestSystem, parts: Parts): Promise<string> {
  const seat = await t.add(domain("evil", parts));
  return `${again(t, seat)}, ${attempt(t, "evil", "call", 0)}`;
}

const MORTAL: Parts = { exports: { call: "(if (i32.eqz (local.get $n)) (then unreachable)) (local.get $n)" } };
const STATUS = "(call $status (i32.const 0))";
const GROUPS = { groups: { doomed: { intensity: 2, periodMs: 60_000, firstWaitMs: 0, restart: "temporary" } } } as const;
const PATIENCE_MS = 5000;

/** Waits until everybody runs again. */
async function calm(t: TestSystem): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end && t.system.domains().some(({ state }) => state !== "running")) await sleep(2);
}

export const LIVES: readonly HostileCase[] = [
  scene("D8", "keeps the address of an object in its snapshot, for its next life", "snapshot, trap evil#2", (t) =>
    anew(t, {
      guard: ["load32", "store32"],
      init: "(i32.store (i32.const 0) (call $new)) (call $store32 (i32.load (i32.const 0)) (i32.const 7))",
      recover: "",
      exports: { call: "(call $load32 (i32.load (i32.const 0)))" },
    }),
  ),
  scene("D9", "fails whenever it recovers", "trap, init, ok 5", async (t) => {
    const seat = await t.add(
      domain("evil", {
        init: "(i32.store (i32.const 0) (i32.const 5))",
        recover: "(i32.store (i32.const 0) (i32.const 6)) (drop (call $new)) unreachable",
        exports: { call: "(i32.load (i32.const 0))" },
      }),
    );
    return `${again(t, seat)}, ${again(t, seat)}, ${attempt(t, "evil", "call", 0)}`;
  }),
  scene("D10", "takes a dead domain's name, to be called in its place", "ok 7", async (t) => {
    const mortal = await t.add(domain("mortal", MORTAL));
    await t.add(
      domain("caller", {
        imports: { call: calls(mortal) },
        guard: ["status"],
        exports: { call: `(drop (call $call (i32.const 1))) ${STATUS}` },
      }),
    );
    t.system.destroy("mortal");
    await t.add(domain("mortal", { exports: { call: "(i32.const 666)" } }));
    return attempt(t, "caller", "call", 0);
  }),
  scene(
    "D11",
    "dies again and again, to be started for ever",
    "dead evil#3",
    async (t) => {
      await t.add(domain("evil", MORTAL));
      t.system.supervise("evil", { group: "doomed" });
      for (let i = 0; i < 5; i++) attempt(t, "evil", "call", 0);
      return attempt(t, "evil", "call", 1);
    },
    GROUPS,
  ),
  scene(
    "D12",
    "uses up the depth of calls, and has its callee restarted there",
    "ok 1",
    async (t) => {
      const mortal = await t.add(domain("mortal", MORTAL));
      t.system.supervise("mortal", {});
      await t.add(
        domain("bottom", {
          imports: { call: { kind: "domain", seat: mortal, rebind: true } },
          exports: { call: "(call $call (local.get $n))" },
        }),
      );
      let depth = 250;
      const run = (): number => {
        const deeper = depth-- > 0 ? call(t, "evil", "circle", 0) : call(t, "bottom", "call", 0);
        return deeper.ok ? 1 : 0;
      };
      await t.add(
        domain("evil", { imports: { count: host({ run }) }, exports: { circle: "(drop (call $count (i32.const 0))) (i32.const 1)" } }),
      );
      attempt(t, "evil", "circle", 0);
      await calm(t);
      return attempt(t, "bottom", "call", 1);
    },
    { intensity: 100, firstWaitMs: 0 },
  ),
];
