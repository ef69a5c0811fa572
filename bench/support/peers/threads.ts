/** The ladder's callee in a worker thread, reached by messages or by shared memory, and in a process, reached by pipes. */
import { spawn } from "node:child_process";
import { Worker } from "node:worker_threads";

export interface AsyncCallee {
  inc(n: number): Promise<number>;
  end(): Promise<void>;
}

export interface SyncCallee {
  inc(n: number): number;
  end(): Promise<void>;
}

const BY_MESSAGE = `const { parentPort } = require("node:worker_threads");
parentPort.on("message", (n) => parentPort.postMessage((n + 1) | 0));`;

export async function workerByMessage(): Promise<AsyncCallee> {
  const worker = new Worker(BY_MESSAGE, { eval: true });
  let answered: (n: number) => void = () => {};
  worker.on("message", (n: number) => answered(n));
  return {
    inc: (n) =>
      new Promise((resolve) => {
        answered = resolve;
        worker.postMessage(n);
      }),
    async end() {
      await worker.terminate();
    },
  };
}

/**
 * Words: 0 = whose turn it is (0 caller, 1 callee), 1 = the number. Both sides sleep while it is the other's, and look again when they wake:
 * the notification of an earlier turn may come late.
 */
const BY_ATOMICS = `const words = require("node:worker_threads").workerData;
for (;;) {
  while (Atomics.load(words, 0) === 0) Atomics.wait(words, 0, 0);
  words[1] = (words[1] + 1) | 0;
  Atomics.store(words, 0, 0);
  Atomics.notify(words, 0);
}`;

export async function workerByAtomics(): Promise<SyncCallee> {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(BY_ATOMICS, { eval: true, workerData: words });
  await new Promise((resolve) => worker.once("online", resolve));
  return {
    inc(n) {
      words[1] = n;
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
      while (Atomics.load(words, 0) === 1) {
        if (Atomics.wait(words, 0, 1, 5000) === "timed-out") throw new Error("the worker does not answer");
      }
      return words[1];
    },
    async end() {
      await worker.terminate();
    },
  };
}

/** Blocks in its read, which is the fastest that a process can do. */
const BY_PIPE = `const { readSync, writeSync } = require("node:fs");
const words = new Int32Array(1);
while (readSync(0, words) === 4) { words[0]++; writeSync(1, words); }`;

export async function processByPipe(): Promise<AsyncCallee> {
  const child = spawn(process.execPath, ["-e", BY_PIPE], { stdio: ["pipe", "pipe", "inherit"] });
  let answered: (n: number) => void = () => {};
  // Four bytes are written and read as one piece: a pipe does not cut what is shorter than a page.
  child.stdout.on("data", (bytes: Buffer) => answered(bytes.readInt32LE()));
  return {
    inc: (n) =>
      new Promise((resolve) => {
        answered = resolve;
        const bytes = Buffer.allocUnsafe(4);
        bytes.writeInt32LE(n | 0);
        child.stdin.write(bytes);
      }),
    async end() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      await ended;
    },
  };
}
