/**
 * Submission and completion queues: rings in memory that one side fills and the other empties.
 * Used by the engine, which moves heads and tails, and by the admin commands, which create and delete.
 * Nothing here touches memory. Source: [NVME-1.4] sections 4.1, 4.6.
 *
 *      head ──▶ oldest entry, next to be consumed           empty: head == tail
 *      tail ──▶ next slot to be filled                      full:  head == tail + 1 (mod entries): one slot stays unused
 */

/** A completion that found its queue full, in the order of completing. */
export interface Waiting {
  readonly sqId: number;
  readonly sqHead: number;
  readonly cid: number;
  readonly status: number;
  readonly result: number;
  readonly silent: boolean;
}

/** Classes of weighted round robin, as Create I/O Submission Queue numbers them. */
export const PRIORITY = { urgent: 0, high: 1, medium: 2, low: 3 } as const;

export class CompletionQueue {
  readonly id: number;
  /** Address of entry 0, page aligned. */
  readonly base: number;
  readonly entries: number;
  readonly interrupts: boolean;
  readonly vector: number;
  /** Moved by the host's doorbell. */
  head = 0;
  /** Moved by the controller. */
  tail = 0;
  /** The phase bit of the current lap; flips when `tail` wraps. */
  phase: 0 | 1 = 1;
  /** Submission queues that complete here. */
  users = 0;
  readonly waiting: Waiting[] = [];

  constructor(id: number, base: number, entries: number, interrupts: boolean, vector = 0) {
    this.id = id;
    this.base = base;
    this.entries = entries;
    this.interrupts = interrupts;
    this.vector = vector;
  }

  get empty(): boolean {
    return this.head === this.tail;
  }

  get full(): boolean {
    return (this.tail + 1 === this.entries ? 0 : this.tail + 1) === this.head;
  }

  /** The slot just written is the host's. */
  advance(): void {
    if (++this.tail < this.entries) return;
    this.tail = 0;
    this.phase = this.phase === 1 ? 0 : 1;
  }

  /** Whether the host may move its head there: within the entries that were posted. */
  accepts(head: number): boolean {
    if (head >= this.entries) return false;
    const posted = this.tail >= this.head ? this.tail - this.head : this.tail - this.head + this.entries;
    const consumed = head >= this.head ? head - this.head : head - this.head + this.entries;
    return consumed <= posted;
  }
}

export class SubmissionQueue {
  readonly id: number;
  readonly base: number;
  readonly entries: number;
  readonly cq: CompletionQueue;
  /** Moved by the controller: what is before it has been fetched. */
  head = 0;
  /** Moved by the host's doorbell. */
  tail = 0;
  /** Fetched and neither completed nor held for an event. */
  outstanding = 0;
  /** Counts only with weighted round robin. */
  readonly priority: number;
  /** Ids of commands that are held. */
  readonly held: Set<number> = new Set();

  constructor(id: number, base: number, entries: number, cq: CompletionQueue, priority: number = PRIORITY.urgent) {
    this.id = id;
    this.base = base;
    this.entries = entries;
    this.cq = cq;
    this.priority = priority;
  }

  /** Nothing is fetched for which there is no place to answer: one queue's slow reader stops that queue only. */
  get ready(): boolean {
    return this.head !== this.tail && !this.cq.full && this.cq.waiting.length === 0 && this.outstanding < this.entries;
  }

  advance(): void {
    this.head = this.head + 1 === this.entries ? 0 : this.head + 1;
  }
}

/** All queues of a controller by id; 0 is the admin pair. */
export class Queues {
  readonly submission: (SubmissionQueue | undefined)[];
  readonly completion: (CompletionQueue | undefined)[];
  /** Existing submission queues in the order of their creation, for arbitration. */
  readonly active: SubmissionQueue[] = [];
  /** I/O queues of each kind that the model has. */
  readonly most: number;
  /** How many of them the host may create: what Set Features allocated. */
  allowed: number;

  constructor(most: number) {
    this.most = most;
    this.allowed = most;
    this.submission = new Array(most + 1).fill(undefined);
    this.completion = new Array(most + 1).fill(undefined);
  }

  get anyIo(): boolean {
    return this.active.length > 1 || this.completion.some((cq) => cq !== undefined && cq.id !== 0);
  }

  addCompletion(cq: CompletionQueue): void {
    this.completion[cq.id] = cq;
  }

  addSubmission(sq: SubmissionQueue): void {
    this.submission[sq.id] = sq;
    this.active.push(sq);
    sq.cq.users++;
  }

  removeSubmission(sq: SubmissionQueue): void {
    this.submission[sq.id] = undefined;
    this.active.splice(this.active.indexOf(sq), 1);
    sq.cq.users--;
  }

  clear(): void {
    this.submission.fill(undefined);
    this.completion.fill(undefined);
    this.active.length = 0;
    this.allowed = this.most;
  }
}
