/**
 * How many frames a card would take at once, whatever they are: what the fullest of the queues that it spreads them over has room for.
 * Called by network.ts for replays, which lose nothing that way. Source: [82599] sections 7.1.2.8 (RSS), 7.1.9 (descriptor rings).
 */
import type { IxgbeModel } from "../../devices/ixgbe/model.ts";
import { DCTL, REG, RX, RXCTRL_ENABLE } from "../../devices/ixgbe/registers.ts";

const RING_BYTES = 0x40;
const DESCRIPTOR_BYTES = 16;
const MODE = 0xf;
const RETA_REGISTERS = 32;
const RETA_QUEUE = 0xf;
const QUEUES = 16;

export function receiveRoom(card: IxgbeModel): number {
  if ((card.read32(REG.rxctrl) & RXCTRL_ENABLE) === 0) return 0;
  // What is no IP goes to queue 0 in any mode.
  let queues = 1;
  for (let i = 0; i < RETA_REGISTERS && (card.read32(REG.mrqc) & MODE) !== 0; i++) {
    const four = card.read32(REG.reta + 4 * i);
    for (let shift = 0; shift < 32; shift += 8) queues |= 1 << ((four >>> shift) & RETA_QUEUE);
  }
  let room = Number.POSITIVE_INFINITY;
  for (let queue = 0; queue < QUEUES; queue++) {
    if ((queues & (1 << queue)) !== 0) room = Math.min(room, roomOf(card, REG.rxRing + RING_BYTES * queue));
  }
  return room;
}

function roomOf(card: IxgbeModel, ring: number): number {
  if ((card.read32(ring + RX.control) & DCTL.enable) === 0) return 0;
  const entries = card.read32(ring + RX.length) / DESCRIPTOR_BYTES;
  if (entries === 0) return 0;
  return (card.read32(ring + RX.tail) - card.read32(ring + RX.head) + entries) % entries;
}
