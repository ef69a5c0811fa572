/**
 * What a CPU other than the first does that only the first can: supervision is there. Deaths are told there by `news.ts`; whoever met one
 * waits a while for the restart that may follow, because his next call is to find the next generation.
 */
import { askerCpu, type Cpus } from "./cpus.ts";
import { FIRST } from "./news.ts";
import { order } from "./orders.ts";

/** The first CPU may be busy with something else. */
const ATTEND_MS = 20;

export function follower(cpus: Cpus): void {
  const { cpu } = cpus;
  cpus.obey = (what) => {
    if (what.kind === "stop") cpus.isStopping = true;
    return { kind: "done" };
  };
  cpu.kernel.attend = () => {
    // The call that failed is the first CPU's own: it attends when it has its answer.
    if (askerCpu(cpu) === FIRST && cpu.kernel.depth === cpu.baseDepth) return;
    const end = performance.now() + ATTEND_MS;
    cpu.apart(-1, () => order(cpu, FIRST, { kind: "attend" }, () => performance.now() > end));
  };
}
