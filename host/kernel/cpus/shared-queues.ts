/**
 * Queues of a device that are driven on several CPUs, on one of these: what others have left for it is looked at when the CPU waits or rests,
 * as what others ask is, and a CPU for which something is left is rung for. Called where a device is granted.
 */
import type { SharedQueues } from "../../../devices/ports.ts";
import type { Cpu } from "./cpu.ts";

export function attendQueues(cpu: Cpu, queues: SharedQueues): void {
  const { lookAround, hasMore } = cpu;
  queues.ring = (target) => cpu.ring(target);
  cpu.hasMore = () => queues.hasArrivals || hasMore();
  cpu.lookAround = () => {
    if (!queues.hasArrivals) return lookAround();
    queues.attend();
    lookAround();
    return true;
  };
}
