/**
 * The other end of the cable where there is no second card: answers ARP requests for one address and ICMP echo requests to it.
 * Fragments are answered one by one, so that echoes of any size come back. Called through the cable.
 * Sources: RFC 826 (ARP), RFC 792 (ICMP), RFC 1624 (changing a checksum).
 */
import type { Wire, WireEnd } from "../../../../devices/net-wire.ts";

const MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 0x01);
const TYPE_ARP = 0x0806;
const TYPE_IPV4 = 0x0800;
const PROTOCOL_ICMP = 1;
const ECHO_REQUEST = 8;
const ARP_REQUEST = 1;

export class Responder implements WireEnd {
  readonly #wire: Wire;
  readonly #address: Uint8Array;

  constructor(wire: Wire, address: readonly [number, number, number, number]) {
    this.#wire = wire;
    this.#address = Uint8Array.from(address);
    wire.attach(this);
  }

  receive(frame: Uint8Array, length: number): void {
    const answer = frame.slice(0, length);
    const fields = new DataView(answer.buffer);
    const type = fields.getUint16(12);
    const answered = type === TYPE_ARP ? this.#arp(answer, fields) : type === TYPE_IPV4 && this.#echo(answer, fields);
    if (!answered) return;
    answer.copyWithin(0, 6, 12);
    answer.set(MAC, 6);
    this.#wire.send(answer, length);
  }

  carrier(): void {
    // It answers whenever it is asked.
  }

  #arp(frame: Uint8Array, fields: DataView): boolean {
    if (fields.getUint16(20) !== ARP_REQUEST || !this.#isMine(frame, 38)) return false;
    fields.setUint16(20, ARP_REQUEST + 1);
    frame.copyWithin(32, 22, 32);
    frame.set(MAC, 22);
    frame.set(this.#address, 28);
    return true;
  }

  #echo(frame: Uint8Array, fields: DataView): boolean {
    if (frame[23] !== PROTOCOL_ICMP || !this.#isMine(frame, 30)) return false;
    frame.copyWithin(30, 26, 30);
    frame.set(this.#address, 26);
    const isFirst = (fields.getUint16(20) & 0x1fff) === 0;
    const at = 14 + 4 * (fields.getUint8(14) & 15);
    if (!isFirst) return true;
    if (frame[at] !== ECHO_REQUEST) return false;
    frame[at] = 0;
    const sum = fields.getUint16(at + 2) + (ECHO_REQUEST << 8);
    fields.setUint16(at + 2, (sum & 0xffff) + (sum >>> 16));
    return true;
  }

  #isMine(frame: Uint8Array, at: number): boolean {
    return this.#address.every((byte, i) => frame[at + i] === byte);
  }
}
