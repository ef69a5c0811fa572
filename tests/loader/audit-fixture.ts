/**
 * A hardened module written by hand, with a small guard of the agreed form, for the tests of the audit.
 *
 * The text is what the hardener should emit for a module that uses every construct that a rule speaks about; tests change
 * it in one place and demand a refusal. Nothing here uses the hardener.
 */
import type { AuditOptions } from "../../host/loader/audit/audit.ts";
import { wat } from "../support/wat.ts";

/** The safepoint P. */
export const P = "global.get $line i32.atomic.load $heap if call $tick if unreachable end end";

/** A loop of weight `w` in the agreed shape; `result` is its type in text. Labels: 0 = the loop, 4 = what encloses it. */
export function loop(w: number, body: string, result = ""): string {
  return `block ${result} loop block loop ${result}
      local.get $cc i32.const ${w} i32.sub local.tee $cc i32.const 0 i32.lt_s br_if 1
      ${body}
    end br 2 end i32.const 4096 local.set $cc ${P} br 0 end unreachable end`;
}

/** Small but of every kind: an internal check, accesses, chunked work with a poll, calls among themselves. */
const GUARD_FUNCTIONS = `
  (func $mayRead (param $p i32) (local $entry i32)
    (local.set $entry (i32.load $heap offset=0x400 (i32.shr_u (local.get $p) (i32.const 6))))
    (if (i32.ne (i32.load $heap (local.get $entry)) (global.get $me)) (then unreachable)))
  (func $load32 (param $p i32) (result i32)
    (drop (ref.i31 (i32.const 0)))
    (call $mayRead (local.get $p))
    (i32.load $heap (local.get $p)))
  (func $store32 (param $p i32) (param $value i32)
    (call $mayRead (local.get $p))
    (i32.store $heap (local.get $p) (local.get $value)))
  (func $copyIn (param $dst i32) (param $src i32) (param $n i32)
    (call $mayRead (local.get $src))
    (memory.copy $memory $heap (local.get $dst) (local.get $src) (local.get $n)))
  (func $poll (if (i32.atomic.load $heap (global.get $line)) (then (if (call $tick) (then unreachable)))))
  (func $bulkCopy (param $dst i32) (param $src i32) (param $n i32)
    (if (i32.gt_u (local.get $n) (i32.const 4096)) (then (call $poll)))
    (memory.copy $memory $memory (local.get $dst) (local.get $src) (local.get $n)))
  (func $bulkFill (param $dst i32) (param $value i32) (param $n i32)
    (if (i32.gt_u (local.get $n) (i32.const 4096)) (then (call $poll)))
    (memory.fill $memory (local.get $dst) (local.get $value) (local.get $n)))`;

export const GUARD: string = `(module
  (import "sumac" "memory" (memory $memory 0))
  (import "sumac" "heap" (memory $heap 1 65536 shared))
  (import "sumac" "me" (global $me i32))
  (import "sumac" "line" (global $line i32))
  (import "sumac" "tick" (func $tick (result i32)))
  ${GUARD_FUNCTIONS}
  (export "load32" (func $load32)) (export "store32" (func $store32)) (export "copyIn" (func $copyIn))
  (export "bulkCopy" (func $bulkCopy)) (export "bulkFill" (func $bulkFill)))`;

const nops = (count: number) => "i32.const 0 drop\n".repeat(count / 2);

export const HARDENED: string = `(module
  (type $pair (func (param i32 i32) (result i32)))
  (type $turn (func (param i32) (result i32)))
  (import "sumac" "memory" (memory $memory 1 16))
  (import "sumac" "heap" (memory $heap 1 64 shared))
  (import "sumac" "me" (global $me i32))
  (import "sumac" "line" (global $line i32))
  (import "sumac" "tick" (func $tick (result i32)))
  (import "kernel" "log" (func $log (param i32 i32)))
  (import "clock" "now" (func $now (result i32)))
  (table $table 4 8 funcref)
  (global $count (mut i32) (i32.const 7))
  (export "run" (func $caller))
  (export "sumac:start" (func $begin))
  (elem (table $table) (i32.const 0) func $leaf $load32 $now)
  (elem $spare func $sum)
  (elem $maybe funcref (ref.func $leaf) (ref.null func))

  (func $begin (global.set $count (i32.const 8)))
  (func $leaf (type $pair) local.get 0 local.get 1 i32.add)
  (func $long (result i32) ${P} ${nops(300)} i32.const 1)
  (func $sum (type $pair) (local $i i32) (local $cc i32)
    i32.const 4096 local.set $cc
    block $out
      ${loop(
        13,
        `local.get 0 i32.eqz br_if 4
         ${loop(7, "local.get 1 i32.load offset=8 local.get $i i32.add local.set $i local.get $i br_if 0")}
         local.get 0 i32.const 1 i32.sub local.set 0
         local.get $i i32.const 3 i32.and
         br_table 0 4 0`,
      )}
    end
    ${loop(3, "local.get $i local.tee $i", "(result i32)")})
  (func $caller (param $n i32) (result i32) (local $cc i32)
    ${P}
    i32.const 4096 local.set $cc
    ${loop(
      133,
      `local.get $n call $leafless local.get $n i32.const 1 call $leaf
       i32.const 0 call_indirect $table (type $turn) drop drop
       i32.const 16 i32.const 4 call $log call $now drop
       local.get $n call $load32 drop
       local.get $n br_if 0`,
    )}
    local.get $n)
  (func $leafless (param i32) (result i32) local.get 0)
  (func $parametric (param i32) (result i32) (local $unused i32)
    i32.const 4096 local.set $unused
    local.get 0
    loop (type $turn) ${P} i32.const 1 i32.sub local.tee 0 local.get 0 br_if 0 end
    local.get $unused i32.add)
  (func $heavy (param i32) ${P}
    local.get 0 ${P} memory.grow $memory drop
    i32.const 0 i32.const 0 i32.const 4 ${P} memory.init $memory $bytes data.drop $bytes
    i32.const 0 i32.const 0 i32.const 1 ${P} table.init $table $spare elem.drop $spare
    i32.const 0 i32.const 1 i32.const 1 ${P} table.copy $table $table
    i32.const 0 i32.const 64 i32.const 8 call $bulkCopy
    i32.const 0 i32.const 1 i32.const 8 call $bulkFill
    i32.const 0 i32.const 64 i32.const 8 call $copyIn
    memory.size $memory drop
    i32.const 8 v128.const i64x2 1 2 v128.store $memory
    i32.const 8 v128.load $memory i8x16.popcnt i64x2.extract_lane 1 drop)
  (func $giant ${P} ${nops(17_000)}
    i32.const 1 i32.const 2 ${P} call $leaf drop
    i32.const 1 i32.const 0 ${P} call_indirect $table (type $turn) drop)
  (func $dead (result i32) (local $cc i32)
    i32.const 4096 local.set $cc
    unreachable
    ${loop(1, "br 0")}
    if (result i32) i32.const 1 else i32.const 2 end)
  ${GUARD_FUNCTIONS}
  (data (i32.const 8) "active")
  (data $bytes "passive"))`;

/** Without what text adds and hardened modules have not: the section of names. */
export async function assemble(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const isNames = (s: Section) => s.id === 0 && new TextDecoder().decode(s.content.subarray(1, 5)) === "name";
  return join(sections(await wat(text)).filter((section) => !isNames(section)));
}

export interface Section {
  readonly id: number;
  readonly content: Uint8Array;
}

export function sections(bytes: Uint8Array): Section[] {
  const found: Section[] = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++] as number;
    let size = 0;
    for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
      byte = bytes[at++] as number;
      size |= (byte & 0x7f) << shift;
    }
    found.push({ id, content: bytes.subarray(at, at + size) });
    at += size;
  }
  return found;
}

export function join(list: readonly Section[]): Uint8Array<ArrayBuffer> {
  const parts: number[] = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  for (const { id, content } of list) {
    parts.push(id, ...leb(content.length));
    for (const byte of content) parts.push(byte);
  }
  return Uint8Array.from(parts);
}

export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

export const OPTIONS: Omit<AuditOptions, "guard"> = {
  memoryMaxPages: 16,
  heapMaxPages: 64,
  grantedImports: [
    { module: "kernel", name: "log", params: [0x7f, 0x7f], results: [] },
    { module: "clock", name: "now", params: [], results: [0x7f] },
  ],
  grantedExports: ["run"],
};
