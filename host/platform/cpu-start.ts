/** What the thread of a CPU is started with, and what it says before it is a CPU. */
export interface CpuStart {
  readonly memory: WebAssembly.Memory;
  readonly heap: WebAssembly.Module;
  readonly board: SharedArrayBuffer;
  /** CPU time of its domains. */
  readonly accounts: Int32Array;
  readonly index: number;
  readonly of: number;
  /** CPUs that may take their time. */
  readonly applications: readonly number[];
  readonly silenceMs: number;
  /** Of the first CPU's thread: all of them have one clock. */
  readonly timeOrigin: number;
}

/** From the thread to the first CPU. `called`: it is wanted, and its thread is in its event loop. */
export type CpuMessage = "ready" | "called";
