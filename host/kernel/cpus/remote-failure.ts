/**
 * Why a call to another CPU has no result: what was found there, as the caller's own kernel would have found it.
 * Thrown by `remote-proxy.ts` to the proxy around it, which makes the caller's status of it; never seen by a domain.
 */
import type { Blamed, Note } from "../calls/relay.ts";
import type { CauseCode } from "../status.ts";

export class RemoteFailure {
  readonly code: CauseCode;
  readonly blamed: Blamed;
  readonly detail: string;
  readonly detailCode: number;
  /** What the callee met before it failed, oldest first. */
  readonly before: readonly Note[];

  constructor(code: CauseCode, blamed: Blamed, detail: string, detailCode = 0, before: readonly Note[] = []) {
    this.code = code;
    this.blamed = blamed;
    this.detail = detail;
    this.detailCode = detailCode;
    this.before = before;
  }
}

/** In place of a status, between two CPUs only: the callee lives on another CPU by now, and nothing was done. */
export const MOVED = -1;

/** Thrown to the proxy where that is so: what was passed is the caller's again, who is told nothing and calls once more. */
export const movedAway: object = Object.freeze({});

/** A CPU that does not answer, or another broken promise of trusted code: it ends the call of the application, and with it the system. */
export class SystemFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SystemFault";
  }
}
