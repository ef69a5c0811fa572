/**
 * A running system: one kernel, its seats by name, and the way to call what they export.
 * Made by `boot.ts` (from a manifest) and by `host/sumac.ts` (from a program).
 */
import { SumacError } from "../errors.ts";
import type { Interface } from "../idl/idl.ts";
import { replicaName } from "../kernel/cpus/replicas.ts";
import type { DomainSpec, LifeState } from "../kernel/domain.ts";
import { hostInterface } from "../kernel/host/host-calls.ts";
import { type UnwaitedInterface, unwaitedInterface } from "../kernel/host/host-calls-unwaited.ts";
import type { HostInterface } from "../kernel/host/host-values.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { createDomain } from "../kernel/life/birth.ts";
import type { Provider } from "../kernel/provider.ts";
import { Seat } from "../kernel/seat.ts";
import type { Death } from "../kernel/status.ts";
import { ThreadPump } from "../kernel/threads/pump.ts";
import type { Loader } from "../loader/load.ts";
import type { LoadRecord } from "../loader/load-record.ts";
import type { Control } from "../platform/control.ts";
import type { Watchdog } from "../platform/watchdog.ts";
import type { MemberSettings, SupervisionSettings } from "../supervision/settings.ts";
import { type GaveUp, Supervision } from "../supervision/supervision.ts";
import type { CpuTeam } from "./cpu-team.ts";
import { type MigrateOptions, migrate } from "./migrate.ts";

/** What `domains()` tells of each seat. */
export interface DomainSummary {
  readonly name: string;
  /** Undefined for a module that was let in unsigned. */
  readonly signer: string | undefined;
  readonly generation: number;
  readonly alive: boolean;
  readonly state: LifeState;
  /** Where it lives, in a system with several CPUs. */
  readonly cpu?: number;
}

/** What a watcher is told: the states in their order, and with the last one why. */
export interface LifeChange {
  readonly domain: string;
  readonly generation: number;
  readonly state: LifeState;
  /** With `dead` only. */
  readonly death?: Death;
}

export class System {
  readonly kernel: Kernel;
  readonly loader: Loader;
  readonly #watchdog: Watchdog;
  readonly #team: CpuTeam | undefined;
  readonly #pump: ThreadPump;
  readonly #seats: Map<string, Seat> = new Map();
  readonly #records: Map<string, LoadRecord> = new Map();
  readonly #liveAtStart: number;
  readonly #supervision: Supervision;
  /** Set once, before the first domain, where others may look on and take part. */
  control: Control | undefined = undefined;
  #gaveUp: GaveUp | undefined;
  #stopped = false;

  constructor(kernel: Kernel, loader: Loader, watchdog: Watchdog, supervision: SupervisionSettings = {}, team?: CpuTeam) {
    this.kernel = kernel;
    this.loader = loader;
    this.#watchdog = watchdog;
    this.#pump = new ThreadPump(kernel.threads);
    this.#team = team;
    this.#liveAtStart = kernel.heap.stats().liveObjects;
    this.#supervision = new Supervision(kernel, supervision, (gaveUp) => this.#end(gaveUp));
  }

  /**
   * Creates a domain in a new seat.
   * @param granted for the load record: who provides each interface, where the providers themselves say too little
   * @throws SumacError when it fails to start
   */
  create(spec: DomainSpec, granted: Readonly<Record<string, string>> = {}): Seat {
    if (this.#stopped) throw new SumacError("system-stopped", `domain ${spec.name}: the system has been stopped`);
    if (this.#seats.has(spec.name)) throw new SumacError("manifest-invalid", `domain ${spec.name}: the name is taken`);
    if (this.#gaveUp !== undefined)
      throw new SumacError("system-stopped", `domain ${spec.name}: the system gave up: ${this.#gaveUp.reason}`);
    if (spec.replicas === undefined) return this.#createOne(spec, granted);
    const { replicas: _, ...each } = spec;
    const made: Seat[] = [];
    try {
      for (let cpu = 0; cpu < this.cpus; cpu++) made.push(this.#createOne({ ...each, name: replicaName(spec.name, cpu), cpu }, granted));
    } catch (error) {
      for (const seat of made) this.#destroy(seat);
      throw error;
    }
    for (const seat of made) seat.replicas = made;
    return made[0] as Seat;
  }

  /** How many CPUs there are. */
  get cpus(): number {
    return this.#team?.count ?? 1;
  }

  #createOne(given: DomainSpec, granted: Readonly<Record<string, string>>): Seat {
    const spec = { ...given, grants: nearest(given) };
    const seat = new Seat(spec);
    this.#seats.set(spec.name, seat);
    try {
      this.#place(seat);
      const birth = createDomain(this.kernel, seat);
      if (!birth.ok) {
        const { cause, detail } = birth.error;
        throw new SumacError("domain-failed-to-start", `domain ${spec.name} (${spec.loaded.name}): ${cause}: ${detail}`);
      }
    } catch (error) {
      this.#remove(seat);
      throw error;
    }
    const grants = Object.fromEntries([...spec.grants].map(([id, provider]) => [id, granted[id] ?? providerText(provider)]));
    this.#records.set(spec.name, { ...spec.loaded.record, domain: spec.name, limits: spec.limits, grants });
    return seat;
  }

  seat(name: string): Seat {
    const seat = this.#seats.get(name);
    if (seat === undefined) {
      throw new SumacError("manifest-invalid", `no domain "${name}" in this system; there is: ${[...this.#seats.keys()].join(", ")}`);
    }
    return seat;
  }

  /** Whether the seat is one of the system's own: domains make others. */
  has(seat: Seat): boolean {
    return this.#seats.get(seat.spec.name) === seat;
  }

  cpuOf(seat: Seat): number {
    return this.#team === undefined || seat.number === 0 ? 0 : this.#team.cpuOf(seat);
  }

  /** The functions of an interface that a domain exports, bound to its present generation. */
  export(name: string, interfaceId: string): HostInterface {
    const seat = this.seat(name);
    return hostInterface(this.kernel, seat, exportedInterface(seat, interfaceId));
  }

  /** The same for calls that nobody waits for: promises, and domains of other CPUs work meanwhile. */
  exportUnwaited(name: string, interfaceId: string): UnwaitedInterface {
    const seat = this.seat(name);
    return unwaitedInterface(this.kernel, seat, exportedInterface(seat, interfaceId));
  }

  kill(name: string, reason = "killed by the host"): void {
    const { current } = this.seat(name);
    if (current !== undefined) this.kernel.kill(current, reason);
    this.#supervision.attend();
  }

  /**
   * Has a domain go on on another CPU, with all that it has; its callers notice nothing. Waits while it is in a call.
   * @throws SumacError "not-movable" where it stays where it is, alive
   */
  migrate(name: string, cpu: number, options: MigrateOptions = {}): void {
    if (this.#stopped) throw new SumacError("system-stopped", `domain ${name}: the system has been stopped`);
    migrate(this.#team, this.seat(name), cpu, options);
  }

  /**
   * Ends the present generation and has another one started: by the domain that stands in for it, or by the system, which does that
   * as soon as it can. Runs no domain's code. Returns who starts it.
   */
  restart(name: string, reason = "restarted by the host"): "shadow" | "system" {
    return this.#supervision.restart(this.seat(name), reason);
  }

  /** Whether a domain that has died is to have another generation. */
  isAwaited(name: string): boolean {
    return this.#supervision.awaits(this.seat(name));
  }

  /** Ends a domain for good: it is restarted by nobody, and its name is free. */
  destroy(name: string): void {
    const seat = this.seat(name);
    for (const each of seat.replicas ?? [seat]) this.#destroy(each);
  }

  /**
   * Puts a domain under supervision, in the order of creation.
   * @param byShadow a domain holds the right to restart it
   * @throws SumacError for what does not fit the domain or the groups of the system
   */
  supervise(name: string, settings: MemberSettings, byShadow = false): void {
    const seat = this.seat(name);
    for (const each of seat.replicas ?? [seat]) this.#supervision.join(each, settings, byShadow);
  }

  /** Why the system ended by itself; undefined while it has not. */
  get gaveUp(): GaveUp | undefined {
    return this.#gaveUp;
  }

  /** Tells what becomes of the domain of this name, whatever generation, from now on. Returns the function that ends the watching. */
  watch(name: string, watcher: (change: LifeChange) => void): () => void {
    return this.kernel.events.on((event) => {
      if (event.kind === "death" && event.death.domain === name) {
        watcher({ domain: name, generation: event.death.generation, state: "dead", death: event.death });
      } else if (event.kind === "state" && event.domain === name && event.state !== "dead") {
        const { generation, state } = event;
        watcher({ domain: name, generation, state });
      }
    });
  }

  domains(): DomainSummary[] {
    return [...this.#seats.values()].map((seat) => ({
      name: seat.spec.name,
      signer: seat.spec.loaded.signer,
      generation: seat.current?.generation ?? 0,
      alive: this.kernel.occupant(seat) !== undefined,
      state: seat.current?.life ?? "created",
      ...(this.#team === undefined ? {} : { cpu: this.#team.cpuOf(seat) }),
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
    this.#supervision.stop();
    // Deaths of the end are no news for those who look on.
    const unseen = this.control?.stop();
    try {
      // Before anything is waited for: whoever stops the system from inside a domain's call or birth returns into what has ended.
      this.#killAll("the system was stopped");
    } finally {
      await this.#stopRest(unseen);
    }
  }

  async #stopRest(unseen: Promise<void> | undefined): Promise<void> {
    try {
      await unseen;
      await this.kernel.threads.unwound();
    } finally {
      this.#pump.stop();
      try {
        await this.#team?.stop();
      } finally {
        await this.#watchdog.stop();
      }
    }
  }

  #destroy(seat: Seat): void {
    this.#remove(seat);
    if (seat.current !== undefined) this.kernel.kill(seat.current, "destroyed by the host");
  }

  #place(seat: Seat): void {
    const { name, cpu = 0 } = seat.spec;
    if (this.#team !== undefined) this.#team.place(seat, cpu);
    else if (cpu !== 0) throw new SumacError("manifest-invalid", `domain ${name}: is to be on CPU ${cpu}, and there is only CPU 0`);
  }

  #remove(seat: Seat): void {
    const { name } = seat.spec;
    seat.isRemoved = true;
    if (seat.number !== 0) this.#team?.remove(seat);
    this.#supervision.leave(seat);
    if (this.#seats.get(name) === seat) this.#seats.delete(name);
    this.#records.delete(name);
  }

  /** Nothing is restarted any more, and nobody could use what is left without the rest. */
  #end(gaveUp: GaveUp): void {
    this.#gaveUp = gaveUp;
    this.#killAll(`the system gave up: ${gaveUp.reason}`);
  }

  #killAll(reason: string): void {
    for (const seat of [...this.#seats.values()].reverse()) {
      if (seat.current !== undefined) this.kernel.kill(seat.current, reason);
    }
  }
}

/** Of a domain that has a replica on each CPU, the one on the holder's. */
function nearest({ grants, cpu = 0 }: DomainSpec): ReadonlyMap<string, Provider> {
  return new Map(
    [...grants].map(([id, provider]): [string, Provider] => {
      const replica = provider.kind === "domain" ? provider.seat.replicas?.[cpu] : undefined;
      return [id, replica === undefined || provider.kind !== "domain" ? provider : { ...provider, seat: replica }];
    }),
  );
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
