/**
 * Who stands behind an interface that a domain imports: another domain, or functions of the host.
 */

import { MAX_RANK } from "./calls/probe.ts";
import type { Domain } from "./domain.ts";
import type { HostExporter } from "./handles/handles.ts";
import type { Blob } from "./life/creator.ts";
import type { RestartPolicy } from "./life/restart-policy.ts";
import type { Seat } from "./seat.ts";

/**
 * A function of the host as a domain's core import sees it: i32 words in, one i32 out (see the interface's lowering).
 * Objects moved in are owned by the kernel while it runs; a base that it returns moves to the caller.
 */
export type HostFunction = (...args: number[]) => number;

/** The functions of one interface, made for one generation of the domain that imports them. */
export type HostBinding = Readonly<Record<string, HostFunction>>;

/**
 * Whoever stands in for a domain offers its interface, deadlines included, and must have the time to try again: a call of it
 * may take `tries` times the deadline more, and `extraMs` for restarts.
 */
export interface Allowance {
  readonly tries: number;
  readonly extraMs: number;
}

/** A function of the host that each CPU can make for itself. */
export type Portable =
  | { readonly kind: "clock" }
  | { readonly kind: "supervisor"; readonly seat: Seat; readonly policy: RestartPolicy }
  | { readonly kind: "creator"; readonly blobs: readonly Blob[] }
  /** One side of a device whose queues are driven on several CPUs, of each replica some: what a queue engine attaches to. */
  | { readonly kind: "queues"; readonly side: "mmio" | "irq"; readonly share: SharedArrayBuffer };

export type Provider =
  /** `rebind`: the importer's links are bound to each next generation of the seat; without it they stay dead. */
  | { readonly kind: "domain"; readonly seat: Seat; readonly rebind?: boolean }
  /** A domain that the importer itself is to create of the blob, and to bind to its import. */
  | { readonly kind: "blob"; readonly blob: Blob }
  | {
      readonly kind: "host";
      readonly bind: (domain: Domain) => HostBinding;
      /**
       * Hash of the one interface that the functions were written for. Needed wherever objects cross: a world that means something
       * else by the same name (a number where the text moves an object) must not be linked to them.
       */
      readonly implements?: string;
      /** Without it the functions belong to the CPU on which they were made, and so does the domain that is granted them. */
      readonly portable?: Portable;
      /** For the right to restart a domain: what its holder's calls may take beyond what their interface declares. */
      readonly allowance?: Allowance;
      /** For interfaces with capabilities: who has their instances, beyond the life of the domain that made them. */
      readonly exporter?: HostExporter | undefined;
      /** For functions that call domains: one more than the highest rank of these. */
      readonly rank?: () => number;
    };

/** What a call through this provider needs of the stack, see `probe.ts`. */
export function rankOf(provider: Exclude<Provider, { readonly kind: "blob" }>): number {
  return provider.kind === "domain" ? provider.seat.rank : Math.min(provider.rank?.() ?? 0, MAX_RANK);
}
