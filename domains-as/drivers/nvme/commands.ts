/**
 * The commands that the driver sends: each function fills one. Used by controller.ts, repair.ts, transfer.ts and exchange.ts; nothing is
 * sent here. Source: [NVME-1.4] sections 5 and 6.
 */
import { Command } from "./command";

/** Section 5, figure "Opcodes for Admin Commands". */
export namespace AdminOpcode {
  export const CREATE_SUBMISSION_QUEUE: u32 = 0x01;
  export const GET_LOG_PAGE: u32 = 0x02;
  export const CREATE_COMPLETION_QUEUE: u32 = 0x05;
  export const IDENTIFY: u32 = 0x06;
  export const ABORT: u32 = 0x08;
  export const SET_FEATURES: u32 = 0x09;
  export const ASYNCHRONOUS_EVENT_REQUEST: u32 = 0x0c;
}

/** Section 6, figure "Opcodes for NVM Commands". */
export namespace Opcode {
  export const FLUSH: u32 = 0x00;
  export const WRITE: u32 = 0x01;
  export const READ: u32 = 0x02;
  export const WRITE_ZEROES: u32 = 0x08;
}

/** What Identify is to return (section 5.15). */
export namespace Cns {
  export const NAMESPACE: u32 = 0x00;
  export const CONTROLLER: u32 = 0x01;
  /** Ids of the active namespaces above the one in the command. */
  export const ACTIVE_NAMESPACES: u32 = 0x02;
}

/** Section 5.21.1.7. */
const FEATURE_NUMBER_OF_QUEUES: u32 = 0x07;
/** Namespace id of what concerns the whole controller. */
const EVERYWHERE: u32 = 0xffffffff;
/** Section 5.21.1.11. */
const FEATURE_EVENTS: u32 = 0x0b;
const QUEUE_CONTIGUOUS: u32 = 1;
const QUEUE_INTERRUPTS: u32 = 2;

/** Section 5.15. The data pointer is set by the caller. */
export function identify(command: Command, cns: u32, nsid: u32): void {
  command.become(AdminOpcode.IDENTIFY, nsid, cns, 0, 0);
}

/** Section 5.21.1.7: asks for `pairs` queues of either kind; both numbers are "less one", in the answer too. */
export function setNumberOfQueues(command: Command, pairs: u32): void {
  command.become(AdminOpcode.SET_FEATURES, 0, FEATURE_NUMBER_OF_QUEUES, (pairs - 1) | ((pairs - 1) << 16), 0);
}

/** Section 5.21.1.11: which events are reported. */
export function enableEvents(command: Command, bits: u32): void {
  command.become(AdminOpcode.SET_FEATURES, 0, FEATURE_EVENTS, bits, 0);
}

/** Section 5.14: the beginning of a page, which is acknowledged with it. The data pointer is set by the caller. */
export function getLogPage(command: Command, page: u32, bytes: u32): void {
  command.become(AdminOpcode.GET_LOG_PAGE, EVERYWHERE, page | ((bytes / 4 - 1) << 16), 0, 0);
}

/** Section 5.3. Interrupts, if any, are on vector 0. */
export function createCompletionQueue(command: Command, id: u32, entries: u32, pageOff: u32, hasInterrupts: bool): void {
  const flags = QUEUE_CONTIGUOUS | (hasInterrupts ? QUEUE_INTERRUPTS : 0);
  command.become(AdminOpcode.CREATE_COMPLETION_QUEUE, 0, id | ((entries - 1) << 16), flags, 0);
  command.prp1 = pageOff;
}

/** Section 5.4. Its completions go to the completion queue with the same id. */
export function createSubmissionQueue(command: Command, id: u32, entries: u32, pageOff: u32): void {
  command.become(AdminOpcode.CREATE_SUBMISSION_QUEUE, 0, id | ((entries - 1) << 16), QUEUE_CONTIGUOUS | (id << 16), 0);
  command.prp1 = pageOff;
}

/** Section 5.1. */
export function abort(command: Command, queue: u32, id: u32): void {
  command.become(AdminOpcode.ABORT, 0, queue | (id << 16), 0, 0);
}

/** HOT: sections 6.9, 6.15 and 6.16. @param sectors logical blocks, 1 to 65536 */
export function transfer(command: Command, opcode: u32, nsid: u32, sector: u64, sectors: u32): void {
  command.become(opcode, nsid, <u32>sector, <u32>(sector >> 32), sectors - 1);
}

/** Section 6.8. */
export function flush(command: Command, nsid: u32): void {
  command.become(Opcode.FLUSH, nsid, 0, 0, 0);
}
