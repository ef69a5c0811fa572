/** The packet type in the first word of an advanced write-back: what the headers of a frame are. Source: [82599] section 7.1.6.2. */
import { type Frame, PROTOCOL } from "./frame.ts";

export const PACKET_TYPE = {
  ip4: 0x10,
  ip4Extended: 0x20,
  ip6: 0x40,
  ip6Extended: 0x80,
  tcp: 0x100,
  udp: 0x200,
  sctp: 0x400,
  ether: 0x8000,
} as const;

export function packetType(frame: Frame): number {
  if (frame.ip === 0) return 0;
  let type: number = frame.ip === 4 ? PACKET_TYPE.ip4 : PACKET_TYPE.ip6;
  if (frame.ipExtended) type |= frame.ip === 4 ? PACKET_TYPE.ip4Extended : PACKET_TYPE.ip6Extended;
  if (frame.protocol === PROTOCOL.tcp) type |= PACKET_TYPE.tcp;
  else if (frame.protocol === PROTOCOL.udp) type |= PACKET_TYPE.udp;
  else if (frame.protocol === PROTOCOL.sctp) type |= PACKET_TYPE.sctp;
  return type;
}
