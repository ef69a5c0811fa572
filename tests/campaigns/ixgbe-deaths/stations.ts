/**
 * Two stations on a virtual switch, each a card, its driver (one polled, one by interrupts) and the driver's shadow, with the host as the
 * application of both. Every frame says who sent it and which it is, and the rest of it follows from that, so that each byte that arrives can
 * be checked. Used by run.ts. What it promises to find: a byte that is not the frame's, a frame twice or out of order, a packet too many or too few.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, trustedKeys } from "../../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../../host/system/boot.ts";
import { FATE, NetHost } from "../../support/net-host.ts";

const ROOT: string = join(import.meta.dirname, "../../..");
const NET = "sumac:net/net@0.1.0";
/** Packets of each station: to send, and to receive with. */
const SENDING = 48;
const RECEIVING = 160;
const BATCH = 16;
const HEADER_BYTES = 22;
const LEAST_BYTES = 60;
const MOST_BYTES = 1514;
const DATA_BYTES = 2048;
/** Of each call to a driver, and far more than one takes. */
export const DRIVER_BUDGET_MS = 20;

const GRANTS = { "sumac:device/mmio@0.1.0": { pci: "02:00:00" }, "sumac:device/clock@0.1.0": { host: "clock" } } as const;
const POLLED = { module: join(ROOT, "build/domains/drivers/ixgbe.wasm"), grants: GRANTS } as const;
/** It begins anew with its `init`, where the other one has a snapshot. */
const BY_INTERRUPTS = {
  module: join(ROOT, "build/domains/drivers/ixgbe-interrupts.wasm"),
  grants: { ...GRANTS, "sumac:device/irq@0.1.0": { pci: "02:00:00" } },
} as const;

export class Station {
  readonly name: string;
  readonly #net: NetHost;
  readonly #number: number;
  readonly #random: () => number;
  #free: number[];
  #buffers: number[];
  #next = 0;
  /** The last frame of the other one that arrived. */
  #seen = -1;
  received = 0;
  lost = 0;
  peer: Station | undefined;
  readonly address: bigint;

  constructor(net: NetHost, name: string, number: number, random: () => number) {
    this.#net = net;
    this.name = name;
    this.#number = number;
    this.#random = random;
    this.#free = Array.from({ length: SENDING }, () => net.packet());
    this.#buffers = Array.from({ length: RECEIVING }, () => net.packet());
    this.address = (net.call("identify") as unknown as { address: bigint }).address;
  }

  get isUp(): boolean {
    return (this.#net.call("link") as unknown as { up: boolean }).up;
  }

  /** What the shadow says. */
  get lostByCount(): number {
    return Number((this.#net.call("statistics") as unknown as { lost: bigint }).lost);
  }

  /** Sends some frames. @throws Error with what is wrong */
  send(): void {
    const count = Math.min(this.#free.length, 1 + Math.floor(this.#random() * BATCH));
    const packets = this.#free.splice(0, count);
    for (const packet of packets) this.#net.fill(packet, this.#frame());
    for (const packet of this.#net.move("send", 0, packets)) {
      this.#check(packet, [FATE.sent, FATE.unsent, FATE.lost]);
      this.#free.push(packet);
    }
  }

  /** Gives buffers and takes frames. @throws Error with what is wrong */
  receive(): void {
    for (const packet of this.#net.move("receive", 0, this.#buffers.splice(0, BATCH))) {
      if (this.#check(packet, [FATE.received, FATE.empty, FATE.lost]) === FATE.received) this.#frameCame(packet);
      this.#buffers.push(packet);
    }
  }

  /** Takes everything back: each packet that was ever given must come. @throws Error with what is wrong */
  end(): void {
    const all = Object.values(FATE);
    const back = (method: "send" | "reclaim"): number[] => {
      const packets = this.#net.move(method, 0);
      for (const packet of packets) this.#check(packet, all);
      return packets;
    };
    for (let i = 0; i < 200 && this.#free.length < SENDING; i++) this.#free.push(...back("send"));
    for (let i = 0; i < 200 && this.#buffers.length < RECEIVING; i++) this.#buffers.push(...back("reclaim"));
    const [sending, receiving] = [this.#free.length, this.#buffers.length];
    const more = [...back("send"), ...back("reclaim")].length;
    this.#net.free([...this.#free, ...this.#buffers]);
    if (sending !== SENDING || receiving !== RECEIVING || more !== 0) {
      throw new Error(`${this.name}: of ${SENDING} and ${RECEIVING} packets ${sending} and ${receiving} came back, and ${more} more`);
    }
  }

  #check(packet: number, allowed: readonly number[]): number {
    const { u8 } = this.#net.heap;
    const { fate, bytes } = this.#net.see(packet);
    if (!allowed.includes(fate)) throw new Error(`${this.name}: a packet came back with fate ${fate}`);
    if (fate !== FATE.lost) return fate;
    this.lost++;
    const isClean = bytes.length === 0 && u8.subarray(packet, packet + DATA_BYTES).every((byte) => byte === 0);
    if (!isClean) throw new Error(`${this.name}: a new packet has something in it`);
    return fate;
  }

  #frame(): Uint8Array {
    const bytes = LEAST_BYTES + Math.floor(this.#random() * (MOST_BYTES - LEAST_BYTES));
    return frameOf(this.peer?.address ?? 0n, this.address, this.#number, this.#next++, bytes);
  }

  #frameCame(packet: number): void {
    const { bytes } = this.#net.see(packet);
    const view = new DataView(bytes.buffer);
    const peer = this.peer;
    if (peer === undefined) throw new Error(`${this.name}: has no peer`);
    const index = bytes.length < HEADER_BYTES ? -1 : view.getUint32(18);
    const wanted = frameOf(this.address, peer.address, peer.#number, index, bytes.length);
    const wrong = bytes.findIndex((byte, i) => byte !== wanted[i]);
    if (wrong >= 0) throw new Error(`${this.name}: byte ${wrong} of frame ${index} is not what ${peer.name} sent`);
    if (index <= this.#seen || index >= peer.#next) throw new Error(`${this.name}: frame ${index} came after frame ${this.#seen}`);
    this.#seen = index;
    this.received++;
  }
}

/** Addresses, a local type, who, which, and bytes that follow from these. */
function frameOf(to: bigint, from: bigint, who: number, index: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(bytes);
  const view = new DataView(frame.buffer);
  for (let i = 0; i < 6; i++) {
    frame[i] = Number((to >> BigInt(8 * i)) & 0xffn);
    frame[6 + i] = Number((from >> BigInt(8 * i)) & 0xffn);
  }
  view.setUint16(12, 0x88b5);
  view.setUint32(14, who);
  view.setUint32(18, index);
  let state = (index * 2654435761 + who) >>> 0;
  for (let i = HEADER_BYTES; i < bytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    frame[i] = state >>> 24;
  }
  return frame;
}

/** Boots the system of two stations; `stations[i]` is behind the domain `left` or `right`, its driver in front of it. */
export async function bootStations(
  random: () => number,
): Promise<{ readonly booted: Booted; readonly stations: readonly [Station, Station] }> {
  const folder = mkdtempSync(join(tmpdir(), "sumac-stations-"));
  try {
    const path = join(folder, "system.json");
    writeFileSync(path, JSON.stringify(manifest()));
    const booted = await bootManifest(path, { trusted: await trustedKeys(projectRoot(ROOT), []) });
    const left = new Station(new NetHost(booted.system, "left"), "left", 1, random);
    const right = new Station(new NetHost(booted.system, "right"), "right", 2, random);
    [left.peer, right.peer] = [right, left];
    return { booted, stations: [left, right] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function manifest(): object {
  const module = (name: string): string => join(ROOT, `build/domains/${name}.wasm`);
  const limits = { memoryPages: 4, heapBytes: 2 << 20, heapObjects: 1024, initBudgetMs: 1000, callBudgetMs: 1000 };
  const sides = ["left", "right"];
  return {
    name: "stations",
    heap: { megabytes: 16 },
    devices: Object.fromEntries(
      sides.map((name, i) => [name, { model: "ixgbe", mac: `02:00:00:00:00:0${i + 1}`, wire: { kind: "switch", name: "lan" } }]),
    ),
    domains: sides.flatMap((name) => [
      {
        name: `${name}-driver`,
        ...(name === "left" ? POLLED : BY_INTERRUPTS),
        limits: { ...limits, callBudgetMs: DRIVER_BUDGET_MS, threads: name === "left" ? 0 : 2 },
      },
      {
        name,
        module: module("shadows/net"),
        grants: { [NET]: { domain: `${name}-driver` }, "sumac:kernel/supervisor@0.1.0": { supervise: `${name}-driver` } },
        limits: { ...limits, callBudgetMs: 20_000 },
      },
    ]),
  };
}
