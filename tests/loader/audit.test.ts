/**
 * The audit against a module written by hand: accepted as it stands, refused after any one change that breaks a rule.
 *
 * Most changes leave a module that V8 would run: then the audit is all that stands between the change and the kernel.
 * Those that V8 refuses as well are marked, so that nobody counts on them.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { auditHardened } from "../../host/loader/audit/audit.ts";
import type { Rule } from "../../host/loader/audit/rules.ts";
import { assemble, GUARD, HARDENED, join, loop, OPTIONS, P, type Section, sections } from "./audit-fixture.ts";

const guard = await assemble(GUARD);
const hardened = await assemble(HARDENED);

function audit(bytes: Uint8Array, changed: Partial<typeof OPTIONS> = {}): void {
  auditHardened(bytes, { ...OPTIONS, ...changed, guard });
}

function refusal(bytes: Uint8Array, name: string): SumacError {
  try {
    audit(bytes);
  } catch (error) {
    if (error instanceof SumacError && error.code === "audit-failed") return error;
    throw error;
  }
  throw new Error(`accepted: ${name}`);
}

/** Where each line's text begins. */
const LINES: readonly number[] = [...HARDENED.matchAll(/^\s*/gm)].map((indent) => indent.index + indent[0].length);

/** Replaces the first `from` behind the first line that begins with `anchor`: a name alone may stand in an export before it. */
function edit(anchor: string, from: string, to: string): string {
  const start = LINES.find((line) => HARDENED.startsWith(anchor, line)) ?? -1;
  const at = HARDENED.indexOf(from, start);
  if (start < 0 || at < 0) throw new Error(`the fixture has no ${from} behind ${anchor}`);
  return HARDENED.slice(0, at) + to + HARDENED.slice(at + from.length);
}

/** Exchanges the lines from `first` up to `second` with those from there up to `end`. */
function swapLines(first: string, second: string, end: string): string {
  const [a, b, c] = [first, second, end].map((line) => HARDENED.lastIndexOf(line)) as [number, number, number];
  return HARDENED.slice(0, a) + HARDENED.slice(b, c) + HARDENED.slice(a, b) + HARDENED.slice(c);
}

/** Adds a function of the author's with this body. */
function withFunction(body: string): string {
  return edit("(func $begin", "(func $begin", `(func $added ${body})\n(func $begin`);
}

function withField(field: string): string {
  return edit("(table $table 4", "(table $table 4", `${field}\n(table $table 4`);
}

/** `only` the audit refuses it, or `v8` would refuse it too. */
type Mutation = readonly [name: string, rule: Rule, text: string, who?: "only" | "v8"];

const INIT = "i32.const 4096 local.set $cc";
const HEAD_TEST = "i32.const 0 i32.lt_s br_if 1";
const counted = (body: string) => `(local $spare i32) (local $cc i32) ${INIT} ${body}`;
const safepointWith = (from: string, to: string) => `${P.replace(from, to)}`;

const mutations: readonly Mutation[] = [
  // ---- the safepoint itself ----
  ["safepoint that does not die", "safepoint", edit("(func $long", "unreachable", "nop")],
  [
    "safepoint that leaves instead of dying",
    "safepoint",
    edit("(func $begin", "(func $begin", `(func ${safepointWith("unreachable", "return")})\n(func $begin`),
  ],
  ["safepoint that does not ask", "safepoint", edit("(func $long", "call $tick", "i32.const 0")],
  ["safepoint that asks another import", "safepoint", edit("(func $long", "call $tick", "call $now")],
  ["safepoint that inverts the verdict", "safepoint", edit("(func $long", "call $tick", "call $tick i32.eqz")],
  ["safepoint that drops the verdict", "safepoint", edit("(func $long", "call $tick if unreachable end", "call $tick drop")],
  [
    "safepoint with its instructions swapped",
    "tick",
    withFunction(`call $tick if ${safepointWith("if call $tick if unreachable end end", "drop")} end`),
  ],
  ["safepoint that loads without atomics", "safepoint", edit("(func $long", "i32.atomic.load", "i32.load")],
  ["safepoint that loads at an offset", "safepoint", edit("(func $long", "i32.atomic.load $heap", "i32.atomic.load $heap offset=4")],
  ["safepoint that loads one byte", "safepoint", withFunction(safepointWith("i32.atomic.load $heap", "i32.atomic.load8_u $heap"))],
  ["safepoint that loads from memory 0", "safepoint", edit("(func $long", "i32.atomic.load $heap", "i32.atomic.load $memory")],
  ["safepoint that looks at me", "globals", edit("(func $long", "global.get $line", "global.get $me")],
  ["safepoint that looks at a global of the author", "heap", edit("(func $long", "global.get $line", "global.get $count")],
  ["safepoint with something in between", "safepoint", edit("(func $long", "if call $tick", "i32.eqz if call $tick")],

  // ---- loops ----
  ["loop without shape", "loop", withFunction("loop br 0 end")],
  ["loop without shape in dead code", "loop", withFunction("unreachable loop br 0 end")],
  ["loop without shape inside a loop's body", "loop", withFunction(counted(loop(4, "loop br 0 end")))],
  ["loop with only a safepoint", "loop", withFunction(`loop ${P} br 0 end`)],
  [
    "loop without its block for results",
    "loop",
    withFunction(
      counted(
        loop(1, "")
          .replace("block", "")
          .replace("br 2", "br 1")
          .replace(/unreachable end$/, ""),
      ),
    ),
  ],
  ["outer loop's weight one too low", "weight", edit("(func $sum", "i32.const 13 i32.sub", "i32.const 12 i32.sub")],
  ["inner loop's weight one too low", "weight", edit("(func $sum", "i32.const 7 i32.sub", "i32.const 6 i32.sub")],
  ["weight of zero", "weight", edit("(func $dead", "i32.const 1 i32.sub", "i32.const 0 i32.sub")],
  ["negative weight", "weight", edit("(func $dead", "i32.const 1 i32.sub", "i32.const -1 i32.sub")],
  ["weight beyond the budget", "weight", edit("(func $dead", "i32.const 1 i32.sub", "i32.const 4097 i32.sub")],
  ["smallest integer as weight", "weight", edit("(func $dead", "i32.const 1 i32.sub", "i32.const -2147483648 i32.sub")],
  ["one more instruction in a counted body", "weight", edit("(func $sum", "i32.and", "i32.and i32.eqz")],
  ["weight that forgets a block", "weight", withFunction(counted(loop(2, "block end nop")))],
  ["weight that forgets an if and its else", "weight", withFunction(counted(loop(3, "i32.const 0 if else end")))],
  ["weight that forgets a nested loop", "weight", withFunction(counted(loop(1, loop(1, "nop"))))],
  [
    "weight that forgets the loop around a loop with parameters",
    "weight",
    withFunction(counted(loop(4, `i32.const 1 loop (param i32) ${P} drop end i32.const 1 drop`))),
  ],
  [
    "weight that takes a call of the author's for a call of the guard's",
    "weight",
    withFunction(`(local $cc i32) ${P} ${INIT} ${loop(31, "call $begin")}`),
  ],
  [
    "weight that takes a call_indirect for an instruction",
    "weight",
    withFunction(`(local $cc i32) ${P} ${INIT} ${loop(34, "i32.const 1 i32.const 0 call_indirect $table (type $turn) drop")}`),
  ],
  ["weight that takes a call of an import for an instruction", "weight", withFunction(counted(loop(8, "call $now drop")))],
  [
    "weight that takes a bulk call for a call of the guard's",
    "weight",
    withFunction(counted(loop(66, "i32.const 0 i32.const 0 i32.const 0 call $bulkFill"))),
  ],
  [
    "weight that takes memory.grow for an instruction",
    "weight",
    withFunction(counted(loop(65, `i32.const 0 ${P} memory.grow $memory drop`))),
  ],
  ["countdown that adds", "loop", edit("(func $sum", "i32.sub local.tee $cc", "i32.add local.tee $cc")],
  ["countdown compared unsigned", "loop", edit("(func $sum", HEAD_TEST, "i32.const 0 i32.lt_u br_if 1")],
  ["countdown compared with another number", "loop", edit("(func $sum", HEAD_TEST, "i32.const -4097 i32.lt_s br_if 1")],
  ["countdown that starts the loop again", "loop", edit("(func $sum", HEAD_TEST, "i32.const 0 i32.lt_s br_if 0")],
  [
    "countdown on another local",
    "loop",
    edit("(func $sum", "local.get $cc i32.const 13 i32.sub local.tee $cc", "local.get $i i32.const 13 i32.sub local.tee $i"),
  ],
  ["countdown read from one local, written to another", "loop", edit("(func $sum", "i32.sub local.tee $cc", "i32.sub local.tee $i")],
  ["countdown missing", "loop", edit("(func $sum", `local.get $cc i32.const 13 i32.sub local.tee $cc ${HEAD_TEST}`, "")],
  ["loop refilled with too much", "loop", edit("end br 2 end", "i32.const 4096", "i32.const 4097")],
  ["loop refilled into another local", "loop", edit("end br 2 end", "local.set $cc", "local.set $i")],
  ["loop not refilled", "loop", edit("end br 2 end", "i32.const 4096 local.set $cc", "")],
  ["loop without safepoint in its tail", "loop", edit("end br 2 end", P, "")],
  ["loop's tail with something added", "loop", edit("end br 2 end", `${P} br 0`, `${P} nop br 0`)],
  ["loop left to its own start", "loop", edit("end br 2 end", "br 2", "br 1")],
  ["loop that falls out instead of restarting", "loop", edit("end br 2 end", "br 0 end unreachable end", "end end")],
  ["loop's shape without its unreachable", "loop", edit("end br 2 end", "unreachable end", "nop end")],
  [
    "loop closed by the end of the function",
    "loop",
    withFunction(counted(`${loop(1, "").replace(/end br 2[\s\S]*$/, "end end end end")}`)),
  ],
  ["loop with parameters without safepoint", "loop", edit("(func $parametric", P, "")],
  ["loop with parameters whose safepoint comes late", "loop", edit("(func $parametric", P, `nop ${P}`)],
  [
    "loop with parameters in the shape for loops without",
    "loop",
    edit("(func $dead", loop(1, "br 0"), `i32.const 5 ${loop(3, "drop i32.const 1 br 0", "(type $turn)")} drop`),
    "v8",
  ],

  // ---- the countdown ----
  ["countdown not set up", "counter", edit("(func $sum", INIT, "")],
  ["countdown set up with too much", "counter", edit("(func $sum", INIT, "i32.const 8192 local.set $cc")],
  ["countdown set up late", "counter", edit("(func $sum", INIT, `nop ${INIT}`)],
  ["countdown set up before the safepoint", "entry", withFunction(`(local $cc i32) ${INIT} ${P} call $begin ${loop(1, "")}`)],
  ["countdown written in a loop", "counter", withFunction(counted(loop(3, "i32.const 4096 local.set $cc br 0")))],
  ["countdown teed in a loop", "counter", withFunction(counted(loop(4, "i32.const 4096 local.tee $cc drop br 0")))],
  ["countdown read in a loop", "counter", withFunction(counted(loop(2, "local.get $cc br_if 0")))],
  ["countdown written behind all loops", "counter", withFunction(counted(`${loop(1, "br 0")} i32.const 1 local.set $cc`))],
  ["countdown written before its loop", "counter", withFunction(counted(`i32.const 1 local.set $cc ${loop(1, "br 0")}`))],
  ["countdown written in dead code", "counter", withFunction(counted(`${loop(1, "br 0")} unreachable i32.const 1 local.set $cc`))],
  ["parameter as countdown", "counter", withFunction(`(param $cc i32) ${INIT} ${loop(1, "br 0")}`)],
  ["countdown that is not the last local", "loop", withFunction(`(local $cc i32) (local $last i32) ${INIT} ${loop(1, "br 0")}`)],

  // ---- labels ----
  ["branch from a body to the countdown's block", "label", withFunction(counted(loop(1, "br 1")))],
  ["branch from a body to the refilling loop", "label", withFunction(counted(loop(1, "br 2")))],
  ["branch from a body to the block for results", "label", withFunction(counted(loop(1, "br 3")))],
  ["conditional branch from a body to the refilling loop", "label", withFunction(counted(loop(2, "i32.const 1 br_if 2")))],
  ["br_table from a body to the refilling loop", "label", withFunction(counted(loop(2, "i32.const 1 br_table 0 4 2 0")))],
  ["br_table whose default is the refilling loop", "label", withFunction(counted(loop(2, "i32.const 1 br_table 0 4 2")))],
  ["branch to the refilling loop out of nested blocks", "label", withFunction(counted(loop(2, "block i32.const 1 if br 4 end end")))],
  ["branch from a nested loop to the outer one's refilling loop", "label", withFunction(counted(loop(1, loop(1, "br 6"))))],
  ["branch to the refilling loop in dead code", "label", withFunction(counted(loop(2, "unreachable br 2")))],

  // ---- functions ----
  ["calling function without entry safepoint", "entry", edit("(func $caller", P, "")],
  ["entry safepoint behind an instruction", "entry", withFunction(`nop ${P} call $begin`)],
  ["entry safepoint inside a block", "entry", withFunction(`block ${P} end call $begin`)],
  ["call in dead code without entry safepoint", "entry", withFunction("unreachable call $begin")],
  ["call right before unreachable of a function without entry safepoint", "entry", withFunction("call $added unreachable")],
  ["recursion without entry safepoint", "entry", withFunction("call $added")],
  ["call_indirect without entry safepoint", "entry", withFunction("i32.const 1 i32.const 0 call_indirect $table (type $turn) drop")],
  ["long function without entry safepoint", "entry", edit("(func $long", P, "")],
  ["function of weight 257 without entry safepoint", "entry", withFunction("nop ".repeat(257))],
  [
    "loops whose bodies together weigh too much without entry safepoint",
    "entry",
    withFunction(counted(`${loop(128, "nop ".repeat(128))} ${loop(128, "nop ".repeat(128))}`)),
  ],
  ["giant of weight 16385", "giant", withFunction(`${P} nop call $begin ${"nop ".repeat(16_352)}`)],
  [
    "giant whose weight lies in its loops",
    "giant",
    withFunction(`(local $cc i32) ${P} ${INIT} call $begin ${loop(4096, "nop ".repeat(17_000))}`),
  ],
  ["giant's call without safepoint", "giant", edit("(func $giant", `${P} call $leaf`, "call $leaf")],
  ["giant's call_indirect without safepoint", "giant", edit("(func $giant", `${P} call_indirect`, "call_indirect")],
  ["giant's safepoint not right before its call", "giant", edit("(func $giant", `i32.const 2 ${P}`, `${P} i32.const 2`)],
  ["memory.grow without safepoint", "heavy", edit("(func $heavy", `${P} memory.grow`, "memory.grow")],
  ["memory.init without safepoint", "heavy", edit("(func $heavy", `${P} memory.init`, "memory.init")],
  ["table.init without safepoint", "heavy", edit("(func $heavy", `${P} table.init`, "table.init")],
  ["table.copy without safepoint", "heavy", edit("(func $heavy", `${P} table.copy`, "table.copy")],
  ["safepoint not right before memory.grow", "heavy", edit("(func $heavy", `${P} memory.grow`, `${P} nop memory.grow`)],
  [
    "safepoint before memory.grow that can be jumped over",
    "heavy",
    withFunction(`block (result i32) i32.const 1 ${P} end memory.grow $memory drop`),
  ],
  ["plain memory.copy", "bulk", edit("(func $heavy", "call $bulkCopy", "memory.copy $memory $memory")],
  ["plain memory.fill", "bulk", edit("(func $heavy", "call $bulkFill", "memory.fill $memory")],
  ["call of tick", "tick", withFunction("call $tick drop")],
  ["call of a guard function's inner check", "guard-call", edit("(func $caller", "call $load32", "call $mayRead i32.const 0")],
  ["call of the guard's inner poll", "guard-call", withFunction("call $poll")],
  ["me read", "globals", withFunction("global.get $me drop")],
  ["line read", "safepoint", withFunction("global.get $line drop")],
  ["me set", "globals", withFunction("i32.const 1 global.set $me"), "v8"],
  ["line set", "globals", withFunction("i32.const 1 global.set $line"), "v8"],
  ["global initialised with me", "globals", withField("(global i32 (global.get $me))")],
  ["segment placed by line", "globals", withField('(data (offset global.get $line) "x")')],

  // ---- memory 1 ----
  ["load from memory 1", "heap", edit("(func $sum", "i32.load offset=8", "i32.load $heap offset=8")],
  ["load from memory 1 in dead code", "heap", withFunction("unreachable i32.load $heap drop")],
  ["byte store to memory 1", "heap", withFunction("i32.const 0 i32.const 1 i32.store8 $heap")],
  ["64-bit load from memory 1", "heap", withFunction("i32.const 0 i64.load32_u $heap drop")],
  ["vector load from memory 1", "heap", edit("(func $heavy", "v128.load $memory", "v128.load $heap")],
  ["vector store to memory 1", "heap", edit("(func $heavy", "v128.store $memory", "v128.store $heap")],
  ["splat from memory 1", "heap", withFunction("i32.const 0 v128.load32_splat $heap drop")],
  ["zero-extending vector load from memory 1", "heap", withFunction("i32.const 0 v128.load64_zero $heap drop")],
  ["lane load from memory 1", "heap", withFunction("i32.const 0 v128.const i64x2 0 0 v128.load16_lane $heap 0 drop")],
  ["lane store to memory 1", "heap", withFunction("i32.const 0 v128.const i64x2 0 0 v128.store8_lane $heap 0")],
  ["memory.size of memory 1", "heap", withFunction("memory.size $heap drop")],
  ["memory.grow of memory 1", "heap", edit("(func $heavy", "memory.grow $memory", "memory.grow $heap")],
  ["memory.init of memory 1", "heap", edit("(func $heavy", "memory.init $memory", "memory.init $heap")],
  ["memory.copy out of memory 1", "heap", edit("(func $heavy", "call $bulkCopy", "memory.copy $memory $heap")],
  ["memory.copy into memory 1", "heap", edit("(func $heavy", "call $bulkCopy", "memory.copy $heap $memory")],
  ["memory.fill of memory 1", "heap", edit("(func $heavy", "call $bulkFill", "memory.fill $heap")],
  ["atomic load from memory 1 outside a safepoint", "heap", withFunction("i32.const 64 i32.atomic.load $heap drop")],
  ["atomic load from memory 0", "heap", withFunction("i32.const 64 i32.atomic.load $memory drop")],
  ["atomic store", "opcode", withFunction("i32.const 64 i32.const 0 i32.atomic.store $heap")],
  ["atomic compare-and-swap", "opcode", withFunction("i32.const 64 i32.const 0 i32.const 0 i32.atomic.rmw.cmpxchg $heap drop")],
  ["atomic wait", "opcode", withFunction("i32.const 64 i32.const 0 i64.const -1 memory.atomic.wait32 $heap drop")],
  ["atomic fence", "opcode", withFunction("atomic.fence")],
  ["small reference as the guard's", "opcode", withFunction("i32.const 0 ref.i31 drop")],
  ["active data segment on memory 1", "segment", withField('(data (memory $heap) (i32.const 64) "owned")')],
  ["empty data segment on memory 1", "segment", withField('(data (memory $heap) (i32.const 64) "")')],

  // ---- the guard ----
  ["guard's constant altered", "guard", edit("(func $mayRead", "i32.const 6", "i32.const 7")],
  ["guard's offset altered", "guard", edit("(func $mayRead", "offset=0x400", "offset=0x404")],
  ["guard's operator altered", "guard", edit("(func $mayRead", "i32.ne", "i32.eq")],
  ["guard's trap removed", "guard", edit("(func $mayRead", "(then unreachable)", "(then nop)")],
  ["guard's check removed", "guard", edit("(func $store32", "(call $mayRead (local.get $p))", "")],
  [
    "guard's check called with another argument",
    "guard",
    edit("(func $store32", "(call $mayRead (local.get $p))", "(call $mayRead (local.get $value))"),
  ],
  ["guard's call retargeted", "guard", edit("(func $store32", "(call $mayRead (local.get $p))", "(drop (call $load32 (local.get $p)))")],
  ["guard's call retargeted to the author", "guard", edit("(func $bulkCopy", "(call $poll)", "(call $begin)")],
  ["guard's poll does not ask tick", "guard", edit("(func $poll", "(call $tick)", "(call $now)")],
  ["guard's small reference removed", "guard", edit("(func $load32", "(drop (ref.i31 (i32.const 0)))", "")],
  ["guard's small reference replaced", "guard", edit("(func $load32", "(ref.i31 (i32.const 0))", "(i32.eqz (i32.const 0))")],
  [
    "small reference in a function where the guard has none",
    "guard",
    edit("(func $store32", "(call $mayRead", "(drop (ref.i31 (i32.const 0))) (call $mayRead"),
  ],
  ["guard reads the wrong memory", "guard", edit("(func $load32", "(i32.load $heap (local.get $p))", "(i32.load $memory (local.get $p))")],
  ["guard copies between other memories", "guard", edit("(func $copyIn", "memory.copy $memory $heap", "memory.copy $heap $memory")],
  ["guard compares with line instead of me", "guard", edit("(func $mayRead", "(global.get $me)", "(global.get $line)")],
  ["guard compares with a global of the author", "guard", edit("(func $mayRead", "(global.get $me)", "(global.get $count)")],
  ["guard function with one more local", "guard", edit("(func $mayRead", "(local $entry i32)", "(local $entry i32) (local $other i32)")],
  ["guard function of another type", "guard", edit("(func $poll", "(func $poll ", "(func $poll (param i32) "), "v8"],
  ["guard function with an instruction appended", "guard", edit("(func $store32", "(local.get $value)))", "(local.get $value)) nop)")],
  [
    "guard function dropped",
    "guard",
    edit("(func $bulkFill", "(func $bulkFill", "(; ")
      .replace("(local.get $n)))\n  (data (i32.const 8)", "(local.get $n))) ;)\n  (data (i32.const 8)")
      .replace("call $bulkFill", "call $bulkCopy"),
  ],
  [
    "function appended behind the guard",
    "guard",
    edit("(data (i32.const 8)", "(data (i32.const 8)", "(func $last i32.const 0 i32.const 1 i32.store $heap)\n(data (i32.const 8)"),
  ],
  ["function inserted among the guard's", "guard", edit("(func $poll", "(func $poll", "(func $inserted)\n(func $poll")],
  ["two guard functions swapped", "guard", swapLines("(func $load32", "(func $store32", "(func $copyIn")],

  // ---- imports and quota ----
  ["memory's maximum widened", "quota", edit("(import", "1 16)", "1 17)")],
  ["memory's maximum dropped", "quota", edit("(import", "1 16)", "1)")],
  ["memory shared", "quota", edit("(import", "1 16)", "1 16 shared)")],
  ["memory of 64 bits", "encoding", edit("(import", "$memory 1 16)", "$memory i64 1 16)"), "v8"],
  ["memory with pages of one byte", "encoding", edit("(import", "1 16)", "1 16 (pagesize 1))"), "v8"],
  ["heap's maximum changed", "quota", edit("(import", "1 64 shared", "1 65536 shared")],
  ["heap's minimum changed", "quota", edit("(import", "1 64 shared", "2 64 shared")],
  ["heap not shared", "quota", edit("(import", "1 64 shared", "1 64")],
  [
    "memories swapped",
    "imports",
    edit("(import", '"memory" (memory $memory 1 16)', '"heap" (memory $memory 1 16)').replace(
      '"heap" (memory $heap',
      '"memory" (memory $heap',
    ),
  ],
  ["me mutable", "imports", edit("(import", "(global $me i32)", "(global $me (mut i32))")],
  ["line mutable", "imports", edit("(import", "(global $line i32)", "(global $line (mut i32))")],
  [
    "me and line swapped",
    "imports",
    edit("(import", '"me" (global $me i32)', '"line" (global $me i32)').replace('"line" (global $line i32)', '"me" (global $line i32)'),
  ],
  ["tick replaced", "imports", edit("(import", '"sumac" "tick"', '"clock" "tick"')],
  [
    "tick of another type",
    "imports",
    edit("(import", '"tick" (func $tick (result i32))', '"tick" (func $tick (param i32) (result i32))')
      .replaceAll("(call $tick)", "call $tick")
      .replaceAll("call $tick", "i32.const 0 call $tick")
      .replaceAll("(then (if i32.const 0 call $tick (then unreachable)))", "(then i32.const 0 call $tick if unreachable end)"),
  ],
  [
    "granted import of another type",
    "imports",
    edit("(import", '"log" (func $log (param i32 i32))', '"log" (func $log (param i32 i64))').replace(
      "i32.const 4 call $log",
      "i64.const 4 call $log",
    ),
  ],
  ["import added", "imports", edit("(import", '(import "clock"', '(import "host" "eval" (func))\n(import "clock"')],
  ["import added behind the others", "imports", withField('(import "host" "eval" (func))').replace(/(\(table \$table[\s\S]*?\n)/, "$1")],
  ["import duplicated", "imports", edit("(import", '(import "clock"', '(import "kernel" "log" (func (param i32 i32)))\n(import "clock"')],
  ["imports reordered", "imports", swapLines('(import "kernel"', '(import "clock"', "(table $table 4")],
  [
    "import left out",
    "imports",
    edit("(import", '(import "clock" "now" (func $now (result i32)))', "").replace("call $now drop", "").replace(" $now)", ")"),
  ],
  ["names joined differently", "imports", edit("(import", '"kernel" "log"', '"kernel\\",\\"log" ""')],
  ["name with a byte order mark", "imports", edit("(import", '"sumac" "me"', '"\\u{feff}sumac" "me"')],
  ["table imported", "imports", edit("(import", '(import "clock"', '(import "host" "table" (table 1 funcref))\n(import "clock"')],
  ["third memory imported", "imports", edit("(import", '(import "clock"', '(import "host" "memory" (memory 1))\n(import "clock"')],
  ["third global imported", "imports", edit("(import", '(import "clock"', '(import "host" "global" (global i32))\n(import "clock"')],
  ["tag imported", "imports", edit("(import", '(import "clock"', '(import "host" "tag" (tag))\n(import "clock"')],
  ["memory of its own", "imports", withField("(memory 1 1)")],
  ["table beyond the limit", "quota", edit("(table", "4 8 funcref", "4 65537 funcref")],
  ["table whose minimum is beyond the limit", "quota", edit("(table", "4 8 funcref", "65537 funcref")],
  ["tables beyond the limit together", "quota", withField("(table 65530 funcref)")],
  ["more tables than the limit", "quota", withField("(table 0 funcref) ".repeat(64))],
  ["more elements than the limit", "quota", withField(`(elem func ${"$leaf ".repeat(65_600)}) `.repeat(2))],
  ["table of external references", "quota", withField("(table 1 externref)")],
  ["table with an initial value", "quota", withField("(table 1 funcref (ref.null func))")],
  ["global of a reference type", "encoding", withField("(global funcref (ref.null func))")],

  // ---- tables, exports, start, custom sections ----
  ["tick put into a table", "elements", edit("(elem", "func $leaf", "func $tick")],
  ["tick put into a passive segment by expression", "elements", edit("(elem $maybe", "ref.func $leaf", "ref.func $tick")],
  ["tick in a declared segment", "elements", withField("(elem declare func $tick)")],
  ["inner guard function put into a table", "elements", edit("(elem", "$load32", "$mayRead")],
  ["loader's bulk function put into a table", "elements", edit("(elem", "$load32", "$bulkCopy")],
  ["memory exported", "exports", withField('(export "run2" (memory $memory))')],
  ["heap exported", "exports", edit("(export", '(export "run" (func $caller))', '(export "run" (memory $heap))')],
  ["table exported", "exports", edit("(export", '(export "run" (func $caller))', '(export "run" (table $table))')],
  ["global exported", "exports", edit("(export", '(export "run" (func $caller))', '(export "run" (global $line))')],
  ["tick exported", "exports", edit("(export", "(func $caller)", "(func $tick)")],
  ["granted import exported", "exports", edit("(export", "(func $caller)", "(func $log)")],
  ["guard function exported", "exports", edit("(export", "(func $caller)", "(func $store32)")],
  ["export that nobody granted", "exports", edit("(export", '"run"', '"other"')],
  ["reserved name exported", "exports", edit("(export", '"run"', '"sumac:snapshot"')],
  ["start export that takes a value", "exports", edit("(export", '"sumac:start" (func $begin)', '"sumac:start" (func $heavy)')],
  ["start section", "start", withField("(start $begin)")],
  ["custom section", "custom", withField('(@custom "producers" "")')],
  ["compilation hints", "custom", withField('(@custom "metadata.code.compilation_priority" "")')],
  ["branch hint with another value", "custom", withField('(@custom "metadata.code.branch_hint" (before code) "\\01\\04\\01\\05\\01\\02")')],
  ["branch hints of an import", "custom", withField('(@custom "metadata.code.branch_hint" (before code) "\\01\\00\\01\\05\\01\\01")')],
  ["branch hints with bytes left over", "custom", withField('(@custom "metadata.code.branch_hint" (before code) "\\00\\00")')],
  [
    "branch hints twice",
    "custom",
    withField('(@custom "metadata.code.branch_hint" (before code) "\\00") (@custom "metadata.code.branch_hint" (before code) "\\00")'),
  ],

  // ---- what the loader does not accept at all ----
  ["catch of everything", "opcode", withFunction("block try_table (catch_all 0) unreachable end end")],
  ["exception of the old kind", "opcode", withFunction("try catch_all end")],
  ["tail call", "opcode", withFunction("return_call $begin")],
  ["indirect tail call", "opcode", withFunction("(result i32) i32.const 1 i32.const 0 return_call_indirect $table (type $turn)")],
  ["table.get", "opcode", withFunction("i32.const 0 table.get $table drop")],
  ["table.grow", "opcode", withFunction("ref.null func i32.const 1 table.grow $table drop")],
  ["ref.func", "opcode", withFunction("ref.func $leaf drop")],
  ["struct type", "encoding", withField("(type (struct (field i32)))")],
  ["allocation on the collector's heap", "opcode", withFunction("i32.const 1 ref.i31 drop")],
  ["relaxed SIMD", "opcode", withFunction("v128.const i64x2 0 0 v128.const i64x2 0 0 i8x16.relaxed_swizzle drop")],
  ["select of references", "opcode", withFunction("unreachable select (result funcref) drop")],
  ["block that yields a reference", "opcode", withFunction("block (result funcref) unreachable end drop")],
  ["local of a reference type", "encoding", withFunction("(local externref)")],
  ["function type with a reference", "encoding", withField("(type (func (param externref)))")],
  ["computed constant", "opcode", withField("(global i32 (i32.add (i32.const 1) (i32.const 2)))")],
  ["too many locals", "quota", withFunction(`(local ${"i32 ".repeat(10_002)})`)],
];

test("auditHardened: accepts a module that keeps every rule, and V8 accepts it too", () => {
  assert.ok(WebAssembly.validate(hardened), "the fixture is a valid module");
  audit(hardened);
});

test("auditHardened: accepts what stands exactly at a threshold", async () => {
  for (const body of [
    "nop ".repeat(256),
    `${P} ${"nop ".repeat(300)}`,
    `${P} nop call $begin ${"nop ".repeat(16_351)}`,
    `${P} ${P} call $begin ${"nop ".repeat(20_000)}`,
    counted(loop(4096, "nop ".repeat(5000))).replace(INIT, `${P} ${INIT}`),
    counted(loop(4, loop(4096, "block end nop"))),
    counted(loop(5, `i32.const 1 loop (param i32) ${P} drop end i32.const 1 drop`)),
    `(local $cc i32) ${P} ${INIT} ${loop(32, "call $begin")}`,
    counted(loop(9, "call $now drop")),
    counted(loop(67, "i32.const 0 i32.const 0 i32.const 0 call $bulkFill")),
    counted(loop(66, `i32.const 0 ${P} memory.grow $memory drop`)),
  ]) {
    const bytes = await assemble(withFunction(body));
    assert.ok(WebAssembly.validate(bytes), body.slice(0, 80));
    audit(bytes);
  }
});

test("auditHardened: accepts branch hints", async () => {
  const hinted = await assemble(withField('(@custom "metadata.code.branch_hint" (before code) "\\01\\04\\01\\05\\01\\00")'));
  audit(hinted);
});

for (const [name, rule, text, who = "only"] of mutations) {
  test(`auditHardened: refuses ${name}`, async () => {
    assert.is.not(text, HARDENED, "the change changes something");
    const bytes = await assemble(text);
    assert.is(WebAssembly.validate(bytes), who === "only", "what V8 says about the mutant");
    const { message } = refusal(bytes, name);
    assert.match(message, `(rule ${rule}:`);
    assert.match(message, /, offset 0x[0-9a-f]+: /);
  });
}

test("auditHardened: every change has a name of its own, and there are many", () => {
  assert.is(new Set(mutations.map(([name]) => name)).size, mutations.length);
  assert.ok(mutations.length > 150);
});

// ---- changes that text cannot express ----

const parts = sections(hardened);
const without = (id: number) => parts.filter((part) => part.id !== id);
const replace = (id: number, change: (content: Uint8Array) => number[]): Section[] =>
  parts.map((part) => (part.id === id ? { id, content: Uint8Array.from(change(part.content)) } : part));

/** `i32.load offset=8` with other flags where its alignment stands. */
function alteredLoad(flags: number): Uint8Array {
  const at = hardened.findIndex((byte, n) => byte === 0x28 && hardened[n + 1] === 2 && hardened[n + 2] === 8);
  return Uint8Array.from(hardened, (byte, n) => (n === at + 1 ? flags : byte));
}

const malformed: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["another version", Uint8Array.from(hardened, (byte, n) => (n === 4 ? 2 : byte))],
  ["a component", Uint8Array.from(hardened, (byte, n) => (n === 4 ? 0x0d : n === 6 ? 1 : byte))],
  ["a byte behind the last section", Uint8Array.of(...hardened, 0)],
  ["a section twice", join(parts.flatMap((part) => (part.id === 4 ? [part, part] : [part])))],
  ["sections out of order", join([...parts].sort((a, b) => b.id - a.id))],
  ["an unknown section", join([...parts, { id: 14, content: Uint8Array.of(0) }])],
  ["an empty tag section", join(parts.flatMap((part) => (part.id === 6 ? [{ id: 13, content: Uint8Array.of(0) }, part] : [part])))],
  ["no code", join(without(10))],
  ["no functions", join(without(3))],
  ["bytes left over in a section", join(replace(4, (content) => [...content, 0]))],
  [
    "a count in more bytes than a number has",
    join(replace(4, ([count, ...rest]) => [(count as number) | 0x80, 0x80, 0x80, 0x80, 0x80, 0, ...rest])),
  ],
  ["a count with spare bits", join(replace(4, ([count, ...rest]) => [(count as number) | 0x80, 0x80, 0x80, 0x80, 0x10, ...rest]))],
  ["a count larger than the section", join(replace(4, ([, ...rest]) => [0x7f, ...rest]))],
  ["a name that is not UTF-8", join(replace(2, (content) => [...content].map((byte) => (byte === 0x6b ? 0xff : byte))))],
  ["an alignment with another proposal's flag", alteredLoad(0x22)],
  ["an alignment of 32 bytes", alteredLoad(5)],
  ["fewer data segments than were promised", join(replace(12, () => [3]))],
  [
    "a constant with spare bits",
    join(replace(6, ([n, type, mut]) => [n as number, type as number, mut as number, 0x41, 0xff, 0xff, 0xff, 0xff, 0x17, 0x0b])),
  ],
];

for (const [name, bytes] of malformed) {
  test(`auditHardened: refuses ${name} as malformed`, () => {
    assert.match(refusal(bytes, name).message, /\(rule (encoding|quota):/);
  });
}

test("auditHardened: accepts numbers in padded but legal encodings", async () => {
  const padded = join(replace(4, ([count, ...rest]) => [(count as number) | 0x80, 0x80, 0x80, 0x80, 0, ...rest]));
  assert.ok(WebAssembly.validate(padded));
  audit(padded);
});

test("auditHardened: refuses a module cut off anywhere", async () => {
  for (let length = 0; length < hardened.length; length += length < 1000 || length > hardened.length - 400 ? 1 : 97) {
    refusal(hardened.slice(0, length), `the first ${length} bytes`);
  }
});

test("auditHardened: names the function and the offset of what is wrong", async () => {
  const bytes = await assemble(withFunction("nop i32.const 64 i32.load $heap drop"));
  const { message } = refusal(bytes, "a load");
  const at = Number(/function 3, offset (0x[0-9a-f]+)/.exec(message)?.[1]);
  assert.equal([...bytes.subarray(at, at + 4)], [0x28, 0x42, 1, 0]);
});

test("auditHardened: takes time in proportion to the module, and no recursion", async () => {
  const deep = await assemble(withFunction(`${P} ${"block ".repeat(20_000)} ${"end ".repeat(20_000)}`));
  audit(deep);
});

test.run();
