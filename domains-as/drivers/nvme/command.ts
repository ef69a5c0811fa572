/**
 * One command: what is sent, and what is known about it until it has ended.
 * Lives in the driver's own memory, one for each slot of a channel, and is used again and again: nothing is allocated for a command but
 * a list of pages if it has many. Filled by commands.ts and prp.ts, sent and answered by channel.ts.
 */
@final
export class Command {
  /* What is sent. */
  opcode: u32 = 0;
  nsid: u32 = 0;
  /** Data pointer: device addresses. */
  prp1: u32 = 0;
  prp2: u32 = 0;
  cdw10: u32 = 0;
  cdw11: u32 = 0;
  cdw12: u32 = 0;
  /** Base of its `prp-list`, 0 = none. */
  listBase: u32 = 0;

  /* For whom. */
  /** The shared request that it performs, 0 = none: whoever sent it waits for it in the same call. */
  requestBase: u32 = 0;
  /** Which of its queue's exchanges sent it. */
  call: u32 = 0;

  /* What became of it. */
  /** Between `send` and the moment when it is handed back. */
  isOut: bool = false;
  /** The id under which it was sent last. */
  id: u32 = 0;
  tries: u32 = 0;
  /** By the clock; what is not complete by then is aborted. */
  deadlineMicros: u64 = 0;
  isAborted: bool = false;
  /** It waits at the controller for an event, without end. */
  isEventRequest: bool = false;
  /** Dword 0 of its completion. */
  dword0: u32 = 0;
  /** The status field of its completion, without the phase. */
  status: u32 = 0;

  constructor(
    /** Its place in the channel's table. */
    readonly slot: u32,
  ) {}

  /** HOT: as for a command that nobody has sent yet. */
  become(opcode: u32, nsid: u32, cdw10: u32, cdw11: u32, cdw12: u32): void {
    this.opcode = opcode;
    this.nsid = nsid;
    this.cdw10 = cdw10;
    this.cdw11 = cdw11;
    this.cdw12 = cdw12;
    this.prp1 = 0;
    this.prp2 = 0;
    this.listBase = 0;
    this.requestBase = 0;
    this.tries = 0;
    this.isAborted = false;
    this.isEventRequest = false;
  }
}
