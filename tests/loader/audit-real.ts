/**
 * Modules that the real hardener made, for the tests of the audit: what the audit must accept, and what mutants start from.
 *
 * check, harden and the guard are used from outside only; nothing here knows how they work.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AuditOptions, auditHardened } from "../../host/loader/audit/audit.ts";
import { check } from "../../host/loader/check.ts";
import { parseGuard } from "../../host/loader/guard-bodies.ts";
import { harden } from "../../host/loader/harden.ts";
import { typeOfFunction } from "../../host/loader/wasm/checked-module.ts";
import { wat } from "../support/wat.ts";

const MEMORY_PAGES = 64;
const HEAP_PAGES = 256;

export const GUARD_BYTES: Uint8Array = await wat(await readFile(join(import.meta.dirname, "../../shared-heap/guard/guard.wat"), "utf8"));
const GUARD = parseGuard(GUARD_BYTES);
/** So many functions stand last in every hardened module. */
export const GUARD_FUNCTIONS: number = GUARD.functions.length;

export interface Hardened {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly options: AuditOptions;
}

/** Everything that the module imports and exports is granted. */
export function hardened(source: Uint8Array): Hardened {
  const module = check(source, { maxMemoryPages: MEMORY_PAGES });
  const bytes = harden(module, { memoryMaxPages: MEMORY_PAGES, heapMaxPages: HEAP_PAGES, guard: GUARD });
  return {
    bytes: new Uint8Array(bytes),
    options: {
      guard: GUARD_BYTES,
      memoryMaxPages: MEMORY_PAGES,
      heapMaxPages: HEAP_PAGES,
      grantedImports: module.imports.flatMap(({ module: from, field, isGuard }, index) =>
        isGuard ? [] : [{ module: from, name: field, ...typeOfFunction(module, index) }],
      ),
      grantedExports: module.exports.map(({ name }) => name),
    },
  };
}

/** Why the audit refuses it; undefined if it does not. Anything but a refusal is thrown. */
export function refusalOf(bytes: Uint8Array, options: AuditOptions): string | undefined {
  try {
    auditHardened(bytes, options);
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "audit-failed") return error.message;
    throw error;
  }
}

/** Every construct that the hardener treats in a way of its own, in few bytes: mutants are made of each of them. */
export const EVERYTHING = `(module
  (type $turn (func (param i32) (result i32)))
  (import "kernel" "log" (func $log (param i32 i32)))
  (import "guard" "load32" (func $load32 (param i32) (result i32)))
  (import "guard" "storev128" (func $storev128 (param i32 v128)))
  (import "clock" "now" (func $now (result i32)))
  (import "guard" "copyIn" (func $copyIn (param i32 i32 i32)))
  (memory 1)
  (table $table 4 8 funcref)
  (global $count (mut i32) (i32.const 7))
  (global $limit i32 (i32.const 9))
  (export "sumac:block/bdev@0.1.0#read" (func $run))
  (export "init" (func $heavy))
  (start $begin)
  (elem (table $table) (i32.const 0) func $leaf $load32 $now)
  (elem $spare func $leaf $begin)
  (func $begin (global.set $count (i32.add (global.get $limit) (i32.const 1))))
  (func $leaf (param i32) (result i32) local.get 0 i32.const 3 i32.mul)
  (func $run (param $n i32) (result i32) (local $i i32) (local $v v128)
    block $out
      loop $outer
        local.get $n i32.eqz br_if $out
        loop $inner (result i32)
          local.get $i i32.load offset=8 local.get $i i32.add local.tee $i
          i32.const 100 i32.lt_u br_if $inner
          local.get $i call $leaf
        end
        i32.const 1 call_indirect $table (type $turn) drop
        local.get $n call $load32 drop
        i32.const 64 v128.const i64x2 1 2 call $storev128
        i32.const 0 call $now call $log
        local.get $n i32.const 1 i32.sub local.tee $n
        br_table $outer $out $outer
      end
    end
    local.get $n
    loop (param i32) (result i32) i32.const 1 i32.sub local.tee $n local.get $n br_if 0 end
    if (result i32) i32.const 1 else i32.const 2 end)
  (func $heavy
    i32.const 0 i32.const 64 i32.const 8 memory.copy
    i32.const 0 i32.const 1 i32.const 8 memory.fill
    i32.const 0 i32.const 0 i32.const 4 memory.init $bytes data.drop $bytes
    i32.const 0 i32.const 0 i32.const 1 table.init $table $spare elem.drop $spare
    i32.const 0 i32.const 1 i32.const 1 table.copy $table $table
    i32.const 0 i32.const 64 i32.const 8 call $copyIn
    i32.const 1 memory.grow memory.size i32.eq drop
    i32.const 0 i32.const 8 v128.load v128.load8_lane 3 drop
    loop end)
  (data (i32.const 8) "active")
  (data $bytes "passive"))`;
