/** Chains over two CPUs: circles, calls that wait for each other, callers and callees that die in the middle, restarts, kills, the end. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Provider } from "../../../host/kernel/provider.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { RecordWord } from "../../../host/kernel/words.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";
import { auditHeap } from "../../../shared-heap/audit.ts";
import { attempt, call, deaths, domain, outcome, type Parts } from "../../support/domain.ts";
import { calls, type TestDomain, type TestSystem, testSystem } from "../../support/system.ts";
import { type InterfaceName, id } from "../../support/world.ts";

const test = suite("cpus: chains");

const on = (cpu: number, each: TestDomain): TestDomain => ({ ...each, cpu });
const STATUS = "(call $status (i32.const 0))";
const SPIN = "(loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))";
const patient: Parts = { limits: { callBudgetMs: 20_000 } };

/** A call that is not waited for. */
function begin(t: TestSystem, name: string, through: InterfaceName, ...args: number[]): Promise<string> {
  const { run } = t.system.exportUnwaited(name, id(through));
  if (run === undefined) throw new Error(`${name} has no ${through}`);
  return run(...args).then(outcome);
}

const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A call that was begun is being served. */
async function untilEntered(t: TestSystem, seat: Seat): Promise<void> {
  const { kernel } = t.system;
  while ((kernel.i32[(kernel.occupant(seat)?.record ?? 0) + RecordWord.entered] ?? 0) === 0) await turn(1);
}

/** `a` on CPU 0 and `b` on CPU 1 call each other: whoever is asked with n > 0 calls the other one with n - 1. */
async function mutual(kind: "call" | "circle"): Promise<TestSystem> {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2, supervision: { firstWaitMs: 0, intensity: 1000 } });
  const body = `(if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
    (local.set $n (call $${kind} (i32.sub (local.get $n) (i32.const 1))))
    (if ${STATUS} (then (call $relay) (return (i32.const 0)))) (i32.add (local.get $n) (i32.const 1))`;
  const parts: Parts = { guard: ["status"], kernel: ["relay"], exports: { [kind]: body }, ...patient };
  // The first generation of `a` calls nobody; the second is made to know `b`, which follows it.
  const first = await t.add(domain("a", { exports: { [kind]: "(i32.const 1)" } }));
  const second = await t.add(on(1, domain("b", { ...parts, imports: { [kind]: { kind: "domain", seat: first, rebind: true } } })));
  const knowing = await t.add({ ...domain("knowing", { ...parts, imports: { [kind]: calls(second) } }) });
  Object.assign(first, { spec: { ...knowing.spec, name: "a" } });
  t.system.destroy("knowing");
  t.system.supervise("a", {});
  t.system.kill("a");
  return t;
}

test("a circle over two CPUs is refused, and the error has the whole chain", async () => {
  const t = await mutual("call");
  const called = call(t, "a", "call", 2);
  assert.is(called.ok ? "" : called.error.cause, "gave-up");
  const details = called.ok ? [] : (called.error.chain ?? []).map(({ cause, detail }) => `${cause}: ${detail}`);
  assert.equal(details[0], "reentrant: test:api/call@0.1.0#run closes a circle: a → b → a");
  assert.equal(deaths(t), ["killed knowing#1", "killed a#1"]);
  await t.end();
});

test("a reentrant interface goes round over two CPUs, up to a bound that is an error", async () => {
  const t = await mutual("circle");
  assert.is(attempt(t, "a", "circle", 9), "ok 10");
  const deep = call(t, "a", "circle", 500);
  assert.is(deep.ok ? "" : deep.error.cause, "gave-up");
  const causes = deep.ok ? [] : (deep.error.chain ?? []).map(({ cause }) => cause);
  assert.is(causes[0], "depth");
  assert.is(attempt(t, "a", "circle", 9), "ok 10");
  await t.end();
});

test("a callee that is in somebody else's call is waited for", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const back = await t.add(on(1, domain("back", { ...patient, exports: { call: `${SPIN} (i32.const 5)` } })));
  await t.add(
    domain("front", {
      ...patient,
      imports: { call: calls(back) },
      guard: ["status"],
      exports: { quick: `(drop (call $call (local.get $n))) ${STATUS}`, call: `(drop (call $call (local.get $n))) ${STATUS}` },
    }),
  );
  const other = begin(t, "back", "call", 30_000_000);
  assert.is(attempt(t, "front", "call", 10), "ok 0");
  assert.is(await other, "ok 5");
  await t.end();
});

test("two calls that wait for each other's callee do not wait for ever: one of them is refused", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const one = await t.add(domain("one", { ...patient, exports: { call: "(local.get $n)" } }));
  const body = `(local $r i32) (if (i32.eqz (local.get $n)) (then (return (i32.const 3))))
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (drop (call $call (i32.const 0))) (i32.add (i32.const 100) ${STATUS})`;
  const waits = { ...patient, guard: ["status"] };
  const provider = { kind: "domain", seat: one, rebind: true } as const;
  const two = await t.add(on(1, domain("two", { ...waits, imports: { call: provider }, exports: { call: body } })));
  const knowing = await t.add(domain("knowing", { ...waits, imports: { call: calls(two) }, exports: { call: body } }));
  Object.assign(one, { spec: { ...knowing.spec, name: "one" } });
  t.system.destroy("knowing");
  t.system.supervise("one", {});
  t.system.kill("one");
  await turn(5);
  for (let i = 0; i < 5; i++) {
    const theirs = begin(t, "two", "call", 20_000_000);
    const ours = attempt(t, "one", "call", 20_000_000);
    const both = [ours, await theirs];
    // 112: its own call was refused as reentrant. Where they did not meet, nobody was.
    for (const each of both) assert.ok(["ok 100", "ok 112"].includes(each), both.join());
  }
  await t.end();
});

test("a callee that might call a busy domain is called when that one is free, not refused halfway", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  // On CPU 0 `front` waits for `back`, which waits behind `other` on CPU 1, which calls `near` on CPU 0, which calls `front`.
  const back = await t.add(on(1, domain("back", { ...patient, exports: { call: "(i32.add (local.get $n) (i32.const 1))" } })));
  const front = await t.add(
    domain("front", { ...patient, imports: { call: calls(back) }, guard: ["status"], exports: { call: "(call $call (local.get $n))" } }),
  );
  const ask = `(local.set $r (call $call (local.get $n))) (i32.add (local.get $r) (i32.mul (i32.const 1000) ${STATUS}))`;
  const near = await t.add(
    domain("near", { ...patient, imports: { call: calls(front) }, guard: ["status"], exports: { call: `(local $r i32) ${ask}` } }),
  );
  const later = `(local $r i32) (local.set $r (i32.const 30000000)) (loop $l (br_if $l (local.tee $r (i32.sub (local.get $r) (i32.const 1))))) ${ask}`;
  const other = await t.add(
    on(1, domain("other", { ...patient, imports: { call: calls(near) }, guard: ["status"], exports: { call: later } })),
  );
  for (let i = 0; i < 5; i++) {
    const theirs = begin(t, "other", "call", 40);
    await untilEntered(t, other);
    assert.is(attempt(t, "front", "call", 1), "ok 2");
    assert.is(await theirs, "ok 41");
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("a caller that dies while it waits is unwound when its callee is done, which lives", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const back = await t.add(
    on(
      1,
      domain("back", {
        ...patient,
        exports: {
          look: "(local $n i32) (local.set $n (i32.const 60000000)) (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 1)",
        },
      }),
    ),
  );
  await t.add(
    domain("front", { limits: { callBudgetMs: 10 }, imports: { look: calls(back) }, exports: { call: "(call $look (call $new))" } }),
  );
  assert.is(attempt(t, "front", "call", 1), "deadline front#1");
  assert.equal(deaths(t), ["deadline front#1"]);
  assert.is(attempt(t, "back", "look", 0).startsWith("refused"), true);
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("a request that nobody has begun to serve is taken back when its caller's deadline passes", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const back = await t.add(
    on(1, domain("back", { ...patient, exports: { call: `${SPIN} (i32.const 5)`, take: "(call $drop (local.get $b))" } })),
  );
  await t.add(
    domain("front", {
      ...patient,
      kernel: ["deadline"],
      imports: { take: calls(back) },
      guard: ["status"],
      exports: { call: `(call $deadline (i32.const 3000)) (call $take (call $new)) ${STATUS}` },
    }),
  );
  const other = begin(t, "back", "call", 300_000_000);
  await untilEntered(t, back);
  const started = performance.now();
  assert.is(attempt(t, "front", "call", 1), "ok 8");
  const waited = performance.now() - started;
  assert.is(await other, "ok 5");
  assert.ok(performance.now() - started > waited, "the call was not waited for");
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("time in which a CPU serves others is not charged to whom it keeps waiting", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const slow = await t.add(domain("slow", { ...patient, exports: { call: `${SPIN} (i32.const 5)` } }));
  await t.add(
    on(
      1,
      domain("asker", {
        ...patient,
        imports: { call: calls(slow) },
        exports: { quick: "(i32.const 1)", call: "(call $call (local.get $n))" },
      }),
    ),
  );
  const echo = await t.add(on(1, domain("echo", { ...patient, exports: { call: `${SPIN} (i32.const 9)` } })));
  await t.add(
    domain("waits", {
      limits: { callBudgetMs: 120 },
      imports: { call: calls(echo) },
      exports: { call: "(call $call (i32.const 2000000))" },
    }),
  );
  // While `waits` waits for `echo`, this CPU serves `slow` for much longer than the budget of `waits`.
  const other = begin(t, "asker", "call", 400_000_000);
  const answers: string[] = [];
  for (let i = 0; i < 3; i++) answers.push(attempt(t, "waits", "call", 1));
  assert.is(await other, "ok 5");
  assert.equal(answers, ["ok 9", "ok 9", "ok 9"]);
  await t.end();
});

test("a domain that runs there is killed from here: at its next safepoint, and the answer tells", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  await t.add(on(1, domain("back", { limits: { callBudgetMs: 0 }, exports: { call: "(loop $l (br $l)) unreachable" } })));
  const other = begin(t, "back", "call", 1);
  await turn(20);
  t.system.kill("back");
  assert.is(await other, "killed back#1");
  assert.equal(deaths(t), ["killed back#1"]);
  assert.is(attempt(t, "back", "call", 1), "dead back#1");
  await t.end();
});

test("whoever is killed from the other CPU at whatever moment: the right error, nobody else dies, nothing is left", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2, supervision: { firstWaitMs: 0, intensity: 100_000, periodMs: 1 } });
  const follows = (seat: Awaited<ReturnType<TestSystem["add"]>>) => ({ kind: "domain", seat, rebind: true }) as const;
  const leaf = await t.add(
    domain("leaf", { ...patient, exports: { look: "(i32.const 1)", swap: "(call $drop (local.get $b)) (call $new)" } }),
  );
  const back = await t.add(
    on(
      1,
      domain("back", {
        ...patient,
        imports: { look: follows(leaf), swap: follows(leaf) },
        guard: ["status"],
        exports: { look: "(call $look (local.get $b))", swap: "(call $swap (local.get $b))" },
      }),
    ),
  );
  const work = `(local $b i32) (local.set $b (call $new))
    (loop $l (drop (call $look (local.get $b))) (if ${STATUS} (then (call $drop (local.get $b)) (return (i32.const 2))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.set $b (call $swap (local.get $b)))
    (if ${STATUS} (then (return (i32.const 3)))) (if (i32.ge_u (local.get $b) (i32.const 64)) (then (call $drop (local.get $b)))) (i32.const 1)`;
  await t.add(
    on(
      1,
      domain("front", { ...patient, imports: { look: follows(back), swap: follows(back) }, guard: ["status"], exports: { call: work } }),
    ),
  );
  for (const name of ["leaf", "back", "front"]) t.system.supervise(name, {});
  const random = seededRandom(7);
  const { heap } = t.system.kernel;
  const counts = new Map<string, number>();
  for (let i = 0; i < 120; i++) {
    t.events.length = 0;
    const under = begin(t, "front", "call", 40 + Math.floor(random() * 400));
    const victim = ["leaf", "back", "front"][Math.floor(random() * 3)] as string;
    if (random() < 0.7) await turn(random() * 2);
    t.system.kill(victim);
    const answer = await under;
    counts.set(answer.replace(/#\d+/, ""), (counts.get(answer.replace(/#\d+/, "")) ?? 0) + 1);
    // Waits for restarts; calls that were refused while a generation was missing have left nothing.
    for (let tries = 0; t.system.domains().some(({ alive }) => !alive) && tries < 1000; tries++) await turn(1);
    assert.ok(
      t.system.domains().every(({ alive }) => alive),
      `${victim} was not restarted`,
    );
    const { borrows, orphans } = heap.stats();
    assert.equal({ borrows, orphans }, { borrows: 0, orphans: 0 }, `${i}: ${victim}: ${answer}`);
    const others = deaths(t).filter((death) => !death.startsWith(`killed ${victim}#`));
    assert.equal(others, [], `${i}: ${victim}: ${answer}`);
  }
  assert.equal(auditHeap(heap).problems, []);
  for (const answer of counts.keys()) assert.ok(["ok 1", "ok 2", "ok 3", "killed front", "dead front"].includes(answer), answer);
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("a restart is seen by callers of the other CPU that follow, and by no others", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2, supervision: { firstWaitMs: 0 } });
  const back = await t.add(on(1, domain("back", { exports: { call: "(i32.const 4)" } })));
  const front = (provider: Provider, name: string): TestDomain =>
    domain(name, {
      imports: { call: provider },
      guard: ["status"],
      exports: {
        call: `(local.set $n (call $call (i32.const 1))) (if ${STATUS} (then (return (i32.add (i32.const 100) ${STATUS})))) (local.get $n)`,
      },
    });
  await t.add(front({ kind: "domain", seat: back, rebind: true }, "follows"));
  await t.add(front(calls(back), "stays"));
  t.system.supervise("back", {});
  t.system.kill("back");
  await turn(20);
  assert.is(attempt(t, "follows", "call", 1), "ok 4");
  assert.is(attempt(t, "stays", "call", 1), "ok 107");
  assert.equal(
    t.events.filter(({ kind }) => kind === "restart" || kind === "recovered").map(({ kind }) => kind),
    ["restart", "recovered"],
  );
  await t.end();
});

test("a system ends while calls are under way on both CPUs; each of them ends with an error", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 2 });
  const loops = { limits: { callBudgetMs: 0 }, exports: { call: "(loop $l (br $l)) unreachable" } };
  const leaf = await t.add(domain("leaf", { exports: { quick: "(local.get $n)" } }));
  await t.add(
    on(
      1,
      domain("back", {
        limits: { callBudgetMs: 0 },
        imports: { quick: calls(leaf) },
        exports: { call: "(loop $l (drop (call $quick (i32.const 1))) (br $l)) unreachable" },
      }),
    ),
  );
  await t.add(on(1, domain("other", loops)));
  const under = [begin(t, "back", "call", 1), begin(t, "other", "call", 1), begin(t, "back", "call", 1)];
  await turn(10);
  await t.end();
  for (const answer of await Promise.all(under)) assert.ok(/^(killed|dead) (back|other)#1$/.test(answer), answer);
});

test("on four CPUs a chain goes through all of them and back to the first, and every object comes home", async () => {
  const t = await testSystem({ heapMegabytes: 32, cpus: 4 });
  const leaf = await t.add(
    domain("leaf", { exports: { look: "(call $drop (call $new)) (i32.const 1)", swap: "(call $drop (local.get $b)) (call $new)" } }),
  );
  let below = leaf;
  for (const [i, name] of ["third", "second", "first"].entries()) {
    const exports = { look: "(call $look (local.get $b))", swap: "(call $swap (local.get $b))" };
    below = await t.add(on(3 - i, domain(name, { ...patient, imports: { look: calls(below), swap: calls(below) }, exports })));
  }
  const work = `(local $b i32) (local $sum i32)
    (loop $l (local.set $b (call $new))
      (local.set $sum (i32.add (local.get $sum) (call $look (local.get $b))))
      (local.set $b (call $swap (local.get $b))) (call $drop (local.get $b))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)`;
  await t.add(domain("works", { ...patient, imports: { look: calls(below), swap: calls(below) }, exports: { call: work } }));
  assert.is(attempt(t, "works", "call", 60), "ok 60");
  assert.equal(deaths(t), []);
  assert.is(t.system.liveObjects(), 0);
  assert.equal(auditHeap(t.system.kernel.heap).problems, []);
  await t.end();
});

test.run();
