/**
 * The report of the shared heap with names: whose objects, and of which types, as a system's kernel knows them.
 * Called by the CLI and by programs that want to know who holds what; changes nothing.
 */
import { type HeapReport, heapReport } from "../../shared-heap/report.ts";
import { MESSAGE_TYPE } from "../idl/message.ts";
import type { Kernel } from "../kernel/kernel.ts";

/** A heap's report whose owners and types have names beside their numbers. */
export interface NamedHeapReport extends HeapReport {
  /** Owner word to domain and generation: `shadow#2`. The kernel owns what the host works on, and what the dead left. */
  readonly owners: Readonly<Record<string, string>>;
  /** Type id to type: `sumac:block/types@0.1.0#block`. */
  readonly typeNames: Readonly<Record<string, string>>;
}

export function namedHeapReport(kernel: Kernel): NamedHeapReport {
  const report = heapReport(kernel.heap);
  const owners: Record<string, string> = {};
  const typeNames: Record<string, string> = {};
  for (const { id, types } of report.domains) {
    owners[id] = kernel.nameOf(id);
    for (const { type } of types) typeNames[type] = typeName(kernel, type);
  }
  return { ...report, owners, typeNames };
}

function typeName(kernel: Kernel, id: number): string {
  if (id === MESSAGE_TYPE) return "message";
  const type = kernel.types.get(id);
  if (type !== undefined) return `${type.interfaceId}#${type.name}`;
  // Objects of the kernel itself, such as device grants, have types that no world names.
  return "the kernel's own";
}
