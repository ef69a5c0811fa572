/**
 * Dataset Management: a list of ranges with advice about them. Deallocation is followed where the store can; other advice is not.
 * The list is copied once and only the copy is parsed; no range is acted on unless all of them are in the namespace.
 * Source: [NVME-1.4] section 6.7.
 */
import { STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";
import type { Namespace } from "./namespace.ts";

const RANGE_BYTES = 16;
const MOST_RANGES = 256;
const DEALLOCATE = 4;
/** Giving space back may take a store milliseconds: what is more than this of one list stays as it is. */
const MOST_PUNCHES = 32;

export class Dataset {
  readonly #list: Uint8Array = new Uint8Array(MOST_RANGES * RANGE_BYTES);
  readonly #fields: DataView = new DataView(this.#list.buffer);

  static listBytes(command: Command): number {
    return ((command.dword(DW.cdw10) & 0xff) + 1) * RANGE_BYTES;
  }

  static mostPunches(command: Command): number {
    return Math.min(MOST_PUNCHES, Dataset.listBytes(command) / RANGE_BYTES);
  }

  /** After the data was mapped. */
  perform(command: Command, namespace: Namespace): number {
    const ranges = command.data.gather(this.#list) / RANGE_BYTES;
    for (let i = 0; i < ranges; i++) if (this.#lba(i) + this.#blocks(i) > namespace.blocks) return STATUS.lbaRange;
    if ((command.dword(DW.cdw11) & DEALLOCATE) === 0) return STATUS.success;
    let punches = 0;
    for (let i = 0; i < ranges && punches < MOST_PUNCHES; ) {
      // Neighbours are given back together: a store may refuse what is small.
      const lba = this.#lba(i);
      let blocks = this.#blocks(i);
      for (i++; i < ranges && this.#lba(i) === lba + blocks; i++) blocks += this.#blocks(i);
      if (blocks === 0) continue;
      namespace.deallocate(lba, blocks);
      punches++;
    }
    return STATUS.success;
  }

  #blocks(range: number): number {
    return this.#fields.getUint32(range * RANGE_BYTES + 4, true);
  }

  #lba(range: number): number {
    const at = range * RANGE_BYTES + 8;
    return this.#fields.getUint32(at + 4, true) * 2 ** 32 + this.#fields.getUint32(at, true);
  }
}
