/** A network interface behind a domain, as a host program uses it: batches and packets are objects that the host owns. */
import * as assert from "uvu/assert";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { System } from "../../host/system/system.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";

const NET = "sumac:net/net@0.1.0";
export const FATE = { empty: 0, unsent: 1, sent: 2, received: 3, lost: 4, refused: 5 } as const;
export const MARK = { ipGood: 1, ipBad: 2, l4Good: 4, l4Bad: 8, tagged: 16, insertIp: 32, insertL4: 64, more: 128 } as const;
const SIZE_AT = 2048;
const HASH_AT = 2052;
const VLAN_AT = 2056;
const QUEUE_AT = 2058;
const FATE_AT = 2060;
const MARKS_AT = 2061;
const SEGMENT_AT = 2062;
const SLOTS = 32;

export interface SeenPacket {
  readonly base: number;
  readonly bytes: Uint8Array;
  readonly hash: number;
  readonly vlan: number;
  readonly queue: number;
  readonly fate: number;
  readonly marks: number;
}

export class NetHost {
  readonly system: System;
  readonly #domain: string;
  readonly #types: { readonly batch: number; readonly packet: number; readonly packetBytes: number; readonly batchBytes: number };

  constructor(system: System, domain: string) {
    this.system = system;
    this.#domain = domain;
    const { sharedTypes } = system.seat(domain).spec.loaded.world;
    const of = (wanted: string): { readonly id: number; readonly sizeBytes: number } => {
      const found = sharedTypes.find(({ name }) => name === wanted);
      if (found === undefined) throw new Error(`${domain} has no ${wanted}`);
      return found;
    };
    const [batch, packet] = [of("batch"), of("packet")];
    this.#types = { batch: batch.id, packet: packet.id, packetBytes: packet.sizeBytes, batchBytes: batch.sizeBytes };
  }

  get heap(): System["kernel"]["heap"] {
    return this.system.kernel.heap;
  }

  /** One packet with a frame to send; without one, a buffer. */
  packet(frame: Uint8Array = new Uint8Array(0), marks = 0, vlan = 0): number {
    const base = this.#alloc(this.#types.packet, this.#types.packetBytes);
    this.fill(base, frame, marks, vlan);
    return base;
  }

  /** What somebody has, with another frame. */
  fill(base: number, frame: Uint8Array, marks = 0, vlan = 0): void {
    const { u8, u32 } = this.heap;
    u8.set(frame.subarray(0, SIZE_AT), base);
    u32[(base + SIZE_AT) >>> 2] = frame.length;
    u8[base + VLAN_AT] = vlan & 0xff;
    u8[base + VLAN_AT + 1] = vlan >>> 8;
    u8[base + FATE_AT] = FATE.unsent;
    u8[base + MARKS_AT] = marks;
  }

  /** A frame of any length, in as many packets as it takes; `segment`: the device is to cut it. */
  frame(bytes: Uint8Array, marks = 0, segment = 0): number[] {
    const packets: number[] = [];
    for (let at = 0; at < bytes.length; at += SIZE_AT) {
      const more = at + SIZE_AT < bytes.length ? MARK.more : 0;
      const packet = this.packet(bytes.subarray(at, at + SIZE_AT), (at === 0 ? marks : 0) | more);
      if (at === 0) this.heap.u8.set([segment & 0xff, segment >>> 8], packet + SEGMENT_AT);
      packets.push(packet);
    }
    return packets;
  }

  /** At most 32 packets that the host owns, in one object. */
  batch(packets: readonly number[]): number {
    const base = this.#alloc(this.#types.batch, this.#types.batchBytes);
    const { u32, exports } = this.heap;
    for (const [i, packet] of packets.entries())
      assert.is(exports.put(base + 8 + 4 * i, packet, KERNEL_ID), 0, "a packet goes into a batch");
    u32[(base >>> 2) + 1] = packets.length;
    return base;
  }

  /** Takes a batch that the host owns apart; its packets are the host's. */
  open(batch: number): number[] {
    const { u32, exports } = this.heap;
    assert.is(exports.ownerOf(batch), KERNEL_ID, "the batch is the caller's");
    const front = u32[batch >>> 2] ?? 0;
    const count = u32[(batch >>> 2) + 1] ?? 0;
    const packets: number[] = [];
    for (let i = 0; i < count; i++) packets.push(exports.take(batch + 8 + 4 * ((front + i) % SLOTS), this.#types.packet, KERNEL_ID));
    assert.is(exports.free(batch), 0, "nothing else is in the batch");
    return packets;
  }

  see(base: number): SeenPacket {
    const { u8, u32 } = this.heap;
    return {
      base,
      bytes: u8.slice(base, base + (u32[(base + SIZE_AT) >>> 2] ?? 0)),
      hash: u32[(base + HASH_AT) >>> 2] ?? 0,
      vlan: (u8[base + VLAN_AT] ?? 0) | ((u8[base + VLAN_AT + 1] ?? 0) << 8),
      queue: (u8[base + QUEUE_AT] ?? 0) | ((u8[base + QUEUE_AT + 1] ?? 0) << 8),
      fate: u8[base + FATE_AT] ?? 0,
      marks: u8[base + MARKS_AT] ?? 0,
    };
  }

  free(packets: readonly number[]): void {
    for (const packet of packets) assert.is(this.heap.exports.free(packet), 0, "the packet is the caller's");
  }

  call(method: string, ...args: HostValue[]): HostValue {
    const found = this.system.export(this.#domain, NET)[method];
    if (found === undefined) throw new Error(`${this.#domain} has no ${method}`);
    const called = found(...args);
    if (!called.ok) throw new Error(`${called.error.domain}: ${called.error.cause}: ${called.error.detail}`);
    return called.value;
  }

  /** The packets that came back, or the error's name. */
  exchange(method: "send" | "receive" | "reclaim", queue: number, packets: readonly number[] = []): number[] | string {
    const { tag, val } = this.call(method, queue, this.batch(packets)) as { readonly tag: string; readonly val: HostValue };
    return tag === "ok" ? this.open(Number(val)) : String(val);
  }

  /** The same, where an error is a failure. */
  move(method: "send" | "receive" | "reclaim", queue: number, packets: readonly number[] = []): number[] {
    const back = this.exchange(method, queue, packets);
    if (typeof back === "string") throw new Error(`${method}: ${back}`);
    return back;
  }

  #alloc(type: number, bytes: number): number {
    const base = this.heap.exports.alloc(KERNEL_ID, type, bytes);
    assert.ok(base > 0, "the heap has room");
    return base;
  }
}

/** A frame of a local type, whose payload is made of a number. */
export function frameTo(to: bigint, from: bigint, bytes: number, seed: number): Uint8Array {
  const frame = new Uint8Array(bytes);
  for (let i = 0; i < 6; i++) {
    frame[i] = Number((to >> BigInt(8 * i)) & 0xffn);
    frame[6 + i] = Number((from >> BigInt(8 * i)) & 0xffn);
  }
  frame.set([0x88, 0xb5], 12);
  for (let i = 14; i < bytes; i++) frame[i] = (seed * 31 + i * 7) & 0xff;
  return frame;
}
