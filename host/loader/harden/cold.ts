/**
 * Finds the functions that are called as the last thing a caller does before it traps: `call f; unreachable`.
 *
 * Called by harden before it rewrites bodies. That is how compilers call what reports a failed assertion, from every bounds
 * check. The caller needs no safepoint for such a call, because the function that is called begins with one: every cycle of
 * calls still passes a safepoint, and an array access that V8 inlines into a loop stays free of them.
 */
import type { CheckedModule } from "../wasm/checked-module.ts";
import { Instructions } from "../wasm/instructions.ts";
import { OP } from "../wasm/opcodes.ts";
import { Reader } from "../wasm/reader.ts";

/** Whether the current instruction is such a call; `code` has read it and nothing after it. */
export function isColdCall(code: Instructions): boolean {
  // A call is never the last instruction of a body, so the byte after it is an opcode.
  return code.op === OP.call && code.input.bytes[code.input.position] === OP.unreachable;
}

/** By index among the defined functions: 1 if it must begin with a safepoint for its callers' sake. */
export function findColdCallees(module: CheckedModule): Uint8Array {
  const callees = new Uint8Array(module.functions.length);
  const input = new Reader(module.bytes, 0, 0, "a checked body");
  const code = new Instructions(input);
  for (const { bodyStart, bodyEnd } of module.functions) {
    input.position = bodyStart;
    input.end = bodyEnd;
    for (let groups = input.u32(); groups > 0; groups--) {
      input.u32();
      input.skip(1);
    }
    while (!input.atEnd) {
      code.next();
      if (isColdCall(code) && code.a >= module.imports.length) callees[code.a - module.imports.length] = 1;
    }
  }
  return callees;
}
