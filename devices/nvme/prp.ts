/**
 * The PRP walker: from a command's two pointers and a length to runs of memory.
 * Each piece of a list is copied once into private memory, and only the copy is parsed. A list cannot loop: the length is
 * bounded, and every list page after the first starts at offset 0, so it holds at least one data pointer.
 * Source: [NVME-1.4] section 4.3.
 *
 *   PRP1 ─▶ [..data]            PRP2 ─▶ [data]                      at most one page is left
 *                               PRP2 ─▶ list: p p p … p next        more: the last slot of a list page leads on if data is left
 *                                                       └─▶ list: p p
 */
import type { Dma } from "../ports.ts";
import { STATUS } from "./codes.ts";
import { type Command, DW } from "./command.ts";

const ENTRY_BYTES = 8;

export class PrpWalker {
  readonly #list: Uint8Array;
  readonly #fields: DataView;

  constructor(largestPage: number) {
    this.#list = new Uint8Array(largestPage);
    this.#fields = new DataView(this.#list.buffer);
  }

  // HOT: the one-page and two-page cases, before any list.
  walk(command: Command, pageBytes: number, dma: Dma): number {
    const { data, dataBytes } = command;
    const inPage = pageBytes - 1;
    const low = command.dword(DW.prp1);
    data.clear(pageBytes);
    if ((low & 3) !== 0) return STATUS.prpOffset;
    const first = Math.min(dataBytes, pageBytes - (low & inPage));
    data.add(command.qword(DW.prp1), first);
    const rest = dataBytes - first;
    if (rest === 0) return STATUS.success;
    const second = command.dword(DW.prp2);
    if (rest > pageBytes) return (second & (ENTRY_BYTES - 1)) !== 0 ? STATUS.prpOffset : this.#walkList(command, rest, pageBytes, dma);
    if ((second & inPage) !== 0) return STATUS.prpOffset;
    data.add(command.qword(DW.prp2), rest);
    return STATUS.success;
  }

  #walkList(command: Command, bytes: number, pageBytes: number, dma: Dma): number {
    const inPage = pageBytes - 1;
    let at = command.qword(DW.prp2);
    let slots = (pageBytes - (command.dword(DW.prp2) & inPage)) / ENTRY_BYTES;
    for (let rest = bytes; ; slots = pageBytes / ENTRY_BYTES) {
      const pages = Math.ceil(rest / pageBytes);
      const chained = pages > slots;
      const here = chained ? slots : pages;
      const shared = dma.readable(at, here * ENTRY_BYTES);
      if (shared === undefined) return STATUS.dataTransfer;
      this.#list.set(shared);
      for (let i = 0; i < here; i++) {
        const low = this.#fields.getUint32(i * ENTRY_BYTES, true);
        const address = this.#fields.getUint32(i * ENTRY_BYTES + 4, true) * 2 ** 32 + low;
        if ((low & inPage) !== 0) return STATUS.prpOffset;
        if (chained && i === here - 1) {
          at = address;
          break;
        }
        const piece = Math.min(rest, pageBytes);
        command.data.add(address, piece);
        rest -= piece;
      }
      if (!chained) return STATUS.success;
    }
  }
}
