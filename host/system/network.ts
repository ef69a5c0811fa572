/**
 * The network cards that a manifest names, and the wires that they are plugged into.
 * Called by resources.ts, which puts the cards on the bus.
 */
import { IxgbeModel } from "../../devices/ixgbe/model.ts";
import type { Wire } from "../../devices/net-wire.ts";
import { Loopback } from "../backends/net/loopback.ts";
import { VirtualSwitch } from "../backends/net/switch.ts";
import type { ManifestDevice, ManifestWire } from "./manifest.ts";

/** What a card without a wire is plugged into. */
const NOTHING: Wire = { up: false, send() {}, attach() {} };

export class Network {
  /** By the device's name in the manifest. */
  readonly cards: Map<string, IxgbeModel> = new Map();
  readonly switches: Map<string, VirtualSwitch> = new Map();

  open(name: string, { wire, mac }: ManifestDevice): IxgbeModel {
    const clock = { nowMicros: () => performance.now() * 1000 };
    const address = mac === undefined ? {} : { mac: Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16)) };
    const card = new IxgbeModel({ wire: this.#wire(wire), clock, ...address });
    this.cards.set(name, card);
    return card;
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
    }
  }
}
