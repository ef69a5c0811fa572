/**
 * One request of a synchronous interface as one or more commands, on one queue and the first namespace.
 * Used by bdev.ts and bulk.ts. A status is returned as the completion carried it; `status.ts` knows what it means.
 */
import { Command } from "./command";
import * as commands from "./commands";
import { ioChannel, ioQueues, mostBytes } from "./controller";
import { setAside } from "./exchange";
import { BLOCK_BYTES, BLOCK_SHIFT } from "./identify";
import { firstNamespace } from "./namespaces";
import { pointToData } from "./prp";
import { isSuccess, LBA_OUT_OF_RANGE, SUCCESS } from "./status";

/** The first queue on which nothing is in flight, so that a call does not wait behind batches of others; else the first of all. */
function freeQueue(): u32 {
  for (let queue: u32 = 0; queue < ioQueues; queue++) if (ioChannel(queue).isIdle) return queue;
  return 0;
}

/** Size of the namespace in whole blocks. */
export function capacity(): u64 {
  const one = firstNamespace();
  return one.sectors >> (BLOCK_SHIFT - one.sectorShift);
}

/**
 * HOT: moves `blocks` (at least 1) between the namespace, from block `lba` on, and the shared heap, from `dataOff` on.
 * As many commands as fit are in flight at once. Returns when none of them is, so that the caller may give the memory away;
 * after an error nothing further is sent. Returns the first error, or `SUCCESS`.
 */
export function transfer(opcode: u32, lba: u64, blocks: u32, dataOff: u32): u32 {
  const namespace_ = firstNamespace();
  const perBlock = BLOCK_SHIFT - namespace_.sectorShift;
  // The controller checks the range, but only of what fits into its 64-bit number.
  if (lba > (u64.MAX_VALUE >> perBlock) - blocks) return LBA_OUT_OF_RANGE;
  const queue = freeQueue();
  const channel = ioChannel(queue);
  const most = mostBytes >> BLOCK_SHIFT;
  let failure = SUCCESS;
  let sent: u32 = 0;
  let inFlight: u32 = 0;
  while (true) {
    const isDone = sent == blocks || failure != SUCCESS;
    if (!isDone && channel.hasRoom) {
      const some = min(blocks - sent, most);
      const command = channel.take();
      commands.transfer(command, opcode, namespace_.nsid, (lba + sent) << perBlock, some << perBlock);
      pointToData(command, dataOff + sent * BLOCK_BYTES, some * BLOCK_BYTES);
      channel.send(command);
      sent += some;
      inFlight += 1;
    } else if (inFlight != 0 || !isDone) {
      const command = channel.next();
      if (isOthers(queue, command)) continue;
      if (failure == SUCCESS && !isSuccess(command.status)) failure = command.status;
      channel.release(command);
      inFlight -= 1;
    } else {
      channel.ring();
      return failure;
    }
  }
}

/** Section 6.8: what was written before is on the medium afterwards. */
export function flush(): u32 {
  const queue = freeQueue();
  const channel = ioChannel(queue);
  while (!channel.hasRoom) isOthers(queue, channel.next());
  let command = channel.take();
  commands.flush(command, firstNamespace().nsid);
  channel.send(command);
  do command = channel.next();
  while (isOthers(queue, command));
  channel.release(command);
  channel.ring();
  return isSuccess(command.status) ? SUCCESS : command.status;
}

/** Whether a command that has ended is a batch's: then it is kept for that. */
function isOthers(queue: u32, command: Command): bool {
  if (command.requestBase == 0) return false;
  setAside(queue, command);
  return true;
}
