/**
 * A living domain leaves the kernel of one CPU, and enters that of another one: all that a kernel knows of it, but for what it has in its
 * memory. Its owner word, its record and its objects stay as they are. Called by `cpus/departure.ts` and `cpus/arrival.ts`; runs none of its code.
 */
import { neverCalled } from "../calls/link.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";

const NO_MEMORY: WebAssembly.Memory = new WebAssembly.Memory({ initial: 0, maximum: 0 });

/** CPU time in the window that it is in. */
export interface UsedWindow {
  readonly used: number;
  readonly since: number;
}

/** From now on this one stands for the one that lives elsewhere, or that did not get to live here. */
export function letGo(kernel: Kernel, domain: Domain): void {
  const { inbound, outbound, spec, memory } = domain;
  for (const link of inbound) link.target = { ...link.target, record: kernel.deadRecord, call: neverCalled };
  for (const link of outbound) link.target.domain.inbound.delete(link);
  inbound.clear();
  outbound.length = 0;
  domain.isElsewhere = true;
  domain.exports = {};
  domain.threads = undefined;
  domain.memory = NO_MEMORY;
  for (const release of domain.releases.splice(0)) release();
  kernel.memories.give(memory, spec.loaded.memoryMinPages, spec.loaded.memoryMaxPages);
}

/** The one that stood for it is forgotten. */
export function takeIn(kernel: Kernel, domain: Domain, window: UsedWindow): void {
  const { seat, id, generation } = domain;
  kernel.seatIn(domain);
  kernel.slots.adopt(id);
  kernel.usage.adopt(domain);
  if (domain.spec.limits.cpuBudgetMs > 0) seat.usedTime.put(window.used, window.since);
  kernel.cpuTime.open(domain);
  domain.life = "running";
  seat.current = domain;
  seat.generations = generation;
}
