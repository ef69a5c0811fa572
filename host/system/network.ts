/**
 * The network cards that a manifest names, and the wires that they are plugged into.
 * Called by resources.ts, which puts the cards on the bus.
 */
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import type { Wire } from "../../devices/net-wire.ts";
import type { Dma, Interrupt, InterruptLine, MessageControl, Mmio, PciIdentity, PciModel } from "../../devices/ports.ts";
import { Loopback } from "../backends/net/loopback.ts";
import { VirtualSwitch } from "../backends/net/switch.ts";
import { type UdpAddress, UdpWire } from "../backends/net/udp.ts";
import type { ManifestDevice, ManifestWire } from "./manifest.ts";

/** What a card without a wire is plugged into. */
const NOTHING: Wire = { up: false, send() {}, attach() {} };

export class Network {
  /** By the device's name in the manifest. */
  readonly cards: Map<string, IxgbeModel> = new Map();
  readonly switches: Map<string, VirtualSwitch> = new Map();
  readonly #sockets: UdpWire[] = [];

  open(name: string, { wire, mac }: ManifestDevice): PciModel {
    const clock = { nowMicros: () => performance.now() * 1000 };
    const address = mac === undefined ? {} : { mac: Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16)) };
    const end = this.#wire(wire);
    const card = new IxgbeModel({ wire: end, clock, ...address });
    this.cards.set(name, card);
    return end instanceof UdpWire ? new PolledCard(card, end) : card;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #wire(wire: ManifestWire | undefined): Wire {
    switch (wire?.kind) {
      case undefined:
        return NOTHING;
      case "loopback":
        return new Loopback();
      case "switch": {
        const found = this.switches.get(wire.name) ?? new VirtualSwitch();
        this.switches.set(wire.name, found);
        return found.port();
      }
      case "udp": {
        const socket = UdpWire.open(addressOf(wire.local), addressOf(wire.remote));
        this.#sockets.push(socket);
        return socket;
      }
    }
  }
}

/** `127.0.0.1:9010` or `[::1]:9010`; the schema has checked the form. */
function addressOf(text: string): UdpAddress {
  const colon = text.lastIndexOf(":");
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)) };
}

/**
 * A card whose wire has no turn of its own: the domain that drives it may run for ever, so frames come in when it reads a register.
 */
class PolledCard implements PciModel, Mmio {
  readonly identity: PciIdentity;
  readonly messageControl: MessageControl;
  readonly #card: IxgbeModel;
  readonly #wire: UdpWire;

  constructor(card: IxgbeModel, wire: UdpWire) {
    this.identity = card.identity;
    this.messageControl = card.messageControl;
    this.#card = card;
    this.#wire = wire;
  }

  window(bar: number): Mmio | undefined {
    return bar === 0 ? this : this.#card.window(bar);
  }

  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void {
    this.#card.start(dma, line, messages);
  }

  stop(): void {
    this.#card.stop();
  }

  // HOT: a driver that found nothing looks here.
  read32(offset: number): number {
    this.#wire.poll();
    return this.#card.read32(offset);
  }

  read8(offset: number): number {
    return this.#card.read8(offset);
  }

  read16(offset: number): number {
    return this.#card.read16(offset);
  }

  read64(offset: number): bigint {
    this.#wire.poll();
    return this.#card.read64(offset);
  }

  write8(offset: number, value: number): void {
    this.#card.write8(offset, value);
  }

  write16(offset: number, value: number): void {
    this.#card.write16(offset, value);
  }

  write32(offset: number, value: number): void {
    this.#card.write32(offset, value);
  }

  write64(offset: number, value: bigint): void {
    this.#card.write64(offset, value);
  }
}
