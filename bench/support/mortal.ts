/**
 * A domain that dies when it is asked to, with a state that it has made in `init`, and a shadow that starts it again and repeats the call.
 * What the recovery rows measure; the state's words are checked in every answer.
 */
import { readFile } from "node:fs/promises";
import { CALLS, LOOP, rpcWorld } from "../rows/worlds.ts";
import { type BenchDomain, BenchSystem, numberFrom } from "./domains.ts";

const SUPERVISOR = "sumac:kernel/supervisor@0.1.0";
/** What word `i` of the state is: `i` times this, modulo 2^32. */
const FACTOR = 0x9e3779b1;
/** The number that a call dies of. */
export const DEADLY = 0xffffffff;

export function wordOfState(index: number): number {
  return Math.imul(index, FACTOR) >>> 0;
}

/**
 * The body of a module: `$init` makes the state, `$at` answers word `n` of it, or dies.
 * @param bytes a power of two
 */
export function statefulCode(bytes: number): string {
  return `(memory ${Math.ceil(bytes / 65_536)})
    (global $ready (mut i32) (i32.const 0))
    (func $init (local $i i32)
      (loop $next
        (i32.store (i32.shl (local.get $i) (i32.const 2)) (i32.mul (local.get $i) (i32.const ${FACTOR})))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const ${bytes / 4}))))
      (global.set $ready (i32.const 1)))
    (func $at (param $n i32) (result i32)
      (if (i32.or (i32.eqz (global.get $ready)) (i32.eq (local.get $n) (i32.const ${DEADLY | 0}))) (then unreachable))
      (i32.load (i32.shl (i32.and (local.get $n) (i32.const ${bytes / 4 - 1})) (i32.const 2))))`;
}

/** Asks for a death, has the dead started again, and asks for word `n`. */
const SHADOW_CODE = `(module
  (import "${CALLS}" "inc" (func $call (param i32) (result i32)))
  (import "${SUPERVISOR}" "restart" (func $restart (result i32)))
  (import "guard" "status" (func $status (param i32) (result i32)))
  (func (export "${LOOP}#run") (param $n i32) (result i32) (local $word i32)
    (drop (call $call (i32.const ${DEADLY | 0})))
    (if (i32.eqz (call $status (i32.const 0))) (then unreachable))
    (if (i32.ne (call $restart) (i32.const 64)) (then unreachable))
    (local.set $word (call $call (local.get $n)))
    (if (call $status (i32.const 0)) (then unreachable))
    (local.get $word)))`;

export interface Mortal {
  /** One death, one restart, one answer: word `n`. */
  recover(n: number): number;
  stop(): Promise<void>;
}

/** @param snapshot whether the domain is started again from a snapshot, or by its `init` */
export async function startMortal(bytes: number, snapshot: boolean): Promise<Mortal> {
  const mortal: BenchDomain = {
    name: "mortal",
    world: rpcWorld([`export ${CALLS}`, "export init: func()", "export recover: func()"]),
    module: `(module ${statefulCode(bytes)}
      (export "init" (func $init))
      (func (export "recover"))
      (export "${CALLS}#inc" (func $at))
      (func (export "${CALLS}#pass") (param i32) (result i32) (local.get 0)))`,
    snapshot,
  };
  const shadow: BenchDomain = {
    name: "shadow",
    world: rpcWorld([`import ${CALLS}`, `import ${SUPERVISOR}`, `export ${LOOP}`]) + (await kernelPackage()),
    module: SHADOW_CODE,
    calls: { [CALLS]: "mortal" },
    supervises: { [SUPERVISOR]: "mortal" },
  };
  const system = await BenchSystem.start();
  await system.add(mortal);
  await system.add(shadow);
  const { run } = system.export("shadow", LOOP);
  return { recover: (n) => numberFrom(run, n) >>> 0, stop: () => system.stop() };
}

async function kernelPackage(): Promise<string> {
  const text = await readFile(new URL("../../interfaces/kernel.wit", import.meta.url), "utf8");
  return text.replace(/^package ([^;]*);/m, "package $1 {").concat("}\n");
}
