/**
 * A domain that scribbles on the slots of its objects before it gives them away, and one that puts children where none belong:
 * the receiver finds empty slots, goes on working, and nothing is left on the heap.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { auditHeap } from "../../shared-heap/audit.ts";
import { run } from "../support/as-domain.ts";
import { deaths } from "../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";
import { addTrees, KEEPER, TREES_WIT } from "../support/trees.ts";

const test = suite("forged slots");

const TYPES = "acme:trees/types@0.1.0";
const NEXT = 8;
const LEAF = 12;

/** `$how` chooses a body; `$a`, `$b`, `$c` are at hand, and `$word` comes from the test. */
function forger(bodies: Readonly<Record<string, string>>): string {
  const cases = Object.values(bodies).map((body, how) => `(if (i32.eq (local.get $how) (i32.const ${how})) (then (return ${body})))`);
  return `(module
    ${["node", "leaf", "shelf", "queue"].map((type) => `(import "${TYPES}" "[constructor]${type}" (func $${type} (result i32)))`).join("\n")}
    ${["node", "leaf"].map((type) => `(import "${TYPES}" "[resource-drop]${type}" (func $drop-${type} (param i32)))`).join("\n")}
    (import "${KEEPER}" "where" (func $where (result i32)))
    (import "${KEEPER}" "inspect" (func $inspect (param i32) (result i32)))
    (import "${KEEPER}" "count" (func $count (param i32) (result i32)))
    (import "${KEEPER}" "drain" (func $drain (param i32) (result i32)))
    (import "kernel" "put" (func $put (param i32 i32) (result i32)))
    (import "kernel" "take" (func $take (param i32 i32) (result i32)))
    (import "guard" "store32" (func $store (param i32 i32)))
    (import "guard" "status" (func $status (param i32) (result i32)))
    (memory 1)
    (func (export "acme:trees/forge@0.1.0#forge") (param $how i32) (param $word i32) (result i32)
      (local $a i32) (local $b i32) (local $c i32)
      ${cases.join("\n")}
      (i32.const -1)))`;
}

const at = (object: string, offset: number): string => `(i32.add (local.get $${object}) (i32.const ${offset}))`;
const make = (name: string, type: string): string => `(local.set $${name} (call $${type}))`;
const put = (into: string, offset: number, child: string): string =>
  `(if (call $put ${at(into, offset)} (local.get $${child})) (then unreachable))`;
const scribble = (object: string, offset: number, word: string): string => `(call $store ${at(object, offset)} ${word})`;

async function scene(bodies: Readonly<Record<string, string>>): Promise<{ t: TestSystem; forge(name: string, word?: number): string }> {
  const t = await testSystem({ heapMegabytes: 32 });
  const { keeper } = await addTrees(t);
  const world = TREES_WIT.replace(/^world (drives|keeps).*$/gm, "");
  await t.add({ name: "forger", world, wat: forger(bodies), grants: { [KEEPER]: calls(keeper) } });
  assert.is(run(t, "keeper", KEEPER, "where").slice(0, 3), "ok ");
  const names = Object.keys(bodies);
  return {
    t,
    forge: (name, word = 0) => run(t, "forger", "acme:trees/forge@0.1.0", "forge", names.indexOf(name), word),
  };
}

/** The keeper holds its one object and nothing else; with the forger goes what it still had. */
async function close(t: TestSystem): Promise<void> {
  t.system.kill("forger");
  const { ok, problems } = auditHeap(t.system.kernel.heap);
  assert.ok(ok, problems.join("\n"));
  assert.is(t.system.liveObjects(), 1);
  assert.is(deaths(t).filter((death) => !death.includes("forger")).length, 0);
  await t.end();
}

test("a slot that names anything but a child of its object and type reads as empty, and can be filled", async () => {
  const node = make("a", "node");
  const bodies = {
    "a number": `${node} ${scribble("a", NEXT, "(local.get $word)")} ${scribble("a", LEAF, "(local.get $word)")} (call $inspect (local.get $a))`,
    "the receiver's own object": `${node} ${scribble("a", NEXT, "(call $where)")} (call $inspect (local.get $a))`,
    "an object beside it": `${node} ${make("b", "node")} ${scribble("a", NEXT, "(local.get $b)")} (call $inspect (local.get $a))`,
    "a freed object": `${node} ${make("b", "node")} (call $drop-node (local.get $b)) ${scribble("a", NEXT, "(local.get $b)")} (call $inspect (local.get $a))`,
    "a freed child": `${node} ${make("b", "node")} ${put("a", NEXT, "b")} (drop (call $take ${at("a", NEXT)} (i32.const 0))) (call $drop-node (local.get $b)) ${scribble("a", NEXT, "(local.get $b)")} (call $inspect (local.get $a))`,
    itself: `${node} ${scribble("a", NEXT, "(local.get $a)")} (call $inspect (local.get $a))`,
    "the inside of a child": `${node} ${make("b", "node")} ${put("a", NEXT, "b")} ${scribble("a", NEXT, at("b", 4))} (call $inspect (local.get $a))`,
    "a grandchild": `${node} ${make("b", "node")} ${make("c", "node")} ${put("b", NEXT, "c")} ${put("a", NEXT, "b")} ${scribble("a", NEXT, "(local.get $c)")} (call $inspect (local.get $a))`,
    "nothing, over a child": `${node} ${make("b", "node")} ${put("a", NEXT, "b")} ${scribble("a", NEXT, "(i32.const 0)")} (call $inspect (local.get $a))`,
    "a child of another type": `${node} ${make("b", "leaf")} ${put("a", LEAF, "b")} ${scribble("a", NEXT, "(local.get $b)")} (call $inspect (local.get $a))`,
    "children, both swapped": `${node} ${make("b", "leaf")} ${make("c", "node")} ${put("a", LEAF, "b")} ${put("a", NEXT, "c")} ${scribble("a", NEXT, "(local.get $b)")} ${scribble("a", LEAF, "(local.get $c)")} (call $inspect (local.get $a))`,
    "a child, as it should": `${node} ${make("b", "leaf")} ${put("a", LEAF, "b")} (call $inspect (local.get $a))`,
  };
  const { t, forge } = await scene(bodies);
  const numbers = [
    1,
    2,
    3,
    4,
    63,
    64,
    0x1000,
    0x100000,
    0x300000,
    0x400000,
    0x500000,
    0x7fffffc0,
    0x80000000,
    0xffffffff,
    0xffffffc0,
    32 << 20,
  ];
  for (const word of numbers) assert.is(forge("a number", word), "ok 0", `0x${word.toString(16)}`);
  for (const name of Object.keys(bodies)) {
    const seen = name === "a child of another type" || name === "a child, as it should" ? 2 : 0;
    assert.is(forge(name), `ok ${seen}`, name);
  }
  await close(t);
});

test("slots that all name one child hold it once", async () => {
  const forged = Array.from({ length: 7 }, (_, i) => scribble("a", 4 + i * 4, "(local.get $b)")).join(" ");
  const { t, forge } = await scene({
    shelf: `${make("a", "shelf")} ${make("b", "leaf")} ${put("a", 32, "b")} ${forged} (call $count (local.get $a))`,
  });
  assert.is(forge("shelf"), "ok 1");
  await close(t);
});

test("a deque whose words were forged gives what children it finds, and ends", async () => {
  const queue = `${make("a", "queue")} ${[0, 1, 2].map((i) => `${make("b", "leaf")} ${put("a", 8 + i * 4, "b")}`).join(" ")}`;
  const words = (front: string, count: string): string =>
    `${queue} ${scribble("a", 0, front)} ${scribble("a", 4, count)} (call $drain (local.get $a))`;
  const { t, forge } = await scene({
    both: words("(local.get $word)", "(local.get $word)"),
    front: words("(local.get $word)", "(i32.const 3)"),
    count: words("(i32.const 0)", "(local.get $word)"),
  });
  assert.is(forge("both", 0xffffffff), "ok 3");
  assert.is(forge("both", 0x80000000), "ok 3");
  assert.is(forge("front", 31), "ok 2");
  assert.is(forge("front", 32), "ok 3");
  assert.is(forge("front", 3), "ok 0");
  assert.is(forge("count", 1), "ok 1");
  assert.is(forge("count", 0), "ok 0");
  assert.is(forge("count", 33), "ok 3");
  await close(t);
});

test("put accepts a child in a slot for its type and nowhere else", async () => {
  const objects = `${make("a", "node")} ${make("b", "node")} ${make("c", "leaf")}`;
  const attempt = (slot: string, child: string): string => `${objects} (call $put ${slot} ${child})`;
  const [a, b, c] = ["(local.get $a)", "(local.get $b)", "(local.get $c)"];
  const refused = {
    "a field of data": attempt(at("a", 0), b),
    "between two slots": attempt(at("a", NEXT + 2), b),
    "behind the last field": attempt(at("a", 16), b),
    "a slot for another type": attempt(at("a", NEXT), c),
    "an object without slots": attempt(at("c", 0), b),
    "an object in itself": attempt(at("a", NEXT), a),
    "the inside of an object": attempt(at("a", NEXT), at("b", 8)),
    "no object": attempt(at("a", NEXT), "(i32.const 0)"),
    "another's object": attempt(at("a", NEXT), "(call $where)"),
    "into another's object": attempt("(i32.add (call $where) (i32.const 8))", b),
    "into no object": attempt("(i32.const 8)", b),
    "at a wild address": attempt("(i32.const -8)", b),
    "a child of another": `${objects} ${put("a", NEXT, "b")} (local.set $c (call $node)) (call $put ${at("c", NEXT)} ${b})`,
    "into a full slot": `${objects} ${put("a", NEXT, "b")} (call $put ${at("a", NEXT)} (call $node))`,
    "above itself": `${objects} ${put("a", NEXT, "b")} (call $put ${at("b", NEXT)} ${a})`,
  };
  const bodies = {
    ...refused,
    "take of another's": `(call $take (i32.add (call $where) (i32.const 8)) (i32.const 0))`,
    "take of nothing": `(call $take (i32.const -8) (i32.const 0))`,
    "drop of a child": `${objects} ${put("a", NEXT, "b")} (call $drop-node ${b}) (i32.const 0)`,
    "move of a child": `${objects} ${put("a", NEXT, "b")} (drop (call $inspect ${b})) (call $status (i32.const 0))`,
    "move of a forged tree's root": `${objects} ${put("a", NEXT, "b")} ${scribble("a", NEXT, "(i32.const 0)")} (drop (call $inspect ${a})) (call $status (i32.const 0))`,
  };
  const { t, forge } = await scene(bodies);
  for (const name of Object.keys(refused)) assert.is(forge(name), "ok 6", name);
  assert.is(forge("take of another's"), "ok 0");
  assert.is(forge("take of nothing"), "ok 0");
  assert.is(forge("move of a child"), "ok 6");
  assert.is(forge("move of a forged tree's root"), "ok 0");
  assert.is(forge("drop of a child"), "trap forger#1");
  await close(t);
});

test.run();
