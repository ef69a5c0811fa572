/**
 * The code of one seat's proxies. It outlives generations, whose numbers are variables in it: the proxies of a reborn domain
 * need no compiler, run optimised code from the first call, and leave nothing behind in V8, which keeps every text that it
 * ever compiled. Filled by `proxy.ts`.
 */
import type { MethodDescription } from "../../idl/idl.ts";
import type { CoreFunction } from "./link.ts";

/** Makes the proxies of one text, each for its own generation of caller and callee. */
export type MakeProxy = (...parts: unknown[]) => CoreFunction;

/** By the method that is called, and then by what else its proxy's text depends on. */
export type ProxyFactories = Map<MethodDescription, Map<string, MakeProxy>>;

export class ProxyCode {
  /** Of the calls that the seat's domains make. */
  readonly calls: ProxyFactories = new Map();
  /** Of the host's calls into them. */
  readonly hostCalls: ProxyFactories = new Map();
  readonly #children: Map<string, ProxyCode> = new Map();

  /** The code of all domains that the seat's domain makes one after the other of one blob. */
  childOf(blob: string): ProxyCode {
    const known = this.#children.get(blob);
    if (known !== undefined) return known;
    const made = new ProxyCode();
    this.#children.set(blob, made);
    return made;
  }
}
