/** One CPU: a kernel of its own on the common heap, two domains, and the way of objects to and from the other CPU. */
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { DEFAULT_LIMITS } from "../../../host/kernel/domain.ts";
import { Kernel } from "../../../host/kernel/kernel.ts";
import { createDomain } from "../../../host/kernel/life/birth.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { Loader } from "../../../host/loader/load.ts";
import { watchedElsewhere } from "../../../host/platform/watchdog.ts";
import { System } from "../../../host/system/system.ts";
import { SharedHeap } from "../../../shared-heap/heap.ts";
import { KERNEL_ID } from "../../../shared-heap/layout.ts";
import { type TestDomain, withWorld } from "../../support/system.ts";
import { wat } from "../../support/wat.ts";
import { id } from "../../support/world.ts";
import { back, front, type Host } from "./domains.ts";
import { Exchange } from "./exchange.ts";

export interface CpuStart {
  readonly memory: WebAssembly.Memory;
  /** CPU time of its domains. */
  readonly accounts: Int32Array;
  readonly cpu: number;
  readonly exchange: SharedArrayBuffer;
  readonly seed: number;
}

/** Objects per call from outside. */
const PER_CALL = 400;
/** Safepoints between a request to kill and the kill: anywhere in the work on an object. */
const MOST_STEPS = 600;

const { memory, accounts, cpu, exchange: buffer, seed } = workerData as CpuStart;
const exchange = new Exchange(buffer);
const other = 1 - cpu;
let lot = seed + cpu + 1;
function below(n: number): number {
  lot = (Math.imul(lot, 1664525) + 1013904223) >>> 0;
  return Math.floor((lot / 2 ** 32) * n);
}

const heap = SharedHeap.attach(memory, readFileSync("build/shared-heap/heap.wasm"));
const watchdog = watchedElsewhere(memory, cpu, accounts);
const kernel = new Kernel(heap, watchdog, { index: cpu, of: 2 });
heap.exports.cpuEnter(cpu);
const loader = new Loader({ guard: readFileSync("build/shared-heap/guard.wasm"), heapMaxPages: heap.maxBytes / 65536 });
const system = new System(kernel, loader, watchdog);
kernel.events.on((event) => {
  if (event.kind === "death") exchange.add(cpu, "deaths");
});

let hint = 0;
const functions: Host = {
  receive() {
    answerKill();
    const base = exchange.pop(cpu, ++hint);
    if (base === 0) return heap.exports.alloc(kernel.hostId, BLOCK.id, BLOCK.sizeBytes);
    exchange.add(cpu, "received");
    // On its way it was the kernel's; from here on it is this CPU's.
    return heap.exports.move(base, 0, KERNEL_ID, kernel.hostId) === 0 ? base : 0;
  },
  send(base) {
    answerKill();
    const sent = heap.exports.move(base, 0, kernel.hostId, KERNEL_ID) === 0 && exchange.push(other, base, hint);
    if (sent) exchange.add(cpu, "sent");
    else {
      heap.exports.free(base);
      exchange.add(cpu, "refused");
    }
  },
  violation(code) {
    exchange.write(cpu, "violations", exchange.read(cpu, "violations") | (1 << code));
  },
};

const last = await add(back(functions));
const BLOCK = last.spec.loaded.world.sharedTypes.find(({ name }) => name === "block") ?? { id: 0, sizeBytes: 0 };
const first = await add(front(last, functions));

parentPort?.postMessage("ready");
while (exchange.read(cpu, "stop") === 0) {
  revive();
  system.export("front", id("call")).run?.(PER_CALL + below(100));
  // The watchdog's thread and the pipe to the parent are served between calls.
  await new Promise((resolve) => setImmediate(resolve));
}
kernel.stepHook = undefined;
await system.stop();
heap.exports.cpuLeave();
parentPort?.postMessage("done");

async function add({ name, world, wat: text, grants = {}, limits }: TestDomain): Promise<Seat> {
  const all = { ...DEFAULT_LIMITS, memoryPages: 16, ...limits };
  const loaded = await loader.load(withWorld(await wat(text), world), {
    name,
    trusted: [],
    allowUnsigned: true,
    memoryPages: all.memoryPages,
  });
  // The functions were written for the worlds beside them.
  const vouched = Object.entries(grants).map(([key, provider]): [string, typeof provider] => {
    const hash = loaded.world.imports.find((owner) => owner.id === key)?.hash;
    return [key, provider.kind === "host" && hash !== undefined ? { ...provider, implements: hash } : provider];
  });
  return system.create({ name, loaded, limits: all, grants: new Map(vouched) });
}

/** The third party asked for a death: now, or some safepoints later, of the one or the other. */
function answerKill(): void {
  const wish = exchange.takeKill(cpu);
  if (wish === 0) return;
  const victim = wish & 1 ? first : last;
  let steps = wish & 2 ? 0 : below(MOST_STEPS);
  const strike = (): void => {
    if (steps-- > 0) return;
    kernel.stepHook = undefined;
    if (victim.current !== undefined) kernel.kill(victim.current, "by the third party");
  };
  if (steps === 0) strike();
  else kernel.stepHook = strike;
}

function revive(): void {
  const isGone = ({ current }: Seat): boolean => current === undefined || kernel.isGone(current);
  if (!isGone(last) && !isGone(first)) return;
  if (isGone(last)) createDomain(kernel, last);
  if (first.current !== undefined) kernel.kill(first.current, "to be linked anew");
  createDomain(kernel, first);
}
