/** What the watchdog's thread and the kernel tell each other through the word `CPU_WATCHDOG` of a CPU line. */
export const WatchdogState = { awake: 0, asleep: 1, stop: 2 } as const;

/** What the thread is started with. */
export interface WatchdogStart {
  readonly memory: WebAssembly.Memory;
  readonly cpu: number;
  /** See `cpu-accounts.ts`. */
  readonly accounts: Int32Array;
}
