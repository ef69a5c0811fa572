/** Deques whose words say less than there is in them: whoever takes a child out has room for another, and nobody's loop is endless. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { deaths } from "../support/domain.ts";
import { calls, testSystem } from "../support/system.ts";

const TYPES = "acme:rings/types@0.1.0";
const KEEPER = "acme:rings/keeper@0.1.0";
const FORGE = "acme:rings/forge@0.1.0";
const SLOTS = 4;

const WIT = `package acme:rings@0.1.0;
interface types {
  resource leaf { constructor(n: u32); }
  /// @deque
  resource ring { constructor(all: list<option<leaf>, ${SLOTS}>); }
}
interface keeper {
  use types.{ring};
  /// Takes a child out at one end and puts it in at the other, both ways; 4 bits say what went wrong.
  turn: func(ring: ring) -> u32;
  /// How many leaves fit until the ring says that it is full, 99 if it never does.
  fill-back: func(ring: ring) -> u32;
  fill-front: func(ring: ring) -> u32;
}
interface forge { forge: func(method: u32, children: u32, front: u32, count: u32) -> u32; }
world keeps { import types; export keeper; }
world forges { import keeper; import types; export forge; }
`;

const INDEX = `
import { Leaf, Ring } from "./gen/types";

function fill(ring: Ring, atFront: bool): u32 {
  for (let n: u32 = 0; n < 99; n++) {
    if (ring.isFull) { ring.drop(); return n; }
    const leaf = Leaf.create();
    if (!(atFront ? ring.pushFront(leaf) : ring.pushBack(leaf))) leaf.drop();
  }
  ring.drop();
  return 99;
}

export namespace keeper {
  export function turn(ring: Ring): u32 {
    let wrong: u32 = 0;
    const front = ring.popFront();
    if (front === null) wrong |= 1;
    else if (!ring.pushBack(front)) wrong |= 2;
    const back = ring.popBack();
    if (back === null) wrong |= 4;
    else if (!ring.pushFront(back)) wrong |= 8;
    ring.drop();
    return wrong;
  }
  export function fillBack(ring: Ring): u32 { return fill(ring, false); }
  export function fillFront(ring: Ring): u32 { return fill(ring, true); }
}
`;

const METHODS = ["turn", "fill-back", "fill-front"];

/** Makes a ring with so many children from slot 0 on, writes the two words over it, and gives it away. */
const FORGER = `(module
  (import "${TYPES}" "[constructor]leaf" (func $leaf (result i32)))
  (import "${TYPES}" "[constructor]ring" (func $ring (result i32)))
  ${METHODS.map((name, i) => `(import "${KEEPER}" "${name}" (func $m${i} (param i32) (result i32)))`).join("\n")}
  (import "kernel" "put" (func $put (param i32 i32) (result i32)))
  (import "guard" "store32" (func $store (param i32 i32)))
  (import "guard" "status" (func $status (param i32) (result i32)))
  (memory 1)
  (func (export "${FORGE}#forge") (param $method i32) (param $children i32) (param $front i32) (param $count i32) (result i32)
    (local $r i32) (local $i i32) (local $answer i32)
    (local.set $r (call $ring))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $i) (local.get $children)))
      (if (call $put (i32.add (local.get $r) (i32.add (i32.const 8) (i32.mul (local.get $i) (i32.const 4)))) (call $leaf)) (then unreachable))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (call $store (local.get $r) (local.get $front))
    (call $store (i32.add (local.get $r) (i32.const 4)) (local.get $count))
    ${METHODS.map((_, i) => `(if (i32.eq (local.get $method) (i32.const ${i})) (then (local.set $answer (call $m${i} (local.get $r)))))`).join("\n")}
    (if (call $status (i32.const 0)) (then (return (i32.add (i32.const 1000) (call $status (i32.const 0))))))
    (local.get $answer)))`;

test("a deque that holds more than its count says: what was taken out at one end can be put in at the other", async () => {
  const t = await testSystem();
  const keeper = await addAs(t, { name: "keeper", module: await compileAs(WIT, "keeps", INDEX) });
  await t.add({ name: "forger", world: WIT.replace(/^world keeps.*$/m, ""), wat: FORGER, grants: { [KEEPER]: calls(keeper) } });
  const forge = (method: number, children: number, front: number, count: number): string =>
    run(t, "forger", FORGE, "forge", method, children, front, count);
  for (const front of [0, 1, SLOTS - 1, SLOTS, 0xffffffff]) {
    for (let count = 1; count <= SLOTS + 1; count++) assert.is(forge(0, SLOTS, front, count), "ok 0", `front ${front}, count ${count}`);
    for (const method of [1, 2]) {
      for (let children = 0; children <= SLOTS; children++) {
        for (let count = 0; count <= SLOTS; count++) {
          const answer = Number(forge(method, children, front, count).slice(3));
          assert.ok(answer <= SLOTS, `${METHODS[method]}: ${answer} for ${children} children, front ${front}, count ${count}`);
        }
      }
    }
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test.run();
