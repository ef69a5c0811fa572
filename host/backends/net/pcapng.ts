/**
 * Frames for a capture file, as Wireshark and tcpdump read it, and what its reader (pcapng-reader.ts) has to know of the format as well.
 * Called by capture.ts. Source: [PCAPNG] sections 3.1 (blocks), 4.1 to 4.3. Pure: bytes in, bytes out.
 */

/** Types of blocks, and what stands in them. */
export const SECTION = 0x0a0d0d0a;
export const INTERFACE = 1;
export const ENHANCED_PACKET = 6;
export const BYTE_ORDER = 0x1a2b3c4d;
/** The link type. */
export const ETHERNET = 1;
/** A block's type and length, and its length again. */
export const LEAST_BLOCK = 12;
export const PACKET_HEADER = 20;
const SNAP_BYTES = 0x40000;
const HALF = 2 ** 32;

/** What a file begins with: a section and one Ethernet interface, times in microseconds. */
export function captureHeader(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(28 + 20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, SECTION, true);
  view.setUint32(4, 28, true);
  view.setUint32(8, BYTE_ORDER, true);
  view.setUint16(12, 1, true);
  // The section's length is not known.
  view.setBigInt64(16, -1n, true);
  view.setUint32(24, 28, true);
  view.setUint32(28, INTERFACE, true);
  view.setUint32(32, 20, true);
  view.setUint16(36, ETHERNET, true);
  view.setUint32(40, SNAP_BYTES, true);
  view.setUint32(44, 20, true);
  return bytes;
}

export function captureBlock(frame: Uint8Array, length: number, micros: number): Uint8Array<ArrayBuffer> {
  const padded = (length + 3) & ~3;
  const total = LEAST_BLOCK + PACKET_HEADER + padded;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const time = Math.floor(micros);
  view.setUint32(0, ENHANCED_PACKET, true);
  view.setUint32(4, total, true);
  view.setUint32(12, Math.floor(time / HALF), true);
  view.setUint32(16, time % HALF, true);
  view.setUint32(20, length, true);
  view.setUint32(24, length, true);
  bytes.set(frame.subarray(0, length), 28);
  view.setUint32(total - 4, total, true);
  return bytes;
}
