/**
 * What a context descriptor says, kept per ring and slot until another one comes: where the headers are and how to cut.
 * Source: [82599] section 7.2.3.2.3.
 */
export const L4_TYPE = { udp: 0, tcp: 1, sctp: 2 } as const;

export class TxContext {
  /** Bytes before the IP header. */
  macBytes = 0;
  ipBytes = 0;
  l4Bytes = 0;
  vlanTag = 0;
  isV4 = false;
  /** One of L4_TYPE. */
  l4Type = 0;
  /** Payload of a segment. */
  mss = 0;

  load(words: Uint32Array, at: number): void {
    const lengths = words[at] ?? 0;
    const kind = words[at + 2] ?? 0;
    const sizes = words[at + 3] ?? 0;
    this.ipBytes = lengths & 0x1ff;
    this.macBytes = (lengths >>> 9) & 0x7f;
    this.vlanTag = lengths >>> 16;
    this.isV4 = (kind & (1 << 10)) !== 0;
    this.l4Type = (kind >>> 11) & 3;
    this.l4Bytes = (sizes >>> 8) & 0xff;
    this.mss = sizes >>> 16;
  }

  clear(): void {
    this.macBytes = this.ipBytes = this.l4Bytes = this.vlanTag = this.l4Type = this.mss = 0;
    this.isV4 = false;
  }

  get headerBytes(): number {
    return this.macBytes + this.ipBytes + this.l4Bytes;
  }
}
