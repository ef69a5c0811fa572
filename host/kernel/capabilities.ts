/**
 * What every domain may ask of the kernel itself: objects of the shared types in its world and their children, messages, a line of log, its last
 * words, and a deadline for its next call. Each function first proves its stack, checks what it was given against the
 * caller's memory or ownership, and is bounded in time.
 */
import { STATE_RELAYING, STATUS_QUOTA, STATUS_REFUSED, STATUS_WORDS } from "../../shared-heap/layout.ts";
import { MAX_OBJECT_BYTES, vecOf } from "../idl/field-sizes.ts";
import type { ResourceType, SharedType } from "../idl/idl.ts";
import { MESSAGE_TYPE } from "../idl/message.ts";
import type { CoreFunction } from "./calls/link.ts";
import { makeDestructorProxy } from "./calls/proxy.ts";
import { relay } from "./calls/relay.ts";
import { throwSavedTrap } from "./calls/saved-trap.ts";
import type { Domain } from "./domain.ts";
import type { CallDestructor } from "./handles/destructors.ts";
import type { Kernel } from "./kernel.ts";
import { rememberLine } from "./life/deaths.ts";
import { importPlanOf } from "./life/import-plan.ts";
import { LogGate } from "./log-gate.ts";
import { Cause } from "./status.ts";
import { callerQueueImports } from "./threads/caller-queues.ts";
import { threadImports } from "./threads/thread-imports.ts";
import { RecordWord } from "./words.ts";

/** Longest text that `log` and `panic` read, in bytes. */
const MAX_TEXT_BYTES = 1024;

/** The imports from "kernel". */
export function kernelImports(kernel: Kernel, domain: Domain): Record<string, CoreFunction> {
  const gate = new LogGate(domain.spec.limits.logLinesPerSecond);
  return {
    ...slotImports(kernel, domain),
    ...messageImports(kernel, domain),
    ...(importPlanOf(domain.spec.loaded).usesQueues
      ? callerQueueImports(
          kernel,
          domain,
          (detail) => fault(kernel, domain, detail),
          (result) => settle(kernel, domain, result),
        )
      : {}),
    ...(domain.spec.loaded.hasThreads ? threadImports(kernel, domain, (result) => settle(kernel, domain, result)) : {}),
    log(ptr = 0, length = 0) {
      kernel.probe.capability(0);
      const line = printable(textAt(kernel, domain, ptr >>> 0, length >>> 0));
      rememberLine(domain, line);
      const dropped = gate.dropped;
      if (gate.pass(performance.now())) {
        const { name, generation } = domain;
        if (dropped > 0) kernel.events.emit({ kind: "log-dropped", domain: name, lines: dropped });
        kernel.events.emit({ kind: "log", domain: name, generation, line });
      }
      return settle(kernel, domain, 0);
    },
    panic(code = 0, ptr = 0, length = 0) {
      kernel.probe.capability(0);
      domain.lastWords = { code, text: printable(textAt(kernel, domain, ptr >>> 0, length >>> 0)) };
      return settle(kernel, domain, 0);
    },
    /** The caller's own deadline for its next call, in microseconds; 0 takes it back. */
    deadline(micros = 0) {
      kernel.i32[domain.record + RecordWord.limit] = Math.min(micros >>> 0, 0x7fffffff);
      return 0;
    },
    /** Ends the caller's present call, once it returns, with the causes for which its own calls failed. */
    relay() {
      kernel.probe.capability(0);
      const misuse = relay(kernel, domain);
      if (misuse !== undefined) fault(kernel, domain, misuse);
      return settle(kernel, domain, 0);
    },
  };
}

/** `[constructor]x` and `[resource-drop]x` of one shared type. */
export function typeImports(kernel: Kernel, domain: Domain, type: SharedType): Record<string, CoreFunction> {
  const { alloc, drop, lastError, typeOf } = kernel.heap.exports;
  const { id: typeId, sizeBytes } = type;
  const stride = vecOf(type)?.stride ?? 0;
  return {
    [`[constructor]${type.name}`](count = 0) {
      kernel.probe.capability(0);
      const bytes = sizeBytes + (count >>> 0) * stride;
      const isTooLarge = bytes > MAX_OBJECT_BYTES;
      const base = isTooLarge ? 0 : alloc(domain.id, typeId, bytes);
      if (base === 0 && !isTooLarge && lastError() === STATUS_QUOTA) domain.quotaRefused = true;
      return settle(kernel, domain, base);
    },
    [`[resource-drop]${type.name}`](base = 0) {
      kernel.probe.capability(0);
      if (typeOf(base) >>> 0 !== typeId >>> 0 || drop(base, domain.id) !== 0) {
        fault(kernel, domain, `dropped a ${type.name} that it does not own, that is lent, or that another object holds`);
      }
      return settle(kernel, domain, 0);
    },
  };
}

/**
 * Children into slots and out of them. The heap knows who owns what; that a slot is one, and for children of which type, only the
 * registry knows: without it a domain could hang objects on others where nobody would find them.
 */
function slotImports(kernel: Kernel, domain: Domain): Record<"put" | "take", CoreFunction> {
  const { objectAt, put, take, typeOf } = kernel.heap.exports;
  return {
    put(slot = 0, child = 0) {
      kernel.probe.capability(0);
      const parent = objectAt(slot);
      const wanted = kernel.types.childType(typeOf(parent) >>> 0, (slot >>> 0) - parent);
      const fits = wanted !== undefined && wanted === typeOf(child) >>> 0;
      return settle(kernel, domain, fits ? put(slot, child, domain.id) : STATUS_REFUSED);
    },
    take(slot = 0, type = 0) {
      kernel.probe.capability(0);
      return settle(kernel, domain, take(slot, type, domain.id));
    },
  };
}

/** Messages are objects as any other, of a type that no world has. */
function messageImports(kernel: Kernel, domain: Domain): Record<"message-new" | "message-drop", CoreFunction> {
  const { alloc, drop, lastError, typeOf } = kernel.heap.exports;
  return {
    /** A zeroed message of so many bytes, or 0. */
    "message-new"(bytes = 0) {
      kernel.probe.capability(0);
      const isTooLarge = bytes >>> 0 > MAX_OBJECT_BYTES;
      const base = isTooLarge ? 0 : alloc(domain.id, MESSAGE_TYPE, Math.max(bytes, 1));
      if (base === 0 && !isTooLarge && lastError() === STATUS_QUOTA) domain.quotaRefused = true;
      return settle(kernel, domain, base);
    },
    "message-drop"(base = 0) {
      kernel.probe.capability(0);
      if (typeOf(base) >>> 0 !== MESSAGE_TYPE || drop(base, domain.id) !== 0) {
        fault(kernel, domain, "dropped a message that it does not own, or that is lent");
      }
      return settle(kernel, domain, 0);
    },
  };
}

/** `[resource-drop]x` of one capability. The destructor's failure is told to nobody: the status stays that of the last call. */
export function dropImport(kernel: Kernel, domain: Domain, resource: ResourceType): CoreFunction {
  const type = kernel.capabilities.numberOf(resource);
  const status = domain.record + RecordWord.status;
  let call: CallDestructor | undefined;
  return (handle = 0) => {
    kernel.probe.capability(0);
    const entry = domain.handles.find(handle, type);
    if (entry === undefined || !entry.isOwn || entry.lends !== 0) {
      fault(kernel, domain, `dropped a ${resource.name} that it does not hold, or that is lent`);
    }
    domain.handles.remove(entry);
    call ??= makeDestructorProxy(kernel.domainContext(domain));
    const before = kernel.i32.slice(status, status + STATUS_WORDS);
    // Whoever gave its call up may call nobody any more.
    const mayCall = kernel.i32[domain.record + RecordWord.state] !== STATE_RELAYING;
    if (mayCall) kernel.destructors.end(entry, domain.id, domain.seat.waiting, call);
    else kernel.destructors.push(entry.exporter, type, entry.rep, domain.seat.waiting);
    kernel.i32.set(before, status);
    return settle(kernel, domain, 0);
  };
}

/** A misuse of a kernel function ends the domain that misused it. */
function fault(kernel: Kernel, domain: Domain, detail: string): never {
  kernel.doom(domain, Cause.trap, detail);
  throwSavedTrap();
}

/** A kernel function is a safepoint too: a domain that only ever calls the kernel can be ended. */
function settle(kernel: Kernel, domain: Domain, result: number): number {
  if (kernel.i32[kernel.cpu.interrupt] !== 0) kernel.answerInterrupt();
  if (!kernel.isAlive(domain)) throwSavedTrap();
  return result;
}

function textAt(kernel: Kernel, domain: Domain, ptr: number, length: number): string {
  const { bytes } = domain;
  if (ptr + length > bytes.length) fault(kernel, domain, `gave the kernel a text outside its memory (0x${ptr.toString(16)}+${length})`);
  return new TextDecoder().decode(bytes.subarray(ptr, ptr + Math.min(length, MAX_TEXT_BYTES)));
}

/** A domain's text goes to a terminal: control and format characters are shown, not obeyed, and a line stays a line. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`);
}
