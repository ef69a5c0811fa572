/** Starts an empty system: heap, guard, watchdog, kernel and loader. */
import { readFile } from "node:fs/promises";
import { SharedHeap } from "../../shared-heap/heap.ts";
import { SumacError } from "../errors.ts";
import type { Tracer } from "../kernel/calls/tracer.ts";
import { Kernel } from "../kernel/kernel.ts";
import { Loader } from "../loader/load.ts";
import { Control } from "../platform/control.ts";
import { startWatchdog } from "../platform/watchdog.ts";
import type { SupervisionSettings } from "../supervision/settings.ts";
import { CpuTeam } from "./cpu-team.ts";
import { System } from "./system.ts";

export interface StartOptions {
  /** Size of the shared heap; default 64 MiB. */
  readonly heapMegabytes?: number;
  /** Use the guard that traps on misaligned accesses instead of aligning them: for tests and for finding bugs. */
  readonly debugGuard?: boolean;
  /** The groups that domains may be supervised in. */
  readonly supervision?: SupervisionSettings;
  /** CPUs: this thread, and a worker for each further one. Default 1. */
  readonly cpus?: number;
  /** With several CPUs: how long one may pass no safepoint before that is a fault. Default 10 s. */
  readonly silenceMs?: number;
  /** Is told all that happens between domains. */
  readonly tracer?: Tracer;
  /** Opens a control socket (docs/control.md) under this name. */
  readonly control?: string;
}

export async function startSystem(options: StartOptions = {}): Promise<System> {
  const system = await startKernels(options);
  if (options.control === undefined) return system;
  try {
    system.control = await Control.start(system, options.control);
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}

async function startKernels(options: StartOptions): Promise<System> {
  const [heapWasm, guard] = await Promise.all([
    trustedModule("heap.wasm"),
    trustedModule(options.debugGuard ? "guard-debug.wasm" : "guard.wasm"),
  ]);
  const heap = SharedHeap.create({ heapWasm, maxBytes: (options.heapMegabytes ?? 64) * 2 ** 20 });
  const { cpus = 1, silenceMs } = options;
  if (cpus > 1) heap.exports.share();
  const watchdog = await startWatchdog(heap.memory, cpus);
  const kernel = new Kernel(heap, watchdog, { index: 0, of: cpus });
  if (options.tracer !== undefined) kernel.trace(options.tracer);
  const loader = new Loader({ guard, heapMaxPages: heap.maxBytes / 65536, isMovable: cpus > 1 });
  if (cpus === 1) return new System(kernel, loader, watchdog, options.supervision);
  const module = await WebAssembly.compile(heapWasm as Uint8Array<ArrayBuffer>);
  const team = await CpuTeam.start({
    kernel,
    heap: module,
    cpus,
    accounts: watchdog.all,
    ...(silenceMs === undefined ? {} : { silenceMs }),
  });
  return new System(kernel, loader, watchdog, options.supervision, team);
}

/** The trusted modules are built with the project and lie at a fixed place beside the code. */
async function trustedModule(name: string): Promise<Uint8Array> {
  const url = new URL(`../../build/shared-heap/${name}`, import.meta.url);
  try {
    return await readFile(url);
  } catch (cause) {
    throw new SumacError("file-missing", `trusted module ${name}: not built: run "npm run build"`, { cause });
  }
}
