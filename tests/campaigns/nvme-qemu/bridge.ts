/**
 * `sumac:device/mmio` over QEMU: what a device grant is over a model. Register accesses become qtest commands, the memory that
 * the driver and the device share is carried over, and the controller is reset before a dead driver's memory is freed.
 */
import type { Domain } from "../../../host/kernel/domain.ts";
import type { Kernel } from "../../../host/kernel/kernel.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import { ENTRY_OWNER, GRANULE_SHIFT, GRANULES } from "../../../shared-heap/layout.ts";
import type { Machine } from "./machine.ts";
import { MemoryMirror, type Reachable } from "./memory-mirror.ts";

const CC = 0x14;
const CSTS = 0x1c;
/** Tail of the first I/O submission queue; the stride of this controller's doorbells is 4, and each queue has two. */
const IO_TAIL = 0x1008;
const LAST_IO_TAIL = 0x1020;
const ENTRIES = 64;
const READY = 1;
/** The driver's `prp-list` for 32 blocks that begin inside a page: its only object of that size. */
export const LIST_BYTES = 264;
/** The driver's `queues`: ten of them and a log of a page each, and a page of slack. */
const QUEUES_BYTES = 12 * 4096;

/** What was seen at the doorbells of the I/O submission queues. */
export interface Seen {
  commands: number;
  /** Commands that were sent while another one was in flight. */
  overlapping: number;
  /** Where PRP lists lay when it rang last. */
  lists: readonly number[];
  /** Most commands with one doorbell. */
  mostAtOnce: number;
  /** Doorbells that were rung. */
  readonly tails: Set<number>;
}

export class Bridge {
  readonly mirror: MemoryMirror;
  readonly seen: Seen = { commands: 0, overlapping: 0, lists: [], mostAtOnce: 0, tails: new Set() };
  /** Objects of the host that it may lend to the driver. */
  readonly lendable: Set<number> = new Set();
  /** Called after each doorbell of an I/O submission queue has been rung. */
  onDoorbell: (driver: Domain) => void = () => {};
  /** Whether the death of a driver resets the controller; if not, its successor finds it enabled. */
  resetsAtDeath = true;
  readonly #kernel: Kernel;
  readonly #machine: Machine;
  #inFlight = 0;
  /** What was written last to each doorbell of the present generation. */
  #rung: Map<number, number> = new Map();

  constructor(kernel: Kernel, machine: Machine) {
    this.#kernel = kernel;
    this.#machine = machine;
    this.mirror = new MemoryMirror(kernel.heap, machine.memory);
  }

  /** As before the first case, whatever a case that failed has left. */
  behave(): void {
    this.onDoorbell = () => {};
    this.resetsAtDeath = true;
  }

  get provider(): Provider {
    return {
      kind: "host",
      bind: (domain) => {
        this.#inFlight = 0;
        this.#rung = new Map();
        domain.releases.push(() => this.#release(domain));
        return {
          read32: (offset = 0) => {
            this.mirror.push(this.#reachable(domain));
            const value = this.#machine.read32(offset >>> 0);
            this.mirror.pull(this.#reachable(domain));
            return value | 0;
          },
          write32: (offset = 0, value = 0) => {
            this.mirror.push(this.#reachable(domain));
            const isTail = offset >= IO_TAIL && offset <= LAST_IO_TAIL && (offset & 7) === 0;
            if (isTail) this.#look(domain, offset, this.#advance(offset, value));
            else if (offset > IO_TAIL) this.#inFlight -= this.#advance(offset, value);
            this.#machine.write32(offset >>> 0, value);
            if (isTail) this.onDoorbell(domain);
            return 0;
          },
        };
      },
    };
  }

  /** By how many entries a doorbell moves on. */
  #advance(offset: number, value: number): number {
    const before = this.#rung.get(offset) ?? 0;
    this.#rung.set(offset, value);
    return (value - before + ENTRIES) % ENTRIES;
  }

  #look(domain: Domain, tail: number, commands: number): void {
    this.seen.commands += commands;
    this.seen.overlapping += this.#inFlight > 0 ? commands : commands - 1;
    this.seen.mostAtOnce = Math.max(this.seen.mostAtOnce, commands);
    this.seen.tails.add(tail);
    this.#inFlight += commands;
    this.seen.lists = this.#reachable(domain)
      .filter(({ bytes }) => bytes === LIST_BYTES)
      .map(({ base }) => base);
  }

  #release(domain: Domain): void {
    const objects = this.#reachable(domain);
    if (this.resetsAtDeath) {
      this.#machine.write32(CC, 0);
      while ((this.#machine.read32(CSTS) & READY) !== 0);
    }
    this.mirror.forget(objects);
  }

  /**
   * What the driver owns (and lends to nobody), and what was lent to it. Queues come first: QEMU goes on while bytes are carried over, and
   * whoever sees a completion must find the data that was written before it.
   */
  #reachable(domain: Domain): Reachable[] {
    const { u32, exports } = this.#kernel.heap;
    const objects: Reachable[] = [];
    for (let base = exports.nextOwned(domain.id, 0); base !== 0; base = exports.nextOwned(domain.id, base)) {
      const entry = u32[(GRANULES >>> 2) + (base >>> GRANULE_SHIFT)] ?? 0;
      const object = { base, bytes: exports.sizeOf(base), isWritable: u32[(entry + ENTRY_OWNER) >>> 2] === domain.id };
      if (object.bytes === QUEUES_BYTES) objects.unshift(object);
      else objects.push(object);
    }
    for (const base of this.lendable) {
      if (exports.ownerOf(base) === domain.id || exports.canRead(base, domain.id) !== 1) continue;
      objects.push({ base, bytes: exports.sizeOf(base), isWritable: false });
    }
    return objects;
  }
}
