/**
 * Five domains, a shadow among them, each of which dies where and how the host says when it asks:
 *
 *     host → client → app → shadow → driver
 *                       └→ store
 *
 * A call gives 2n + 2 for n. On its way an object is lent down to the driver, and another one moves into the store.
 */
import type { Provider } from "../../../host/kernel/provider.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { Cause } from "../../../host/kernel/status.ts";
import { domain, type Parts } from "../../support/domain.ts";
import { calls, host, restarts, type TestSystem } from "../../support/system.ts";

export const VICTIMS = ["driver", "shadow", "store", "app", "client"] as const;
export type Victim = (typeof VICTIMS)[number];

export const CAUSES = ["trap", "deadline", "killed", "quota", "stack", "guard"] as const;
export type DeathCause = (typeof CAUSES)[number];

/** Where in its work a domain asks. */
export const PLACES = 2;

/** What the shadow may do in one call. */
export const SHADOW_TRIES = 3;

/** A client that is given this does not call again, and answers 1000 + the status that it read. */
export const NO_RETRY = 0x10000;

/** Only the first two are waited for: a deadline of the others takes as long as theirs. */
export const BUDGETS_MS: Readonly<Record<Victim, number>> = { driver: 5, store: 5, shadow: 100, app: 300, client: 1000 };

/** `$die` asks the host, with the place, how to die: 0 lives, else the number of a cause. 3 has been killed and need only return. */
const DIE = `
  (global $sink (mut i32) (i32.const 0))
  (func $deeper (param $n i32) (call $deeper (i32.add (local.get $n) (i32.const 1))) (global.set $sink (local.get $n)))
  (func $die (param $place i32) (local $how i32)
    (local.set $how (call $quick (local.get $place)))
    (if (i32.eqz (local.get $how)) (then (return)))
    (if (i32.eq (local.get $how) (i32.const 2)) (then (loop $l (br $l))))
    (if (i32.eq (local.get $how) (i32.const 4)) (then
      (loop $l (br_if $l (call $new))) (call $panic (i32.const 2) (i32.const 0) (i32.const 0))))
    (if (i32.eq (local.get $how) (i32.const 5)) (then (call $deeper (i32.const 0))))
    (if (i32.eq (local.get $how) (i32.const 6)) (then (drop (call $load32 (i32.const 0x400000)))))
    unreachable)`;

const FAILED = "(call $status (i32.const 0))";

/** With two CPUs: who is on the second. The host is on the first, so the others ask it through a domain there. */
const ELSEWHERE: ReadonlySet<Victim> = new Set(["driver", "store", "app"]);

/** Adds them in the order of creation, under supervision. @param ask what a domain is told when it asks */
export async function addDomains(t: TestSystem, ask: (victim: Victim, place: number) => number, cpus = 1): Promise<Record<Victim, Seat>> {
  const cpuOf = (victim: Victim): number => (ELSEWHERE.has(victim) ? cpus - 1 : 0);
  const asking = async (victim: Victim): Promise<Provider> => {
    const answers = host({ run: (place = 0) => ask(victim, place) });
    if (cpuOf(victim) === 0) return answers;
    const exports = { quick: "(call $quick (local.get $n))" };
    return calls(await t.add(domain(`asks-for-${victim}`, { imports: { quick: answers }, exports })));
  };
  const follows = (seat: Seat): Provider => ({ kind: "domain", seat, rebind: true });
  const add = async (victim: Victim, parts: Parts, group: string): Promise<Seat> => {
    const quick = await asking(victim);
    const seat = await t.add({
      ...domain(victim, {
        guard: ["status", "load32", "store32"],
        kernel: ["panic", "relay"],
        ...parts,
        imports: { quick, ...parts.imports },
        code: DIE,
        // Something of each generation, which must go with it.
        init: "(call $store32 (call $new) (i32.const 1))",
        limits: { callBudgetMs: BUDGETS_MS[victim], heapObjects: 16, memoryPages: 2 },
      }),
      cpu: cpuOf(victim),
    });
    t.system.supervise(victim, { group }, victim === "driver");
    return seat;
  };
  const driver = await add(
    "driver",
    {
      exports: {
        look: "(call $die (i32.const 0)) (local.set $b (call $load32 (local.get $b))) (call $die (i32.const 1)) (i32.add (local.get $b) (local.get $b))",
      },
    },
    "service",
  );
  const shadow = await add(
    "shadow",
    {
      imports: { look: calls(driver), restart: restarts(t, driver, { tries: SHADOW_TRIES, firstWaitMs: 0.1, mostWaitMs: 1 }) },
      exports: {
        look: `(local $r i32) (call $die (i32.const 0))
          (loop $again
            (local.set $r (call $look (local.get $b)))
            (if ${FAILED} (then
              (br_if $again (i32.eq (call $restart) (i32.const 64)))
              (call $relay) (return (i32.const 0)))))
          (call $die (i32.const 1)) (i32.add (local.get $r) (i32.const 1))`,
      },
    },
    "service",
  );
  const store = await add(
    "store",
    { exports: { take: "(call $die (i32.const 0)) (call $drop (local.get $b)) (call $die (i32.const 1))" } },
    "service",
  );
  const app = await add(
    "app",
    {
      imports: { look: follows(shadow), take: follows(store) },
      exports: {
        call: `(local $b i32) (local $r i32) (local $tries i32)
          (call $die (i32.const 0))
          (local.set $b (call $new)) (call $store32 (local.get $b) (local.get $n))
          (loop $again
            (local.set $r (call $look (local.get $b)))
            (if ${FAILED} (then (local.set $tries (i32.add (local.get $tries) (i32.const 1))) (br_if $again (i32.lt_u (local.get $tries) (i32.const 4))) unreachable)))
          (call $drop (local.get $b))
          (call $die (i32.const 1))
          (loop $again
            (local.set $b (call $new))
            (call $take (local.get $b))
            (if (i32.eq ${FAILED} (i32.const ${Cause.dead})) (then (call $drop (local.get $b))))
            (if ${FAILED} (then (local.set $tries (i32.add (local.get $tries) (i32.const 1))) (br_if $again (i32.lt_u (local.get $tries) (i32.const 4))) unreachable)))
          (i32.add (local.get $r) (i32.const 1))`,
      },
    },
    "front",
  );
  const client = await add(
    "client",
    {
      imports: { call: follows(app) },
      exports: {
        call: `(local $r i32) (local $tries i32)
          (call $die (i32.const 0))
          (loop $again
            (local.set $r (call $call (i32.and (local.get $n) (i32.const 0xffff))))
            (if ${FAILED} (then
              (if (i32.and (local.get $n) (i32.const ${NO_RETRY})) (then (return (i32.add (i32.const 1000) ${FAILED}))))
              (local.set $tries (i32.add (local.get $tries) (i32.const 1))) (br_if $again (i32.lt_u (local.get $tries) (i32.const 4))) unreachable)))
          (call $die (i32.const 1)) (local.get $r)`,
      },
    },
    "front",
  );
  return { driver, shadow, store, app, client };
}
