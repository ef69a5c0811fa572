/**
 * One generation of a domain: its record, memory, instance and what it is about to die of.
 * Created and buried by the kernel only; never reused.
 */
import type { LoadedModule } from "../loader/load.ts";
import type { Link } from "./calls/link.ts";
import type { Called } from "./calls/proxy.ts";
import { FailureNotes } from "./calls/relay.ts";
import { type CapabilityTypes, type HandleSide, HandleTable, Waiting } from "./handles/handles.ts";
import type { RawStack } from "./life/stack-capture.ts";
import type { Provider } from "./provider.ts";
import type { Seat } from "./seat.ts";
import type { CauseCode } from "./status.ts";
import type { ThreadGroup } from "./threads/group.ts";

/** What a domain may use at most. Times in milliseconds. */
export interface DomainLimits {
  /** 64 KiB pages of its own memory. */
  readonly memoryPages: number;
  readonly heapBytes: number;
  readonly heapObjects: number;
  /** From the first instruction of its start function to the return of `init`. */
  readonly initBudgetMs: number;
  /** For one call into it, where its interface declares no deadline; 0 = none. */
  readonly callBudgetMs: number;
  /** Of its own, in a window; 0 = no limit. See docs/quotas.md. */
  readonly cpuBudgetMs: number;
  readonly cpuWindowMs: number;
  readonly logLinesPerSecond: number;
  /** Instances of other domains' capabilities that it holds or has borrowed. */
  readonly handles: number;
  /** Threads of its own that are not ended, and those that ended and were neither joined nor detached. */
  readonly threads: number;
}

export const DEFAULT_LIMITS: DomainLimits = {
  memoryPages: 256,
  heapBytes: 16 << 20,
  heapObjects: 4096,
  initBudgetMs: 1000,
  callBudgetMs: 1000,
  cpuBudgetMs: 0,
  cpuWindowMs: 1000,
  logLinesPerSecond: 100,
  handles: 1024,
  threads: 0,
};

/** Everything that a generation is made from; the next generation is made from the same. */
export interface DomainSpec {
  readonly name: string;
  readonly loaded: LoadedModule;
  /** Interface id to whoever provides it. */
  readonly grants: ReadonlyMap<string, Provider>;
  readonly limits: DomainLimits;
  /** The CPU on which it begins; default 0. */
  readonly cpu?: number;
  /** A domain of its own on each CPU. */
  readonly replicas?: "per-cpu";
  /** False: every generation runs its `init`, also of a module that can be restarted from a snapshot. */
  readonly snapshot?: boolean;
}

/**
 * How far a generation is in its life: *created* has its memory and its imports and has run no code; *starting* runs its start function
 * or `init`; *running* may be called; *dying* is refused to callers and has frames left; *dead* has nothing left.
 */
export type LifeState = "created" | "starting" | "running" | "dying" | "dead";

/** Why a domain must die, noted before it is unwound. */
export interface Doom {
  readonly cause: CauseCode;
  readonly detail: string;
}

/** Called when the domain dies, before its objects go: stops DMA, closes what the host holds for it. */
export type Release = () => void;

const NONE: ReadonlySet<number> = new Set();

export class Domain {
  readonly seat: Seat;
  readonly generation: number;
  /** Owner word: slot and its reuse count. */
  readonly id: number;
  /** The owner word that it was born with: another one where it came from another CPU. */
  readonly birth: number;
  readonly slot: number;
  /** Index of the record in words. */
  readonly record: number;
  /** None on a CPU where the domain only stands for the one that lives elsewhere. */
  memory: WebAssembly.Memory;
  exports: WebAssembly.Exports = {};
  startedFrom: "init" | "snapshot" = "init";
  /** For those who look on; whether it may be called is in its record. */
  life: LifeState = "created";
  doom: Doom | undefined = undefined;
  /** Last words: what the domain said through `panic`. */
  lastWords: { readonly code: number; readonly text: string } | undefined = undefined;
  /** For the record of its death: the lines that it logged last, and the call that it was in and where, once that was cut short. */
  readonly lastLines: string[] = [];
  lastCall: Called | undefined = undefined;
  lastStack: RawStack = [];
  /** What failed it, for a call that it gives up. */
  readonly failures: FailureNotes = new FailureNotes();
  /** The kernel refused it heap memory. */
  quotaRefused = false;
  /** How many domains or host functions its own calls can reach one through the other; callers leave stack for all of them. */
  rank = 0;
  /** Links that reach this generation. */
  readonly inbound: Set<Link> = new Set();
  /** Links that this generation calls through. */
  readonly outbound: Link[] = [];
  readonly releases: Release[] = [];
  readonly handles: HandleTable;
  /** What a handle means in the functions that it imports, and in those that it exports. */
  readonly asCaller: HandleSide;
  readonly asCallee: HandleSide;
  readonly unfinished: Waiting = new Waiting();
  /** Links to its methods for those who hold instances of it, by the method's core name. */
  readonly methodLinks: Map<string, Link> = new Map();
  /** Buried: its instances ended with it. */
  isGone = false;
  /** It lives on another CPU: this one only stands for it here. */
  isElsewhere = false;
  /** Where limits.threads allows any. */
  threads: ThreadGroup | undefined = undefined;
  readonly #bytes: { view: Uint8Array };

  constructor(
    seat: Seat,
    generation: number,
    ids: { readonly id: number; readonly slot: number; readonly record: number; readonly birth?: number },
    memory: WebAssembly.Memory,
    capabilities: CapabilityTypes,
  ) {
    this.seat = seat;
    this.generation = generation;
    this.id = ids.id;
    this.birth = ids.birth ?? ids.id;
    this.slot = ids.slot;
    this.record = ids.record;
    this.memory = memory;
    this.#bytes = { view: new Uint8Array(memory.buffer) };
    this.handles = new HandleTable(seat.spec.limits.handles, seat.waiting);
    const { resources, imports, exports } = seat.spec.loaded.world;
    const exported = resources.filter(({ interfaceId }) => exports.some(({ id }) => id === interfaceId));
    const only = exported.filter(({ interfaceId }) => !imports.some(({ id }) => id === interfaceId));
    const numbers = (of: typeof resources): ReadonlySet<number> =>
      of.length === 0 ? NONE : new Set(of.map((resource) => capabilities.numberOf(resource)));
    this.asCallee = { table: this.handles, exporter: this, reps: numbers(exported) };
    this.asCaller = { table: this.handles, exporter: this, reps: numbers(only) };
  }

  get spec(): DomainSpec {
    return this.seat.spec;
  }

  get name(): string {
    return this.seat.spec.name;
  }

  /** The domain's own memory as it is now; growing it detaches earlier views. */
  get bytes(): Uint8Array {
    if (this.#bytes.view.buffer !== this.memory.buffer) this.#bytes.view = new Uint8Array(this.memory.buffer);
    return this.#bytes.view;
  }
}
