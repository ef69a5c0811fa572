/**
 * The rules of the audit by name, each with what a hostile module could do if it were not kept.
 *
 * Every refusal of the audit ends with one of these names, so a reader of an error finds the reason here.
 */
import { SumacError } from "../../errors.ts";

export const rules = {
  /** Bytes that two decoders read differently are two programs: only one spelling of everything, nothing left over. */
  encoding: "the module is encoded as the specification says",
  /** An import too many is a capability nobody granted; one out of place shifts every index that the other rules rely on. */
  imports: "the imports are the kernel's five, then the granted functions, in this order and nothing else",
  /** A larger maximum would let memory.grow pass the quota; more or larger tables would take host memory outside it. */
  quota: "memories and tables have the agreed limits",
  /** An opcode outside the accepted set may catch the kernel's trap, allocate without quota, or name a memory in a way nobody checks. */
  opcode: "every instruction is of the accepted set",
  /** A single unguarded access to memory 1 reads or writes any object of any domain, and the ownership tables themselves. */
  heap: "memory 1 is named in safepoints and guard functions only",
  /** A data segment on memory 1 is written at instantiation, before any code could be checked. */
  segment: "no data segment writes to memory 1",
  /** An altered guard function is the unguarded access again, under a trusted name. */
  guard: "the last functions are the guard's, unaltered, in its order",
  /** The guard's internal functions assume that their callers have checked; called directly they are a hole in the guard. */
  "guard-call": "module code reaches only those guard functions that are safe for any argument",
  /** tick consumes the kernel's request to die; a module that calls it could throw the verdict away. */
  tick: "tick is called in safepoints only",
  /** A safepoint altered in any way may not look, not ask, or not die; and `line` tells where the control words lie. */
  safepoint: "line is read by a safepoint of exactly the agreed instructions",
  /** Who could set `me` would be another domain; no author's code knows that it exists. */
  globals: "me and line are neither set nor read by the author's code",
  /** A loop without a safepoint never ends, and nothing can end it. */
  loop: "every loop has the agreed shape",
  /** A weight too low makes the countdown lie: the loop runs long between two looks at the interrupt word. */
  weight: "a loop counts down by at least what its body weighs",
  /** A loop that may set its own countdown never runs out. */
  counter: "the countdown is set up at the start and touched by the loops' shape only",
  /** A branch into the shape would leave a loop by a path that was not proved to count. */
  label: "no branch of the module targets a label of a loop's safepoint frame",
  /** Recursion is a loop, and a long body called in a loop weighs more than the call seems to. */
  entry:
    "a function that calls a defined one and goes on, that is called right before unreachable, or that is long begins with a safepoint",
  /** A megabyte of calls in a row adds up although no loop is in sight. */
  giant: "in a very long function a safepoint stands right before each call",
  /** One such instruction may work on the whole memory: the verdict must have been asked for right before. */
  heavy: "a safepoint stands right before memory.grow, memory.init, table.init and table.copy",
  /** memory.copy and memory.fill of a gigabyte take seconds in one instruction. */
  bulk: "memory.copy and memory.fill are done by the guard's chunked functions",
  /** A function in a table can be called without being named: by call_indirect, or by whoever gets the table. */
  elements: "tables hold the module's functions, its granted imports and importable guard functions only",
  /** Instantiation is not under any deadline: code that runs there can hang the kernel. */
  start: "no start section: the start function is an export that runs under a deadline",
  /** Whoever holds an export holds the memory, table or guard function behind it. */
  exports: "only granted functions that the module defines are exported, and globals of its own that the kernel saves",
  /** V8 or a tool may act on a custom section; what nobody needs cannot be misread. */
  custom: "no custom section but branch hints",
} as const;

export type Rule = keyof typeof rules;

/** @param place "function 12", "import section", … ; @param atBytes offset in the module */
export function refuse(rule: Rule, place: string, atBytes: number, what: string): never {
  throw new SumacError(
    "audit-failed",
    `hardened module refused: ${place}, offset 0x${atBytes.toString(16)}: ${what} (rule ${rule}: ${rules[rule]})`,
  );
}
