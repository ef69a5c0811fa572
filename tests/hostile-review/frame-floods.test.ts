/** Frames from another CPU that never end: whoever waits for a third party's answer meanwhile gives up when it is time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attendQueues } from "../../host/kernel/cpus/shared-queues.ts";
import { RecordWord } from "../../host/kernel/words.ts";
import { attempt, domain, outcome, type Parts } from "../support/domain.ts";
import { calls, testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("floods of frames between CPUs");
const SPIN = "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))";
const patient: Parts = { limits: { callBudgetMs: 20_000 } };

test("a request that nobody has begun to serve is taken back at its caller's deadline, however much comes meanwhile", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const { kernel } = t.system;
  let looks = 0;
  if (kernel.cpus === undefined) throw new Error("the system has several CPUs");
  attendQueues(kernel.cpus.cpu, {
    share: new SharedArrayBuffer(0),
    ring: () => {},
    hasArrivals: true,
    deadlineMicros: Number.POSITIVE_INFINITY,
    attend: () => looks++,
  });
  const back = await t.add({
    ...domain("back", { ...patient, exports: { call: `${SPIN} (i32.const 5)`, take: "(call $drop (local.get $b))" } }),
    cpu: 1,
  });
  await t.add(
    domain("front", {
      ...patient,
      kernel: ["deadline"],
      imports: { take: calls(back) },
      guard: ["status"],
      exports: { call: "(call $deadline (i32.const 3000)) (call $take (call $new)) (call $status (i32.const 0))" },
    }),
  );
  const { run } = t.system.exportUnwaited("back", id("call"));
  const other = run?.(300_000_000).then(outcome);
  const entered = (): number => kernel.i32[(kernel.occupant(back)?.record ?? 0) + RecordWord.entered] ?? 0;
  while (entered() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.is(attempt(t, "front", "call", 1), "ok 8");
  assert.is.not(entered(), 0, "it was given up before the callee was free");
  assert.ok(looks > 0);
  assert.is(await other, "ok 5");
  await t.end();
});

test.run();
