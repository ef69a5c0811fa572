/**
 * A running system: one kernel, its seats by name, and the way to call what they export.
 * Made by `boot.ts` (from a manifest) and by `host/sumac.ts` (from a program).
 */
import { SumacError } from "../errors.ts";
import type { Interface } from "../idl/idl.ts";
import { createDomain } from "../kernel/birth.ts";
import type { DomainSpec } from "../kernel/domain.ts";
import { hostInterface } from "../kernel/host-calls.ts";
import type { HostInterface } from "../kernel/host-values.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Provider } from "../kernel/provider.ts";
import { Seat } from "../kernel/seat.ts";
import type { Loader } from "../loader/load.ts";
import type { LoadRecord } from "../loader/load-record.ts";
import type { Watchdog } from "../platform/watchdog.ts";

/** What `domains()` tells of each seat. */
export interface DomainSummary {
  readonly name: string;
  /** Undefined for a module that was let in unsigned. */
  readonly signer: string | undefined;
  readonly generation: number;
  readonly alive: boolean;
}

export class System {
  readonly kernel: Kernel;
  readonly loader: Loader;
  readonly #watchdog: Watchdog;
  readonly #seats: Map<string, Seat> = new Map();
  readonly #records: Map<string, LoadRecord> = new Map();
  readonly #liveAtStart: number;
  #stopped = false;

  constructor(kernel: Kernel, loader: Loader, watchdog: Watchdog) {
    this.kernel = kernel;
    this.loader = loader;
    this.#watchdog = watchdog;
    this.#liveAtStart = kernel.heap.stats().liveObjects;
  }

  /**
   * Creates a domain in a new seat.
   * @param granted for the load record: who provides each interface, where the providers themselves say too little
   * @throws SumacError when it fails to start
   */
  create(spec: DomainSpec, granted: Readonly<Record<string, string>> = {}): Seat {
    if (this.#stopped) throw new SumacError("system-stopped", `domain ${spec.name}: the system has been stopped`);
    if (this.#seats.has(spec.name)) throw new SumacError("manifest-invalid", `domain ${spec.name}: the name is taken`);
    const seat = new Seat(spec);
    const birth = createDomain(this.kernel, seat);
    if (!birth.ok) {
      const { cause, detail } = birth.error;
      throw new SumacError("domain-failed-to-start", `domain ${spec.name} (${spec.loaded.name}): ${cause}: ${detail}`);
    }
    this.#seats.set(spec.name, seat);
    const grants = Object.fromEntries([...spec.grants].map(([id, provider]) => [id, granted[id] ?? providerText(provider)]));
    this.#records.set(spec.name, { ...spec.loaded.record, domain: spec.name, limits: spec.limits, grants });
    // Its `init` may have called a function of the host that stopped the system, which did not know of this seat yet.
    if (this.#stopped) this.kill(spec.name, "the system was stopped");
    return seat;
  }

  seat(name: string): Seat {
    const seat = this.#seats.get(name);
    if (seat === undefined) {
      throw new SumacError("manifest-invalid", `no domain "${name}" in this system; there is: ${[...this.#seats.keys()].join(", ")}`);
    }
    return seat;
  }

  /** The functions of an interface that a domain exports, bound to its present generation. */
  export(name: string, interfaceId: string): HostInterface {
    const seat = this.seat(name);
    return hostInterface(this.kernel, seat, exportedInterface(seat, interfaceId));
  }

  kill(name: string, reason = "killed by the host"): void {
    const { current } = this.seat(name);
    if (current !== undefined) this.kernel.kill(current, reason);
  }

  domains(): DomainSummary[] {
    return [...this.#seats.values()].map((seat) => ({
      name: seat.spec.name,
      signer: seat.spec.loaded.signer,
      generation: seat.current?.generation ?? 0,
      alive: this.kernel.occupant(seat) !== undefined,
    }));
  }

  /** What was seen, demanded and granted when the domain was loaded. */
  loadRecord(name: string): LoadRecord {
    return this.#records.get(this.seat(name).spec.name) as LoadRecord;
  }

  /** Objects on the shared heap beyond those that were there before the first domain. */
  liveObjects(): number {
    return this.kernel.heap.stats().liveObjects - this.#liveAtStart;
  }

  /** Ends every domain, last created first, and the watchdog. Nothing keeps the process alive afterwards. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    try {
      for (const seat of [...this.#seats.values()].reverse()) {
        if (seat.current !== undefined) this.kernel.kill(seat.current, "the system was stopped");
      }
    } finally {
      await this.#watchdog.stop();
    }
  }
}

function providerText(provider: Provider): string {
  if (provider.kind === "domain") return `domain ${provider.seat.spec.name}`;
  return provider.kind === "blob" ? `created ${provider.blob.name}` : "host";
}

function exportedInterface(seat: Seat, interfaceId: string): Interface {
  const { exports } = seat.spec.loaded.world;
  const found = exports.find(({ id }) => id === interfaceId);
  if (found !== undefined) return found;
  const list = exports.map(({ id }) => id).join(", ") || "nothing";
  throw new SumacError("interface-mismatch", `domain ${seat.spec.name} does not export ${interfaceId}; it exports: ${list}`);
}
