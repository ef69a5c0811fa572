/**
 * The network cards that a manifest names, and the wires that they are plugged into.
 * Called by resources.ts, which puts the cards on the bus.
 */
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import type { Wire } from "../../devices/net-wire.ts";
import type { Dma, Interrupt, InterruptLine, MessageControl, Mmio, PciIdentity, PciModel, SharedQueues } from "../../devices/ports.ts";
import { CaptureWire } from "../backends/net/capture.ts";
import { CaptureFile, readCapture } from "../backends/net/capture-file.ts";
import { FaultyWire } from "../backends/net/faulty-wire.ts";
import { Loopback } from "../backends/net/loopback.ts";
import { openPasst } from "../backends/net/passt.ts";
import { ReplayWire } from "../backends/net/replay.ts";
import { VirtualSwitch } from "../backends/net/switch.ts";
import { openTap } from "../backends/net/tap.ts";
import type { PolledWire } from "../backends/net/thread-wire.ts";
import { openUdp, type UdpAddress } from "../backends/net/udp.ts";
import { lossesOf } from "../backends/net/wire-losses.ts";
import type { WireLosses } from "../control/protocol.ts";
import { DeviceTimer } from "./device-timer.ts";
import type { ManifestDevice } from "./manifest.ts";
import { receiveRoom } from "./receive-room.ts";
import type { ManifestWire, WireExtras } from "./wire-settings.ts";

/** What a card without a wire is plugged into. */
const NOTHING: Wire = { up: false, send() {}, attach() {} };
/** On every wire that a manifest describes without a seed of its own. */
const DEFAULT_SEED = 1;

export class Network {
  /** By the device's name in the manifest. */
  readonly cards: Map<string, IxgbeModel> = new Map();
  readonly switches: Map<string, VirtualSwitch> = new Map();
  /** Of each card, what its wire is made of. */
  readonly #wires: Map<string, readonly Wire[]> = new Map();
  readonly #open: { close(): void }[] = [];
  readonly #cpus: number;

  /** @param cpus on which queues of the cards may be driven */
  constructor(cpus: number) {
    this.#cpus = cpus;
  }

  /** @param pathOf a file that the manifest names, and the pointer of the field that names it */
  open(name: string, { wire, mac }: ManifestDevice, pathOf: (path: string, pointer: string) => string): PciModel {
    const clock = { nowMicros: () => performance.now() * 1000 };
    const timer = new DeviceTimer(() => card, clock.nowMicros);
    const address = mac === undefined ? {} : { mac: Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16)) };
    const resolve = (path: string, field: string): string => pathOf(path, `/devices/${name}/wire/${field}`);
    const room = (): number => {
      const card = this.cards.get(name);
      return card === undefined ? 0 : receiveRoom(card);
    };
    const inner = wire === undefined ? NOTHING : this.#wire(wire, resolve, room);
    const wires = this.#wrapped(inner, wire ?? {}, resolve);
    this.#wires.set(name, wires);
    const card: IxgbeModel = new IxgbeModel({
      wire: wires.at(-1) ?? inner,
      clock,
      cpus: this.#cpus,
      onDeadline: (atMicros) => timer.want(atMicros),
      ...address,
    });
    this.cards.set(name, card);
    return isPolled(inner) ? new PolledCard(card, inner) : card;
  }

  /** Frames that a card's wire has lost. */
  lossesOf(name: string): WireLosses {
    return lossesOf(this.#wires.get(name) ?? []);
  }

  close(): void {
    for (const one of this.#open) one.close();
  }

  #wire(wire: ManifestWire, resolve: (path: string, field: string) => string, room: () => number): Wire {
    switch (wire.kind) {
      case "loopback":
        return new Loopback();
      case "switch": {
        const found = this.switches.get(wire.name) ?? new VirtualSwitch();
        this.switches.set(wire.name, found);
        return found.port();
      }
      case "udp":
        return this.#kept(openUdp(addressOf(wire.local), addressOf(wire.remote)));
      case "tap":
        return this.#kept(openTap(wire.name));
      case "passt":
        return this.#kept(openPasst(resolve(wire.socket, "socket")));
      case "replay": {
        const pace = wire.pace === "fast" ? {} : { nowMicros: () => performance.now() * 1000 };
        return this.#kept(new ReplayWire(readCapture(resolve(wire.file, "file")), { ...pace, room }));
      }
    }
  }

  /**
   * The wire and what is around it, from the inside. The capture is next to the card: it has what the card sends and what reaches it, faults
   * and all.
   */
  #wrapped(inner: Wire, { faults, capture }: WireExtras, resolve: (path: string, field: string) => string): Wire[] {
    const wires = [inner];
    const add = (wrap: (around: Wire) => Wire): void => void wires.push(wrap(wires.at(-1) ?? inner));
    if (faults !== undefined) {
      const { seed = DEFAULT_SEED, ...shares } = faults;
      add((around) => new FaultyWire(around, shares, seed, () => performance.now() * 1000));
    }
    if (capture === undefined) return wires;
    const file = this.#kept(CaptureFile.open(resolve(capture, "capture")));
    const nowMicros = (): number => (performance.timeOrigin + performance.now()) * 1000;
    add((around) => new CaptureWire(around, (bytes) => file.write(bytes), nowMicros));
    return wires;
  }

  #kept<T extends { close(): void }>(one: T): T {
    this.#open.push(one);
    return one;
  }
}

function isPolled(wire: Wire): wire is PolledWire {
  return "poll" in wire;
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
  readonly sharedQueues: SharedQueues | undefined;
  readonly #card: IxgbeModel;
  readonly #wire: PolledWire;

  constructor(card: IxgbeModel, wire: PolledWire) {
    this.identity = card.identity;
    this.messageControl = card.messageControl;
    this.sharedQueues = card.sharedQueues;
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
