/**
 * Why a call failed, as text between two CPUs: bounded, so that it always fits.
 * Called by `doors.ts` and `orders.ts` on one side, `remote-proxy.ts` and `stand-ins.ts` on the other. Both sides are trusted code.
 */
import type { Note } from "../calls/relay.ts";
import { Cause, type Failure, type RpcError } from "../status.ts";

/** Characters of a detail, and causes of a chain, that cross: together they fit into the text of a slot. */
const MOST_DETAIL = 200;
const MOST_CHAIN = 8;

export interface FailureText {
  readonly domain: string;
  readonly detail: string;
  readonly chain: readonly Failure[];
}

export function failureText(error: RpcError | undefined): string {
  const { domain = "host", detail = "", chain = [] } = error ?? {};
  // How it began says more than what followed, and so does how it ended.
  const kept = chain.length <= MOST_CHAIN ? chain : [...chain.slice(0, 1), ...chain.slice(1 - MOST_CHAIN)];
  return JSON.stringify({ domain, detail: cut(detail), chain: kept.map((each) => ({ ...each, detail: cut(each.detail) })) });
}

/** The same for an error without a chain, which names its cause itself. */
export function boundedError(error: RpcError): RpcError {
  return { ...error, detail: cut(error.detail), chain: (error.chain ?? []).slice(0, MOST_CHAIN) };
}

export function readFailure(text: string): FailureText {
  return text === "" ? { domain: "host", detail: "", chain: [] } : (JSON.parse(text) as FailureText);
}

export function notesOf(chain: readonly Failure[]): Note[] {
  return chain.map(({ cause, domain, generation, detail }) => ({
    code: Cause[cause],
    blamed: { id: 0, name: domain, generation },
    detail,
  }));
}

function cut(text: string): string {
  return text.length > MOST_DETAIL ? `${text.slice(0, MOST_DETAIL)}…` : text;
}
