/**
 * Which packets the driver holds, by queue and direction: what went in less what came out. When a driver dies, all of them are lost;
 * each is owed to the caller as a new packet, so that nobody's stock shrinks. Used by requests.ts.
 */
import { Batch, Fate, Packet } from "./gen/types";

/** A driver may have as many queues; to others a request is passed on without an account. */
export const MOST_QUEUES: u32 = 64;

export namespace Way {
  export const SEND: u32 = 0;
  export const RECEIVE: u32 = 1;
}

/** Index: 2 * queue + way. */
const held: StaticArray<u32> = new StaticArray<u32>(2 * MOST_QUEUES);
const owed: StaticArray<u32> = new StaticArray<u32>(2 * MOST_QUEUES);
let anyOwed: bool = false;
export let lost: u64 = 0;

export function entered(account: u32, packets: u32): void {
  held[account] += packets;
}

/** More than it was given is not taken from an account: a driver's own packets are nobody's here. */
export function left(account: u32, packets: u32): void {
  held[account] -= min(packets, held[account]);
}

/** The driver has died: what it held is owed. */
export function writeOff(): void {
  for (let account: u32 = 0; account < 2 * MOST_QUEUES; account++) {
    const packets = held[account];
    owed[account] += packets;
    lost += packets;
    held[account] = 0;
    if (packets != 0) anyOwed = true;
  }
}

export function isOwed(account: u32): bool {
  return owed[account] != 0;
}

/** HOT: puts as many new packets into the batch as are owed and fit. */
export function settle(account: u32, batch: Batch): void {
  if (!anyOwed) return;
  while (owed[account] != 0 && !batch.isFull) {
    const packet = Packet.create();
    packet.fate = Fate.lost;
    if (!batch.pushBack(packet)) {
      packet.drop();
      return;
    }
    owed[account] -= 1;
  }
  anyOwed = false;
  for (let i: u32 = 0; i < 2 * MOST_QUEUES; i++) if (owed[i] != 0) anyOwed = true;
}
