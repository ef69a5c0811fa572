/** The thread of one further CPU: a kernel of its own on the common heap, which ends when it is told to stop, or by a fault that it tells. */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { SharedHeap } from "../../shared-heap/heap.ts";
import { Board, CpuEnd } from "../kernel/cpus/board.ts";
import { Cpu } from "../kernel/cpus/cpu.ts";
import { Cpus } from "../kernel/cpus/cpus.ts";
import { Directory } from "../kernel/cpus/directory.ts";
import { follower } from "../kernel/cpus/follower.ts";
import { runLoop } from "../kernel/cpus/loop.ts";
import { Reporter } from "../kernel/cpus/news.ts";
import { leaveWord } from "../kernel/cpus/silence.ts";
import { Kernel } from "../kernel/kernel.ts";
import { type PlainSeat, reviveSeat } from "../system/plain-seat.ts";
import type { CpuMessage, CpuStart } from "./cpu-start.ts";
import { watchedElsewhere } from "./watchdog.ts";

const { memory, heap: heapModule, board: buffer, accounts, index, of, applications, silenceMs, timeOrigin } = workerData as CpuStart;
const port = parentPort;
if (port === null) throw new Error("this is the first file of a CPU's thread");
const say = (message: CpuMessage): void => port.postMessage(message);

const heap = SharedHeap.attach(memory, heapModule);
const kernel = new Kernel(heap, watchedElsewhere(memory, index, accounts), { index, of });
const board = new Board(of, buffer);
const cpu = new Cpu({ kernel, board, index, call: () => say("called"), applications: new Set(applications), silenceMs });
const cpus = new Cpus(cpu, new Directory(board));
const nowMicros = (): number => (performance.now() + performance.timeOrigin - timeOrigin) * 1000;
cpus.fetch = () => {
  for (let arrived = receiveMessageOnPort(port); arrived !== undefined; arrived = receiveMessageOnPort(port)) {
    cpus.add(reviveSeat(kernel, cpus, (arrived as { readonly message: PlainSeat }).message, nowMicros));
  }
};
new Reporter(cpu);
follower(cpus);

const fail = (error: unknown): void => {
  leaveWord(cpu.board, index, `CPU ${index}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  cpu.finish(CpuEnd.fault);
};
// What a listener or a promise throws ends the thread outside of the loop below: whoever waits for it is told, too.
process.once("uncaughtExceptionMonitor", fail);

try {
  say("ready");
  await runLoop(cpus, { turn: () => new Promise((resolve) => setImmediate(resolve)) });
  cpu.finish(CpuEnd.ended);
} catch (error) {
  fail(error);
}
