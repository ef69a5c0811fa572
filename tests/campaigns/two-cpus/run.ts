/** Runs two CPUs and the third party, which asks for deaths and drops objects on their way. Called by the campaign and by a test. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { startWatchdog } from "../../../host/platform/watchdog.ts";
import { auditHeap } from "../../../shared-heap/audit.ts";
import { SharedHeap } from "../../../shared-heap/heap.ts";
import { KERNEL_ID } from "../../../shared-heap/layout.ts";
import { VIOLATIONS } from "./domains.ts";
import { EXCHANGE_BYTES, Exchange, type Place } from "./exchange.ts";
import type { CpuStart } from "./worker.ts";

export interface Exchanged {
  /** Objects that went from one CPU to the other and were received there. */
  readonly received: number;
  readonly deaths: number;
  readonly dropped: number;
  readonly seconds: number;
  readonly failures: readonly string[];
}

const CPUS = [0, 1] as const;
/** Between two deeds of the third party. */
const PAUSE_MS = 2;

export async function runTwoCpus(seconds: number, seed: number): Promise<Exchanged> {
  const heapWasm = readFileSync("build/shared-heap/heap.wasm");
  const heap = SharedHeap.create({ heapWasm, maxBytes: 64 << 20 });
  heap.exports.share();
  const buffer = new SharedArrayBuffer(EXCHANGE_BYTES);
  const exchange = new Exchange(buffer);
  const watchdog = await startWatchdog(heap.memory, CPUS.length);
  const before = heap.stats().liveObjects;
  const failures: string[] = [];
  const workers = CPUS.map((cpu) => {
    const workerData: CpuStart = { memory: heap.memory, accounts: watchdog.all[cpu] as Int32Array, cpu, exchange: buffer, seed };
    return new Worker(new URL("./worker.ts", import.meta.url), { workerData });
  });
  const ends = workers.map(async (worker, cpu) => {
    worker.on("error", (error) => failures.push(`CPU ${cpu}: ${(error as Error).message}`));
    const [code] = (await once(worker, "exit")) as [number];
    if (code !== 0) failures.push(`CPU ${cpu} ended with ${code}`);
  });
  // How long threads take to start says nothing of what they do afterwards.
  await Promise.all(workers.map((worker, cpu) => Promise.race([once(worker, "message"), ends[cpu]])));
  const started = performance.now();
  const dropped = await thirdParty(heap, exchange, started + seconds * 1000, seed);
  for (const cpu of CPUS) exchange.write(cpu, "stop", 1);
  await Promise.all(ends);
  await watchdog.stop();
  const elapsed = (performance.now() - started) / 1000;
  for (const cpu of CPUS) {
    for (let base = exchange.pop(cpu, 0); base !== 0; base = exchange.pop(cpu, 0)) heap.exports.free(base);
    const seen = exchange.read(cpu, "violations");
    for (const [code, text] of VIOLATIONS.entries()) if (seen & (1 << code)) failures.push(`CPU ${cpu}: ${text}`);
  }
  const { liveObjects, orphans, borrows } = heap.stats();
  if (liveObjects !== before || orphans !== 0 || borrows !== 0) {
    failures.push(`left on the heap: ${liveObjects - before} objects, ${orphans} orphans, ${borrows} borrows`);
  }
  failures.push(...auditHeap(heap).problems);
  const sum = (place: Place): number => exchange.read(0, place) + exchange.read(1, place);
  return { received: sum("received"), deaths: sum("deaths"), dropped, seconds: elapsed, failures };
}

/** Asks now this CPU, now that one for a death, and takes objects on their way out of the world. */
async function thirdParty(heap: SharedHeap, exchange: Exchange, endMs: number, seed: number): Promise<number> {
  let dropped = 0;
  let lot = seed;
  while (performance.now() < endMs) {
    lot = (Math.imul(lot, 1664525) + 1013904223) >>> 0;
    const cpu = (lot >>> 31) & 1;
    if ((lot >>> 24) % 8 === 0) exchange.write(cpu, "kill", 4 | ((lot >>> 16) & 3));
    const base = exchange.pop(cpu, lot >>> 8);
    if (base !== 0 && heap.exports.drop(base, KERNEL_ID) === 0) dropped++;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return dropped;
}
