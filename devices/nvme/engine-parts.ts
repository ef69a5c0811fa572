/** What the engine works with and whom it tells. Made by parts.ts. */
import type { Admission } from "./admission.ts";
import type { Arbiter } from "./arbiter.ts";
import type { Command, CommandSet, IoSet } from "./command.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Queues } from "./queues.ts";

export interface EngineParts {
  readonly queues: Queues;
  readonly interrupts: Interrupts;
  readonly arbiter: Arbiter;
  readonly admission: Admission;
  readonly admin: CommandSet;
  readonly io: IoSet;
  readonly maxSegments: number;
  /** When a command that was admitted is performed: at once, by `advance`, or at once by a store that answers later. */
  readonly mode: "synchronous" | "deferred" | "asynchronous";
  /** In deferred mode: after so many further register accesses a command completes; Infinity: only by `advance`. */
  readonly dueAfter: number;
  /** Deferred mode: which one of so many completes next; without it, the oldest. */
  readonly pick?: (below: number) => number;
  nowMicros(): number;
  /** How many commands of one queue are fetched in a row. */
  burst(): number;
  /** Every completion, after it was posted. */
  completed(command: Command, status: number): void;
  /** Some commands have ended outside any register access. */
  settled(): void;
  /** Queue memory was refused, or a fault says so. */
  fatal(): void;
}
