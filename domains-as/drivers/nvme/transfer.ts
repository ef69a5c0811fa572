/**
 * One request of an interface as one or more commands of the controller.
 * Used by bdev.ts and bulk.ts. A status is returned as the completion carried it; `status.ts` knows what it means.
 */
import * as commands from "./commands";
import { ioChannel, mostBlocks, nsid, sectorShift, sectors } from "./controller";
import { BLOCK_BYTES, BLOCK_SHIFT } from "./identify";
import { dropList, pointToData } from "./prp";
import { isSuccess, LBA_OUT_OF_RANGE, SUCCESS } from "./status";

/** Size of the namespace in whole blocks. */
export function capacity(): u64 {
  return sectors >> (BLOCK_SHIFT - sectorShift);
}

/**
 * HOT: moves `blocks` (at least 1) between the namespace, from block `lba` on, and the shared heap, from `dataOff` on.
 * As many commands as fit are in flight at once. Returns when none is outstanding, so that the caller may give the memory away;
 * after an error nothing further is sent. Returns the first error, or `SUCCESS`.
 */
export function transfer(opcode: u32, lba: u64, blocks: u32, dataOff: u32): u32 {
  const perBlock = BLOCK_SHIFT - sectorShift;
  // The controller checks the range, but only of what fits into its 64-bit number.
  if (lba > (u64.MAX_VALUE >> perBlock) - blocks) return LBA_OUT_OF_RANGE;
  const channel = ioChannel();
  let failure = SUCCESS;
  let sent: u32 = 0;
  while (true) {
    const isDone = sent == blocks || failure != SUCCESS;
    if (!isDone && channel.hasRoom) {
      const some = min(blocks - sent, mostBlocks);
      const request = commands.transfer(opcode, nsid, (lba + sent) << perBlock, some << perBlock);
      pointToData(request, dataOff + sent * BLOCK_BYTES, some * BLOCK_BYTES);
      channel.send(request);
      sent += some;
    } else if (!channel.isIdle) {
      const request = channel.next();
      if (failure == SUCCESS && !isSuccess(request.status)) failure = request.status;
      dropList(request);
      request.drop();
    } else {
      return failure;
    }
  }
}

/** Section 6.8: what was written before is on the medium afterwards. */
export function flush(): u32 {
  const request = ioChannel().run(commands.flush(nsid));
  const status = isSuccess(request.status) ? SUCCESS : request.status;
  request.drop();
  return status;
}
