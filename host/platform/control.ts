/**
 * The control socket as a system sees it: a thread that owns the socket, because one that runs domains has no turn for it, and the port on
 * which that thread asks the kernel. A question is answered at the next safepoint or on the next turn of the event loop, whichever comes first.
 * Called by `start.ts`; ended with the system. Never keeps the process alive.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { Answers, type Device } from "../control/answers.ts";
import type { SystemInfo } from "../control/protocol.ts";
import { SumacError } from "../errors.ts";
import type { System } from "../system/system.ts";
import { SUMAC_VERSION } from "../version.ts";
import { type AnswerMessage, type AskMessage, CLAIM, type ControlMessage, type ControlStart } from "./control-start.ts";

let serial = 0;

export class Control {
  /** Of the socket. */
  readonly path: string;
  readonly #worker: Worker;
  readonly #answers: Answers;
  readonly #end: () => void;

  private constructor(path: string, worker: Worker, answers: Answers, end: () => void) {
    this.path = path;
    this.#worker = worker;
    this.#answers = answers;
    this.#end = end;
  }

  /**
   * Resolves when the socket is there.
   * @param name what the system is called by those who look for it
   * @throws SumacError where there is no place for it
   */
  static async start(system: System, name: string): Promise<Control> {
    const { kernel } = system;
    const news = new Int32Array(new SharedArrayBuffer(4));
    const answers = new Answers({ system, news });
    const { port1, port2 } = new MessageChannel();
    const take = (message: unknown): void => {
      const { number, ask, claim } = message as AskMessage;
      if (Atomics.compareExchange(claim, 0, CLAIM.open, CLAIM.taken) !== CLAIM.open) return;
      port1.postMessage({ number, answer: answers.answer(ask) } satisfies AnswerMessage);
    };
    port1.on("message", take);
    port1.unref();
    kernel.outside = () => {
      for (let arrived = receiveMessageOnPort(port1); arrived !== undefined; arrived = receiveMessageOnPort(port1)) take(arrived.message);
    };
    const info: SystemInfo = {
      name,
      pid: process.pid,
      version: SUMAC_VERSION,
      startedAtMs: Date.now(),
      cpus: system.cpus,
      heapMaxBytes: kernel.heap.maxBytes,
    };
    const workerData: ControlStart = { memory: kernel.heap.memory, system: info, serial: ++serial, news, port: port2 };
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const worker = new Worker(new URL(`./control-worker.${extension}`, import.meta.url), { workerData, transferList: [port2] });
    const end = (): void => {
      kernel.outside = undefined;
      answers.stop();
      port1.close();
    };
    try {
      const path = await listening(worker);
      worker.on("error", (error) => {
        end();
        kernel.events.emit({ kind: "host-error", domain: "host", function: "the control socket", error });
      });
      worker.unref();
      return new Control(path, worker, answers, end);
    } catch (error) {
      end();
      await worker.terminate();
      throw error;
    }
  }

  addDevice(device: Device): void {
    this.#answers.addDevice(device);
  }

  /** Those who look on are told what has happened so far, and that it is the end. */
  async stop(): Promise<void> {
    this.#answers.stop();
    const gone = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.#worker.ref();
    this.#worker.postMessage("stop");
    await gone;
    this.#end();
  }
}

function listening(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message: ControlMessage) => {
      worker.off("error", reject);
      if (message.kind === "listening") resolve(message.path);
      else reject(new SumacError("control-unusable", message.message));
    });
  });
}
