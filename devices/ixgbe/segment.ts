/**
 * Segmentation: the n-th frame of a large packet, with its headers made to fit. Pure functions over private bytes.
 * Per segment: IPv4 total length, or IPv6 payload length; IPv4 id + 1; TCP sequence number; flags that only the first, or only the
 * last segment keeps; checksums. Source: [82599] section 7.2.4, registers DTXTCPFLGL and DTXTCPFLGH (8.2.3.9).
 */
import { copy } from "./bus.ts";
import { be16 } from "./frame.ts";
import { insertIpChecksum, insertL4Checksum, put16, put32 } from "./offload.ts";
import { L4_TYPE, type TxContext } from "./tx-context.ts";

/** Which TCP flags (twelve bits from the header's bytes 12 and 13) a segment keeps. */
export interface FlagMasks {
  readonly first: number;
  readonly middle: number;
  readonly last: number;
}

const TCP_BYTES = 20;
const UDP_BYTES = 8;

/** Whether a packet of that many bytes can be cut as its context says. */
export function canSegment(context: TxContext, length: number): boolean {
  if (context.mss === 0 || context.macBytes < 14 || context.headerBytes >= length) return false;
  if (context.ipBytes < (context.isV4 ? 20 : 40)) return false;
  if (context.l4Type === L4_TYPE.tcp) return context.l4Bytes >= TCP_BYTES;
  return context.l4Type === L4_TYPE.udp && context.l4Bytes >= UDP_BYTES;
}

/** Writes the segment whose payload begins at `at` of the packet into `to`; returns its length. `n` counts segments from 0. */
export function segment(
  to: Uint8Array,
  packet: Uint8Array,
  length: number,
  context: TxContext,
  at: number,
  n: number,
  masks: FlagMasks,
): number {
  const header = context.headerBytes;
  const payload = Math.min(context.mss, length - at);
  const isLast = at + payload === length;
  copy(to, 0, packet, 0, header);
  copy(to, header, packet, at, payload);
  const ip = context.macBytes;
  const l4 = ip + context.ipBytes;
  const ipPayload = context.l4Bytes + payload;
  if (context.isV4) {
    put16(to, ip + 2, context.ipBytes + ipPayload);
    put16(to, ip + 4, be16(packet, ip + 4) + n);
    insertIpChecksum(to, context);
  } else put16(to, ip + 4, context.ipBytes - 40 + ipPayload);
  if (context.l4Type === L4_TYPE.tcp) cutTcp(to, packet, l4, at - header, n === 0, isLast, masks);
  else put16(to, l4 + 4, ipPayload);
  // The driver's pseudo header has no length, as each segment has its own.
  const checksumAt = l4 + (context.l4Type === L4_TYPE.tcp ? 16 : 6);
  put16(to, checksumAt, addLength(be16(packet, checksumAt), ipPayload));
  insertL4Checksum(to, header + payload, context);
  return header + payload;
}

function cutTcp(to: Uint8Array, packet: Uint8Array, l4: number, sent: number, isFirst: boolean, isLast: boolean, masks: FlagMasks): void {
  const sequence = be16(packet, l4 + 4) * 0x10000 + be16(packet, l4 + 6);
  put32(to, l4 + 4, (sequence + sent) % 0x1_0000_0000);
  const flags = be16(packet, l4 + 12);
  const mask = isLast ? (isFirst ? masks.first | masks.last : masks.last) : isFirst ? masks.first : masks.middle;
  put16(to, l4 + 12, (flags & 0xf000) | (flags & 0xfff & mask));
}

function addLength(sum: number, length: number): number {
  const total = sum + length;
  return total > 0xffff ? total - 0xffff : total;
}
