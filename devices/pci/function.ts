/**
 * One function on the bus: a model, its configuration space, and the gates that the command register opens.
 * Memory space off: nobody answers in its windows. Bus master off: every DMA is refused. Interrupt disable: the pin is low.
 * A model behind it need not know any of that; one with an MSI-X capability is told what its control word says.
 * Source: [PCI-3.0] sections 6.2.2, 6.2.3, 6.8.2.
 */
import type { Dma, Interrupt, InterruptLine, Mmio, PciConfiguration, PciModel } from "../ports.ts";
import { ConfigSpace } from "./config-space.ts";
import { CAPABILITY, COMMAND, MESSAGE_CONTROL, PCI, PCI_STATUS } from "./registers.ts";

export class PciFunction {
  readonly slot: number;
  readonly model: PciModel;
  readonly #space: ConfigSpace;
  readonly #line: InterruptLine | undefined;
  readonly #messages: Interrupt | undefined;
  /** Where the pin leads besides, while a grant exists. */
  #granted: InterruptLine | undefined = undefined;
  /** Where the MSI-X capability's control word is; 0 = there is none. */
  readonly #messageControl: number;
  #memorySpace = false;
  #busMaster = false;
  #interruptDisable = false;
  /** What the model wants of its pin. */
  #pin = false;
  #started = false;

  constructor(slot: number, model: PciModel, line?: InterruptLine, messages?: Interrupt) {
    this.slot = slot;
    this.model = model;
    this.#line = line;
    this.#messages = messages;
    this.#space = new ConfigSpace(model.identity, () => this.#refresh());
    const capability = this.#space.capability(CAPABILITY.msix);
    this.#messageControl = capability === 0 ? 0 : capability + 2;
  }

  get configuration(): PciConfiguration {
    return this.#space;
  }

  /** The window behind a base address register, while memory space is enabled. */
  window(bar: number): Mmio | undefined {
    return this.#memorySpace ? this.model.window(bar) : undefined;
  }

  /** The address that a base address register was given, or `undefined` while it is not decoded. */
  address(bar: number): number | undefined {
    const declared = this.model.identity.bars.find(({ index }) => index === bar);
    if (declared === undefined || !this.#memorySpace) return undefined;
    const at = PCI.bar0 + 4 * bar;
    const low = (this.#space.read32(at) & ~0xf) >>> 0;
    return declared.kind === "memory64" ? this.#space.read32(at + 4) * 2 ** 32 + low : low;
  }

  /**
   * A grant begins. Memory space and bus mastering are switched on, as the owner has asked for the device.
   * @param line where its pin leads besides, and `messages` where its messages go besides, until `stop`
   */
  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void {
    this.#granted = line;
    this.model.start(this.#gated(dma), { set: (asserted) => this.#setPin(asserted) }, both(this.#messages, messages));
    this.#started = true;
    this.#space.write16(PCI.command, this.#space.read16(PCI.command) | COMMAND.memorySpace | COMMAND.busMaster);
  }

  /** The grant is gone: the model lets go of everything it holds, and then the bus is closed to it. */
  stop(): void {
    if (!this.#started) return;
    this.#started = false;
    this.model.stop();
    this.#setPin(false);
    this.#granted = undefined;
    if (this.#messageControl !== 0) this.#space.write16(this.#messageControl, 0);
    this.#space.write16(PCI.command, 0);
  }

  // HOT: one more test per transfer, no more.
  #gated(dma: Dma): Dma {
    return {
      readable: (address, bytes) => {
        const view = this.#busMaster ? dma.readable(address, bytes) : undefined;
        return view ?? this.#refused();
      },
      writable: (address, bytes) => {
        const view = this.#busMaster ? dma.writable(address, bytes) : undefined;
        return view ?? this.#refused();
      },
      pin: (address, bytes) => this.#busMaster && dma.pin(address, bytes),
      // Letting go is always possible.
      unpin: (address) => dma.unpin(address),
    };
  }

  #refused(): undefined {
    this.#space.setStatus(PCI_STATUS.receivedMasterAbort, true);
    return undefined;
  }

  #setPin(asserted: boolean): void {
    this.#pin = asserted;
    this.#space.setStatus(PCI_STATUS.interrupt, asserted);
    this.#drive(asserted && !this.#interruptDisable);
  }

  #refresh(): void {
    const command = this.#space.read16(PCI.command);
    this.#memorySpace = (command & COMMAND.memorySpace) !== 0;
    this.#busMaster = (command & COMMAND.busMaster) !== 0;
    if (this.#messageControl !== 0) {
      const control = this.#space.read16(this.#messageControl);
      this.model.messageControl?.configure((control & MESSAGE_CONTROL.enable) !== 0, (control & MESSAGE_CONTROL.mask) !== 0);
    }
    const disable = (command & COMMAND.interruptDisable) !== 0;
    if (disable === this.#interruptDisable) return;
    this.#interruptDisable = disable;
    if (this.#pin) this.#drive(!disable);
  }

  #drive(level: boolean): void {
    this.#line?.set(level);
    this.#granted?.set(level);
  }
}

function both(plugged: Interrupt | undefined, granted: Interrupt | undefined): Interrupt | undefined {
  if (plugged === undefined || granted === undefined) return plugged ?? granted;
  return {
    raise(vector) {
      plugged.raise(vector);
      granted.raise(vector);
    },
  };
}
