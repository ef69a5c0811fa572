/**
 * A device grant: an object on the shared heap whose owner may drive the device. Its death stops the device before
 * any memory that the device could reach is freed.
 *
 * The DMA port is a software IOMMU: it answers with the same rule as the guard. A device reads memory that the grant's
 * owner may read (owned or borrowed) and writes memory that it owns and has lent to nobody; anything else is a "no"
 * that the model reports as hardware would.
 */

import type { Dma, Interrupt, InterruptLine, Mmio, SharedQueues } from "../../devices/ports.ts";
import { ENTRY_BASE, ENTRY_BYTES, ENTRY_OWNER, GRANULE_SHIFT, GRANULES } from "../../shared-heap/layout.ts";
import { SumacError } from "../errors.ts";
import { attendQueues } from "./cpus/shared-queues.ts";
import { DeviceInterrupts } from "./device-interrupts.ts";
import type { Domain, DomainLimits } from "./domain.ts";
import { IMPLEMENTED } from "./implemented.ts";
import type { Kernel } from "./kernel.ts";
import type { Portable, Provider } from "./provider.ts";

/** A model as the kernel sees it: its window, and the moments when it may start and must stop doing DMA. */
export interface GrantableDevice extends Pick<Mmio, "read32" | "write32"> {
  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void;
  stop(): void;
}

/** The two sides of one device, for the same domain. */
export interface DeviceProviders {
  readonly mmio: Provider;
  readonly irq: Provider;
}

/** Type id of grant objects; "GRNT" is no hash of a layout, and no world can name it. */
const GRANT_TYPE = 0x544e5247;
const GRANT_BYTES = 64;
/**
 * Windows on memory that are kept for the device's next question: many times the buffers of a busy ring. A power of two, and the shift that
 * leaves as many places of a spread address; SPREAD is 2^32 over the golden ratio.
 */
const WINDOWS = 2048;
const PLACE_SHIFT = 21;
const SPREAD = 0x9e37_79b1;
/** What a bus reads where nobody answers. */
const NOBODY = -1;

/** A provider of `sumac:device/mmio` for one device; one generation at a time holds it. */
export function deviceProvider(kernel: Kernel, device: GrantableDevice): Provider {
  return deviceProviders(kernel, device).mmio;
}

/**
 * Registers and interrupts of one device; one generation at a time holds both, and each has interrupts of its own.
 * @param queues for a domain with a replica on each CPU, each of which drives queues of the device there
 */
export function deviceProviders(kernel: Kernel, device: GrantableDevice, queues?: SharedQueues): DeviceProviders {
  if (queues !== undefined && kernel.cpus !== undefined) attendQueues(kernel.cpus.cpu, queues);
  const portable = (side: "mmio" | "irq"): { readonly portable?: Portable } =>
    queues === undefined ? {} : { portable: { kind: "queues", side, share: queues.share } };
  let holder: Domain | undefined;
  let interrupts = new DeviceInterrupts(kernel.threads);
  const requireFree = (domain: Domain): void => {
    if (holder === undefined || holder === domain || holder.isGone) return;
    throw new SumacError(
      "import-not-granted",
      `domain ${domain.name}: ${holder.name}#${holder.generation} drives the device: a device has one driver at a time`,
    );
  };
  const hold = (domain: Domain): DeviceInterrupts => {
    if (holder === domain) return interrupts;
    holder = domain;
    const own = new DeviceInterrupts(kernel.threads);
    interrupts = own;
    domain.releases.push(() => own.close());
    return own;
  };
  const mmio: Provider = {
    kind: "host",
    implements: IMPLEMENTED["sumac:device/mmio@0.1.0"],
    ...portable("mmio"),
    bind(domain) {
      requireFree(domain);
      const { alloc, ownerOf } = kernel.heap.exports;
      const grant = alloc(domain.id, GRANT_TYPE, GRANT_BYTES);
      if (grant === 0) {
        throw new SumacError(
          "quota-invalid",
          `domain ${domain.name}: its heap quota leaves no room for a device grant of ${GRANT_BYTES} bytes: raise limits.heapBytes or limits.heapObjects`,
        );
      }
      const { pin, messages } = hold(domain);
      device.start(dmaOf(kernel, domain), pin, messages);
      domain.releases.push(() => device.stop());
      return {
        read32: (offset = 0) => (ownerOf(grant) === domain.id ? device.read32(offset >>> 0) : NOBODY),
        write32(offset = 0, value = 0) {
          if (ownerOf(grant) === domain.id) device.write32(offset >>> 0, value >>> 0);
          return 0;
        },
      };
    },
  };
  const irq: Provider = {
    kind: "host",
    implements: IMPLEMENTED["sumac:device/irq@0.1.0"],
    ...portable("irq"),
    bind(domain) {
      requireFree(domain);
      const own = hold(domain);
      return {
        wait: (line = 0) => own.wait(line >>> 0) | 0,
        mask(line = 0) {
          own.mask(line >>> 0);
          return 0;
        },
        unmask(line = 0) {
          own.unmask(line >>> 0);
          return 0;
        },
        spurious: () => own.spurious | 0,
      };
    },
  };
  return { mmio, irq };
}

/**
 * What a device keeps in place for one domain, an object once however many commands need it. A pinned object may be dropped
 * and is charged to nobody from then on, so a domain's device pins at most what the domain could own.
 */
class Pins {
  readonly #held: Map<number, { times: number; readonly bytes: number }> = new Map();
  readonly #limits: DomainLimits;
  #bytes = 0;

  constructor(limits: DomainLimits) {
    this.#limits = limits;
  }

  hasRoom(base: number, bytes: number): boolean {
    if (this.#held.has(base)) return true;
    return this.#held.size < this.#limits.heapObjects && this.#bytes + bytes <= this.#limits.heapBytes;
  }

  add(base: number, bytes: number): void {
    const pinned = this.#held.get(base);
    if (pinned !== undefined) {
      pinned.times++;
      return;
    }
    this.#held.set(base, { times: 1, bytes });
    this.#bytes += bytes;
  }

  remove(base: number): void {
    const pinned = this.#held.get(base);
    if (pinned === undefined || --pinned.times > 0) return;
    this.#held.delete(base);
    this.#bytes -= pinned.bytes;
  }
}

/** The device's view of memory on behalf of one domain. */
export function dmaOf(kernel: Kernel, domain: Domain): Dma {
  const { u32, u8 } = kernel.heap;
  const { canRead, objectAt, pin, unpin } = kernel.heap.exports;
  const { id } = domain;
  const pins = new Pins(domain.spec.limits);

  /** The entry (word index) of the object that holds the whole range, or 0. */
  function entryFor(address: number, bytes: number): number {
    if (!(address >= 0 && bytes >= 0 && address + bytes <= u8.length)) return 0;
    const entry = u32[(GRANULES >> 2) + (address >>> GRANULE_SHIFT)] ?? 0;
    if (entry === 0) return 0;
    const at = entry >>> 2;
    const base = u32[at + (ENTRY_BASE >> 2)] ?? 0;
    const size = u32[at + (ENTRY_BYTES >> 2)] ?? 0;
    return address >= base && address + bytes <= base + size ? at : 0;
  }

  /**
   * HOT: windows on the same few places are asked for again and again (ring entries, buffers), and to make one costs more than all
   * questions about it. A window is no right: that is asked each time.
   */
  const windows: (Uint8Array | undefined)[] = new Array(WINDOWS).fill(undefined);
  function windowOn(address: number, bytes: number): Uint8Array {
    const place = Math.imul(address, SPREAD) >>> PLACE_SHIFT;
    const known = windows[place];
    if (known !== undefined && known.byteOffset === address && known.length === bytes) return known;
    const fresh = u8.subarray(address, address + bytes);
    windows[place] = fresh;
    return fresh;
  }

  return {
    readable(address, bytes) {
      const at = entryFor(address, bytes);
      // HOT: queue entries are the owner's own, mostly; whoever lends them may read them, too, by the slower question.
      if (at === 0 || (u32[at + (ENTRY_OWNER >> 2)] !== id && canRead(u32[at + (ENTRY_BASE >> 2)] ?? 0, id) !== 1)) return undefined;
      return windowOn(address, bytes);
    },
    writable(address, bytes) {
      const at = entryFor(address, bytes);
      if (at === 0 || u32[at + (ENTRY_OWNER >> 2)] !== id) return undefined;
      return windowOn(address, bytes);
    },
    pin(address, bytes) {
      const at = entryFor(address, bytes);
      if (at === 0) return false;
      const base = u32[at + (ENTRY_BASE >> 2)] ?? 0;
      const size = u32[at + (ENTRY_BYTES >> 2)] ?? 0;
      // Borrowed objects too: a write's data stays with its owner, who may die or take it back while it is in flight.
      if (canRead(base, id) !== 1 || !pins.hasRoom(base, size) || pin(base, 0) !== 0) return false;
      pins.add(base, size);
      return true;
    },
    unpin(address) {
      const base = objectAt(address);
      if (base === 0) return;
      pins.remove(base);
      unpin(base);
    },
  };
}
