/**
 * From a fault to an answered call: a domain traps, is started again, and answers the call that follows, whose value shows that its state
 * is there. Against what others do: a worker thread that is ended and another that is started with the same module, compiled already.
 */
import { Worker } from "node:worker_threads";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import type { Row } from "../row.ts";
import { DEADLY, startMortal, statefulCode, wordOfState } from "../support/mortal.ts";

const KIB = 1024;
const SIZES = [
  { suffix: "", bytes: 4 * KIB },
  { suffix: "-1m", bytes: 1024 * KIB },
];

/** Makes the state, answers words of it, and says when it has trapped; a program would hear that, or a timeout, as well. */
const WORKER_CODE = `const { parentPort, workerData } = require("node:worker_threads");
const { init, at } = new WebAssembly.Instance(workerData, {}).exports;
init();
parentPort.on("message", (n) => {
  let answer;
  try { answer = at(n) >>> 0; } catch { answer = "trapped"; }
  parentPort.postMessage(answer);
});`;

class Peer {
  readonly #worker: Worker;

  constructor(module: WebAssembly.Module) {
    this.#worker = new Worker(WORKER_CODE, { eval: true, workerData: module });
  }

  ask(n: number): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#worker.once("message", resolve);
    this.#worker.once("error", reject);
    this.#worker.postMessage(n);
    return promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

function demand(name: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${name}: got ${found}, not ${expected}`);
}

function sumacRow(name: string, bytes: number, snapshot: boolean, worker: string): Row {
  const must = snapshot ? { p99AtMost: 1000, ratio: { to: worker, atMost: 1 / 40 } } : { ratio: { to: worker } };
  return {
    name,
    unit: "us",
    isAlone: true,
    ...must,
    async prepare() {
      const mortal = await startMortal(bytes, snapshot);
      let n = 0;
      return {
        run(count) {
          for (let i = 0; i < count; i++) {
            n = (n + 1) % (bytes / 4);
            demand(name, mortal.recover(n), wordOfState(n));
          }
        },
        end: () => mortal.stop(),
      };
    },
  };
}

function workerRow(name: string, bytes: number): Row {
  return {
    name,
    unit: "us",
    isAlone: true,
    async prepare() {
      const module = await WebAssembly.compile(
        (await parse(`(module ${statefulCode(bytes)} (export "init" (func $init)) (export "at" (func $at)))`)) as Uint8Array<ArrayBuffer>,
      );
      let peer = new Peer(module);
      let n = 0;
      return {
        isAsync: true,
        async run(count) {
          for (let i = 0; i < count; i++) {
            n = (n + 1) % (bytes / 4);
            demand(name, await peer.ask(DEADLY), "trapped");
            const ended = peer.end();
            peer = new Peer(module);
            demand(name, await peer.ask(n), wordOfState(n));
            await ended;
          }
        },
        end: () => peer.end(),
      };
    },
  };
}

export const recoveryRows: readonly Row[] = SIZES.flatMap(({ suffix, bytes }) => {
  const worker = `recovery/worker${suffix}`;
  return [
    workerRow(worker, bytes),
    sumacRow(`recovery/snapshot${suffix}`, bytes, true, worker),
    sumacRow(`recovery/cold${suffix}`, bytes, false, worker),
  ];
});
