/**
 * Checksums of the internet protocols: the 16-bit ones' complement sum, pseudo headers, CRC-32 (Ethernet), CRC-32c (SCTP).
 * Pure functions over bytes; receive and transmit paths use the same ones.
 * Source: [RFC1071], [RFC9260] appendix A, [IEEE802.3] clause 3.2.9.
 */
import { be16 } from "./frame.ts";

// HOT: the whole payload of checked frames.
/** Adds big-endian 16-bit words of `bytes[from..to)`, a last odd byte as the high half of one, to `sum`; folded to 16 bits. */
export function sum16(bytes: Uint8Array, from: number, to: number, sum: number): number {
  let at = from;
  let total = sum;
  // Pairs of additions keep below 2^53 for any frame, so folding can wait.
  for (; at + 4 <= to; at += 4) {
    total += (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
  }
  for (; at + 2 <= to; at += 2) total += be16(bytes, at);
  if (at < to) total += (bytes[at] ?? 0) << 8;
  return fold(total);
}

/** Of a sum: 16 bits, carries added in. */
export function fold(sum: number): number {
  let folded = sum;
  // HOT: short sums stay below 2^31, where shifts are enough.
  while (folded > 0x7fff_ffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

/** The pseudo header of a packet whose IP header is at `ipAt`. */
export function pseudoSum(bytes: Uint8Array, ip: 4 | 6, ipAt: number, protocol: number, l4Bytes: number): number {
  const from = ip === 4 ? ipAt + 12 : ipAt + 8;
  return sum16(bytes, from, ip === 4 ? ipAt + 20 : ipAt + 40, protocol + (l4Bytes >>> 16) + (l4Bytes & 0xffff));
}

const CRC32: Uint32Array = crcTable(0xedb8_8320);
const CRC32C: Uint32Array = crcTable(0x82f6_3b78);

/** The frame check sequence; its low byte goes over the wire first. */
export function crc32(bytes: Uint8Array, from: number, to: number): number {
  return crc(CRC32, bytes, from, to);
}

/** SCTP's checksum of a packet whose own field counts as zero; its low byte goes first. */
export function sctpCrc(bytes: Uint8Array, from: number, to: number): number {
  let value = 0xffff_ffff;
  for (let at = from; at < to; at++) {
    const byte = at >= from + 8 && at < from + 12 ? 0 : (bytes[at] ?? 0);
    value = (value >>> 8) ^ (CRC32C[(value ^ byte) & 0xff] ?? 0);
  }
  return ~value >>> 0;
}

function crc(table: Uint32Array, bytes: Uint8Array, from: number, to: number): number {
  let value = 0xffff_ffff;
  for (let at = from; at < to; at++) value = (value >>> 8) ^ (table[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~value >>> 0;
}

function crcTable(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ ((value & 1) !== 0 ? polynomial : 0);
    return value;
  });
}
