/**
 * A question becomes its answer, in place. Used by responder.ts. Frames are anybody's: every length is checked before it is used.
 * Sources: [RFC826] packet format; [RFC791] 3.1; [RFC792] echo.
 *
 *   ARP    0 to   6 from   12 0806   14 1, 0800, 6, 4   20 operation   22 their MAC, IP   32 our MAC, IP
 *   ICMP   0 to   6 from   12 0800   14 IPv4 … 23 protocol 26 source 30 destination   14+IHL type, code, checksum
 */
import { Marks, Packet, Packet_Data } from "./gen/types";

export namespace Kind {
  export const NONE: u32 = 0;
  export const ARP: u32 = 1;
  export const ICMP: u32 = 2;
}

/** 192.0.2.2, of the block for documentation. */
const OWN_IP: u32 = 0xc0000202;
const TYPE_ARP: u32 = 0x0806;
const TYPE_IP: u32 = 0x0800;
const ARP_BYTES: u32 = 42;
const ETHERNET_IPV4: u64 = 0x0001_0800_0604;
const REQUEST: u32 = 1;
const REPLY: u32 = 2;
const ICMP: u32 = 1;
const ECHO: u32 = 8;
/** Fragment offset and "more fragments". */
const FRAGMENT: u32 = 0x3fff;

/** What kind of answer the packet holds now; with `NONE` it is as it was. */
export function answerTo(packet: Packet, address: u64): u32 {
  const size = packet.size;
  const data = packet.data;
  if (size < ARP_BYTES) return Kind.NONE;
  const type = be16(data, 12);
  let kind = Kind.NONE;
  if (type == TYPE_ARP) kind = answerArp(data, address);
  else if (type == TYPE_IP && (<u32>packet.marks & Marks.ipBad) == 0) kind = answerEcho(data, size);
  if (kind == Kind.NONE) return kind;
  copy(data, 6, 0, 6);
  putAddress(data, 6, address);
  packet.marks = 0 as Marks;
  return kind;
}

function answerArp(data: Packet_Data, address: u64): u32 {
  if ((((<u64>be32(data, 14)) << 16) | be16(data, 18)) != ETHERNET_IPV4) return Kind.NONE;
  if (be16(data, 20) != REQUEST || be32(data, 38) != OWN_IP) return Kind.NONE;
  data.setAt(21, <u8>REPLY);
  copy(data, 22, 32, 10);
  putAddress(data, 22, address);
  put32(data, 28, OWN_IP);
  return Kind.ARP;
}

/** Source and destination change places, which leaves the header's checksum as it is. */
function answerEcho(data: Packet_Data, size: u32): u32 {
  const first: u32 = data.at(14);
  const header = (first & 0xf) * 4;
  const total = be16(data, 16);
  if (first >>> 4 != 4 || header < 20) return Kind.NONE;
  if (total < header + 8 || total + 14 > size) return Kind.NONE;
  if (data.at(23) != ICMP || be32(data, 30) != OWN_IP || (be16(data, 20) & FRAGMENT) != 0) return Kind.NONE;
  const icmp = 14 + header;
  if (data.at(icmp) != ECHO || data.at(icmp + 1) != 0) return Kind.NONE;
  copy(data, 26, 30, 4);
  put32(data, 26, OWN_IP);
  data.setAt(icmp, 0);
  // The sum was over a word that began with 8 and begins with 0 now [RFC1624].
  const sum = be16(data, icmp + 2) + (ECHO << 8);
  put16(data, icmp + 2, (sum & 0xffff) + (sum >>> 16));
  return Kind.ICMP;
}

function be16(data: Packet_Data, at: u32): u32 {
  return ((<u32>data.at(at)) << 8) | data.at(at + 1);
}

function be32(data: Packet_Data, at: u32): u32 {
  return (be16(data, at) << 16) | be16(data, at + 2);
}

function put16(data: Packet_Data, at: u32, value: u32): void {
  data.setAt(at, <u8>(value >>> 8));
  data.setAt(at + 1, <u8>value);
}

function put32(data: Packet_Data, at: u32, value: u32): void {
  put16(data, at, value >>> 16);
  put16(data, at + 2, value);
}

/** Its first byte is the lowest. */
function putAddress(data: Packet_Data, at: u32, address: u64): void {
  for (let i: u32 = 0; i < 6; i++) data.setAt(at + i, <u8>(address >> (8 * i)));
}

function copy(data: Packet_Data, from: u32, to: u32, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i++) data.setAt(to + i, data.at(from + i));
}
