/**
 * The parser of received frames: where the headers are and what they say, in one object that is filled again for each frame.
 * Any bytes are safe to parse; what is not a whole header is not reported. Offsets are bytes from the destination address.
 * Source: [82599] section 7.1.6.2 (packet type), [RFC791], [RFC8200].
 */

export const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;
export const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, macControl: 0x8808 } as const;

const TCP_BYTES = 20;
const UDP_BYTES = 8;
const SCTP_BYTES = 12;
const IPV6_BYTES = 40;
const NEXT = { hopByHop: 0, routing: 43, fragment: 44, destination: 60 } as const;
/** A frame has room for thousands of empty extension headers; hardware gives up long before. */
const MOST_EXTENSIONS = 8;

export class Frame {
  /** Offset of the VLAN tag, or 0. */
  vlanAt = 0;
  /** Priority, CFI and id. */
  tag = 0;
  /** Behind the tags; 0 for a length field. */
  etherType = 0;
  /** The length field of a frame without a type, and how much follows it; -1: it has a type. */
  lengthField = -1;
  followed = 0;
  /** 4, 6, or 0. */
  ip: 0 | 4 | 6 = 0;
  ipAt = 0;
  /** IPv4 options or IPv6 extension headers are there. */
  ipExtended = false;
  isFragment = false;
  /** TCP, UDP, SCTP with a whole header and not in a fragment; else 0. */
  protocol = 0;
  /** Whatever the IP header says is in it, fragments too. */
  ipProtocol = 0;
  l4At = 0;
  /** What IP carries behind its headers. */
  l4Bytes = 0;

  // HOT: every received frame.
  parse(frame: Uint8Array, length: number, tagType: number, outerType: number): void {
    this.vlanAt = this.tag = this.etherType = this.ip = this.ipAt = this.protocol = this.ipProtocol = this.l4At = this.l4Bytes = 0;
    this.ipExtended = this.isFragment = false;
    this.lengthField = -1;
    let at = 12;
    if (length < 14) return;
    let type = be16(frame, at);
    if (outerType !== 0 && type === outerType && length >= at + 6) {
      at += 4;
      type = be16(frame, at);
    }
    if (type === tagType && length >= at + 6) {
      this.vlanAt = at;
      this.tag = be16(frame, at + 2);
      at += 4;
      type = be16(frame, at);
    }
    if (type < 0x600) {
      this.lengthField = type;
      this.followed = length - at - 2;
      return;
    }
    this.etherType = type;
    if (type === ETHERTYPE.ipv4) this.#parseV4(frame, at + 2, length);
    else if (type === ETHERTYPE.ipv6) this.#parseV6(frame, at + 2, length);
  }

  #parseV4(frame: Uint8Array, at: number, length: number): void {
    if (at + 20 > length) return;
    const first = frame[at] ?? 0;
    const header = (first & 0xf) * 4;
    const total = be16(frame, at + 2);
    if (first >>> 4 !== 4 || header < 20 || total < header || at + total > length) return;
    this.ip = 4;
    this.ipAt = at;
    this.ipExtended = header > 20;
    this.isFragment = (be16(frame, at + 6) & 0x3fff) !== 0;
    this.ipProtocol = frame[at + 9] ?? 0;
    this.#setL4(frame, at + header, total - header);
  }

  #parseV6(frame: Uint8Array, at: number, length: number): void {
    if (at + IPV6_BYTES > length || (frame[at] ?? 0) >>> 4 !== 6) return;
    const end = at + IPV6_BYTES + be16(frame, at + 4);
    if (end > length) return;
    this.ip = 6;
    this.ipAt = at;
    let next = frame[at + 6] ?? 0;
    let l4 = at + IPV6_BYTES;
    for (let seen = 0; next === NEXT.hopByHop || next === NEXT.routing || next === NEXT.destination || next === NEXT.fragment; seen++) {
      this.ipExtended = true;
      if (seen === MOST_EXTENSIONS || l4 + 8 > end) return;
      if (next === NEXT.fragment) {
        this.isFragment = true;
        return;
      }
      // With segments left the addresses of the pseudo header are not those of the IP header.
      if (next === NEXT.routing && frame[l4 + 3] !== 0) return;
      next = frame[l4] ?? 0;
      l4 += 8 * (1 + (frame[l4 + 1] ?? 0));
      if (l4 > end) return;
    }
    this.ipProtocol = next;
    this.#setL4(frame, l4, end - l4);
  }

  #setL4(frame: Uint8Array, at: number, bytes: number): void {
    this.l4At = at;
    this.l4Bytes = bytes;
    if (this.isFragment) return;
    const protocol = this.ipProtocol;
    if (protocol === PROTOCOL.tcp) {
      const header = ((frame[at + 12] ?? 0) >>> 4) * 4;
      if (bytes >= TCP_BYTES && header >= TCP_BYTES && header <= bytes) this.protocol = protocol;
    } else if (protocol === PROTOCOL.udp) {
      if (bytes >= UDP_BYTES) this.protocol = protocol;
    } else if (protocol === PROTOCOL.sctp && bytes >= SCTP_BYTES) this.protocol = protocol;
  }
}

export function be16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Four bytes as the registers of filters hold them: the first one lowest. */
export function le32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0;
}
