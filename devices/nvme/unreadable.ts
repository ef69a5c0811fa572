/**
 * The blocks of a namespace that Write Uncorrectable has made unreadable, until they are written again: a bitmap in pieces, made
 * when they are needed, and never more of them than a limit. Source: [NVME-1.4] section 6.16.
 */

const PIECE_BLOCKS = 32768;
/** 32 MiB: what a driver may make the host remember. */
const MOST_PIECES = 8192;

export class Unreadable {
  readonly #pieces: Map<number, Uint8Array> = new Map();

  /** HOT: almost always false. */
  get any(): boolean {
    return this.#pieces.size > 0;
  }

  /** `false`: there is no room to remember more, and nothing was marked. */
  mark(lba: number, blocks: number): boolean {
    if (this.#pieces.size + Math.ceil(blocks / PIECE_BLOCKS) + 1 > MOST_PIECES) return false;
    for (let block = lba; block < lba + blocks; block++) {
      const index = Math.floor(block / PIECE_BLOCKS);
      let piece = this.#pieces.get(index);
      if (piece === undefined) {
        piece = new Uint8Array(PIECE_BLOCKS / 8);
        this.#pieces.set(index, piece);
      }
      const bit = block % PIECE_BLOCKS;
      piece[bit >>> 3] = (piece[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
    return true;
  }

  /** They were written, or deallocated. */
  clear(lba: number, blocks: number): void {
    if (!this.any) return;
    const end = lba + blocks;
    for (const [index, piece] of this.#pieces) {
      const start = index * PIECE_BLOCKS;
      const [from, to] = [Math.max(lba, start) - start, Math.min(end, start + PIECE_BLOCKS) - start];
      for (let bit = from; bit < to; bit++) piece[bit >>> 3] = (piece[bit >>> 3] ?? 0) & ~(1 << (bit & 7));
      if (from < to && piece.every((byte) => byte === 0)) this.#pieces.delete(index);
    }
  }

  hits(lba: number, blocks: number): boolean {
    if (!this.any) return false;
    for (let block = lba; block < lba + blocks; block++) {
      const bit = block % PIECE_BLOCKS;
      if (((this.#pieces.get(Math.floor(block / PIECE_BLOCKS))?.[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0) return true;
    }
    return false;
  }

  forget(): void {
    this.#pieces.clear();
  }
}
