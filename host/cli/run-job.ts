/**
 * The job of a system that `sumac run` has booted: a call that runs to its end on this thread, or a thread of a domain, whose end is awaited while
 * everything else of the system goes on.
 */
import { setTimeout } from "node:timers/promises";
import { SumacError } from "../errors.ts";
import { camelCase } from "../idl/member-name.ts";
import { type FieldValue, readObject } from "../kernel/host/object-fields.ts";
import type { RpcError } from "../kernel/status.ts";
import type { ThreadEnd } from "../kernel/threads/scheduler.ts";
import type { Booted } from "../system/boot.ts";
import type { ManifestJob } from "../system/manifest.ts";
import type { System } from "../system/system.ts";

/** Parked threads, and wires that wait for frames, do not keep the process alive. */
const ALIVE_MS = 60_000;
/** Between two looks for a domain that is to be started again. */
const LOOK_MS = 10;

/** What the job gave: the fields of its report, or why there is none. */
export type JobOutcome =
  | { readonly kind: "report"; readonly fields: Record<string, FieldValue> }
  | { readonly kind: "error"; readonly name: string }
  | { readonly kind: "ended"; readonly detail: string }
  | { readonly kind: "died"; readonly error: RpcError };

export async function runJob({ manifest, system }: Booted): Promise<JobOutcome> {
  const job = manifest.main ?? { domain: "" };
  if (job.thread === undefined) return callJob(job, system);
  const alive = setInterval(() => {}, ALIVE_MS);
  try {
    return await awaitThread(job.domain, job.thread, system);
  } finally {
    clearInterval(alive);
  }
}

function callJob({ domain, interface: interfaceId = "", method = "" }: ManifestJob, system: System): JobOutcome {
  const call = system.export(domain, interfaceId)[camelCase(method)];
  if (call === undefined) {
    throw new SumacError("manifest-invalid", `/main/method: ${interfaceId} has no function "${method}"`);
  }
  const called = call();
  if (!called.ok) return { kind: "died", error: called.error };
  const result = called.value as { readonly tag: string; readonly val: number | string };
  if (result.tag === "err") return { kind: "error", name: String(result.val) };
  return { kind: "report", fields: takeReport(system, Number(result.val)) };
}

/** The report object now belongs to the host: read it, free it. */
function takeReport({ kernel }: System, base: number): Record<string, FieldValue> {
  const { heap, types } = kernel;
  const type = types.get(heap.exports.typeOf(base) >>> 0);
  if (type === undefined) throw new Error(`the job returned an object of an unknown type at ${base}`);
  const fields = readObject(heap, type, base);
  heap.exports.free(base);
  return fields;
}

/** Each generation of a supervised domain has the thread anew, and the job is the first that returns. */
async function awaitThread(domain: string, name: string, system: System): Promise<JobOutcome> {
  const { threads } = system.kernel;
  for (;;) {
    const thread = threads.table.named(domain, name);
    if (thread === undefined) {
      throw new SumacError(
        "manifest-invalid",
        `/main/thread: ${domain} has started no thread "${name}" in its init: name one of its threads`,
      );
    }
    const end = await threads.endOf(thread.id);
    if (end?.kind === "returned") return returned(end);
    const detail = `${domain}: the thread ${name} was ended: ${end?.detail ?? "it is no more"}`;
    if (!(await isBornAgain(domain, thread.domain.generation, system))) return { kind: "ended", detail };
  }
}

function returned({ value }: ThreadEnd & { readonly kind: "returned" }): JobOutcome {
  return value === 0 ? { kind: "report", fields: {} } : { kind: "error", name: String(value) };
}

/** Whether there is a later generation than that one; where somebody is to start it, it is waited for. */
async function isBornAgain(domain: string, generation: number, system: System): Promise<boolean> {
  const isLater = (): boolean =>
    system.domains().some((one) => one.name === domain && one.generation > generation && one.state === "running");
  while (!isLater() && system.domains().some(({ name }) => name === domain) && system.isAwaited(domain)) await setTimeout(LOOK_MS);
  return isLater();
}
