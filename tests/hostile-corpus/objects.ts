/** Domains that reach for objects: foreign, lent, given away, dropped, forged, too many, in the wrong place (H2 to H15). */
import type { Parts } from "../support/domain.ts";
import { attempt, domain } from "../support/domain.ts";
import { calls, type TestSystem } from "../support/system.ts";
import { foreign, type HostileCase, scene } from "./case.ts";

/** Adds `evil` and lets it try once. */
async function alone(t: TestSystem, parts: Parts, n = 0): Promise<string> {
  await t.add(domain("evil", parts));
  return attempt(t, "evil", "call", n);
}

const one = (rule: string, name: string, expected: string, parts: Parts, n?: number): HostileCase =>
  scene(rule, name, expected, (t) => alone(t, parts, n ?? foreign(t)));

/** `evil` is lent a block by `lender`, which afterwards writes and drops it; what the lender's call came to. */
async function lent(t: TestSystem, parts: Parts): Promise<string> {
  const evil = await t.add(domain("evil", parts));
  const call =
    "(local.set $n (call $new)) (drop (call $look (local.get $n))) (call $store32 (local.get $n) (i32.const 1)) (call $drop (local.get $n)) (call $status (i32.const 0))";
  await t.add(domain("lender", { imports: { look: calls(evil) }, guard: ["status", "store32"], exports: { call } }));
  return `${attempt(t, "lender", "call", 0)}, ${attempt(t, "evil", "call", 0)}`;
}

const KEEPER: Parts = {
  code: "(global $kept (mut i32) (i32.const 0))",
  exports: { take: "(global.set $kept (local.get $b))", plant: "(call $dropTree (local.get $b))", call: "(global.get $kept)" },
};

const moved = (name: string, guard: string, use: string): HostileCase =>
  scene("H6", name, "trap evil#1", async (t) => {
    const keeper = await t.add(domain("keeper", KEEPER));
    const call = `(local.set $n (call $new)) (call $take (local.get $n)) ${use} (i32.const 0)`;
    return alone(t, { imports: { take: calls(keeper) }, guard: [guard], exports: { call } });
  });

export const OBJECTS: readonly HostileCase[] = [
  one("H2", "reads an object of somebody else's", "trap evil#1", { guard: ["load32"], exports: { call: "(call $load32 (local.get $n))" } }),
  one("H2", "copies an object of somebody else's", "trap evil#1", {
    guard: ["copyIn"],
    exports: { call: "(call $copyIn (i32.const 0) (local.get $n) (i32.const 16)) (i32.const 0)" },
  }),
  one("H2", "asks how large an object of somebody else's is", "trap evil#1", {
    guard: ["sizeOf"],
    exports: { call: "(call $sizeOf (local.get $n))" },
  }),
  one("H3", "writes to an object of somebody else's", "trap evil#1", {
    guard: ["store32"],
    exports: { call: "(call $store32 (local.get $n) (i32.const 1)) (i32.const 0)" },
  }),
  scene("H3", "writes to what it was lent", "ok 1, dead evil#1", (t) =>
    lent(t, { guard: ["store32"], exports: { look: "(call $store32 (local.get $b) (i32.const 1)) (i32.const 1)", call: "(i32.const 0)" } }),
  ),
  scene("H4", "reads over its object's edge", "ok 305419896", (t) =>
    alone(t, {
      guard: ["load32", "store32"],
      // The last word, addressed two bytes further: the low bits do not count.
      exports: {
        call: "(local.set $n (i32.add (call $new) (i32.const 4092))) (call $store32 (local.get $n) (i32.const 0x12345678)) (call $load32 (i32.add (local.get $n) (i32.const 3)))",
      },
    }),
  ),
  one("H5", "fills beyond its object's end", "trap evil#1", {
    guard: ["fill"],
    exports: { call: "(call $fill (call $new) (i32.const 1) (i32.const 4097)) (i32.const 0)" },
  }),
  one("H5", "copies out with a length that wraps", "trap evil#1", {
    guard: ["copyOut"],
    exports: { call: "(call $copyOut (i32.add (call $new) (i32.const 64)) (i32.const 0) (i32.const -64)) (i32.const 0)" },
  }),
  moved("reads what it gave away", "load32", "(drop (call $load32 (local.get $n)))"),
  moved("writes to what it gave away", "store32", "(call $store32 (local.get $n) (i32.const 6))"),
  scene("H7", "looks for what an earlier owner left in an object", "ok 0", async (t) => {
    const dirty = domain("dirty", {
      guard: ["fill"],
      exports: {
        call: "(local.set $n (call $new)) (call $fill (local.get $n) (i32.const 255) (i32.const 4096)) (call $drop (local.get $n)) (i32.const 0)",
      },
    });
    await t.add(dirty);
    attempt(t, "dirty", "call", 0);
    const sum =
      "(local $o i32) (local $sum i32) (local.set $o (call $new)) (loop $l (local.set $sum (i32.or (local.get $sum) (call $load32 (i32.add (local.get $o) (local.get $n))))) (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 4))) (i32.const 4096)))) (local.get $sum)";
    return alone(t, { guard: ["load32"], exports: { call: sum } });
  }),
  ...[0, 64, 0x100000, 0x300000, 0x400000, 0x7fffffc0, 0xffffffc0].map((address) =>
    one(
      "H8",
      `reads the heap's own words at 0x${address.toString(16)}`,
      "trap evil#1",
      { guard: ["load32"], exports: { call: "(call $load32 (local.get $n))" } },
      address,
    ),
  ),
  one("H9", "calls a guard function by table with a foreign address", "trap evil#1", {
    guard: ["load32"],
    code: "(type $load (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $load32)",
    exports: { call: "(call_indirect (type $load) (local.get $n) (i32.const 0))" },
  }),
  one("H9", "reads status words that there are not", "trap evil#1", {
    guard: ["status"],
    exports: { call: "(call $status (i32.const 0x40000000))" },
  }),
  one("H10", "makes objects without end", "ok 5", {
    limits: { heapObjects: 5 },
    exports: {
      call: "(local.set $n (i32.const 0)) (block $full (loop $l (br_if $full (i32.eqz (call $new))) (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $l))) (local.get $n)",
    },
  }),
  one("H11", "drops an object as another type", "trap evil#1", { exports: { call: "(call $drop (call $newNote)) (i32.const 0)" } }),
  one("H11", "drops an object of somebody else's", "trap evil#1", { exports: { call: "(call $drop (local.get $n)) (i32.const 0)" } }),
  one("H12", "puts an object where none belongs", "ok 6", {
    kernel: ["put"],
    exports: { call: "(call $put (call $newTree) (call $newTree))" },
  }),
  one("H12", "puts an object into a slot for another type", "ok 6", {
    kernel: ["put"],
    exports: { call: "(call $put (i32.add (call $newTree) (i32.const 4)) (call $new))" },
  }),
  one("H13", "forges a slot and takes out what it names", "ok 0", {
    kernel: ["take"],
    guard: ["store32"],
    exports: {
      call: "(local $a i32) (local.set $a (call $newTree)) (call $store32 (i32.add (local.get $a) (i32.const 4)) (local.get $n)) (call $pick (i32.add (local.get $a) (i32.const 4)) (i32.const 0))",
    },
  }),
  one("H14", "puts a tree below itself", "ok 6", {
    kernel: ["put"],
    exports: {
      call: "(local $a i32) (local $b i32) (local.set $a (call $newTree)) (local.set $b (call $newTree)) (if (call $put (i32.add (local.get $a) (i32.const 4)) (local.get $b)) (then unreachable)) (call $put (i32.add (local.get $b) (i32.const 4)) (local.get $a))",
    },
  }),
  scene("H14", "gives a tree to somebody who has no room for all of it", "ok 64", async (t) => {
    const full = await t.add(domain("full", { ...KEEPER, limits: { heapObjects: 1 } }));
    const call =
      "(local $a i32) (local.set $a (call $newTree)) (if (call $put (i32.add (local.get $a) (i32.const 4)) (call $newTree)) (then unreachable)) (call $plant (local.get $a)) (i32.add (i32.mul (i32.const 10) (call $status (i32.const 0))) (call $status (i32.const 3))) (call $dropTree (local.get $a))";
    return alone(t, { imports: { plant: calls(full) }, kernel: ["put"], guard: ["status"], exports: { call } });
  }),
  one("H15", "drops a list so long that a walk by calls would end the stack", "ok 20000", {
    kernel: ["put"],
    limits: { heapObjects: 50_000, callBudgetMs: 20_000 },
    exports: {
      call: `(local $a i32) (local $b i32) (local.set $n (i32.const 0)) (local.set $a (call $newTree))
        (loop $l (local.set $b (call $newTree)) (if (call $put (i32.add (local.get $b) (i32.const 4)) (local.get $a)) (then unreachable))
          (local.set $a (local.get $b)) (br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 20000))))
        (call $dropTree (local.get $a)) (local.get $n)`,
    },
  }),
];
