/**
 * What the driver was handed of one queue and has not given back: enough of each request to make it anew when the driver dies with it.
 * Used by requests.ts. Holds numbers only; the requests themselves are the driver's.
 *
 *   note ─▶ with the driver ─▶ removed, when its request is in a batch that came back
 *                  └─ the driver dies ─▶ orphan ─▶ made anew into a batch, when one has room
 */
import { Batch, Buffer, Operation, Request, State } from "./gen/types";

/** All that a driver can hold of a queue (64 commands or ended requests), and the batch that is handed to it. */
const MOST: u32 = 128;

@final
class Record {
  /** Base of the request, 0 = an orphan. */
  base: u32 = 0;
  lba: u64 = 0;
  tag: u64 = 0;
  nsid: u32 = 0;
  blocks: u32 = 0;
  operation: u32 = 0;
  /** It had ended before and was handed on all the same. */
  isOver: bool = false;
  /** Length of its buffer, 0 = none. */
  dataBytes: u32 = 0;
}

@final
export class Journal {
  private readonly records: StaticArray<Record> = new StaticArray<Record>(MOST);
  private count: u32 = 0;
  private orphans: u32 = 0;

  constructor() {
    for (let i: u32 = 0; i < MOST; i++) this.records[i] = new Record();
  }

  get isEmpty(): bool {
    return this.count == 0;
  }

  /** HOT: all that is in a batch goes to the driver. False, and nothing noted, when the journal has no room for it. */
  note(batch: Batch): bool {
    const length = batch.length;
    if (this.count + length > MOST) return false;
    for (let place: u32 = 0; place < length; place++) {
      const request = batch.at(place);
      if (request === null) continue;
      const record = this.records[this.count++];
      const data = request.data;
      record.base = request.base;
      record.lba = request.lba;
      record.tag = request.tag;
      record.nsid = request.nsid;
      record.blocks = request.blocks;
      record.operation = request.operation;
      record.isOver = request.state != State.fresh;
      record.dataBytes = data === null ? 0 : data.length;
    }
    return true;
  }

  /** HOT: as many requests came back as went, and none had stayed with the driver before. */
  clear(): void {
    this.count = this.orphans;
  }

  /** What is in a batch is not with the driver any more. */
  remove(batch: Batch): void {
    const length = batch.length;
    for (let place: u32 = 0; place < length; place++) {
      const request = batch.at(place);
      if (request !== null) this.removeOne(request.base);
    }
  }

  /** The driver has died, and with it all that it was handed. */
  orphan(): void {
    for (let i: u32 = 0; i < this.count; i++) this.records[i].base = 0;
    this.orphans = this.count;
  }

  /**
   * Makes orphans anew, as many as the batch has room for: reads, flushes and zeroes to be sent once more; writes, whose data is gone,
   * and what was over before, as lost.
   */
  adopt(batch: Batch): void {
    while (this.orphans != 0 && !batch.isFull) {
      // Orphans come before all others: nothing is noted while there are any that a batch has room for.
      const record = this.records[this.orphans - 1];
      if (!batch.pushBack(again(record))) return;
      this.orphans -= 1;
      this.count -= 1;
      this.swap(this.orphans, this.count);
    }
  }

  private removeOne(base: u32): void {
    for (let i = this.orphans; i < this.count; i++) {
      if (this.records[i].base != base) continue;
      this.count -= 1;
      this.swap(i, this.count);
      return;
    }
  }

  private swap(one: u32, other: u32): void {
    const record = this.records[one];
    this.records[one] = this.records[other];
    this.records[other] = record;
  }
}

function again(record: Record): Request {
  const request = Request.create();
  request.lba = record.lba;
  request.tag = record.tag;
  request.nsid = record.nsid;
  request.blocks = record.blocks;
  request.operation = record.operation;
  const isLost = record.isOver || record.operation == Operation.write;
  if (isLost) request.state = State.lost;
  else if (record.dataBytes != 0) request.putData(Buffer.create(record.dataBytes));
  return request;
}
