/** Hostile domains that take more than their share: of memory, of the heap's bytes and objects, also of other domains' shares. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, testSystem } from "../support/system.ts";
import { BLOCK_BYTES } from "../support/world.ts";

const test = suite("hostile quotas");

test("memory: growing past the quota fails, nothing beyond it can be touched, and the domain goes on", async () => {
  const t = await testSystem();
  const limits = { memoryPages: 4 };
  const exports = {
    call: "(memory.grow (local.get $n))",
    quick: "(i32.load (local.get $n))",
    circle: "(memory.fill (i32.const 0) (i32.const 1) (local.get $n)) (memory.size)",
  };
  await t.add(domain("evil", { limits, exports }));
  await t.add(domain("second", { limits, exports }));
  for (const pages of [4, 65535, 0xffffffff]) assert.is(attempt(t, "evil", "call", pages), `ok ${0xffffffff}`, `${pages} pages`);
  assert.is(attempt(t, "evil", "call", 3), "ok 1");
  assert.is(attempt(t, "evil", "call", 1), `ok ${0xffffffff}`);
  assert.is(attempt(t, "evil", "circle", 4 * 65536), "ok 4");
  assert.is(attempt(t, "evil", "quick", 4 * 65536 - 4), `ok ${0x01010101}`);
  assert.is(attempt(t, "evil", "quick", 4 * 65536 - 3), "trap evil#1");
  assert.is(attempt(t, "second", "circle", 4 * 65536), "trap second#1");
  await t.end();
});

/** Makes as many blocks as it can, at most `$n`; keeps them. */
const HOARDER: Parts = {
  code: "(global $made (mut i32) (i32.const 0)) (global $last (mut i32) (i32.const 0))",
  exports: {
    call: `(local $o i32) (block $full (loop $next
      (br_if $full (i32.eqz (local.tee $o (call $new))))
      (global.set $last (local.get $o))
      (global.set $made (i32.add (global.get $made) (i32.const 1)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
      (global.get $made)`,
    quick:
      "(if (global.get $last) (then (call $drop (global.get $last)) (global.set $last (i32.const 0)) (global.set $made (i32.sub (global.get $made) (i32.const 1))))) (global.get $made)",
    take: "",
    give: "(call $new)",
  },
};

test("objects and bytes: an allocation beyond either quota answers 0, and what was freed can be had again", async () => {
  const t = await testSystem();
  await t.add(domain("by objects", { ...HOARDER, limits: { heapObjects: 5 } }));
  await t.add(domain("by bytes", { ...HOARDER, limits: { heapBytes: 3 * BLOCK_BYTES + 100 } }));
  await t.add(domain("none", { ...HOARDER, limits: { heapObjects: 0 } }));
  assert.is(attempt(t, "by objects", "call", 100), "ok 5");
  assert.is(attempt(t, "by bytes", "call", 100), "ok 3");
  assert.is(attempt(t, "none", "call", 100), "ok 0");
  assert.is(attempt(t, "by objects", "quick", 0), "ok 4");
  assert.is(attempt(t, "by objects", "call", 100), "ok 5");
  assert.equal(deaths(t), []);
  await t.end();
});

test("the whole heap used up by one domain is an answer of 0 to others, and all of it comes back", async () => {
  const t = await testSystem({ heapMegabytes: 16 });
  await t.add(domain("evil", { ...HOARDER, limits: { heapObjects: 100_000, heapBytes: 1 << 30 } }));
  await t.add(domain("bystander", HOARDER));
  assert.match(attempt(t, "evil", "call", 100_000), /^ok [0-9]+$/);
  assert.is(attempt(t, "bystander", "call", 1), "ok 0");
  t.system.kill("evil");
  assert.is(t.system.liveObjects(), 0);
  assert.is(attempt(t, "bystander", "call", 10), "ok 10");
  await t.end();
});

test("a move to a callee whose quota is full is refused with a reason of its own; the caller keeps the object", async () => {
  const t = await testSystem();
  const full = await t.add(domain("full", { ...HOARDER, limits: { heapObjects: 2 } }));
  attempt(t, "full", "call", 10);
  await t.add(
    domain("giver", {
      imports: { take: calls(full) },
      guard: ["status", "store32"],
      exports: {
        call: `(local.set $n (call $new)) (call $take (local.get $n))
          (i32.add (i32.mul (i32.const 10) (call $status (i32.const 0))) (call $status (i32.const 3)))
          (call $store32 (local.get $n) (i32.const 1)) (call $drop (local.get $n))`,
      },
    }),
  );
  assert.is(attempt(t, "giver", "call", 0), "ok 64", "refused, because the callee is full");
  assert.is(attempt(t, "full", "quick", 0), "ok 1");
  assert.is(attempt(t, "giver", "call", 0), "trap giver#1", "now it went, and is no longer the giver's to write");
  assert.is(attempt(t, "full", "call", 10), "ok 1", "what it was given counts");
  await t.end();
});

test("a client with a full quota cannot fill the quota of a service by asking for objects that it cannot take", async () => {
  const t = await testSystem();
  const service = await t.add(domain("service", { ...HOARDER, limits: { heapObjects: 3 } }));
  await t.add(
    domain("evil", {
      ...HOARDER,
      imports: { give: calls(service) },
      limits: { heapObjects: 1 },
      exports: {
        call: `(drop (call $new)) (loop $l (drop (call $give)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
          (call $status (i32.const 0))`,
      },
      guard: ["status"],
    }),
  );
  assert.is(attempt(t, "evil", "call", 50), "ok 6");
  assert.is(attempt(t, "service", "call", 10), "ok 3", "the service's quota is as it was");
  await t.end();
});

test("lending charges nobody, and a borrower's death or return leaves the lender's account as it was", async () => {
  const t = await testSystem();
  const borrower = await t.add(
    domain("borrower", {
      limits: { heapObjects: 0, heapBytes: 0 },
      exports: {
        look: "(if (global.get $dies) (then unreachable)) (i32.const 1)",
        call: "(global.set $dies (local.get $n)) (i32.const 0)",
      },
      code: "(global $dies (mut i32) (i32.const 0))",
    }),
  );
  await t.add(
    domain("lender", {
      imports: { look: calls(borrower) },
      limits: { heapObjects: 1 },
      exports: {
        call: "(local.set $n (call $new)) (drop (call $look (local.get $n))) (call $drop (local.get $n)) (i32.ne (call $new) (i32.const 0))",
        quick: "(i32.const 1)",
      },
    }),
  );
  attempt(t, "borrower", "call", 1);
  assert.is(attempt(t, "lender", "call", 0), "ok 1");
  assert.equal(deaths(t), ["trap borrower#1"]);
  await t.end();
});

test.run();
