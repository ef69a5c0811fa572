/** What the control thread is started with, and what it and the kernel's thread say to each other. */
import type { MessagePort } from "node:worker_threads";
import type { Answer } from "../control/answers.ts";
import type { Ask, SystemInfo } from "../control/protocol.ts";

export interface ControlStart {
  readonly memory: WebAssembly.Memory;
  readonly system: SystemInfo;
  /** Of systems in this process. */
  readonly serial: number;
  /** Counted up for each new entry of the log. */
  readonly news: Int32Array;
  readonly port: MessagePort;
}

/** To the kernel. One that comes later than `expires` (milliseconds since 1970) is not answered: nobody waits for it. */
export interface AskMessage {
  readonly number: number;
  readonly ask: Ask;
  readonly expires: number;
}

export interface AnswerMessage {
  readonly number: number;
  readonly answer: Answer;
}

/** From the thread, on its first port. */
export type ControlMessage = { readonly kind: "listening"; readonly path: string } | { readonly kind: "failed"; readonly message: string };
