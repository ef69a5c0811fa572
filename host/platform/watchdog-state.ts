/** What the watchdog's thread and the kernels tell each other through the word `CPU_WATCHDOG` of each CPU line. */
import { CPU_LINE_SIZE, CPU_LINES, CPU_WATCHDOG } from "../../shared-heap/layout.ts";

/** `stop` is said in the first CPU's word. */
export const WatchdogState = { awake: 0, asleep: 1, stop: 2 } as const;

/** What the thread is started with. */
export interface WatchdogStart {
  readonly memory: WebAssembly.Memory;
  /** Of each CPU, see `cpu-accounts.ts`. */
  readonly accounts: readonly Int32Array[];
}

export function watchdogWord(cpu: number): number {
  return (CPU_LINES + cpu * CPU_LINE_SIZE + CPU_WATCHDOG) >> 2;
}
