/** Hostile domains that return what looks like a death, an error of the kernel, or an object: a result is data and no more. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain } from "../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("hostile forgery");

/** The liar returns what it was told to; `$value` is set through `quick`, and 1 means a block, 2 a note, 3 an address inside a block. */
const LIAR = domain("liar", {
  code: "(global $value (mut i32) (i32.const 0))",
  exports: {
    quick: "(global.set $value (local.get $n)) (i32.const 0)",
    call: `(if (i32.eq (local.get $n) (i32.const 1)) (then (global.set $value (call $new))))
      (if (i32.eq (local.get $n) (i32.const 2)) (then (global.set $value (call $newNote))))
      (if (i32.eq (local.get $n) (i32.const 3)) (then (global.set $value (i32.add (call $new) (i32.const 64)))))
      (global.get $value)`,
    attempt: "(global.get $value)",
    count: "(global.get $value)",
    give: "(global.get $value)",
    swap: "(call $drop (local.get $b)) (global.get $value)",
  },
});

/** Calls the liar in each way; returns 1000 times the status, plus 1 when the core result was not 0. */
function asker(seat: Parameters<typeof calls>[0]): ReturnType<typeof domain> {
  const say = (use: string): string => `(local.set $n (i32.ne (i32.const 0) ${use}))
    (i32.add (local.get $n) (i32.mul (i32.const 1000) (call $status (i32.const 0))))`;
  return domain("asker", {
    imports: { attempt: calls(seat), count: calls(seat), give: calls(seat), swap: calls(seat) },
    guard: ["status"],
    code: "(global $got (mut i32) (i32.const 0))",
    exports: {
      call: `(if (i32.eq (local.get $n) (i32.const 0)) (then ${say("(call $attempt (i32.const 0))")} (return)))
        (if (i32.eq (local.get $n) (i32.const 1)) (then ${say("(call $count (i32.const 0))")} (return)))
        (if (i32.eq (local.get $n) (i32.const 2)) (then ${say("(call $give)")} (return)))
        ${say("(call $swap (call $new))")}`,
    },
  });
}

async function scene(): Promise<TestSystem> {
  const t = await testSystem();
  const liar = await t.add(LIAR);
  await t.add(asker(liar));
  await t.add(
    domain("victim", {
      code: "(global $own (mut i32) (i32.const 0))",
      init: "(global.set $own (call $new))",
      exports: { call: "(global.get $own)" },
    }),
  );
  return t;
}

const REFUSED = "refused liar#1";
/** Values, and what `result<_, E>` and `result<u64, E>` with two error cases make of them. */
const PACKED: readonly (readonly [value: number, attempt: string, count: string])[] = [
  [0, REFUSED, REFUSED],
  [1, "ok err full", "ok err full"],
  [2, "ok err broken", "ok err broken"],
  [3, REFUSED, REFUSED],
  [63, REFUSED, REFUSED],
  [64, "ok ok undefined", "ok ok 0"],
  [65, REFUSED, REFUSED],
  [128, REFUSED, REFUSED],
  [0x7fffffff, REFUSED, REFUSED],
  [0x80000000, REFUSED, REFUSED],
  [0xffffffff, REFUSED, REFUSED],
];

test("a packed result that is no value of its type, the bit pattern of a death among them, is refused and nobody dies", async () => {
  const t = await scene();
  for (const [value, ofAttempt, ofCount] of PACKED) {
    attempt(t, "liar", "quick", value);
    assert.is(attempt(t, "liar", "attempt", 0), ofAttempt, `attempt ${value}`);
    assert.is(attempt(t, "liar", "count", 0), ofCount, `count ${value}`);
    assert.is(attempt(t, "asker", "call", 0), ofAttempt === REFUSED ? "ok 6000" : "ok 1", `asker's attempt ${value}`);
    assert.is(attempt(t, "asker", "call", 1), ofCount === REFUSED ? "ok 6000" : "ok 1", `asker's count ${value}`);
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("a base that is not the callee's own object, of the type, at its start, is refused and nothing changes hands", async () => {
  const t = await scene();
  const victims = Number(attempt(t, "victim", "call", 0).slice(3));
  const bases = [64, 0x1000, 0x400000, 0x600000, victims, victims + 64, 0x7fffffc0, 0x80000000, 0xffffffc0];
  const tell = (value: number): void => void attempt(t, "liar", "quick", value);
  const settings = [...bases.map((base) => () => tell(base)), () => attempt(t, "liar", "call", 2), () => attempt(t, "liar", "call", 3)];
  for (const [i, set] of settings.entries()) {
    set();
    const objects = t.system.liveObjects();
    assert.is(attempt(t, "liar", "give"), REFUSED, `give ${i}`);
    assert.is(attempt(t, "asker", "call", 2), "ok 6000", `asker's give ${i}`);
    assert.is(attempt(t, "asker", "call", 3), "ok 6000", `asker's swap ${i}`);
    assert.is(t.system.liveObjects(), objects);
  }
  assert.is(attempt(t, "victim", "call", 0), `ok ${victims}`);
  assert.is(t.system.kernel.heap.exports.ownerOf(victims), t.system.seat("victim").current?.id);
  assert.equal(deaths(t), []);
  await t.end();
});

test("an error of a result with an object is an error, and an object given twice is given once", async () => {
  const t = await scene();
  attempt(t, "liar", "quick", 2);
  assert.is(attempt(t, "asker", "call", 3), "ok 1", "swap returned its second error");
  attempt(t, "liar", "call", 1);
  assert.is(attempt(t, "asker", "call", 2), "ok 1");
  assert.is(attempt(t, "asker", "call", 2), "ok 6000", "the second time it is the asker's");
  assert.is(attempt(t, "liar", "give"), REFUSED);
  await t.end();
});

test("last words cannot make a trap a death by quota: only a refusal that the kernel remembers does", async () => {
  const t = await testSystem();
  const PANIC_QUOTA = "(call $panic (i32.const 2) (i32.const 0) (i32.const 0)) unreachable";
  await t.add(domain("liar", { kernel: ["panic"], exports: { call: PANIC_QUOTA } }));
  await t.add(
    domain("poor", {
      kernel: ["panic"],
      limits: { heapObjects: 1 },
      exports: { call: `(drop (call $new)) (drop (call $new)) ${PANIC_QUOTA}` },
    }),
  );
  assert.is(attempt(t, "liar", "call", 0), "trap liar#1");
  assert.is(attempt(t, "poor", "call", 0), "quota poor#1");
  await t.end();
});

test("a domain that finds the heap full within its quota does not die by quota", async () => {
  const t = await testSystem({ heapMegabytes: 16 });
  await t.add(
    domain("evil", {
      limits: { heapObjects: 100_000, heapBytes: 1 << 30 },
      exports: { call: "(loop $l (br_if $l (call $new))) (i32.const 0)" },
    }),
  );
  await t.add(
    domain("bystander", {
      kernel: ["panic"],
      exports: { call: "(drop (call $new)) (call $panic (i32.const 2) (i32.const 0) (i32.const 0)) unreachable" },
    }),
  );
  attempt(t, "evil", "call", 0);
  assert.is(attempt(t, "bystander", "call", 0), "trap bystander#1");
  await t.end();
});

test("the status of a failed call is gone after the next that returned, and names domain and generation", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: "(if (local.get $n) (then unreachable)) (i32.const 7)" } }));
  const other = await t.add(domain("other", { exports: { quick: "(i32.const 0)" } }));
  await t.add(
    domain("asker", {
      imports: { call: calls(mortal), quick: calls(other) },
      guard: ["status"],
      exports: {
        call: "(call $call (local.get $n))",
        circle: `(drop (call $call (local.get $n))) (if (result i32) (i32.ge_u (local.get $n) (i32.const 2))
          (then (drop (call $quick (i32.const 0))) (call $status (i32.const 0))) (else (call $status (local.get $n))))`,
      },
    }),
  );
  const id = mortal.current?.id;
  assert.is(attempt(t, "asker", "circle", 0), "ok 0");
  assert.is(attempt(t, "asker", "circle", 1), `ok ${id}`, "status(1) is the domain that died");
  assert.is(attempt(t, "asker", "circle", 2), "ok 0", "a call of another domain was answered since");
  await t.end();
});

test.run();
