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

/** What has become of a question: whoever of the two is first has changed it, and the other one heeds that. */
export const CLAIM = { open: 0, taken: 1, withdrawn: 2 } as const;

/** To the kernel, which takes the claim, and else does nothing: nobody waits for it any more. */
export interface AskMessage {
  readonly number: number;
  readonly ask: Ask;
  readonly claim: Int32Array;
}

export interface AnswerMessage {
  readonly number: number;
  readonly answer: Answer;
}

/** From the thread, on its first port. */
export type ControlMessage = { readonly kind: "listening"; readonly path: string } | { readonly kind: "failed"; readonly message: string };
