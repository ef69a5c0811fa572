/** Modules that misuse threads, interrupts and callers that wait: N1 to N7. */

import type { SumacError } from "../../host/errors.ts";
import { deviceProviders } from "../../host/kernel/device-grant.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, type TestSystem } from "../support/system.ts";
import { addThreadDomain, FOREVER, START, type ThreadDomain } from "../support/thread-domains.ts";
import { type HostileCase, said, scene } from "./case.ts";

const PARK = `(call $park (i32.const 0) ${FOREVER})`;

/** Calls it once, lets its threads run, and says what came of both. */
function played(rule: string, name: string, expected: string, evil: ThreadDomain): HostileCase {
  return scene(rule, name, expected, async (t: TestSystem) => {
    await addThreadDomain(t, "evil", evil);
    const called = attempt(t, "evil", "call", 0);
    const { threads } = t.system.kernel;
    await threads.run(200);
    for (let wait = threads.nextWakeMs(); wait !== undefined; wait = threads.nextWakeMs()) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      await threads.run(200);
    }
    const dead = deaths(t).join(", ");
    if (dead === "") t.system.kill("evil");
    await threads.unwound();
    return `${called}; ${dead || "lives"}; ${threads.list().length} threads, ${threads.stacks} stacks`;
  });
}

/** Lines of a device that raises nothing: 0 to 2 wait, mask and let through the line in the upper bits; 3 counts the spurious. */
function silent(t: TestSystem): Provider {
  const { irq } = deviceProviders(t.system.kernel, { start: () => {}, stop: () => {}, read32: () => 0, write32: () => {} });
  if (irq.kind !== "host") throw new Error("a device is the host's");
  return {
    kind: "host",
    bind(holder) {
      const { wait, mask, unmask, spurious } = irq.bind(holder);
      return { run: (word = 0) => [wait, mask, unmask, spurious][word & 3]?.(word >>> 2) ?? 0 };
    },
  };
}

/** Takes every line there is and many that there are not, from a call and from threads, which then stand in all the queues. */
const allLines = scene(
  "N5",
  "waits for every line of a device at once, and masks all of them",
  "ok 0; killed evil#1; 0 threads, 0 stacks, ok 42",
  async (t) => {
    const each = (what: number): string =>
      `(local.set $i (i32.const 0)) (loop $more (drop (call $call (i32.or (i32.shl (local.get $i) (i32.const 2)) (i32.const ${what})))) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $more (i32.lt_u (local.get $i) (i32.const 5000))))`;
    await t.add(domain("victim", { exports: { call: "(i32.const 42)" } }));
    await addThreadDomain(t, "evil", {
      run: "(drop (call $call (i32.shl (local.get $number) (i32.const 2)))) (i32.const 0)",
      call: `(local $i i32) ${each(1)} ${each(0)} ${each(2)} (drop ${START}) (drop ${START}) (call $call (i32.const 3))`,
      parts: { imports: { call: silent(t) } },
    });
    const called = attempt(t, "evil", "call", 0);
    const { threads } = t.system.kernel;
    await threads.run(200);
    t.system.kill("evil");
    await threads.unwound();
    return `${called}; ${deaths(t).join(", ")}; ${threads.list().length} threads, ${threads.stacks} stacks, ${attempt(t, "victim", "call", 0)}`;
  },
);

/** Is called with an object by an innocent, and says that its caller waits; the rest is `evil`'s. */
function served(name: string, expected: string, evil: Parts): HostileCase {
  return scene("N6", name, expected, async (t) => {
    const seat = await t.add(domain("evil", { kernel: ["queue-enter", "queue-wake"], limits: { heapObjects: 8 }, ...evil }));
    await t.add(
      domain("caller", {
        imports: { take: calls(seat) },
        guard: ["status", "load32"],
        exports: {
          call: `(local $b i32) (local.set $b (call $new)) (call $take (local.get $b))
            (if (i32.eqz (call $status (i32.const 0))) (then (return (i32.const 0))))
            (local.set $n (i32.add (i32.mul (call $status (i32.const 0)) (i32.const 100)) (call $status (i32.const 3))))
            (if (i32.eq (local.get $n) (i32.const 1314)) (then (drop (call $load32 (local.get $b))) (call $drop (local.get $b))))
            (local.get $n)`,
        },
      }),
    );
    const called = attempt(t, "caller", "call", 0);
    t.system.kill("caller");
    return `${called}; ${deaths(t).join(", ")}`;
  });
}

const ENTER = "(drop (call $queue-enter (i32.const 1)))";

export const THREADS: readonly HostileCase[] = [
  played("N1", "a call that waits", "trap evil#1; trap evil#1; 0 threads, 0 stacks", { run: "(i32.const 0)", call: PARK }),
  played("N2", "threads without end", "ok 4294967295; lives; 0 threads, 0 stacks", {
    run: PARK,
    call: "(local $i i32) (local $last i32) (loop $more (local.set $last (call $create (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0))) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $more (i32.lt_u (local.get $i) (i32.const 1000)))) (local.get $last)",
  }),
  played("N3", "a trap in one thread while others wait", "ok 1; trap evil#1; 0 threads, 0 stacks", {
    run: `(if (i32.eq (local.get $number) (i32.const 3)) (then unreachable)) ${PARK}`,
    call: "(drop (call $create (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0))) (drop (call $create (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0))) (drop (call $create (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0))) (i32.const 1)",
  }),
  played("N4", "a hook that never ends", "ok 1; deadline evil#1; 0 threads, 0 stacks", {
    run: "(call $park (i32.const 1) (i32.const 1000))",
    more: '(func (export "thread:save") (param i32) (result i32) (i32.const 1)) (func (export "thread:restore") (param i32) (loop $l (br $l)))',
  }),
  allLines,
  served("lets its caller wait, and keeps nothing of what it was given", "ok 1314; killed caller#1", { exports: { take: ENTER } }),
  served("drops what it was given, and lets its caller wait for that", "trap caller#1; trap caller#1", {
    exports: { take: `(call $drop (local.get $b)) ${ENTER}` },
  }),
  served("lets its caller wait in more queues than there are", "ok 100; trap evil#1, killed caller#1", {
    exports: {
      take: "(local $i i32) (loop $l (drop (call $queue-enter (local.get $i))) (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 5000))))",
    },
  }),
  served("lets its caller wait, and wakes him before he has gone", "ok 1314; killed caller#1", {
    exports: { take: `${ENTER} (drop (call $queue-wake (i32.const 1) (i32.const -1)))` },
  }),
  scene(
    "N7",
    "makes threads on CPUs that there are and that there are not, and has them wait for ever where they are",
    "ok 10; killed evil#1; evil@1 lives",
    async (t) => {
      const make =
        "(call $createOn (i32.rem_u (local.get $i) (i32.const 5)) (i32.const -1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))";
      const flood = `(local $i i32) (local $made i32)
        (loop $next (local.set $made (i32.add (local.get $made) (i32.gt_s ${make} (i32.const 0))))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))) (local.get $made)`;
      await addThreadDomain(t, "evil", { replicas: "per-cpu", run: `${PARK}`, call: flood });
      const called = attempt(t, "evil", "call", 0);
      await t.system.kernel.threads.run(200);
      t.system.kill("evil");
      await t.system.kernel.threads.unwound();
      const isThere = t.system.domains().some(({ name, alive }) => name === "evil@1" && alive);
      return `${called}; ${deaths(t).join()}; evil@1 ${isThere ? "lives" : "is dead"}`;
    },
    undefined,
    { cpus: 2 },
  ),
  scene("N6", "lets its own birth wait", "domain-failed-to-start: gave up its own birth", async (t) => {
    try {
      await t.add(domain("evil", { kernel: ["queue-enter"], init: ENTER }));
      return "lives";
    } catch (error) {
      return said("domain-failed-to-start: gave up its own birth", `${(error as SumacError).code}: ${(error as SumacError).message}`);
    }
  }),
  played("N6", "a thread that gives up a call which nobody has made", "ok 1; trap evil#1; 0 threads, 0 stacks", {
    run: "(call $enter (i32.const 1))",
    parts: { kernel: [] },
  }),
];
