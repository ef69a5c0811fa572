/**
 * What a domain may ask of the kernel about its threads: the imports "thread-…" from "kernel". A domain knows its threads by their
 * numbers, and no others: a number of which it has no thread means nothing. `thread-park` is the bridge's.
 */
import type { CoreFunction } from "../calls/link.ts";
import { noWayTo } from "../cpus/travel.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { RecordWord } from "../words.ts";
import { NORMAL_PRIORITY, PRIORITIES, type Thread } from "./thread.ts";

/** What `thread-create` answers instead of a number. */
export const NO_ROOM_IN_DOMAIN = -1;
export const NO_ROOM_ON_CPU = -2;
export const NO_REPLICA = -3;
/** What `thread-join` answers; with the first, the value is the first result word. */
const Joined = { runs: 0, returned: 1, killed: 2, unknown: 3 } as const;
const MAX_NAME_BYTES = 64;

export function threadImports(kernel: Kernel, domain: Domain, settle: (result: number) => number): Record<string, CoreFunction> {
  const { threads, i32 } = kernel;
  const find = (number: number): Thread | undefined => domain.threads?.find(number);
  const own = (): Thread | undefined => (threads.current?.domain === domain ? threads.current : undefined);
  const results = domain.record + RecordWord.results;

  return {
    "thread-create"(entry = 0, first = 0, second = 0, priority = NORMAL_PRIORITY, namePtr = 0, nameBytes = 0) {
      kernel.probe.capability(0);
      const group = domain.threads;
      if (group === undefined || !group.hasRoom) return settle(NO_ROOM_IN_DOMAIN);
      const name = nameAt(domain, namePtr >>> 0, nameBytes >>> 0);
      const thread = threads.create(group, { name, entry, words: [first, second], priority: within(priority) });
      return settle(typeof thread === "string" ? NO_ROOM_ON_CPU : thread.number);
    },
    /** The same on that CPU, on the replica of the domain that is there; joined, killed and counted here, too. */
    "thread-create-on"(cpu = 0, entry = 0, first = 0, second = 0, priority = NORMAL_PRIORITY, namePtr = 0, nameBytes = 0) {
      kernel.probe.capability(0);
      const group = domain.threads;
      if (group === undefined || !group.hasRoom) return settle(NO_ROOM_IN_DOMAIN);
      const isHere = cpu >>> 0 === kernel.place.index;
      const { cpus } = kernel;
      if (!isHere && (cpus === undefined || noWayTo(cpus, domain.name, cpu >>> 0) !== undefined)) return settle(NO_REPLICA);
      const name = nameAt(domain, namePtr >>> 0, nameBytes >>> 0);
      const parts = { name, entry, words: [first, second] as const, priority: within(priority) };
      const thread = threads.create(group, isHere ? parts : { ...parts, startsOn: cpu >>> 0 });
      return settle(typeof thread === "string" ? NO_ROOM_ON_CPU : thread.number);
    },
    /** The number of the thread that runs, 0 in a call. */
    "thread-self"() {
      return threads.isAtBase ? (own()?.number ?? 0) : 0;
    },
    "thread-unpark"(number = 0) {
      kernel.probe.capability(0);
      const thread = find(number);
      if (thread === undefined || thread.end !== undefined) return settle(0);
      threads.wake(thread);
      return settle(1);
    },
    /** Where it still runs, the thread that asks is woken at its end. Asked once more after that, its number is free. */
    "thread-join"(number = 0) {
      kernel.probe.capability(0);
      const thread = find(number);
      const asking = own();
      if (thread === undefined || thread.isDetached || thread === asking) return settle(Joined.unknown);
      if (thread.end === undefined) {
        if (asking !== undefined) thread.joiners.enter(asking);
        return settle(Joined.runs);
      }
      const { end } = thread;
      i32[results] = end.kind === "returned" ? end.value : 0;
      threads.forget(thread);
      return settle(end.kind === "returned" ? Joined.returned : Joined.killed);
    },
    "thread-detach"(number = 0) {
      kernel.probe.capability(0);
      const thread = find(number);
      if (thread === undefined) return settle(0);
      thread.isDetached = true;
      if (thread.end !== undefined) threads.forget(thread);
      return settle(1);
    },
    "thread-kill"(number = 0) {
      kernel.probe.capability(0);
      const thread = find(number);
      return settle(thread !== undefined && threads.kill(thread.id, "killed by its domain") ? 1 : 0);
    },
    "thread-priority"(number = 0, priority = NORMAL_PRIORITY) {
      kernel.probe.capability(0);
      const thread = find(number);
      if (thread !== undefined && thread.end === undefined) threads.setPriority(thread, within(priority));
      return settle(0);
    },
    /** When its entry returns, the thread goes on at another one, on that CPU. */
    "thread-migrate"(cpu = 0, entry = 0, first = 0, second = 0) {
      kernel.probe.capability(0);
      const thread = own();
      if (thread !== undefined) thread.next = { cpu: cpu >>> 0, entry, words: [first, second] };
      return settle(thread === undefined ? 0 : 1);
    },
  };
}

function within(priority: number): number {
  return Math.min(priority >>> 0, PRIORITIES - 1);
}

/** What lies outside its memory has no name. */
function nameAt({ bytes }: Domain, ptr: number, length: number): string {
  if (ptr + length > bytes.length) return "";
  const text = new TextDecoder().decode(bytes.subarray(ptr, ptr + Math.min(length, MAX_NAME_BYTES)));
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}
