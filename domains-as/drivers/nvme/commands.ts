/**
 * The commands that the driver sends: each function fills a request, which is zero when it is made.
 * Used by controller.ts and transfer.ts; nothing is sent here. Source: [NVME-1.4] sections 5 and 6.
 */
import { Request } from "./gen/structures";

/** Section 5, figure "Opcodes for Admin Commands". */
export namespace AdminOpcode {
  export const CREATE_SUBMISSION_QUEUE: u32 = 0x01;
  export const CREATE_COMPLETION_QUEUE: u32 = 0x05;
  export const IDENTIFY: u32 = 0x06;
  export const SET_FEATURES: u32 = 0x09;
}

/** Section 6, figure "Opcodes for NVM Commands". */
export namespace Opcode {
  export const FLUSH: u32 = 0x00;
  export const WRITE: u32 = 0x01;
  export const READ: u32 = 0x02;
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
const QUEUE_CONTIGUOUS: u32 = 1;

/** Section 5.15. The data pointer is set by the caller. */
export function identify(cns: u32, nsid: u32): Request {
  const request = Request.create();
  request.opcode = AdminOpcode.IDENTIFY;
  request.nsid = nsid;
  request.cdw10 = cns;
  return request;
}

/** Section 5.21.1.7: asks for `pairs` queues of either kind; both numbers are "less one". */
export function setNumberOfQueues(pairs: u32): Request {
  const request = Request.create();
  request.opcode = AdminOpcode.SET_FEATURES;
  request.cdw10 = FEATURE_NUMBER_OF_QUEUES;
  request.cdw11 = (pairs - 1) | ((pairs - 1) << 16);
  return request;
}

/** Section 5.3. No interrupts: the driver polls. */
export function createCompletionQueue(id: u32, entries: u32, pageOff: u32): Request {
  const request = Request.create();
  request.opcode = AdminOpcode.CREATE_COMPLETION_QUEUE;
  request.prp1 = pageOff;
  request.cdw10 = id | ((entries - 1) << 16);
  request.cdw11 = QUEUE_CONTIGUOUS;
  return request;
}

/** Section 5.4. Its completions go to the completion queue with the same id. */
export function createSubmissionQueue(id: u32, entries: u32, pageOff: u32): Request {
  const request = Request.create();
  request.opcode = AdminOpcode.CREATE_SUBMISSION_QUEUE;
  request.prp1 = pageOff;
  request.cdw10 = id | ((entries - 1) << 16);
  request.cdw11 = QUEUE_CONTIGUOUS | (id << 16);
  return request;
}

/** Sections 6.9 and 6.15. @param sectors logical blocks, 1 to 65536 */
export function transfer(opcode: u32, nsid: u32, sector: u64, sectors: u32): Request {
  const request = Request.create();
  request.opcode = opcode;
  request.nsid = nsid;
  request.cdw10 = <u32>sector;
  request.cdw11 = <u32>(sector >> 32);
  request.cdw12 = sectors - 1;
  return request;
}

/** Section 6.8. */
export function flush(nsid: u32): Request {
  const request = Request.create();
  request.opcode = Opcode.FLUSH;
  request.nsid = nsid;
  return request;
}
