/**
 * The SGL walker: from a command's descriptor and the segments that it leads to, to runs of memory.
 * Each segment is copied once, piece by piece, and only the copy is parsed. A chain cannot go on for ever: descriptors are counted.
 * Source: [NVME-1.4] section 4.4.
 *
 *   descriptor, 16 bytes:  0 address · 8 length · 15 type (bits 7:4), subtype (bits 3:0)
 *   in the command         a data block, or the way to a segment
 *   segment                data blocks, and as its last descriptor the way on to another; the last segment has only data blocks
 */
import type { Dma } from "../ports.ts";
import { STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";

const TYPE = { data: 0, segment: 2, lastSegment: 3 } as const;
const DESCRIPTOR_BYTES = 16;
/** Descriptors of one command, empty ones included. */
const MOST_DESCRIPTORS = 8192;
/** Descriptors copied at once. */
const PIECE = 64;

export class SglWalker {
  readonly #piece: Uint8Array = new Uint8Array(PIECE * DESCRIPTOR_BYTES);
  readonly #fields: DataView = new DataView(this.#piece.buffer);
  /** The way to the next segment. */
  #next = { address: 0, bytes: 0, last: false };
  #seen = 0;
  #rest = 0;

  walk(command: Command, pageBytes: number, dma: Dma): number {
    command.data.clear(pageBytes);
    this.#seen = 0;
    this.#rest = command.dataBytes;
    const type = command.dword(DW.prp1 + 3) >>> 24;
    const [address, bytes] = [command.qword(DW.prp1), command.dword(DW.prp1 + 2)];
    if (type === TYPE.data << 4) {
      const status = this.#take(command, address, bytes);
      return status === STATUS.success ? this.#atEnd() : status;
    }
    if (type !== TYPE.segment << 4 && type !== TYPE.lastSegment << 4) return STATUS.sglType;
    this.#next = { address, bytes, last: type === TYPE.lastSegment << 4 };
    for (;;) {
      const { address: at, bytes: length, last } = this.#next;
      if (length === 0 || length % DESCRIPTOR_BYTES !== 0) return STATUS.sglSegment;
      const status = this.#segment(command, at, length / DESCRIPTOR_BYTES, last, dma);
      if (status !== STATUS.success) return status;
      if (last) return this.#atEnd();
    }
  }

  #segment(command: Command, at: number, count: number, last: boolean, dma: Dma): number {
    if (this.#seen + count > MOST_DESCRIPTORS) return STATUS.sglCount;
    this.#seen += count;
    for (let done = 0; done < count; done += PIECE) {
      const here = Math.min(PIECE, count - done);
      const shared = dma.readable(at + done * DESCRIPTOR_BYTES, here * DESCRIPTOR_BYTES);
      if (shared === undefined) return STATUS.dataTransfer;
      this.#piece.set(shared);
      for (let i = 0; i < here; i++) {
        const status = this.#descriptor(command, i * DESCRIPTOR_BYTES, done + i === count - 1, last);
        if (status !== STATUS.success) return status;
      }
    }
    return STATUS.success;
  }

  #descriptor(command: Command, offset: number, isLastOne: boolean, lastSegment: boolean): number {
    const type = this.#piece[offset + 15] ?? 0;
    const address = this.#fields.getUint32(offset + 4, true) * 2 ** 32 + this.#fields.getUint32(offset, true);
    const bytes = this.#fields.getUint32(offset + 8, true);
    const leadsOn = type === TYPE.segment << 4 || type === TYPE.lastSegment << 4;
    if (!leadsOn && type !== TYPE.data << 4) return STATUS.sglType;
    // Only the last descriptor of a segment leads on, and it must unless this is the last segment.
    if (leadsOn !== (isLastOne && !lastSegment)) return STATUS.sglSegment;
    if (!leadsOn) return this.#take(command, address, bytes);
    this.#next = { address, bytes, last: type === TYPE.lastSegment << 4 };
    return STATUS.success;
  }

  #take(command: Command, address: number, bytes: number): number {
    if (bytes > this.#rest) return STATUS.sglDataLength;
    this.#rest -= bytes;
    if (bytes > 0 && !command.data.append(address, bytes)) return STATUS.sglCount;
    return STATUS.success;
  }

  #atEnd(): number {
    return this.#rest === 0 ? STATUS.success : STATUS.sglDataLength;
  }
}
