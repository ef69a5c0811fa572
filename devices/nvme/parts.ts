/**
 * Puts a controller together out of its parts, from what the host said. Called by the model; does nothing itself.
 */
import { MsixTable } from "../pci/msix.ts";
import { seededBelow } from "../random.ts";
import { AdminCommands } from "./admin.ts";
import { Admission } from "./admission.ts";
import { Arbiter } from "./arbiter.ts";
import type { Command } from "./command.ts";
import { Engine } from "./engine.ts";
import { Events } from "./events.ts";
import { Features } from "./features.ts";
import { Format } from "./format.ts";
import { Health } from "./health.ts";
import { Identify } from "./identify.ts";
import { Interrupts } from "./interrupts.ts";
import { IoCommands } from "./io.ts";
import { IoBeginner } from "./io-begin.ts";
import { Lifecycle } from "./lifecycle.ts";
import { Logs } from "./logs.ts";
import { Namespaces } from "./namespaces.ts";
import type { NvmeOptions } from "./options.ts";
import { PointerWalker } from "./pointers.ts";
import { QueueCommands } from "./queue-commands.ts";
import { Queues } from "./queues.ts";
import { LARGEST_PAGE, REG } from "./registers.ts";

const BASE_PAGE_BYTES = 4096;
const MOST_QUEUES = 64;
const MOST_MDTS = 12;
const MOST_NAMESPACES = 1024;
const SERIAL_BYTES = 20;

export interface NvmeParts {
  readonly queues: Queues;
  readonly engine: Engine;
  readonly admission: Admission;
  readonly events: Events;
  readonly features: Features;
  readonly interrupts: Interrupts;
  readonly msix: MsixTable;
  readonly admin: AdminCommands;
  readonly logs: Logs;
  readonly health: Health;
  readonly lifecycle: Lifecycle;
  readonly namespaces: Namespaces;
  /** In asynchronous mode. */
  readonly beginner: IoBeginner | undefined;
  nowMicros(): number;
}

/** What the model wants to hear. */
export interface PartsListener {
  completed(command: Command, status: number): void;
  mediaFailed(error: unknown): void;
}

/** `values`: the registers, by word. */
export function buildParts(options: NvmeOptions, vendor: number, values: Uint32Array, listener: PartsListener): NvmeParts {
  const { lbaBytes = 4096, ioQueues = 16, mdts = 8, serial = "SUMAC-0", more = [], clock, deferred, faults } = options;
  refuse(options, ioQueues, mdts, serial);
  const maxBytes = BASE_PAGE_BYTES << mdts;
  const nowMicros = (): number => clock?.nowMicros() ?? 0;
  const namespaces = new Namespaces(serial, [{ store: options.store, lbaBytes }, ...more]);
  const queues = new Queues(ioQueues);
  const msix = new MsixTable(ioQueues + 1);
  const deadline = options.onDeadline ?? (() => {});
  const interrupts = new Interrupts(msix, clock && nowMicros, deadline);
  const [events, health] = [new Events(), new Health()];
  const features = new Features(queues, namespaces, interrupts);
  const theEngine = (): Engine => engine;
  const onMediaError = (error: unknown): void => listener.mediaFailed(error);
  const beginner: { readonly beginner?: IoBeginner } = options.asynchronous ? { beginner: new IoBeginner(theEngine, namespaces) } : {};
  const io = new IoCommands({ namespaces, features, health, maxBytes, onMediaError, ...beginner });
  const logs = new Logs({ events, health, features, maxBytes, nowMicros });
  const admin = new AdminCommands({
    identify: new Identify({ vendor, serial, mdts, namespaces }),
    logs,
    features,
    format: new Format({ namespaces, engine: theEngine, onMediaError, ...beginner }),
    queueCommands: new QueueCommands(queues, interrupts, theEngine, () => values[REG.cc / 4] ?? 0),
    events,
    queues,
    engine: theEngine,
  });
  const walker = new PointerWalker(BASE_PAGE_BYTES << LARGEST_PAGE);
  const admission = new Admission({ admin, io, walker, faults: () => faults, nowMicros, deadline });
  const engine: Engine = new Engine({
    queues,
    interrupts,
    arbiter: new Arbiter(queues, () => features.weights),
    admission,
    admin,
    io,
    maxSegments: (1 << mdts) + 1,
    mode: options.asynchronous ? "asynchronous" : deferred === undefined ? "synchronous" : "deferred",
    dueAfter: deferred?.accesses ?? Number.POSITIVE_INFINITY,
    ...(deferred?.shuffle !== undefined && { pick: seededBelow(deferred.shuffle) }),
    nowMicros,
    burst: () => features.burst,
    completed: (command, status) => listener.completed(command, status),
    settled: () => lifecycle.settle(),
    fatal: () => lifecycle.fatal(),
  });
  const lifecycle: Lifecycle = new Lifecycle({
    values,
    queues,
    engine,
    features,
    events,
    interrupts,
    health,
    abandon: () => beginner.beginner?.abandon(),
    flush() {
      try {
        namespaces.flush();
      } catch (error) {
        onMediaError(error);
      }
    },
  });
  const { beginner: begins } = beginner;
  return {
    queues,
    engine,
    admission,
    events,
    features,
    interrupts,
    msix,
    admin,
    logs,
    health,
    lifecycle,
    namespaces,
    beginner: begins,
    nowMicros,
  };
}

function refuse({ more = [], deferred, asynchronous = false }: NvmeOptions, ioQueues: number, mdts: number, serial: string): void {
  if (!(Number.isInteger(ioQueues) && ioQueues >= 1 && ioQueues <= MOST_QUEUES))
    throw new Error(`an NVMe controller here has 1 to ${MOST_QUEUES} I/O queue pairs, not ${ioQueues}`);
  if (!(Number.isInteger(mdts) && mdts >= 1 && mdts <= MOST_MDTS))
    throw new Error(`an NVMe controller here has an MDTS of 1 to ${MOST_MDTS}, not ${mdts}`);
  if (more.length >= MOST_NAMESPACES)
    throw new Error(`an NVMe controller here has at most ${MOST_NAMESPACES} namespaces, not ${more.length + 1}`);
  if (serial.length > SERIAL_BYTES) throw new Error(`an NVMe serial number has up to ${SERIAL_BYTES} characters, not ${serial.length}`);
  if (asynchronous && deferred !== undefined) throw new Error("an NVMe controller here is asynchronous or deferred, not both");
}
