/**
 * Threads that go on another CPU, on that CPU's replica of their domain, and the news of their end for those who join them at home.
 * A thread goes at its entry: nothing of a stack crosses. Called once for each kernel of several.
 */
import { CPU_MAX } from "../../../shared-heap/layout.ts";
import type { SpawnRequest } from "../threads/scheduler.ts";
import type { Cpus } from "./cpus.ts";
import { type Answer, order, type ThreadOrder } from "./orders.ts";
import { replicaOn } from "./replicas.ts";

export function letThreadsTravel(cpus: Cpus): void {
  const { cpu } = cpus;
  const { threads } = cpu.kernel;
  threads.onMigrate = (target, request) => {
    const answer = target < cpu.board.cpus ? send(cpus, target, request) : undefined;
    if (answer?.kind === "done") return;
    const why = answer?.kind === "refused" ? answer.message : `there is no CPU ${target} to go to`;
    threads.endedElsewhere(request.id, { kind: "killed", detail: why });
  };
  threads.onEnd = (id, end) => {
    // The low bits of a thread's id are the CPU on which it was made.
    const home = id & (CPU_MAX - 1);
    if (home !== cpu.index && home < cpu.board.cpus) cpu.apart(-1, () => order(cpu, home, { kind: "thread-ended", id, end }));
  };
}

/** What another CPU asks about threads. */
export function obeyThreadOrder(cpus: Cpus, what: ThreadOrder): Answer {
  const { threads } = cpus.cpu.kernel;
  if (what.kind === "spawn") threads.spawn(what.request);
  else threads.endedElsewhere(what.id, what.end);
  return { kind: "done" };
}

function send(cpus: Cpus, target: number, request: SpawnRequest): Answer | undefined {
  const { cpu } = cpus;
  const there = { ...request, domain: replicaOn(request.domain, target) };
  return cpu.apart(-1, () => order(cpu, target, { kind: "spawn", request: there }));
}
