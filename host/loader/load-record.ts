/**
 * What is known of a module only when it is loaded: who vouched for it by which rules, what the loader made of it, and later what
 * the domain was granted. The fingerprint says what the author claims, the record what this host saw.
 * Made by the loader (`ModuleRecord`) and completed by `host/system/system.ts` (`LoadRecord`); shown by the CLI. Plain data, for JSON.
 */
import type { DomainLimits } from "../kernel/domain.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { Signer, Uncounted } from "./signature.ts";
import type { TrustPolicy } from "./trust-policy.ts";

/**
 * Raised whenever hardening changes what it makes of a module, so that a system can demand the one that it was tested with.
 * 1: guard appended, safepoints, memories as imports, the start function as an export.
 * 2: mutable globals as exports where the world has a `recover`.
 */
export const HARDEN_VERSION = 2;

export interface ModuleRecord {
  /** What messages call it: usually the file's path. */
  readonly module: string;
  readonly bytes: number;
  /** Hex SHA-256 of the file. */
  readonly hash: string;
  /** Hex SHA-256 of what is signed: everything but the signature section; null when nobody was asked for a signature. */
  readonly signed: string | null;
  /** Empty for a module that was let in unsigned by name. */
  readonly signers: readonly Signer[];
  readonly uncounted: readonly Uncounted[];
  /** What the system demanded; all of it was met. */
  readonly policy: readonly TrustPolicy[];
  /** The author's claims, true as far as the module itself can show. */
  readonly fingerprint: Fingerprint | null;
  /** Hex SHA-256 of what V8 compiled, and of the guard that was put into it. */
  readonly hardened: { readonly version: number; readonly hash: string; readonly guard: string };
  /** Why its domains restart by `init` although it has a `recover`: what no snapshot can hold; else null. */
  readonly beyondSnapshot: string | null;
  /** The Sumac that loaded it. */
  readonly sumac: string;
}

/** A domain as it was created; a restarted one is created from the same. */
export interface LoadRecord extends ModuleRecord {
  readonly domain: string;
  readonly limits: DomainLimits;
  /** Interface id to who provides it: the name of a domain, or what stands on the host's side. */
  readonly grants: Readonly<Record<string, string>>;
}
