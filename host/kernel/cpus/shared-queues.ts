/**
 * Queues of a device that are driven on several CPUs, on one of these: what others have left for it, and what is due by the clock, is looked at
 * when the CPU waits or rests, as what others ask is, and a CPU for which something is left is rung for. Called where a device is granted.
 */
import type { SharedQueues } from "../../../devices/ports.ts";
import type { Cpu } from "./cpu.ts";

export function attendQueues(cpu: Cpu, queues: SharedQueues): void {
  const { lookAround, hasMore, dueInMs } = cpu;
  const leftMs = (): number => {
    const { deadlineMicros } = queues;
    return deadlineMicros === Number.POSITIVE_INFINITY ? deadlineMicros : Math.max(0, deadlineMicros / 1000 - performance.now());
  };
  const isWanted = (): boolean => queues.hasArrivals || leftMs() === 0;
  queues.ring = (target) => cpu.ring(target);
  cpu.dueInMs = () => Math.min(leftMs(), dueInMs());
  cpu.hasMore = () => isWanted() || hasMore();
  cpu.lookAround = () => {
    if (!isWanted()) return lookAround();
    queues.attend();
    lookAround();
    return true;
  };
}
