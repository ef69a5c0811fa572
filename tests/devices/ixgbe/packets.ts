/**
 * Packets and reference arithmetic for the tests of the 82599: written from the RFCs, bit by bit and without the model's code, so that
 * an error there does not hide here.
 */

export const OWN = [0x02, 0x53, 0x75, 0x6d, 0x61, 0x63] as const;
export const PEER = [0x02, 0, 0, 0, 0, 0x99] as const;
export const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] as const;

export interface PacketOptions {
  readonly to?: readonly number[];
  readonly from?: readonly number[];
  /** Priority, CFI, id. */
  readonly vlan?: number;
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly payload?: Uint8Array;
  /** TCP. */
  readonly flags?: number;
  readonly sequence?: number;
  /** IPv4 options, a multiple of 4 bytes. */
  readonly ipOptions?: number;
  /** IPv4 flags and fragment offset. */
  readonly fragment?: number;
  readonly id?: number;
  readonly protocol?: "tcp" | "udp" | "sctp" | number;
  /** IPv6 extension headers, each with its type. */
  readonly extensions?: readonly (readonly [type: number, bytes: readonly number[]])[];
  /** Leave the checksums zero. */
  readonly unsummed?: boolean;
}

const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;

/** RFC 1071, the slow way: words added one by one with end-around carry. */
export function referenceSum(bytes: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += 256 * (bytes[i] ?? 0) + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

/** Reflected CRC with a polynomial given in normal notation, a bit at a time. */
export function referenceCrc(bytes: ArrayLike<number>, polynomial: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) if ((polynomial >>> bit) & 1) reversed |= 1 << (31 - bit);
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) {
    crc ^= bytes[i] ?? 0;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ reversed : crc >>> 1;
  }
  return (crc ^ -1) >>> 0;
}

export const CRC32 = 0x04c1_1db7;
export const CRC32C = 0x1edc_6f41;

/** The Toeplitz hash as its definition has it: the key shifts by a bit for each bit of input. */
export function referenceToeplitz(key: readonly number[], input: readonly number[]): number {
  const bits = key.flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >>> (7 - i)) & 1));
  let hash = 0;
  input.forEach((byte, i) => {
    for (let bit = 0; bit < 8; bit++) {
      if (!((byte >>> (7 - bit)) & 1)) continue;
      const window = bits.slice(8 * i + bit, 8 * i + bit + 32);
      hash ^= window.reduce((value, one) => (value << 1) | one, 0);
    }
  });
  return hash >>> 0;
}

export function be16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function be32(value: number): number[] {
  return [...be16(value >>> 16), ...be16(value & 0xffff)];
}

export function address4(text: string): number[] {
  return text.split(".").map(Number);
}

export function address6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const groups = (part: string): number[] => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [left, right] = [groups(head), tail === undefined ? [] : groups(tail)];
  const zeros: number[] = new Array(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].flatMap(be16);
}

export function addressBytes(text: string): number[] {
  return text.includes(":") ? address6(text) : address4(text);
}

/** The pseudo header in front of a layer 4 packet. */
export function pseudoHeader(source: string, destination: string, protocol: number, bytes: number): number[] {
  const addresses = [...addressBytes(source), ...addressBytes(destination)];
  return source.includes(":") ? [...addresses, ...be32(bytes), 0, 0, 0, protocol] : [...addresses, 0, protocol, ...be16(bytes)];
}

/** Bytes that count up, so that a shifted copy is seen. */
export function counting(bytes: number, first = 0): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (first + i * 7) & 0xff);
}

function layer4(options: PacketOptions, source: string, destination: string, protocol: number): number[] {
  const { sourcePort = 1000, destinationPort = 2000, payload = counting(32), flags = 0x10, sequence = 1 } = options;
  const ports = [...be16(sourcePort), ...be16(destinationPort)];
  if (protocol === PROTOCOLS.sctp) {
    const packet = [...ports, ...be32(0x1234_5678), 0, 0, 0, 0, ...payload];
    if (options.unsummed) return packet;
    const crc = referenceCrc(packet, CRC32C);
    packet.splice(8, 4, crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, crc >>> 24);
    return packet;
  }
  const isTcp = protocol === PROTOCOLS.tcp;
  if (!isTcp && protocol !== PROTOCOLS.udp) return [...payload];
  const packet = isTcp
    ? [...ports, ...be32(sequence), ...be32(77), 0x50, flags, ...be16(8192), 0, 0, 0, 0, ...payload]
    : [...ports, ...be16(8 + payload.length), 0, 0, ...payload];
  if (options.unsummed) return packet;
  const sum = 0xffff - referenceSum([...pseudoHeader(source, destination, protocol, packet.length), ...packet]);
  packet.splice(isTcp ? 16 : 6, 2, ...be16(sum === 0 && !isTcp ? 0xffff : sum));
  return packet;
}

/** An IPv4 or IPv6 packet in a frame, with right checksums, padded to 60 bytes. */
export function packet(options: PacketOptions = {}): Uint8Array {
  const { source = "10.0.0.1", destination = "10.0.0.2", fragment = 0, id = 0x4242, ipOptions = 0, extensions = [] } = options;
  const { protocol: named = "udp" } = options;
  const protocol = typeof named === "number" ? named : PROTOCOLS[named];
  const l4 = layer4(options, source, destination, protocol);
  if (source.includes(":")) {
    const types = [...extensions.map(([type]) => type), protocol];
    const headers = extensions.flatMap(([, bytes], i) => [types[i + 1] ?? 0, ...bytes.slice(1)]);
    const ip = [0x60, 0, 0, 0, ...be16(headers.length + l4.length), types[0] ?? 0, 64, ...address6(source), ...address6(destination)];
    return frame(0x86dd, [...ip, ...headers, ...l4], options);
  }
  const header = [0x45 + ipOptions / 4, 0, ...be16(20 + ipOptions + l4.length), ...be16(id), ...be16(fragment), 64, protocol, 0, 0];
  const ip = [...header, ...address4(source), ...address4(destination), ...new Array(ipOptions).fill(1)];
  if (!options.unsummed) ip.splice(10, 2, ...be16(0xffff - referenceSum(ip)));
  return frame(0x0800, [...ip, ...l4], options);
}

/** Any payload in a frame of at least 60 bytes. */
export function frame(type: number, payload: ArrayLike<number>, options: Pick<PacketOptions, "to" | "from" | "vlan"> = {}): Uint8Array {
  const { to = OWN, from = PEER, vlan } = options;
  const tag = vlan === undefined ? [] : [0x81, 0x00, ...be16(vlan)];
  const bytes = [...to, ...from, ...tag, ...be16(type), ...Array.from(payload)];
  while (bytes.length < 60) bytes.push(0);
  return Uint8Array.from(bytes);
}
