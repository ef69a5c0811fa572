/**
 * Physical Region Pages: how a command tells where its data lies, page by page.
 * Used by controller.ts, transfer.ts, exchange.ts and channel.ts. Source: [NVME-1.4] section 4.3.
 *
 *   PRP1 = the first byte, anywhere in a page (dword aligned)
 *   data ends in that page:       PRP2 unused
 *   data ends in the next page:   PRP2 = that page
 *   otherwise:                    PRP2 = a list of the pages after the first, 8 bytes each
 *
 *   A list may start anywhere in a page (qword aligned). When it reaches the last slot of its page and more than one address is
 *   left, that slot holds the address of the page where the list goes on:
 *
 *     │ … │ page 1 │ page 2 │ link ┿ page 3 │ page 4 │ … │       ┿ page boundary
 *
 *   The list is one object, so it goes on right behind the boundary, and its links point there.
 */
import { objectAt } from "sumac/glue";
import { Command } from "./command";
import { PrpList } from "./gen/structures";
import { bytesToPageEnd, PAGE_BYTES } from "./pages";

const ENTRY_BYTES: u32 = 8;

/** HOT: sets the data pointer of a command to `bytes` (at least 1) from `startOff` on; `dropList` gives back what that took. */
export function pointToData(command: Command, startOff: u32, bytes: u32): void {
  command.prp1 = startOff;
  const inFirst = bytesToPageEnd(startOff);
  if (bytes <= inFirst) return;
  const secondOff = startOff + inFirst;
  const pages = (bytes - inFirst + PAGE_BYTES - 1) / PAGE_BYTES;
  command.prp2 = pages == 1 ? secondOff : createList(command, secondOff, pages);
}

/** The command's list, if it has one; the command must have ended. */
export function dropList(command: Command): void {
  if (command.listBase == 0) return;
  objectAt<PrpList>(command.listBase).drop();
  command.listBase = 0;
}

/** A link is needed wherever the list could cross a page boundary; what is left of the object stays zero. */
function createList(command: Command, firstOff: u32, pages: u32): u32 {
  const list = PrpList.create(pages + pages / (PAGE_BYTES / ENTRY_BYTES - 1) + 1);
  command.listBase = list.base;
  let slot: u32 = 0;
  for (let page: u32 = 0; page < pages; page++) {
    const slotOff = list.base + slot * ENTRY_BYTES;
    if (bytesToPageEnd(slotOff) == ENTRY_BYTES && page + 1 < pages) list.setAt(slot++, slotOff + ENTRY_BYTES);
    list.setAt(slot++, firstOff + page * PAGE_BYTES);
  }
  return list.base;
}
