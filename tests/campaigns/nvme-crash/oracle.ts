/**
 * What each block of a device may hold, as a client of a driver knows it: by what was acknowledged, by what may have been done and by
 * what was flushed. Every content names its block and its version, so that a foreign byte is noticed.
 * Told by client.ts what was sent and answered; asked by it about reads, and by run.ts about states after a power cut.
 */
export const BLOCK_BYTES = 4096;
const WORDS = BLOCK_BYTES / 4;

interface Entry {
  /** Contents that a read may find. */
  now: Set<number>;
  /** Contents that the medium may hold after a power cut, besides what was written since. */
  stable: Set<number>;
  /** Writes that the last flush does not cover: version and when it was sent. */
  since: { readonly version: number; readonly sent: number }[];
  /** When the flush was sent that `stable` is of. */
  flushed: number;
  /** Commands that are under way. */
  busy: number;
}

/** What a flush makes certain, once it is answered. */
export interface FlushPoint {
  readonly sent: number;
  readonly contents: ReadonlyMap<number, ReadonlySet<number>>;
}

/** From here on in the store's record, these blocks hold one of these, or something written later. */
interface Certain {
  readonly logLength: number;
  readonly stable: readonly ReadonlySet<number>[];
  readonly sent: number;
}

export class Oracle {
  readonly #blocks: Entry[];
  readonly #certain: Certain[] = [];
  /** Every write that was sent: block, version, when. */
  readonly #writes: { readonly lba: number; readonly version: number; readonly sent: number }[] = [];
  #clock = 0;
  #version = 0;

  constructor(blocks: number) {
    this.#blocks = Array.from({ length: blocks }, () => ({ now: new Set([0]), stable: new Set([0]), since: [], flushed: 0, busy: 0 }));
  }

  isBusy(lba: number, blocks: number): boolean {
    return this.#range(lba, blocks).some(({ busy }) => busy > 0);
  }

  /** A command begins or ends to use blocks. */
  occupy(lba: number, blocks: number, by: 1 | -1): void {
    for (const entry of this.#range(lba, blocks)) entry.busy += by;
  }

  newVersion(): number {
    return ++this.#version;
  }

  /** A write is sent; version 0 makes zeros. */
  writing(lba: number, blocks: number, version: number): void {
    const sent = ++this.#clock;
    for (let i = 0; i < blocks; i++) {
      this.#blocks[lba + i]?.since.push({ version, sent });
      this.#writes.push({ lba: lba + i, version, sent });
    }
  }

  /** It was acknowledged, or it may have been done or not. */
  written(lba: number, blocks: number, version: number, acknowledged: boolean): void {
    for (const entry of this.#range(lba, blocks)) entry.now = acknowledged ? new Set([version]) : new Set([...entry.now, version]);
  }

  /** A flush is sent: it covers what was answered before, and no block that is being written. */
  flushing(): FlushPoint {
    const contents = new Map<number, ReadonlySet<number>>();
    for (const [lba, entry] of this.#blocks.entries()) if (entry.busy === 0) contents.set(lba, new Set(entry.now));
    return { sent: ++this.#clock, contents };
  }

  /** It was acknowledged when the store's record had this length. */
  flushed({ sent, contents }: FlushPoint, logLength: number): void {
    for (const [lba, versions] of contents) {
      const entry = this.#blocks[lba] as Entry;
      // A flush that was sent before another one may be answered after it.
      if (entry.flushed > sent) continue;
      entry.flushed = sent;
      entry.stable = new Set(versions);
      entry.since = entry.since.filter((write) => write.sent > sent);
    }
    const stable = this.#blocks.map((entry) => new Set([...entry.stable, ...entry.since.map(({ version }) => version)]));
    this.#certain.push({ logLength, stable, sent: ++this.#clock });
  }

  /** What is wrong with bytes that were read, or undefined. What was found is what is there. */
  read(lba: number, bytes: Uint8Array): string | undefined {
    for (let i = 0; i * BLOCK_BYTES < bytes.length; i++) {
      const entry = this.#blocks[lba + i] as Entry;
      const version = versionOf(lba + i, bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES));
      if (version === undefined) return `block ${lba + i}: foreign bytes were read`;
      if (!entry.now.has(version)) return `block ${lba + i}: version ${version} was read, expected ${[...entry.now].join(" or ")}`;
      entry.now = new Set([version]);
    }
    return undefined;
  }

  /** What is wrong with the medium after a power cut when the store's record had that length, or undefined. */
  afterCut(cut: number, image: Uint8Array): string | undefined {
    const last = this.#certain.findLast(({ logLength }) => logLength <= cut);
    for (let lba = 0; lba < this.#blocks.length; lba++) {
      const version = versionOf(lba, image.subarray(lba * BLOCK_BYTES, (lba + 1) * BLOCK_BYTES));
      if (version === undefined) return `block ${lba}: foreign bytes after a power cut`;
      const later = (): boolean =>
        this.#writes.some((write) => write.lba === lba && write.version === version && write.sent > (last?.sent ?? 0));
      const flushed = last?.stable[lba];
      if (flushed?.has(version) || (flushed === undefined && version === 0) || later()) continue;
      return `block ${lba}: version ${version} after a power cut, flushed was ${[...(flushed ?? [0])].join(" or ")}`;
    }
    return undefined;
  }

  #range(lba: number, blocks: number): Entry[] {
    return this.#blocks.slice(lba, lba + blocks);
  }
}

/** Fills a block with a version of itself. */
export function fillBlock(bytes: Uint8Array, lba: number, version: number): void {
  if (version === 0) bytes.fill(0);
  else Buffer.from(bytes.buffer, bytes.byteOffset, BLOCK_BYTES).set(contentOf(lba, version));
}

/** The version that a block holds; undefined: none, or not all of it, or another block's. */
export function versionOf(lba: number, bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_BYTES);
  const version = view.getUint32(0, true);
  const wanted = version === 0 ? ZEROS : contentOf(lba, version);
  return wanted.equals(bytes) ? version : undefined;
}

const ZEROS: Buffer = Buffer.alloc(BLOCK_BYTES);
const scratch = new Uint32Array(WORDS);
const scratchBytes: Buffer = Buffer.from(scratch.buffer);

/** Good until the next call. */
function contentOf(lba: number, version: number): Buffer {
  let state = (Math.imul(version, 0x9e3779b1) ^ Math.imul(lba + 1, 0x85ebca6b)) >>> 0;
  for (let i = 1; i < WORDS; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    scratch[i] = state;
  }
  scratch[0] = version;
  return scratchBytes;
}
