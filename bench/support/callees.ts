/** The domains that are called in the ladder: a callee, one that passes calls on as a shadow does, and one for lists and instances. */
import { COUNTERS, FIRST, LAST, LISTS, LOOP, ladderWorld, NUMBERS, PAGES, SIZES, SUM, TURNS, TYPES, turn } from "../rows/ladder-world.ts";
import { type BenchDomain, LOOP_LIMITS } from "./domains.ts";

export const INCREMENT = "(param i32) (result i32) (i32.add (local.get 0) (i32.const 1))";
export const STATUS = '(import "guard" "status" (func $status (param i32) (result i32)))';

const GUARD = `(import "guard" "load8" (func $load8 (param i32) (result i32)))
    (import "guard" "load32" (func $load32 (param i32) (result i32)))`;

/** Of `size` bytes at `$p`, or it dies. */
function readEnds(size: number): string {
  return `(if (i32.ne (call $load8 (local.get $p)) (i32.const ${FIRST})) (then unreachable))
      (if (i32.ne (call $load8 (i32.add (local.get $p) (i32.const ${size - 1}))) (i32.const ${LAST})) (then unreachable))`;
}

function readAll(size: number): string {
  return `(local.set $at (local.get $p))
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (call $load32 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $next (i32.lt_u (local.get $at) (i32.add (local.get $p) (i32.const ${size})))))
      (if (i32.ne (local.get $sum) (i32.const ${SUM | 0})) (then unreachable))`;
}

export const CALLEE: BenchDomain = {
  name: "callee",
  world: ladderWorld([`export ${NUMBERS}`, `export ${PAGES}`]),
  module: `(module ${GUARD}
    (import "guard" "setResult" (func $setResult (param i32 i32)))
    (func (export "${NUMBERS}#inc") ${INCREMENT})
    (func (export "${NUMBERS}#inc-long") (param $low i32) (param $high i32) (local $n i64)
      (local.set $n (i64.add (i64.const 1) (i64.or (i64.extend_i32_u (local.get $low))
        (i64.shl (i64.extend_i32_u (local.get $high)) (i64.const 32)))))
      (call $setResult (i32.const 0) (i32.wrap_i64 (local.get $n)))
      (call $setResult (i32.const 1) (i32.wrap_i64 (i64.shr_u (local.get $n) (i64.const 32)))))
    ${SIZES.map(
      (size) => `
    (func (export "${PAGES}#pass${size}") (param $p i32) (result i32) ${readEnds(size)} (local.get $p))
    (func (export "${PAGES}#sum${size}") (param $p i32) (result i32) (local $at i32) (local $sum i32) ${readAll(size)} (local.get $p))
    (func (export "${PAGES}#peek${size}") (param $p i32) (result i32)
      (i32.add (call $load8 (local.get $p)) (call $load8 (i32.add (local.get $p) (i32.const ${size - 1})))))`,
    ).join("")})`,
};

const forwarded = [
  { id: NUMBERS, names: ["inc"] },
  { id: PAGES, names: SIZES.flatMap((size) => [`pass${size}`, `sum${size}`, `peek${size}`]) },
].flatMap(({ id, names }) => names.map((name) => ({ id, name })));

/** Does what a shadow does for each call: passes it on, and looks whether whom it stands for died of it. */
export const FORWARDER: BenchDomain = {
  name: "forwarder",
  world: ladderWorld([`import ${NUMBERS}`, `import ${PAGES}`, `export ${NUMBERS}`, `export ${PAGES}`]),
  module: `(module ${STATUS}
    ${forwarded.map(({ id, name }) => `(import "${id}" "${name}" (func $${name} (param i32) (result i32)))`).join("\n    ")}
    ${forwarded
      .map(
        ({ id, name }) => `(func (export "${id}#${name}") (param i32) (result i32) (local $result i32)
      (local.set $result (call $${name} (local.get 0)))
      (if (call $status (i32.const 0)) (then unreachable))
      (local.get $result))`,
      )
      .join("\n    ")}
    (func (export "${NUMBERS}#inc-long") (param i32 i32) unreachable))`,
  calls: { [NUMBERS]: "callee", [PAGES]: "callee" },
};

/** The callee of values that are copied, and of an instance that is held by a handle. */
export const LIBRARIAN: BenchDomain = {
  name: "librarian",
  world: ladderWorld([`export ${LISTS}`, `export ${COUNTERS}`]),
  module: `(module
    (import "guard" "load32" (func $load32 (param i32) (result i32)))
    (import "guard" "copyIn" (func $copyIn (param i32 i32 i32)))
    (memory 1)
    (func (export "${LISTS}#ends") (param $message i32) (result i32) (local $bytes i32)
      (local.set $bytes (call $load32 (local.get $message)))
      (call $copyIn (i32.const 0) (i32.add (local.get $message) (i32.const 4)) (local.get $bytes))
      (i32.add (i32.load8_u (i32.const 0)) (i32.load8_u (i32.sub (local.get $bytes) (i32.const 1)))))
    (func (export "${COUNTERS}#[constructor]counter") (result i32) (i32.const 1))
    (func (export "${COUNTERS}#[method]counter.add") (param $self i32) (param $n i32) (result i32) (i32.add (local.get $n) (local.get $self)))
    (func (export "${COUNTERS}#[dtor]counter") (param i32)))`,
};

/** One of the domains that are called in turn. */
export function turnCallee(index: number): BenchDomain {
  return {
    name: `turn${index}`,
    world: ladderWorld([`export ${turn(index)}`]),
    module: `(module (func (export "${turn(index)}#inc") ${INCREMENT}))`,
  };
}

/** A domain with the loop of a row. @param grants interface id to the domain that provides it */
export function caller(name: string, grants: Readonly<Record<string, string>>, module: string): BenchDomain {
  const imports = Object.keys(grants).map((id) => `import ${id}`);
  return { name, world: ladderWorld([...imports, `import ${TYPES}`, `export ${LOOP}`]), module, calls: grants, limits: LOOP_LIMITS };
}

/** The sum of `call(0) … call(n - 1)`, for a function `$call`. */
export const SUM_LOOP: string = `(param $n i32) (result i32) (local $i i32) (local $sum i32)
  (loop $next
    (local.set $sum (i32.add (local.get $sum) (call $call (local.get $i))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
  (local.get $sum)`;

/** The same with one function after the other; each is called from a place of its own, as in a program. */
export const TURN_LOOP: string = `(param $n i32) (result i32) (local $i i32) (local $sum i32)
  (block $done (loop $next
    ${Array.from(
      { length: TURNS },
      (_, i) => `(br_if $done (i32.ge_u (local.get $i) (local.get $n)))
    (local.set $sum (i32.add (local.get $sum) (call $turn${i} (local.get $i))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))`,
    ).join("\n    ")}
    (br $next)))
  (local.get $sum)`;
