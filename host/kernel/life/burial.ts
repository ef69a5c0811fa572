/**
 * The end of a domain of which no frame is left: everything that was its own is taken back, and those who watch are told.
 * Called by `kernel.ts` only, between two safepoints. Runs none of its code.
 */
import { STATE_DEAD } from "../../../shared-heap/layout.ts";
import type { Domain } from "../domain.ts";
import type { Kernel } from "../kernel.ts";
import { RecordWord } from "../words.ts";

/** Deaths of one seat that are remembered until a call is answered: one that dies for ever must not fill the host's memory. */
const MOST_UNRECOVERED = 10_000;

/** The order of death: no entry, grants quiesced, objects dropped, accounts closed, memory recycled, watchers told. */
export function bury(kernel: Kernel, domain: Domain): void {
  const { i32 } = kernel;
  i32[domain.record + RecordWord.state] = STATE_DEAD;
  kernel.cpuTime.close(domain);
  kernel.usage.close(domain);
  for (const link of domain.inbound) link.cut(kernel.deadRecord);
  for (const link of domain.outbound) link.target.domain.inbound.delete(link);
  domain.isGone = true;
  // Handles to its instances and links to it outlive it: they must keep neither its code nor whom it called or was called by.
  domain.exports = {};
  domain.inbound.clear();
  domain.outbound.length = 0;
  for (const { exporter, type, rep } of domain.handles.clear()) kernel.destructors.push(exporter, type, rep, domain.seat.waiting);
  for (const release of domain.releases.splice(0)) release();
  kernel.heap.exports.dropAll(domain.id);
  // Proxies end the borrows of their own calls; only a call whose proxy was unwound can have left one.
  if (kernel.heap.exports.domainClose(domain.slot) !== 0) {
    kernel.heap.exports.endAllBorrows(domain.id);
    kernel.heap.exports.domainClose(domain.slot);
  }
  kernel.unseat(domain);
  if (domain.threads === undefined) recycle(kernel, domain);
  else kernel.threads.bury(domain.threads, () => recycle(kernel, domain));
  const death = kernel.deaths.add(domain, kernel.callers(), kernel.cpus?.cpu.index);
  domain.lastCall = undefined;
  if (domain.seat.isSupervised && domain.seat.unrecovered.length < MOST_UNRECOVERED) domain.seat.unrecovered.push(death.atMs);
  kernel.tell(domain, "dead");
  kernel.events.emit({ kind: "death", death });
}

/** Slot and memory are another's from here on. */
function recycle(kernel: Kernel, { slot, spec, seat, memory }: Domain): void {
  kernel.slots.give(slot);
  const { memoryMinPages, memoryMaxPages } = spec.loaded;
  if (seat.snapshot?.keep(memory) !== true) kernel.memories.give(memory, memoryMinPages, memoryMaxPages);
}
