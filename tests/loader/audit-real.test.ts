/**
 * The audit against what the real hardener makes: it must accept all of it, at the thresholds too, and quickly.
 *
 * Hardener and audit have different authors and share only opcode tables and limits; where they disagree, one of them is wrong.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { auditHardened } from "../../host/loader/audit/audit.ts";
import { compileAs } from "../support/compile-as.ts";
import { wat } from "../support/wat.ts";
import { EVERYTHING, hardened } from "./audit-real.ts";

function accepts(source: Uint8Array): void {
  const { bytes, options } = hardened(source);
  assert.ok(WebAssembly.validate(bytes), "V8 accepts what was hardened");
  auditHardened(bytes, options);
}

test("auditHardened: accepts a hardened module with every construct", async () => {
  accepts(await wat(EVERYTHING));
});

test("auditHardened: accepts hardened modules that have almost nothing", async () => {
  accepts(await wat("(module (memory 0))"));
  accepts(await wat("(module (memory 1) (func))"));
  accepts(await wat('(module (memory 1 2) (func $f call $f) (export "f" (func $f)))'));
});

test("auditHardened: agrees with harden on the weight of a call right before unreachable, whatever is called", async () => {
  for (const callee of ["$host", "$load", "$own"]) {
    accepts(
      await wat(`(module (import "k" "host" (func $host (param i32))) (import "guard" "setResult" (func $load (param i32 i32)))
        (func $own (param i32))
        (func (export "f") (param i32) (loop $l
          (if (local.get 0) (then (i32.const 1) ${callee === "$load" ? "(i32.const 1)" : ""} (call ${callee}) (unreachable)))
          (br $l))))`),
    );
  }
});

const PROGRAMS: Readonly<Record<string, string>> = {
  "loops and tables": `
    const primes = new StaticArray<u32>(1000);
    type Step = (x: i32) => i32;
    function twice(x: i32): i32 { return x * 2; }
    function odd(x: i32): i32 { return x * 2 + 1; }
    const steps: Step[] = [twice, odd];
    export function sieve(n: i32): i32 {
      let found = 0;
      for (let i = 2; found < n && found < 1000; i++) {
        let prime = true;
        for (let j = 0; j < found; j++) {
          const p = unchecked(primes[j]);
          if (p * p > <u32>i) break;
          if (<u32>i % p == 0) { prime = false; break; }
        }
        if (prime) primes[found++] = i;
      }
      return primes[found - 1];
    }
    export function walk(n: i32): i32 {
      let x = 1;
      do { x = steps[x & 1](x); } while (--n > 0);
      return x;
    }
    export function fib(n: i32): i32 { return n < 2 ? n : fib(n - 1) + fib(n - 2); }`,
  "objects, strings and floats": `
    class Node { next: Node | null = null; constructor(public value: f64) {} }
    export function sum(n: i32): f64 {
      let head: Node | null = null;
      for (let i = 0; i < n; i++) { const node = new Node(Math.sin(<f64>i)); node.next = head; head = node; }
      let total = 0.0;
      while (head) { total += head.value; head = head.next; }
      return total;
    }
    export function spell(n: i32): i32 {
      const words = new Map<string, i32>();
      for (let i = 0; i < n; i++) words.set("word " + i.toString(), i);
      return words.keys().map<string>((key) => key.toUpperCase()).join(",").length;
    }
    export function sorted(n: i32): f32 {
      const list = new Float32Array(n);
      for (let i = 0; i < n; i++) list[i] = <f32>((i * 7919) % 1009);
      list.sort();
      return list[n >> 1];
    }`,
  "bulk, SIMD and the guard": `
    import { load32, store64, copyIn, loadv128, sizeOf } from "sumac/guard";
    const own = memory.data(65536);
    export function lanes(n: i32): i32 {
      let sums = i32x4.splat(0);
      for (let i = 0; i < n; i += 16) sums = i32x4.add(sums, v128.load(own + i));
      return i32x4.extract_lane(sums, 0) ^ i32x4.extract_lane(sums, 3);
    }
    export function bulk(p: u32): i32 {
      memory.fill(own, 7, 65536);
      memory.copy(own + 16, own, 40000);
      copyIn(own, p, sizeOf(p));
      store64(p, <u64>load32(p) << 32);
      return v128.any_true(loadv128(p)) ? memory.grow(1) : memory.size();
    }`,
};

for (const [name, source] of Object.entries(PROGRAMS)) {
  for (const level of ["-O3", "-O0"]) {
    test(`auditHardened: accepts hardened AssemblyScript (${name}, ${level})`, async () => {
      accepts(await compileAs(source, { flags: ["--noExportMemory", level] }));
    });
  }
}

test("auditHardened: accepts hardened functions and loops of every weight around a threshold", async () => {
  const functions: string[] = [];
  for (const [around, call] of [
    [256, ""],
    [256, "call $leaf"],
    [4096, ""],
    [16_384, "call $leaf"],
    [16_384, "i32.const 0 call_indirect"],
  ] as const) {
    for (let less = -3; less < 40; less++) {
      const nops = "nop ".repeat(around - less);
      functions.push(
        `(func nop ${call} ${nops})`,
        `(func loop nop ${call} ${nops} end)`,
        `(func block ${nops} loop ${call} end i32.const 0 if else end end)`,
      );
    }
  }
  accepts(await wat(`(module (memory 1) (table 1 funcref) (func $leaf) ${functions.join("\n")})`));
});

test("auditHardened: accepts hardened functions with every number of locals whose index changes length", async () => {
  const functions = [0, 1, 62, 63, 64, 126, 127, 128, 129, 8191, 8192, 9999].map(
    (count) => `(func (param i64) (local ${"i32 ".repeat(count)}) loop local.get 0 i64.eqz br_if 0 end)`,
  );
  accepts(await wat(`(module (memory 1) ${functions.join("\n")})`));
});

test("auditHardened: takes no more than proportional time for a large module", async () => {
  const body = "loop i32.const 1 br_if 0 end ".repeat(20_000);
  const small = hardened(await wat(`(module (memory 1) (func ${body}))`));
  const large = hardened(await wat(`(module (memory 1) ${`(func ${body})\n`.repeat(8)})`));
  const time = ({ bytes, options }: typeof small): number => {
    let best = Infinity;
    for (let round = 0; round < 3; round++) {
      const start = performance.now();
      auditHardened(bytes, options);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  time(small); // compiles the audit
  const [one, eight] = [time(small), time(large)];
  assert.ok(eight < one * 40 + 50, `${one.toFixed(1)} ms for one, ${eight.toFixed(1)} ms for eight`);
});

test.run();
