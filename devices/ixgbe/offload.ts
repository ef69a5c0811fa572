/**
 * Transmit checksums: put into a frame where its context says that the headers are. Pure functions over private bytes.
 * The driver has put the sum of the pseudo header into the layer 4 field, so that field is summed like the rest.
 * Source: [82599] section 7.2.5.
 */
import { sctpCrc, sum16 } from "./checksum.ts";
import { L4_TYPE, type TxContext } from "./tx-context.ts";

const IP_CHECKSUM_AT = 10;
/** Where the checksum is in the header of each L4_TYPE. */
const L4_CHECKSUM_AT: readonly number[] = [6, 16, 8];

/** Whether all that a context's checksums touch is in a frame of that length. */
export function fits(context: TxContext, length: number, needsIp: boolean, needsL4: boolean): boolean {
  if (needsIp && (context.ipBytes < 20 || context.macBytes + context.ipBytes > length)) return false;
  const at = L4_CHECKSUM_AT[context.l4Type];
  const bytes = context.l4Type === L4_TYPE.sctp ? 4 : 2;
  return !needsL4 || (at !== undefined && context.macBytes + context.ipBytes + at + bytes <= length);
}

export function insertIpChecksum(bytes: Uint8Array, context: TxContext): void {
  const at = context.macBytes;
  put16(bytes, at + IP_CHECKSUM_AT, 0);
  put16(bytes, at + IP_CHECKSUM_AT, ~sum16(bytes, at, at + context.ipBytes, 0));
}

export function insertL4Checksum(bytes: Uint8Array, length: number, context: TxContext): void {
  const from = context.macBytes + context.ipBytes;
  const at = from + (L4_CHECKSUM_AT[context.l4Type] ?? 0);
  if (context.l4Type === L4_TYPE.sctp) {
    const crc = sctpCrc(bytes, from, length);
    for (let i = 0; i < 4; i++) bytes[at + i] = crc >>> (8 * i);
    return;
  }
  const sum = ~sum16(bytes, from, length, 0) & 0xffff;
  // In UDP a zero says that there is no checksum.
  put16(bytes, at, sum === 0 && context.l4Type === L4_TYPE.udp ? 0xffff : sum);
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  put16(bytes, at, value >>> 16);
  put16(bytes, at + 2, value);
}
