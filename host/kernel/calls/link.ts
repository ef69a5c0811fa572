/**
 * A link: one method that a domain (or the host) may call, and the generation of the callee that it reaches now.
 *
 * A link is bound to one generation. When that dies the link is pointed at a record that is never running, so that
 * it answers `dead` and cannot reach a successor by accident; only the supervisor of the callee may bind it anew.
 */
import type { Interface, MethodDescription } from "../../idl/idl.ts";
import type { Domain } from "../domain.ts";
import type { HandleSide } from "../handles/handles.ts";
import type { Note } from "./relay.ts";

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

/** Where a proxy of its own finds its target. */
export interface Bound {
  target: Target;
}

export class Link {
  readonly owner: Interface;
  readonly method: MethodDescription;
  #bound: Bound;
  #isKept = false;
  /** Set once by the linker: the function that the caller imports. */
  proxy: CoreFunction;
  /** The same call of a callee that lives on another CPU, where its seat may go there: set by the linker of a system with several CPUs. */
  away: CoreFunction | undefined;
  /** Set for functions of the host: what handles mean to them. */
  hostSide: HandleSide | undefined;
  /** How a call of the present target fails when that is dead, once one has. */
  deadNote: Note | undefined;

  constructor(owner: Interface, method: MethodDescription, target: Target) {
    this.owner = owner;
    this.method = method;
    this.#bound = { target };
    this.proxy = neverCalled;
    this.away = undefined;
    this.hostSide = undefined;
    this.deadNote = undefined;
  }

  get target(): Target {
    return this.#bound.target;
  }

  set target(target: Target) {
    this.#bound.target = target;
    this.deadNote = undefined;
  }

  /**
   * From now on the target is kept in this object, which holds it already, unless another proxy has brought its own: all of a link's proxies
   * look in the same one, so that a cut or a new binding is seen by each of them.
   */
  keepIn(bound: Bound): Bound {
    if (!this.#isKept) this.#bound = bound;
    this.#isKept = true;
    return this.#bound;
  }

  /** Makes the link answer `dead` from now on. */
  cut(deadRecord: number): void {
    this.target = { ...this.target, record: deadRecord, call: neverCalled };
  }
}

/** The description of a function that no interface has: so many words in, nothing out. */
export function bareMethod(name: string, params: number): MethodDescription {
  return {
    name,
    role: undefined,
    params,
    moves: [],
    borrows: [],
    handles: [],
    paramChecks: [],
    paramsMessage: undefined,
    result: "none",
    packedErrors: 0,
    resultMove: undefined,
    resultMessage: undefined,
    resultHandle: undefined,
    resultWords: 0,
    resultChecks: [],
    budgetMicros: undefined,
    idempotent: false,
    fills: [],
    reentrant: false,
    sourceParams: [],
    sourceResult: undefined,
  };
}

/** Stands where a dead callee's export stood; the record check in front of it makes it unreachable. */
export function neverCalled(): number {
  throw new Error("a dead domain's export was called: the proxy's state check is broken");
}
