/**
 * How long the header is that a split descriptor separates from the payload.
 * Source: [82599] section 7.1.10, register PSRTYPE (8.2.3.7).
 */
import { type Frame, PROTOCOL } from "./frame.ts";

const SPLIT = { tcp: 1 << 4, udp: 1 << 5, ip4: 1 << 8, ip6: 1 << 9, l2: 1 << 12 } as const;

/** The deepest header that PSRTYPE lets split and the frame has; 0: none. */
export function headerLengthOf(bytes: Uint8Array, frame: Frame, allowed: number): number {
  if (frame.protocol === PROTOCOL.tcp && (allowed & SPLIT.tcp) !== 0) return frame.l4At + ((bytes[frame.l4At + 12] ?? 0) >>> 4) * 4;
  if (frame.protocol === PROTOCOL.udp && (allowed & SPLIT.udp) !== 0) return frame.l4At + 8;
  if (frame.ip === 4 && (allowed & SPLIT.ip4) !== 0 && frame.l4At !== 0) return frame.l4At;
  if (frame.ip === 6 && (allowed & SPLIT.ip6) !== 0 && frame.l4At !== 0) return frame.l4At;
  if ((allowed & SPLIT.l2) === 0) return 0;
  return frame.vlanAt === 0 ? 14 : frame.vlanAt + 6;
}
