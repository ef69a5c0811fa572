/**
 * What is wrong with a frame on the cable: lengths and checksums of IPv4, IPv6, TCP, UDP and ICMP, computed here and by nobody else.
 * A card that offloads them wrongly shows up here even where the receiver would not look. Called by cases.ts for every frame.
 * Sources: RFC 791, RFC 1071, RFC 8200, IEEE 802.1Q.
 */

export interface Checked {
  readonly vlan: number | undefined;
  readonly kind: "tcp" | "udp" | "icmp" | "icmp6" | "fragment" | "other";
  readonly problem: string | undefined;
}

const TYPE_VLAN = 0x8100;
const TYPE_IPV4 = 0x0800;
const TYPE_IPV6 = 0x86dd;
const PROTOCOLS: Readonly<Record<number, "tcp" | "udp" | "icmp" | "icmp6">> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6" };

export function checkFrame(frame: Uint8Array): Checked {
  const fields = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const tagged = fields.getUint16(12) === TYPE_VLAN;
  const vlan = tagged ? fields.getUint16(14) & 0xfff : undefined;
  const at = tagged ? 18 : 14;
  const type = fields.getUint16(at - 2);
  if (type === TYPE_IPV4) return { vlan, ...checkIpv4(fields, at) };
  if (type === TYPE_IPV6) return { vlan, ...checkIpv6(fields, at) };
  return { vlan, kind: "other", problem: undefined };
}

type Payload = Pick<Checked, "kind" | "problem">;

function checkIpv4(fields: DataView, at: number): Payload {
  const headerBytes = 4 * (fields.getUint8(at) & 15);
  const totalBytes = fields.getUint16(at + 2);
  const end = at + totalBytes;
  if (headerBytes < 20 || totalBytes < headerBytes || end > fields.byteLength) return { kind: "other", problem: "IPv4 length" };
  if (fold(sum(fields, at, at + headerBytes)) !== 0xffff) return { kind: "other", problem: "IPv4 header checksum" };
  if ((fields.getUint16(at + 6) & 0x3fff) !== 0) return { kind: "fragment", problem: undefined };
  const protocol = fields.getUint8(at + 9);
  return payload(fields, protocol, at + headerBytes, end, sum(fields, at + 12, at + 20));
}

function checkIpv6(fields: DataView, at: number): Payload {
  const end = at + 40 + fields.getUint16(at + 4);
  if (end > fields.byteLength) return { kind: "other", problem: "IPv6 length" };
  return payload(fields, fields.getUint8(at + 6), at + 40, end, sum(fields, at + 8, at + 40));
}

function payload(fields: DataView, protocol: number, start: number, end: number, addresses: number): Payload {
  const kind = PROTOCOLS[protocol];
  if (kind === undefined) return { kind: "other", problem: undefined };
  if (kind === "udp" && fields.getUint16(start + 6) === 0) return { kind, problem: undefined };
  const pseudo = kind === "icmp" ? 0 : addresses + protocol + (end - start);
  return { kind, problem: fold(pseudo + sum(fields, start, end)) === 0xffff ? undefined : `${kind} checksum` };
}

function sum(fields: DataView, start: number, end: number): number {
  let total = 0;
  for (let at = start; at + 1 < end; at += 2) total += fields.getUint16(at);
  return (end - start) % 2 === 0 ? total : total + fields.getUint8(end - 1) * 256;
}

function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return folded;
}
