/**
 * Why a call failed: the codes that a caller reads from its status words, and the `RpcError` value made of them.
 *
 * Only the kernel mints these. The status words live in the caller's domain record on memory 1, which no
 * domain can write, so a domain's own `result` can never be taken for a death.
 */

/** Status codes as a domain sees them (`status(0)`); 0 is a call that was made and returned. */
export const Cause = {
  ok: 0,
  /** The callee executed a trap: `unreachable`, out of bounds, division by zero, a failed assertion. */
  trap: 1,
  /** The callee ran past the budget that its interface or its manifest declares. */
  deadline: 2,
  /** The callee was killed by an operator or its supervisor. */
  killed: 3,
  /** The callee died because the kernel refused it memory beyond its quota. */
  quota: 4,
  /** The callee used up the stack. */
  stack: 5,
  /** The call was not made, or its result not accepted: an object not owned, of a wrong type, or beyond a quota. */
  refused: 6,
  /** The callee was dead before the call. */
  dead: 7,
  /** The caller's own deadline had passed when the callee returned; the callee lives, its result was dropped. */
  late: 8,
  /** The callee failed to start. */
  init: 9,
  /** The chain of calls is too deep. */
  depth: 10,
  /** A function of the host threw. */
  host: 11,
  /** The callee is already part of this chain of calls and its interface is not reentrant. */
  reentrant: 12,
  /** The callee lives; its own calls failed, and it ended this one with their chain of causes. */
  "gave-up": 13,
  /** A function of the host would have had to wait, and nothing was done: the caller may call again. */
  blocked: 14,
  /** The call was not made: the callee has used up its CPU time, and may be called again when its window ends. */
  throttled: 15,
} as const;

/** The detail word of a status `refused`. */
export const Refusal = {
  /** An object argument does not belong to the caller or has another type. */
  argument: 0,
  /** The call was made, and its result lies outside its type. */
  result: 1,
  /** An object is lent or pinned, or the callee's quota has no room for it. */
  calleeFull: 4,
} as const;

export type CauseCode = (typeof Cause)[keyof typeof Cause];
export type CauseName = keyof typeof Cause;

const NAMES: readonly CauseName[] = Object.keys(Cause) as CauseName[];

export function causeName(code: number): CauseName {
  return NAMES[code] ?? "trap";
}

/** One life of a domain. */
export interface Generation {
  readonly domain: string;
  readonly generation: number;
}

/** A function that was being executed. Names and files are the words of the module's author, without control characters. */
export interface StackFrame extends Generation {
  readonly function: string;
  /** Undefined where the module has no source map. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** In bytes, in the module's file; undefined in the loader's own functions. */
  readonly offset?: number;
}

/** The end of a domain, kept by the kernel and told to watchers. */
export interface Death extends Generation {
  readonly cause: CauseName;
  /** What the trap, the panic or the kernel said, one line. */
  readonly detail: string;
  /** Milliseconds on the platform's monotonic clock. */
  readonly atMs: number;
  /** The function that it died in: `acme:hello/greeter@0.1.0#add`, or `init`; undefined if it was not being called. */
  readonly during: string | undefined;
  /** The domains in the chain of calls at that moment, outermost first, without the dead one. */
  readonly callers: readonly Generation[];
  /** Where it was and, after its own frames, where its callers were: innermost first, as far as the trace reaches. */
  readonly stack: readonly StackFrame[];
  /** Where there are several: the CPU on which it lived. */
  readonly cpu?: number;
  /** The last lines that it logged. */
  readonly lastLines: readonly string[];
}

/** One call that failed, or one generation that did not come up: which domain is to blame, and why. */
export interface Failure {
  readonly cause: Exclude<CauseName, "ok">;
  readonly domain: string;
  readonly generation: number;
  readonly detail: string;
}

/** A call that did not return. Where the cause is `gave-up`, domain and generation are those of the last failure in the chain. */
export interface RpcError extends Failure {
  readonly kind: "rpc-error";
  /** With `gave-up`: what the callee met while it tried, oldest first. */
  readonly chain?: readonly Failure[];
}

/** What a call from the host gives: the callee's value, or the reason why there is none. */
export type Called<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: RpcError };
