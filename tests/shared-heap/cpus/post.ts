/** How the CPUs of the test talk: what each is given at its start, and the words of the mailboxes between them. */

export interface CpuData {
  readonly memory: WebAssembly.Memory;
  readonly heapWasm: WebAssembly.Module;
  readonly cpu: number;
  readonly cpus: number;
  readonly steps: number;
  readonly seed: number;
  /** Words: [how many CPUs are done, messages on their way, loans that have not come back], then a mailbox per pair of sender and receiver. */
  readonly post: Int32Array<SharedArrayBuffer>;
}

export const POST_DONE = 0;
export const POST_UNDERWAY = 1;
/** Whoever lends must be there until the loan is back, also when the domain that lent is dead. */
export const POST_LOANS = 2;
export const MAILBOXES = 3;
export const MAILBOX_WORDS = 2;
export const POST_WORDS = (cpus: number): number => MAILBOXES + cpus * cpus * MAILBOX_WORDS;
