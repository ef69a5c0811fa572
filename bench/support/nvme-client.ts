/**
 * A client of `sumac:nvme/nvme` in a few lines of WAT: a batch of 32 requests of 4 KiB goes to the driver, or its shadow, and comes back
 * with all of them done, again and again. It writes each request's block number and state and looks at each answer.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { withWorld } from "./domains.ts";

export const NVME = "sumac:nvme/nvme@0.1.0";
export const BATCHES = "bench:nvme/batches@0.1.0";
const TYPES = "sumac:nvme/types@0.1.0";
const DEPTH = 32;
/** Offsets in a request, as the interface lays it out: lba 0, nsid 16, blocks 20, data 24, status 28, operation 30, state 31. */
const CLIENT = (mask: number): string => `(module
  (import "${NVME}" "exchange" (func $exchange (param i32 i32 i32) (result i32)))
  (import "${TYPES}" "[constructor]batch" (func $batch (result i32)))
  (import "${TYPES}" "[constructor]request" (func $request (result i32)))
  (import "${TYPES}" "[constructor]buffer" (func $buffer (param i32) (result i32)))
  (import "guard" "load32" (func $load32 (param i32) (result i32)))
  (import "guard" "store32" (func $store32 (param i32 i32)))
  (import "kernel" "put" (func $put (param i32 i32) (result i32)))
  (memory 1)
  (global $mine (mut i32) (i32.const 0))
  (func $make (local $i i32) (local $one i32)
    (global.set $mine (call $batch))
    (loop $next
      (local.set $one (call $request))
      (if (call $put (i32.add (local.get $one) (i32.const 24)) (call $buffer (i32.const 4096))) (then unreachable))
      (call $store32 (i32.add (local.get $one) (i32.const 16)) (i32.const 1))
      (call $store32 (i32.add (local.get $one) (i32.const 20)) (i32.const 1))
      (if (call $put (i32.add (i32.add (global.get $mine) (i32.const 8)) (i32.shl (local.get $i) (i32.const 2))) (local.get $one)) (then unreachable))
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $one))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (i32.const ${DEPTH}))))
    (call $store32 (i32.add (global.get $mine) (i32.const 4)) (i32.const ${DEPTH})))
  ;; queue, operation (0 = read, 1 = write), how many batches
  (func (export "${BATCHES}#run") (param $queue i32) (param $operation i32) (param $n i32) (result i32)
    (local $lba i32) (local $i i32) (local $one i32) (local $done i32)
    (if (i32.eqz (global.get $mine)) (then (call $make)))
    (loop $again
      (local.set $i (i32.const 0))
      (loop $next
        (local.set $one (i32.load (i32.shl (local.get $i) (i32.const 2))))
        (call $store32 (local.get $one) (i32.and (local.get $lba) (i32.const ${mask})))
        (call $store32 (i32.add (local.get $one) (i32.const 28)) (i32.shl (local.get $operation) (i32.const 16)))
        (local.set $lba (i32.add (local.get $lba) (i32.const 1)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const ${DEPTH}))))
      (global.set $mine (call $exchange (local.get $queue) (global.get $mine) (i32.const ${DEPTH})))
      (if (i32.eqz (global.get $mine)) (then unreachable))
      (local.set $i (i32.const 0))
      (loop $check
        (local.set $one (call $load32 (i32.add (i32.load (i32.shl (local.get $i) (i32.const 2))) (i32.const 28))))
        ;; done, with status 0
        (if (i32.ne (i32.and (local.get $one) (i32.const 0xff00ffff)) (i32.const 0x01000000)) (then unreachable))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $check (i32.lt_u (local.get $i) (i32.const ${DEPTH}))))
      (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $done) (local.get $n))))
    (local.get $done)))`;

/** @param blocks of the device, a power of two */
export async function batchClient(blocks: number): Promise<Uint8Array> {
  const wit = await readFile(join(import.meta.dirname, "../../interfaces/nvme.wit"), "utf8");
  const nested = wit.replace(/^package ([^;]+);/, "package $1 {");
  const world = `package bench:batches@0.1.0;
world client { import ${NVME}; export ${BATCHES}; }
package bench:nvme@0.1.0 { interface batches { run: func(queue: u32, operation: u32, n: u32) -> u32; } }
${nested}
}
`;
  return withWorld(await parse(CLIENT(blocks - 1)), world);
}

export const CLIENT_DEPTH: number = DEPTH;
