/**
 * Frames in a capture file, as Wireshark and tcpdump read and write it. Called by capture.ts and by whoever replays a file.
 * Source: [PCAPNG] sections 3.1 (blocks), 4.1 to 4.3. Pure: bytes in, bytes out.
 */

/** A frame, and when it was seen, in microseconds. */
export interface CapturedFrame {
  readonly micros: number;
  readonly bytes: Uint8Array;
}

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
const ETHERNET = 1;
const SNAP_BYTES = 0x40000;
const LEAST_BLOCK = 12;
const PACKET_HEADER = 20;
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

/** The frames of a file, in their order, up to where it ends or stops making sense. Blocks of other kinds are passed over. */
export function capturedFrames(bytes: Uint8Array): CapturedFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: CapturedFrame[] = [];
  let isLittle = true;
  for (let at = 0; at + LEAST_BLOCK <= bytes.length; ) {
    if (view.getUint32(at, true) === SECTION) isLittle = view.getUint32(at + 8, true) === BYTE_ORDER;
    const total = view.getUint32(at + 4, isLittle);
    if (total < LEAST_BLOCK || total % 4 !== 0 || at + total > bytes.length) break;
    const isPacket = view.getUint32(at, isLittle) === ENHANCED_PACKET && total >= LEAST_BLOCK + PACKET_HEADER;
    const length = isPacket ? view.getUint32(at + 20, isLittle) : 0;
    if (isPacket && length <= total - LEAST_BLOCK - PACKET_HEADER) {
      const micros = view.getUint32(at + 12, isLittle) * HALF + view.getUint32(at + 16, isLittle);
      frames.push({ micros, bytes: bytes.slice(at + 28, at + 28 + length) });
    }
    at += total;
  }
  return frames;
}
