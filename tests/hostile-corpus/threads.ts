/** Modules that misuse threads and interrupts: N1 to N5. */
import { deviceProviders } from "../../host/kernel/device-grant.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import type { TestSystem } from "../support/system.ts";
import { addThreadDomain, FOREVER, START, type ThreadDomain } from "../support/thread-domains.ts";
import { type HostileCase, scene } from "./case.ts";

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
];
