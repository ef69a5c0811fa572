/**
 * What one CPU asks of another besides calls: births, kills, the news of deaths, its end. Texts between two kernels, each answered.
 * Called by `cpus.ts`, which asks, and by `cpu.ts`, which serves. What an order means is in `cpus.ts` and, for the first CPU and
 * the workers, in `host/system/`.
 */
import { SumacError, type SumacErrorCode } from "../../errors.ts";
import type { RpcError } from "../status.ts";
import type { SpawnRequest, ThreadEnd } from "../threads/scheduler.ts";
import { Lane } from "./board.ts";
import { type Cpu, Kind } from "./cpu.ts";
import { SystemFault } from "./remote-failure.ts";

/** See `travel.ts`. */
export type ThreadOrder =
  | { readonly kind: "spawn"; readonly request: SpawnRequest }
  /** To a thread's home: it goes on from a CPU where it is a visitor. */
  | { readonly kind: "thread-goes"; readonly cpu: number; readonly request: SpawnRequest }
  | { readonly kind: "thread-kill"; readonly id: number; readonly detail: string }
  | { readonly kind: "thread-ended"; readonly id: number; readonly end: ThreadEnd };

/** See `departure.ts` and `arrival.ts`. */
export type MoveOrder =
  /** To the CPU on which a domain lives: it is to go to another one, within a time (milliseconds since 1970). */
  | { readonly kind: "depart"; readonly seat: number; readonly to: number; readonly untilMs: number }
  /** To the CPU to which it goes: a part of it, so many bytes of which lie in the bale of the CPU that asks. */
  | { readonly kind: "arrive"; readonly seat: number; readonly part: Part; readonly bytes: number }
  | { readonly kind: "stay"; readonly seat: number };

export type Part = "head" | "memory" | "snapshot" | "rest";

export type Order =
  /** The first generation of a seat. */
  | { readonly kind: "create"; readonly seat: number }
  /** The one after `generation`, if that is still the last. */
  | { readonly kind: "restart"; readonly seat: number; readonly generation: number }
  | { readonly kind: "remove"; readonly seat: number }
  | { readonly kind: "kill"; readonly id: number; readonly detail: string }
  /** To the first CPU: does what supervision has to do after what it was posted. */
  | { readonly kind: "attend" }
  | { readonly kind: "stop" }
  | ThreadOrder
  | MoveOrder;

export type Answer =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: RpcError }
  | { readonly kind: "refused"; readonly code: SumacErrorCode; readonly message: string }
  /** Not yet: what it is about has not arrived there. */
  | { readonly kind: "later" };

/** Served in the middle of domain code too. */
const URGENT: ReadonlySet<Order["kind"]> = new Set(["kill", "thread-kill"]);

/**
 * Asks and waits.
 * @param isOver see `Cpu.request`
 * @returns undefined when it was taken back
 */
export function order(cpu: Cpu, target: number, what: Order, isOver?: () => boolean): Answer | undefined {
  const slot = cpu.begin(Kind.order);
  if (slot === undefined) throw new SystemFault(`CPU ${cpu.index}: too many requests are inside each other for "${what.kind}"`);
  if (!cpu.board.writeText(slot, JSON.stringify(what))) throw new SystemFault(`the order "${what.kind}" is too long`);
  if (!cpu.request(slot, URGENT.has(what.kind) ? Lane.urgent : Lane.calls, target, isOver)) return undefined;
  const answer = JSON.parse(cpu.board.readText(slot)) as Answer;
  cpu.end(slot);
  return answer;
}

/** Serves one. @returns false where it cannot be done yet */
export function serveOrder(cpu: Cpu, number: number, obey: (what: Order) => Answer): boolean {
  const what = JSON.parse(cpu.board.readText(number)) as Order;
  let answer: Answer;
  try {
    answer = obey(what);
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    answer = { kind: "refused", code: error.code, message: error.message.slice(0, 2000) };
  }
  if (answer.kind === "later") return false;
  if (!cpu.board.writeText(number, JSON.stringify(answer))) throw new SystemFault(`the answer to "${what.kind}" is too long`);
  return true;
}
