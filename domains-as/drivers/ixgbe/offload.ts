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

/** Finds the headers, and writes what the marks need into the frame. False: the frame is not what they say. */
export function headersOf(packet: Packet, marks: u32): bool {
  macBytes = MAC_BYTES;
  ipBytes = 0;
  isV4 = isTcp = false;
  if ((marks & (Marks.insertIp | Marks.insertL4)) == 0) return true;
  const size = packet.size;
  const frame = packet.base;
  let type = be16(frame + TYPE_AT);
  if (type == TYPE_VLAN) {
    macBytes += 4;
    if (macBytes > size) return false;
    type = be16(frame + macBytes - 2);
  }
  if (type == TYPE_V4) return forV4(frame, size, marks);
  return type == TYPE_V6 && (marks & Marks.insertIp) == 0 && forV6(frame, size);
}

function forV4(frame: u32, size: u32, marks: u32): bool {
  const ip = frame + macBytes;
  if (macBytes + 20 > size) return false;
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
  if (macBytes + V6_BYTES > size) return false;
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
  if (length < least) return false;
  let sum = protocol + length;
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
