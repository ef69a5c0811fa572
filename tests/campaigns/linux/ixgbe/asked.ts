/**
 * What the driver asks of the card with each descriptor that it hands over: segmentation, checksums, tags. Read from the ring in guest
 * memory at the moment in which the driver writes the tail, so a campaign knows that an offload was used and not only switched on.
 * Called by cases.ts for writes to the card's window. Source: [82599] sections 7.2.3.2, 8.2.3.9.
 */

export interface Asked {
  frames: number;
  segmentations: number;
  checksums: number;
  tags: number;
}

const RINGS = 0x6000;
const RING_BYTES = 0x40;
const RING_COUNT = 128;
const LENGTH = 0x08;
const TAIL = 0x18;
const DESCRIPTOR_BYTES = 16;
const TYPE_DATA = 3;
/** Of the second quadword's low word. */
const BIT = { endOfPacket: 1 << 24, extension: 1 << 29, tag: 1 << 30, segmentation: 1 << 31 } as const;
/** Of its high word: insert a TCP or UDP checksum. */
const CHECKSUM = 1 << 9;

export class DescriptorWatch {
  readonly asked: Asked = { frames: 0, segmentations: 0, checksums: 0, tags: 0 };
  readonly #read32: (offset: number) => number;
  readonly #memory: (address: number, bytes: number) => Uint8Array | undefined;

  constructor(read32: (offset: number) => number, memory: (address: number, bytes: number) => Uint8Array | undefined) {
    this.#read32 = read32;
    this.#memory = memory;
  }

  /** Before the card sees the write. */
  wrote(offset: number, value: number): void {
    const ring = offset - (offset % RING_BYTES);
    if (ring < RINGS || ring >= RINGS + RING_COUNT * RING_BYTES || offset !== ring + TAIL) return;
    const entries = this.#read32(ring + LENGTH) / DESCRIPTOR_BYTES;
    // A tail that goes back to the start of an empty ring is the driver's initialisation.
    for (let at = this.#read32(ring + TAIL); at !== value && value < entries; at = (at + 1) % entries) this.#count(ring, at);
  }

  #count(ring: number, index: number): void {
    const base = this.#read32(ring + 4) * 2 ** 32 + this.#read32(ring);
    const bytes = this.#memory(base + index * DESCRIPTOR_BYTES, DESCRIPTOR_BYTES);
    if (bytes === undefined) return;
    const fields = new DataView(bytes.buffer, bytes.byteOffset, DESCRIPTOR_BYTES);
    const [low, high] = [fields.getUint32(8, true), fields.getUint32(12, true)];
    if ((low & BIT.extension) === 0 || ((low >>> 20) & 15) !== TYPE_DATA || (low & BIT.endOfPacket) === 0) return;
    this.asked.frames++;
    if ((low & BIT.segmentation) !== 0) this.asked.segmentations++;
    if ((high & CHECKSUM) !== 0) this.asked.checksums++;
    if ((low & BIT.tag) !== 0) this.asked.tags++;
  }
}
