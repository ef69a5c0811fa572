/**
 * Receive checksum verification: IPv4 header, TCP, UDP, SCTP, and the plain sum over a fragment's payload.
 * Fills status and error bits of a `Received`. Source: [82599] section 7.1.11, register RXCSUM (8.2.3.7).
 */
import { fold, pseudoSum, sctpCrc, sum16 } from "./checksum.ts";
import { be16, type Frame, le32, PROTOCOL } from "./frame.ts";
import type { Received } from "./received.ts";
import { RX_ERROR, RX_STATUS } from "./rx-queue.ts";

const FULL = 0xffff;

// HOT: every received IP frame.
/** What is checked has its status bit; what is wrong an error bit beside it. Returns whether something was wrong. */
export function verify(bytes: Uint8Array, frame: Frame, received: Received): boolean {
  if (frame.ip === 0) return false;
  if (frame.ip === 4) {
    received.status |= RX_STATUS.ipSum;
    const header = (bytes[frame.ipAt] ?? 0) & 0xf;
    if ((header === 5 ? shortSum(bytes, frame.ipAt) : sum16(bytes, frame.ipAt, frame.ipAt + 4 * header, 0)) !== FULL)
      received.errors |= RX_ERROR.ip;
  }
  if (frame.protocol !== 0) verifyL4(bytes, frame, received);
  return received.errors !== 0;
}

// HOT: nearly every IPv4 header has 20 bytes.
function shortSum(bytes: Uint8Array, at: number): number {
  let high = 0;
  let low = 0;
  for (let i = at; i < at + 20; i += 2) {
    high += bytes[i] ?? 0;
    low += bytes[i + 1] ?? 0;
  }
  const sum = (high << 8) + low;
  return (sum & FULL) + (sum >>> 16);
}

function verifyL4(bytes: Uint8Array, frame: Frame, received: Received): void {
  const { protocol, l4At, l4Bytes } = frame;
  let isRight: boolean;
  if (protocol === PROTOCOL.sctp) isRight = sctpCrc(bytes, l4At, l4At + l4Bytes) === le32(bytes, l4At + 8);
  else {
    let covered = l4Bytes;
    if (protocol === PROTOCOL.udp) {
      // No checksum: nothing to verify, and not an error.
      if (frame.ip === 4 && be16(bytes, l4At + 6) === 0) return;
      received.status |= RX_STATUS.udpSum;
      covered = be16(bytes, l4At + 4);
      if (covered < 8 || covered > l4Bytes) {
        received.status |= RX_STATUS.l4Sum;
        received.errors |= RX_ERROR.l4;
        return;
      }
    }
    const pseudo = frame.ip === 6 ? pseudoSum(bytes, 6, frame.ipAt, protocol, covered) : pseudoSum(bytes, 4, frame.ipAt, protocol, covered);
    isRight = sum16(bytes, l4At, l4At + covered, pseudo) === FULL;
  }
  received.status |= RX_STATUS.l4Sum;
  if (!isRight) received.errors |= RX_ERROR.l4;
}

/** The unfinished sum over what a fragment carries, for software that adds fragments up. */
export function fragmentSum(bytes: Uint8Array, frame: Frame): number {
  return fold(sum16(bytes, frame.l4At, frame.l4At + frame.l4Bytes, 0));
}
