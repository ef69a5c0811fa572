/** Hostile domains that keep the base of an object: after it was freed, after its place was given out again, after its loan ended. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, call, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("stale references");

/** What the last call's failure says, without the name of the method. */
function detailOf(t: TestSystem, name: string, n: number): string {
  const called = call(t, name, "call", n);
  assert.not.ok(called.ok, `${name} was not stopped`);
  return called.ok ? "" : called.error.detail.replace(/^\S+ /, "").replace(/0x[0-9a-f]+/g, "ADDRESS");
}

const FREED = "touched ADDRESS on the shared heap: no object is there; it was freed, or never was one";
const ANOTHERS = (owner: string): string =>
  `touched ADDRESS on the shared heap: that object belongs to ${owner}; it was moved away, never given, or its borrow has ended`;

/** With n = 1 it drops its block and says where it was; with any other n it reads there. */
const KEEPS_BASE: Parts = {
  guard: ["load32"],
  code: "(global $base (mut i32) (i32.const 0))",
  exports: {
    call: `(if (i32.eq (local.get $n) (i32.const 1)) (then
      (global.set $base (call $new)) (call $drop (global.get $base)) (return (global.get $base))))
      (call $load32 (global.get $base))`,
  },
};

test("an object that was dropped: the next read is a trap that says so", async () => {
  const t = await testSystem();
  await t.add(domain("evil", KEEPS_BASE));
  assert.match(attempt(t, "evil", "call", 1), /^ok [1-9]/);
  assert.is(detailOf(t, "evil", 2), FREED);
  await t.end();
});

test("a place that was given out again, to another domain: the old base reads nothing of it", async () => {
  const t = await testSystem();
  await t.add(domain("evil", KEEPS_BASE));
  await t.add(
    domain("next", {
      guard: ["store32"],
      code: "(global $own (mut i32) (i32.const 0))",
      exports: { call: "(global.set $own (call $new)) (call $store32 (global.get $own) (i32.const 4711)) (global.get $own)" },
    }),
  );
  const old = attempt(t, "evil", "call", 1);
  // The heap gives the last place that was freed out first; otherwise this would test nothing.
  assert.is(attempt(t, "next", "call", 0), old);
  assert.is(detailOf(t, "evil", 2), ANOTHERS("next"));
  await t.end();
});

test("a place that was given out again, as another type: nobody takes the old reference for what it was", async () => {
  const t = await testSystem();
  const keeper = await t.add(domain("keeper", { exports: { notes: "", look: "(i32.const 1)", take: "" } }));
  // A note of 100 bytes and a tree of 12 would not share a size class; a note and a message of as many bytes do.
  await t.add(
    domain("evil", {
      imports: { notes: calls(keeper) },
      guard: ["status", "typeOf"],
      kernel: ["message-new"],
      code: "(global $base (mut i32) (i32.const 0))",
      exports: {
        call: `(global.set $base (call $newNote)) (call $dropNote (global.get $base))
          (if (i32.ne (call $message-new (i32.const 100)) (global.get $base)) (then (return (i32.const 99))))
          (call $notes (global.get $base))
          (if (i32.ne (call $status (i32.const 0)) (i32.const 6)) (then (return (i32.const 98))))
          (if (local.get $n) (then (call $dropNote (global.get $base))))
          (call $status (i32.const 3))`,
      },
    }),
  );
  // Refused, for the argument; and dropping it as a note is the end.
  assert.is(attempt(t, "evil", "call", 0), "ok 0");
  assert.match(detailOf(t, "evil", 1), /dropped a note/);
  assert.equal(deaths(t), ["trap evil#1"]);
  await t.end();
});

test("an object that was lent: after the call its borrower reads nothing of it", async () => {
  const t = await testSystem();
  const evil = await t.add(
    domain("evil", {
      guard: ["load32"],
      code: "(global $base (mut i32) (i32.const 0))",
      exports: { look: "(global.set $base (local.get $b)) (call $load32 (local.get $b))", call: "(call $load32 (global.get $base))" },
    }),
  );
  await t.add(
    domain("lender", {
      imports: { look: calls(evil) },
      guard: ["load32", "store32"],
      code: "(global $own (mut i32) (i32.const 0))",
      exports: {
        call: `(if (local.get $n) (then (return (call $load32 (global.get $own)))))
          (global.set $own (call $new)) (call $store32 (global.get $own) (i32.const 4711)) (call $look (global.get $own))`,
      },
    }),
  );
  assert.is(attempt(t, "lender", "call", 0), "ok 4711");
  assert.is(detailOf(t, "evil", 0), ANOTHERS("lender"));
  assert.is(attempt(t, "lender", "call", 1), "ok 4711");
  await t.end();
});

test("sizes that would overflow the sum of what a domain owns are refused, and its account stays what it was", async () => {
  const t = await testSystem();
  await t.add(
    domain("greedy", {
      kernel: ["message-new"],
      limits: { heapBytes: 0x7fffffff, heapObjects: 16 },
      code: `(global $last (mut i32) (i32.const 0))
        (func $any (result i32) (i32.or (i32.or (call $message-new (i32.const -1)) (call $message-new (i32.const -64)))
          (i32.or (call $message-new (i32.const 0x7fffffff)) (i32.or (call $message-new (i32.const 0x01000001)) (call $message-new (i32.const 0x80000000))))))`,
      exports: { call: "(drop (call $new)) (call $any)" },
    }),
  );
  assert.is(attempt(t, "greedy", "call", 0), "ok 0");
  const record = t.system.seat("greedy").current?.record ?? 0;
  // Words 2 and 3 of the record: bytes and objects that it owns.
  assert.equal([t.system.kernel.i32[record + 2], t.system.kernel.i32[record + 3]], [4096, 1]);
  await t.end();
});

test.run();
