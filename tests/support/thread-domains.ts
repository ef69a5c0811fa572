/** Domains with threads in WAT: what their threads do is a body, and so are the hooks around a wait. For modules that mean harm. */
import { domain, type Parts } from "./domain.ts";
import type { TestSystem } from "./system.ts";

const IMPORTS = `
  (import "kernel" "thread-create" (func $create (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "kernel" "thread-create-on" (func $createOn (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "kernel" "thread-park" (func $park (param i32 i32) (result i32)))
  (import "kernel" "thread-unpark" (func $unpark (param i32) (result i32)))
  (import "kernel" "thread-join" (func $join (param i32) (result i32)))
  (import "kernel" "thread-kill" (func $killThread (param i32) (result i32)))
  (import "kernel" "queue-enter" (func $enter (param i32) (result i32)))
  (import "kernel" "thread-self" (func $self (result i32)))`;

/** As long as it takes, for `$park`. */
export const FOREVER = "(i32.const -1)";
/** Body of a call that starts a thread with `$n` as its first word. */
export const START = "(call $create (i32.const 0) (local.get $n) (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0))";

export interface ThreadDomain {
  readonly run: string;
  readonly call?: string;
  readonly more?: string;
  readonly parts?: Parts;
  readonly replicas?: "per-cpu";
  readonly cpu?: number;
}

/** A domain whose threads' base is `run` (`$number`, `$entry`, `$a`, `$b`) and whose exported call is `call`. */
export async function addThreadDomain(
  t: TestSystem,
  name: string,
  { run, call = START, more = "", parts = {}, replicas, cpu = 0 }: ThreadDomain,
): Promise<void> {
  const made = domain(name, {
    ...parts,
    exports: { call, ...parts.exports },
    limits: { threads: 10, callBudgetMs: 100, initBudgetMs: 100, ...parts.limits },
  });
  const wat = made.wat.replace("(module ", `(module ${IMPORTS}`).replace(
    /\)$/,
    `
    (func (export "thread:run") (param $number i32) (param $entry i32) (param $a i32) (param $b i32) (result i32) ${run})
    ${more})`,
  );
  await t.add({ ...made, wat, cpu, ...(replicas === undefined ? {} : { replicas }) });
}
