/**
 * A virtual switch: any number of ports, each a wire, and a table of which station was last heard at which port. [IEEE802.1D] 7.8, 7.9.
 * Called by models through their ports. A frame is delivered within the call that sent it, in order; what its delivery sets off is sent
 * afterwards, so that two cards that answer each other do not use up the stack. It never keeps a frame longer than that.
 */
import { MIN_FRAME_BYTES, type WireEnd } from "../../../devices/net-wire.ts";
import type { WireLosses } from "../../control/protocol.ts";
import { type CountingWire, LossTally } from "./wire-losses.ts";

/** Beyond that the oldest station is forgotten, and frames to it go to all ports. */
const MOST_STATIONS = 1024;
/** Of frames that wait for the one before: what two stations can set off without end is cut off here. */
const MOST_WAITING = 4096;
const ADDRESS_BYTES = 6;

export class SwitchPort implements CountingWire {
  up = true;
  /** Frames that went to it. */
  delivered = 0;
  /** Frames to its station, and from it. */
  readonly lostIn: LossTally = new LossTally();
  readonly lostOut: LossTally = new LossTally();
  end: WireEnd | undefined;
  readonly #owner: VirtualSwitch;

  /** Made by `VirtualSwitch.port`. */
  constructor(owner: VirtualSwitch) {
    this.#owner = owner;
  }

  attach(end: WireEnd | undefined): void {
    this.end = end;
  }

  send(frame: Uint8Array, length: number): void {
    if (this.up) this.#owner.forward(this, frame, length);
    else this.lostOut.add("down");
  }

  get losses(): WireLosses {
    return { in: this.lostIn.counts, out: this.lostOut.counts };
  }

  /** Pulls the cable out, or puts it in again. */
  setCarrier(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    if (!up) this.#owner.forget(this);
    this.end?.carrier(up);
  }
}

export class VirtualSwitch {
  readonly #ports: SwitchPort[] = [];
  /** Address to where it was heard last, the latest at the end. */
  readonly #stations: Map<number, SwitchPort> = new Map();
  readonly #waiting: { readonly from: SwitchPort; readonly frame: Uint8Array }[] = [];
  #isBusy = false;

  port(): SwitchPort {
    const port = new SwitchPort(this);
    this.#ports.push(port);
    return port;
  }

  get stations(): number {
    return this.#stations.size;
  }

  forget(port: SwitchPort): void {
    for (const [address, at] of this.#stations) if (at === port) this.#stations.delete(address);
  }

  forward(from: SwitchPort, frame: Uint8Array, length: number): void {
    if (length < MIN_FRAME_BYTES) {
      from.lostOut.add("refused");
      return;
    }
    if (this.#isBusy) {
      if (this.#waiting.length < MOST_WAITING) this.#waiting.push({ from, frame: frame.slice(0, length) });
      else from.lostOut.add("full");
      return;
    }
    this.#isBusy = true;
    try {
      this.#deliver(from, frame, length);
      for (let i = 0; i < this.#waiting.length; i++) {
        const next = this.#waiting[i];
        if (next !== undefined) this.#deliver(next.from, next.frame, next.frame.length);
      }
    } finally {
      this.#waiting.length = 0;
      this.#isBusy = false;
    }
  }

  #deliver(from: SwitchPort, frame: Uint8Array, length: number): void {
    this.#learn(from, addressAt(frame, ADDRESS_BYTES), frame[ADDRESS_BYTES] ?? 0);
    const isGroup = ((frame[0] ?? 0) & 1) !== 0;
    const known = isGroup ? undefined : this.#stations.get(addressAt(frame, 0));
    if (known !== undefined) {
      if (known !== from && !hand(known, frame, length)) known.lostIn.add("down");
      return;
    }
    for (const port of this.#ports) if (port !== from) hand(port, frame, length);
  }

  /** A group is nobody's address. */
  #learn(from: SwitchPort, address: number, first: number): void {
    if ((first & 1) !== 0 || this.#stations.get(address) === from) return;
    this.#stations.delete(address);
    this.#stations.set(address, from);
    if (this.#stations.size <= MOST_STATIONS) return;
    const oldest = this.#stations.keys().next();
    if (oldest.done !== true) this.#stations.delete(oldest.value);
  }
}

/** @returns whether somebody is there */
function hand(port: SwitchPort, frame: Uint8Array, length: number): boolean {
  if (!port.up || port.end === undefined) return false;
  port.delivered++;
  port.end.receive(frame, length);
  return true;
}

/** As a number: 48 bits are exact. */
function addressAt(frame: Uint8Array, at: number): number {
  let address = 0;
  for (let i = 0; i < ADDRESS_BYTES; i++) address = address * 256 + (frame[at + i] ?? 0);
  return address;
}
