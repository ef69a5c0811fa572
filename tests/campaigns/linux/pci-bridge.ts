/**
 * Device models on the PCI bus of the PC: configuration space, register windows, memory and interrupt pins of `devices/ports.ts`
 * on the hooks of v86. The guest's firmware and kernel see our functions, and our `PciFunction` decides what opens when.
 * Owns the routing of pins that share a line: v86 keeps one level per line.
 */
import { PciFunction } from "../../../devices/pci/function.ts";
import { PCI } from "../../../devices/pci/registers.ts";
import type { Dma, Mmio, PciModel } from "../../../devices/ports.ts";
import type { V86Cpu, V86Pci } from "./v86.ts";

/** The smallest piece of address space that v86 gives away. */
const BLOCK_BYTES = 0x2_0000;
/** Below are memory and firmware, above interrupt controllers and firmware. */
const LOWEST_WINDOW = 0x1000_0000;
const HIGHEST_WINDOW = 0xfec0_0000;
const ROUTES = 0x60;
const CONFIG_BYTES = 256;
/** IF, in the processor's flags. */
const INTERRUPT_FLAG = 0x200;

interface Window {
  readonly fn: PciFunction;
  readonly bar: number;
  readonly base: number;
  readonly bytes: number;
}

export class PciBridge {
  /** Accesses of the guest to register windows. */
  accesses = 0;
  /** Times that a pin went high. */
  interrupts = 0;
  /** Places that are pinned now. */
  pins = 0;
  /** Transfers that were refused: the guest gave an address outside its memory. */
  refused = 0;
  readonly #cpu: V86Cpu;
  readonly #memoryBytes: number;
  readonly #onWrite: ((slot: number, bar: number, offset: number, value: number) => void) | undefined;
  readonly #functions: Map<number, PciFunction> = new Map();
  #windows: readonly Window[] = [];
  readonly #mapped: Set<number> = new Set();
  /** The processor is inside an instruction that accesses a register. */
  #inAccess = false;
  readonly #levels: Map<PciFunction, number> = new Map();

  constructor(cpu: V86Cpu, memoryBytes: number, onWrite?: (slot: number, bar: number, offset: number, value: number) => void) {
    this.#onWrite = onWrite;
    this.#cpu = cpu;
    this.#memoryBytes = memoryBytes;
    this.#interceptConfiguration(cpu.devices.pci);
  }

  plug(slot: number, model: PciModel): void {
    const id = slot << 3;
    const fn: PciFunction = new PciFunction(slot, model, { set: (asserted) => this.#setPin(fn, asserted) });
    fn.start(this.#dma());
    // As firmware would find it: nothing enabled, no addresses.
    fn.configuration.write16(PCI.command, 0);
    this.#functions.set(id, fn);
    const space = Array.from({ length: CONFIG_BYTES }, (_, offset) => fn.configuration.read8(offset));
    this.#cpu.devices.pci.register_device({ name: `slot ${slot}`, pci_id: id, pci_space: space, pci_bars: [] });
  }

  /** The PC is gone: no model may touch its memory any more. */
  unplug(): void {
    for (const fn of this.#functions.values()) fn.stop();
  }

  /** The guest's memory, as long as nothing of it changes. */
  memory(address: number, bytes: number): Uint8Array | undefined {
    return address >= 0 && address + bytes <= this.#memoryBytes ? this.#cpu.mem8.subarray(address, address + bytes) : undefined;
  }

  #dma(): Dma {
    const view = (address: number, bytes: number): Uint8Array | undefined => {
      const found = this.memory(address, bytes);
      if (found === undefined) this.refused++;
      return found;
    };
    return {
      readable: view,
      writable: (address, bytes) => {
        const found = view(address, bytes);
        if (found !== undefined && bytes > 0) this.#cpu.jit_dirty_cache(address, address + bytes);
        return found;
      },
      pin: (address, bytes) => {
        const there = address >= 0 && address + bytes <= this.#memoryBytes;
        if (there) this.pins++;
        return there;
      },
      unpin: () => {
        this.pins--;
      },
    };
  }

  /** Several pins may lead to one line: it is high while one of them is. */
  #setPin(fn: PciFunction, asserted: boolean): void {
    const before = this.#levels.get(fn);
    if (asserted === (before !== undefined)) return;
    if (asserted) {
      const pin = fn.configuration.read8(PCI.interruptPin);
      const route = this.#cpu.devices.pci.isa_bridge_space8[ROUTES + ((pin - 1 + fn.slot - 1) & 3)] ?? 0;
      this.#levels.set(fn, route);
      this.interrupts++;
      this.#drive(route, true);
    } else {
      this.#levels.delete(fn);
      const others = [...this.#levels.values()].includes(before ?? 0);
      if (!others && before !== undefined) this.#drive(before, false);
    }
  }

  /**
   * v86 takes an interrupt inside the call that changes a line, which is right between two instructions, and wrong inside one that
   * accesses a register: translated code would go on from the handler's address. There the line changes while interrupts look
   * disabled, and the processor finds the request a little later by itself.
   */
  #drive(route: number, high: boolean): void {
    const { flags } = this.#cpu;
    const kept = flags[0] ?? 0;
    if (this.#inAccess) flags[0] = kept & ~INTERRUPT_FLAG;
    if (high) this.#cpu.device_raise_irq(route);
    else this.#cpu.device_lower_irq(route);
    if (this.#inAccess) flags[0] = kept;
  }

  /** Configuration cycles to our functions go to them; all others stay with v86. */
  #interceptConfiguration(pci: V86Pci): void {
    const query = pci.pci_query.bind(pci);
    pci.pci_query = () => {
      const [low = 0, second = 0, third = 0] = pci.pci_addr;
      const fn = this.#functions.get((third << 8) | second);
      if (fn === undefined) return query();
      pci.pci_status32[0] = 0x8000_0000 | 0;
      pci.pci_response32[0] = fn.configuration.read32(low & 0xfc) | 0;
    };
    const intercept = (
      name: "pci_write8" | "pci_write16" | "pci_write32",
      write: (fn: PciFunction, offset: number, value: number) => void,
    ): void => {
      const original = pci[name].bind(pci);
      pci[name] = (address, value) => {
        const fn = this.#functions.get((address >> 8) & 0xffff);
        if (fn === undefined) return original(address, value);
        write(fn, address & 0xff, value);
        this.#map();
      };
    };
    intercept("pci_write8", (fn, offset, value) => fn.configuration.write8(offset, value));
    intercept("pci_write16", (fn, offset, value) => fn.configuration.write16(offset, value));
    intercept("pci_write32", (fn, offset, value) => fn.configuration.write32(offset, value >>> 0));
  }

  /** After a change of an address or of a command register: windows are where the guest put them. */
  #map(): void {
    const windows: Window[] = [];
    for (const fn of this.#functions.values()) {
      for (const { index, bytes } of fn.model.identity.bars) {
        const base = fn.address(index);
        if (base === undefined || base < LOWEST_WINDOW || base + bytes > HIGHEST_WINDOW) continue;
        windows.push({ fn, bar: index, base, bytes });
        for (let block = base - (base % BLOCK_BYTES); block < base + bytes; block += BLOCK_BYTES) this.#mapBlock(block);
      }
    }
    this.#windows = windows;
  }

  #mapBlock(address: number): void {
    if (this.#mapped.has(address)) return;
    this.#mapped.add(address);
    this.#cpu.io.mmap_register(
      address,
      BLOCK_BYTES,
      (at) => this.#access(at, (window, offset) => window.read8(offset)) ?? 0xff,
      (at, value) => this.#access(at, (window, offset) => window.write8(offset, value & 0xff)),
      (at) => (this.#access(at, (window, offset) => window.read32(offset)) ?? 0xffff_ffff) | 0,
      (at, value) =>
        this.#access(at, (window, offset, { fn, bar }) => {
          this.#onWrite?.(fn.slot, bar, offset, value >>> 0);
          window.write32(offset, value >>> 0);
        }),
    );
  }

  #access<T>(signedAddress: number, access: (window: Mmio, offset: number, where: Window) => T): T | undefined {
    const address = signedAddress >>> 0;
    this.accesses++;
    for (const where of this.#windows) {
      const { fn, bar, base, bytes } = where;
      if (address < base || address >= base + bytes) continue;
      const window = fn.window(bar);
      if (window === undefined) return undefined;
      this.#inAccess = true;
      try {
        return access(window, address - base, where);
      } finally {
        this.#inAccess = false;
      }
    }
    return undefined;
  }
}
