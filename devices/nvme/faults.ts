/**
 * Faults of the device itself, so that a driver's timeouts, aborts, resets and retries are really run. The engine asks a source once for
 * each command that it fetches; media errors may also come from a store that throws. Same seed, same commands: same faults.
 */
import { seededBelow } from "../random.ts";

export type NvmeFault =
  /** Held until it is aborted, its queue is deleted, or a reset; `deaf`: Abort does not reach it either. */
  | { readonly kind: "stuck"; readonly deaf: boolean }
  /** Completes after so many further register accesses, and not before that much time has passed by the controller's clock. */
  | { readonly kind: "slow"; readonly accesses: number; readonly micros?: number }
  /** Ends with this status (type << 8 | code) and does nothing. */
  | { readonly kind: "status"; readonly status: number }
  /** Is performed, and its completion carries the id with these bits flipped. */
  | { readonly kind: "wrong-id"; readonly flip: number }
  /** Is performed, and its completion raises no interrupt of its own. */
  | { readonly kind: "lost-interrupt" }
  /** The controller sets CSTS.CFS instead, and does nothing more until a reset. */
  | { readonly kind: "fatal" };

export interface FaultSource {
  /** For each fetched command; `undefined`: this one is treated well. */
  next(sqId: number, opcode: number, cid: number): NvmeFault | undefined;
}

export interface FaultRates {
  readonly seed: number;
  /** One command in so many meets some fault. */
  readonly oneIn: number;
  /** What happens then, each as likely as the others. */
  readonly kinds: readonly NvmeFault[];
  /** Whether admin commands meet faults too; default no. */
  readonly admin?: boolean;
}

/** Faults by chance, from a seed. */
export class SeededFaults implements FaultSource {
  /** What was injected, oldest first. */
  readonly injected: { readonly sqId: number; readonly opcode: number; readonly cid: number; readonly fault: NvmeFault }[] = [];
  readonly #rates: FaultRates;
  readonly #below: (limit: number) => number;

  constructor(rates: FaultRates) {
    this.#rates = rates;
    this.#below = seededBelow(rates.seed);
  }

  next(sqId: number, opcode: number, cid: number): NvmeFault | undefined {
    const { oneIn, kinds, admin = false } = this.#rates;
    if (sqId === 0 && !admin) return undefined;
    if (this.#below(oneIn) !== 0) return undefined;
    const fault = kinds[this.#below(kinds.length)];
    if (fault !== undefined) this.injected.push({ sqId, opcode, cid, fault });
    return fault;
  }
}
