/**
 * A link: one method that a domain (or the host) may call, and the generation of the callee that it reaches now.
 *
 * A link is bound to one generation. When that dies the link is pointed at a record that is never running, so that
 * it answers `dead` and cannot reach a successor by accident; only the supervisor of the callee may bind it anew.
 */
import type { Interface, MethodDescription } from "../idl/idl.ts";
import type { Domain } from "./domain.ts";

/** An export of a domain, or a proxy: i32 in, i32 out. */
export type CoreFunction = (...args: number[]) => number;

/** What a link reaches. Replaced as a whole, so that a call in progress keeps a consistent view. */
export interface Target {
  /** Owner word of the callee's generation. */
  readonly id: number;
  /** Index of the callee's record, or of the dead record. */
  readonly record: number;
  readonly call: CoreFunction;
  readonly budgetMicros: number;
  readonly domain: Domain;
}

export class Link {
  readonly owner: Interface;
  readonly method: MethodDescription;
  target: Target;
  /** Set once by the linker: the function that the caller imports. */
  proxy: CoreFunction;

  constructor(owner: Interface, method: MethodDescription, target: Target) {
    this.owner = owner;
    this.method = method;
    this.target = target;
    this.proxy = neverCalled;
  }

  /** Makes the link answer `dead` from now on. */
  cut(deadRecord: number): void {
    this.target = { ...this.target, record: deadRecord, call: neverCalled };
  }
}

/** Stands where a dead callee's export stood; the record check in front of it makes it unreachable. */
export function neverCalled(): number {
  throw new Error("a dead domain's export was called: the proxy's state check is broken");
}
