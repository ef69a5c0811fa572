/**
 * One submission queue and its completion queue: two rings in shared memory and two doorbells.
 * Used by channel.ts, which knows the commands; this file only moves entries. Source: [NVME-1.4] sections 4.1, 4.2 and 4.6.
 *
 *   submission, 64 bytes an entry        completion, 16 bytes an entry
 *   ┌──────┬──────┬──────┬──────┐        ┌──────┬──────┬──────┬──────┐
 *   │ free │ sent │ sent │ free │        │ new  │ new  │ old  │ old  │   new: its phase bit equals `phase`
 *   └──────┴──────┴──────┴──────┘        └──────┴──────┴──────┴──────┘
 *            ▲ head        ▲ tail          ▲ head
 *   empty: head == tail; full: tail + 1 == head, so one entry is never used
 *
 * The driver owns tail and the completion head and tells the controller by doorbell. The controller tells its submission head
 * in each completion, and the end of what it has completed by the phase bit, which it inverts with every lap.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { load32, store32, store64 } from "sumac/guard";
import { Command } from "./command";
import { mmio } from "./gen/mmio";

/** By which it is addressed: 0 for the admin queues. */
export type QueueId = u32;

export const SUBMISSION_BYTES: u32 = 64;
const COMPLETION_BYTES: u32 = 16;

@final
export class QueuePair {
  private tail: u32 = 0;
  /** As far as the controller has been told. */
  private rungTail: u32 = 0;
  /** As far as the completions have told. */
  private submissionHead: u32 = 0;
  private completionHead: u32 = 0;
  private rungHead: u32 = 0;
  /** What the phase bit is in an entry of this lap; 1 in the first. */
  private phase: u32 = 1;
  /** Dword 3 of the completion at the head, as it was when it was looked at last. */
  private word: u32 = 0;

  constructor(
    readonly id: QueueId,
    /** Entries in each of the two rings, at least 2. */
    readonly entries: u32,
    private readonly submissionOff: u32,
    private readonly completionOff: u32,
    /** Offset in the register window; the completion queue's doorbell is the next one. */
    private readonly doorbell: u32,
    private readonly doorbellStride: u32,
  ) {}

  /** Whether another command fits (section 4.1.2). */
  get hasRoom(): bool {
    return this.next(this.tail) != this.submissionHead;
  }

  /** HOT: writes one command; there must be room. Once `ring` has told, the entry is the controller's until the command is fetched. */
  submit(command: Command): void {
    const entryOff = this.submissionOff + this.tail * SUBMISSION_BYTES;
    store32(entryOff, command.opcode | (command.id << 16));
    store32(entryOff + 4, command.nsid);
    // Dwords 2 to 5 and 13 to 15 are zero in every command of this driver, and the ring was zero when it was made.
    store64(entryOff + 24, command.prp1);
    store64(entryOff + 32, command.prp2);
    store64(entryOff + 40, <u64>command.cdw10 | ((<u64>command.cdw11) << 32));
    store32(entryOff + 48, command.cdw12);
    this.tail = this.next(this.tail);
  }

  /** HOT: tells the controller of all that was submitted and of all that was released, with a doorbell each if there is news. */
  ring(): void {
    if (this.rungHead != this.completionHead) {
      this.rungHead = this.completionHead;
      mmio.write32(this.doorbell + this.doorbellStride, this.completionHead);
    }
    if (this.rungTail != this.tail) {
      this.rungTail = this.tail;
      mmio.write32(this.doorbell, this.tail);
    }
  }

  /** The queues have been made anew, in memory that is zero. */
  reset(): void {
    this.tail = 0;
    this.rungTail = 0;
    this.submissionHead = 0;
    this.completionHead = 0;
    this.rungHead = 0;
    this.phase = 1;
  }

  /** HOT: polled; touches nothing but memory. What it saw is what `command` and `status` tell. */
  get hasCompletion(): bool {
    const word = load32(this.entryOff + 12);
    this.word = word;
    return ((word >>> 16) & 1) == this.phase;
  }

  /** Command id of the completion at the head. */
  get command(): u32 {
    return this.word & 0xffff;
  }

  /** Its status field without the phase bit: SC 7:0, SCT 10:8, CRD 12:11, M 13, DNR 14. */
  get status(): u32 {
    return this.word >>> 17;
  }

  /** What its command answers; I/O commands of this driver answer nothing. */
  get dword0(): u32 {
    return this.id == 0 ? load32(this.entryOff) : 0;
  }

  /** Takes the completion off the ring; its slot is the controller's again once `ring` has told. */
  release(): void {
    const queues = load32(this.entryOff + 8);
    const head = queues & 0xffff;
    if (queues >>> 16 != this.id || head >= this.entries)
      panic(PANIC_DEVICE, "a completion names another submission queue, or a head beyond its end");
    this.submissionHead = head;
    this.completionHead = this.next(this.completionHead);
    if (this.completionHead == 0) this.phase ^= 1;
  }

  private get entryOff(): u32 {
    return this.completionOff + this.completionHead * COMPLETION_BYTES;
  }

  private next(index: u32): u32 {
    return index + 1 == this.entries ? 0 : index + 1;
  }
}
