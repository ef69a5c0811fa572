/**
 * What the card must be told to fill in checksums: where the headers are, and the sum of the pseudo header, which goes into the field.
 * Used by transmit-queue.ts. Source: [82599] sections 7.2.4, 7.2.5; [RFC791] 3.1, [RFC8200] 3 and 8.1.
 */
import { load8, load16, store16 } from "sumac/guard";
import { Marks, Packet } from "./gen/types";

/** Of the packet that `headersOf` looked at last. */
export let macBytes: u32 = 0;
export let ipBytes: u32 = 0;
export let isV4: bool = false;
export let isTcp: bool = false;
/** Of TCP with its options, else 0. */
export let l4Bytes: u32 = 0;

const MAC_BYTES: u32 = 14;
const TYPE_AT: u32 = 12;
const TYPE_VLAN: u32 = 0x8100;
const TYPE_V4: u32 = 0x0800;
const TYPE_V6: u32 = 0x86dd;
const TCP: u32 = 6;
const UDP: u32 = 17;
const V6_BYTES: u32 = 40;
/** Fragment offset and "more fragments": a checksum that spans several frames is nobody's here. */
const FRAGMENT: u32 = 0x3fff;

/** Whether the packet is cut: then the pseudo header's sum is without the length, which each segment has for itself. */
let isCut: bool = false;
/** Where the first packet of the frame ends: all headers are before it. */
let headersEnd: u32 = 0;

/** Finds the headers, and writes what the marks need into the frame of `size` bytes that begins in `packet`. False: it is not what they say. */
export function headersOf(packet: Packet, size: u32, marks: u32, segment: u32): bool {
  macBytes = MAC_BYTES;
  ipBytes = l4Bytes = 0;
  isV4 = isTcp = false;
  isCut = segment != 0;
  headersEnd = packet.base + packet.size;
  if ((marks & (Marks.insertIp | Marks.insertL4)) == 0) return true;
  const frame = packet.base;
  if (packet.size < MAC_BYTES) return false;
  let type = be16(frame + TYPE_AT);
  if (type == TYPE_VLAN) {
    macBytes += 4;
    if (macBytes > packet.size) return false;
    type = be16(frame + macBytes - 2);
  }
  if (type == TYPE_V4) return forV4(frame, size, marks);
  return type == TYPE_V6 && (marks & Marks.insertIp) == 0 && forV6(frame, size);
}

function forV4(frame: u32, size: u32, marks: u32): bool {
  const ip = frame + macBytes;
  if (ip + 20 > headersEnd) return false;
  ipBytes = (load8(ip) & 0xf) * 4;
  const total = be16(ip + 2);
  if (load8(ip) >>> 4 != 4 || ipBytes < 20 || total < ipBytes || macBytes + total > size) return false;
  isV4 = true;
  if ((marks & Marks.insertL4) == 0) return true;
  if ((be16(ip + 6) & FRAGMENT) != 0) return false;
  return putPseudoSum(ip + 12, 8, load8(ip + 9), ip + ipBytes, total - ipBytes);
}

/** Without extension headers. */
function forV6(frame: u32, size: u32): bool {
  const ip = frame + macBytes;
  if (ip + V6_BYTES > headersEnd) return false;
  ipBytes = V6_BYTES;
  const length = be16(ip + 4);
  if (load8(ip) >>> 4 != 6 || macBytes + V6_BYTES + length > size) return false;
  return putPseudoSum(ip + 8, 32, load8(ip + 6), ip + V6_BYTES, length);
}

/** The card sums from the layer 4 header to the frame's end, so the field holds the rest of the sum. */
function putPseudoSum(addresses: u32, bytes: u32, protocol: u32, header: u32, length: u32): bool {
  isTcp = protocol == TCP;
  if (!isTcp && protocol != UDP) return false;
  const least: u32 = isTcp ? 20 : 8;
  if (length < least || header + least > headersEnd) return false;
  if (isTcp) {
    l4Bytes = (load8(header + 12) >>> 4) * 4;
    if (l4Bytes < least || l4Bytes > length || header + l4Bytes > headersEnd) return false;
  }
  if (isCut && (!isTcp || l4Bytes == length)) return false;
  let sum = isCut ? protocol : protocol + length;
  for (let at: u32 = 0; at < bytes; at += 2) sum += be16(addresses + at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const field = header + (isTcp ? 16 : 6);
  store16(field, ((sum & 0xff) << 8) | (sum >>> 8));
  return true;
}

function be16(off: u32): u32 {
  const word = load16(off);
  return ((word & 0xff) << 8) | (word >>> 8);
}
