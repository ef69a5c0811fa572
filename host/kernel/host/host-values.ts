/**
 * WIT's values in JavaScript, as host code passes them to domains and gets them from domains. Types only.
 *
 *     bool            boolean                  string                     string
 *     u8 … s32, f32   number                   char                       string of one character
 *     f64             number                   enum                       the case's name
 *     u64, s64        bigint                   flags                      { name: boolean }, missing = false
 *     list<u8>        Uint8Array               other lists of numbers     their typed array, BigUint64Array, …
 *     list<T>         array                    tuple                      array
 *     record          { name: value }          variant                    { tag, val }, no val where the case has no type
 *     option<T>       T | undefined            option<option<T>>          { tag: "some", val } | { tag: "none" }, the inner as before
 *     result<T, E>    { tag: "ok" | "err", val }
 *     shared object   its base on the shared heap: the host owns what it gets and must free it
 *     capability      an object with its methods
 *
 * Names are in camel case, cases of enums and variants as WIT writes them.
 */
import type { Called } from "../status.ts";

/** A list of numbers. */
export type HostTypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

export type HostList = HostTypedArray | readonly HostValue[];

/** An instance of a capability. */
export interface HostInstance {
  readonly [Symbol.dispose]: () => void;
}

export type HostValue = number | bigint | boolean | string | undefined | HostList | HostInstance | { readonly [field: string]: HostValue };

/** A WIT `result`; `val` is undefined where that side has no type. */
export type HostResult<T, E> = { readonly tag: "ok"; readonly val: T } | { readonly tag: "err"; readonly val: E };

/** An option of an option, where undefined alone would not say which of the two is empty. */
export type HostOption<T> = { readonly tag: "some"; readonly val: T } | { readonly tag: "none" };

/** For one call, or for as many as are made with it. */
export interface CallOptions {
  /** When this time has passed by the return, the call ends with the cause `late` and its result is dropped. The callee is not ended. */
  readonly deadlineMs?: number;
  /** Looked at before the call only, since a call is never interrupted: throws the signal's reason where it is aborted. */
  readonly signal?: AbortSignal;
}

/** A function of a domain, and the same under options. */
export type HostCall<F> = F & { readonly with: (options: CallOptions) => F };

export type HostMethod = HostCall<(...args: HostValue[]) => Called<HostValue>>;

/** The functions of one exported interface, by their names in camel case. */
export type HostInterface = Readonly<Record<string, HostMethod>>;

/** What an application grants a domain: functions by their names in camel case, which take and return values as above. */
export type HostImplementation = object;
