/**
 * A small host for the NVMe model, on its ports alone: memory, queues, and one function for each step of a driver.
 * It checks phases and command ids as a careful driver would, and lets a test do everything wrong on purpose.
 */
import { ADMIN, CQE_BYTES, IO, SQE_BYTES } from "../../devices/nvme/codes.ts";
import { NvmeModel, type NvmeOptions } from "../../devices/nvme/model.ts";
import { CSTS, DOORBELLS, MSIX_TABLE, REG } from "../../devices/nvme/registers.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { PlainDma } from "./plain-dma.ts";

export const PAGE = 4096;
/** EN, 64-byte submission and 16-byte completion entries. */
export const ENABLE: number = 1 | (6 << 16) | (4 << 20);
const MEMORY_BYTES = 0x40_0000;

export interface Entry {
  readonly opcode: number;
  readonly flags?: number;
  readonly cid?: number;
  readonly nsid?: number;
  readonly prp1?: number;
  readonly prp2?: number;
  readonly cdw10?: number;
  readonly cdw11?: number;
  readonly cdw12?: number;
  readonly cdw13?: number;
  /** The whole of dwords 6 to 9, in place of the two pointers: an SGL descriptor. */
  readonly sgl?: Uint8Array;
}

export interface Completion {
  readonly result: number;
  readonly sqHead: number;
  readonly sqId: number;
  readonly cid: number;
  /** Status code type << 8 | status code. */
  readonly status: number;
  readonly doNotRetry: boolean;
}

interface Ring {
  readonly base: number;
  readonly entries: number;
  /** The host's end: tail of a submission queue, head of a completion queue. */
  at: number;
  phase: number;
}

export class NvmeHost {
  readonly dma: PlainDma = new PlainDma(MEMORY_BYTES);
  readonly store: MemoryStore;
  readonly model: NvmeModel;
  readonly transfers: number[] = [];
  /** Levels of the interrupt pin, in order. */
  readonly pin: boolean[] = [];
  /** Vectors of messages that went out, in order. */
  readonly messages: number[] = [];
  readonly sq: Map<number, Ring> = new Map();
  readonly cq: Map<number, Ring> = new Map();
  #nextPage = PAGE;
  #nextCid = 1;

  constructor(options: Partial<NvmeOptions> = {}, blocks = 64) {
    this.store = new MemoryStore(blocks);
    for (let i = 0; i < this.store.bytes.length; i++) this.store.bytes[i] = (i >> 12) + 1;
    this.model = new NvmeModel({ store: this.store, onTransfer: (bytes) => this.transfers.push(bytes), ...options });
    this.start();
  }

  /** A controller that is ready and has I/O queue pair 1. */
  static ready(options: Partial<NvmeOptions> = {}, entries = 8): NvmeHost {
    const host = new NvmeHost(options);
    host.enable();
    host.createPair(1, entries);
    return host;
  }

  /** A grant begins. */
  start(): void {
    this.model.start(this.dma, { set: (level) => this.pin.push(level) }, { raise: (vector) => this.messages.push(vector) });
  }

  /** Turns MSI-X on, with the first so many vectors unmasked. */
  useMessages(vectors: number): void {
    this.model.messageControl.configure(true, false);
    for (let vector = 0; vector < vectors; vector++) this.model.write32(MSIX_TABLE + 16 * vector + 12, 0);
  }

  get memory(): Uint8Array {
    return this.dma.memory;
  }

  get status(): number {
    return this.model.read32(REG.csts);
  }

  /** Fresh pages that lie together, zeroed as a queue must be, as an address. */
  pages(count = 1): number {
    const at = this.#nextPage;
    this.#nextPage += count * PAGE;
    this.memory.fill(0, at, this.#nextPage);
    return at;
  }

  /** Sets up the admin queues and enables; returns CSTS. */
  enable(entries = 8, cc: number = ENABLE): number {
    this.sq.set(0, { base: this.pages(), entries, at: 0, phase: 1 });
    this.cq.set(0, { base: this.pages(), entries, at: 0, phase: 1 });
    const [asq, acq] = [this.sq.get(0)?.base ?? 0, this.cq.get(0)?.base ?? 0];
    this.model.write32(REG.aqa, (entries - 1) | ((entries - 1) << 16));
    this.model.write64(REG.asq, BigInt(asq));
    this.model.write64(REG.acq, BigInt(acq));
    this.model.write32(REG.cc, cc);
    return this.status;
  }

  /** Creates completion and submission queue of that id; throws if either fails. */
  createPair(
    id: number,
    entries: number,
    options: { readonly interrupts?: boolean; readonly cqEntries?: number; readonly vector?: number; readonly priority?: number } = {},
  ): void {
    const cqEntries = options.cqEntries ?? entries;
    const cq = this.pages();
    const sq = this.pages(Math.ceil((entries * SQE_BYTES) / PAGE));
    const made = [
      this.admin({
        opcode: ADMIN.createCq,
        prp1: cq,
        cdw10: id | ((cqEntries - 1) << 16),
        cdw11: (options.interrupts ? 3 : 1) | ((options.vector ?? 0) << 16),
      }),
      this.admin({
        opcode: ADMIN.createSq,
        prp1: sq,
        cdw10: id | ((entries - 1) << 16),
        cdw11: 1 | ((options.priority ?? 0) << 1) | (id << 16),
      }),
    ];
    if (made.some(({ status }) => status !== 0)) throw new Error(`queue pair ${id}: ${made.map(({ status }) => status.toString(16))}`);
    this.sq.set(id, { base: sq, entries, at: 0, phase: 1 });
    this.cq.set(id, { base: cq, entries: cqEntries, at: 0, phase: 1 });
  }

  /** Puts an entry into the queue without ringing; returns its command id. */
  place(queue: number, entry: Entry): number {
    const ring = this.#ring(this.sq, queue);
    const cid = entry.cid ?? this.#nextCid;
    this.#nextCid = (this.#nextCid % 0xfffe) + 1;
    const view = new DataView(this.memory.buffer, ring.base + ring.at * SQE_BYTES, SQE_BYTES);
    this.memory.fill(0, ring.base + ring.at * SQE_BYTES, ring.base + (ring.at + 1) * SQE_BYTES);
    view.setUint32(0, entry.opcode | ((entry.flags ?? 0) << 8) | (cid << 16), true);
    view.setUint32(4, entry.nsid ?? 0, true);
    view.setBigUint64(24, BigInt(entry.prp1 ?? 0), true);
    view.setBigUint64(32, BigInt(entry.prp2 ?? 0), true);
    if (entry.sgl !== undefined) this.memory.set(entry.sgl, ring.base + ring.at * SQE_BYTES + 24);
    const dwords = [entry.cdw10, entry.cdw11, entry.cdw12, entry.cdw13];
    for (const [i, value] of dwords.entries()) view.setUint32(40 + 4 * i, value ?? 0, true);
    ring.at = (ring.at + 1) % ring.entries;
    return cid;
  }

  ring(queue: number): void {
    this.model.write32(DOORBELLS + 8 * queue, this.#ring(this.sq, queue).at);
  }

  submit(queue: number, entry: Entry): number {
    const cid = this.place(queue, entry);
    this.ring(queue);
    return cid;
  }

  /** Takes one completion if there is one; `ring` false leaves the head doorbell alone. */
  take(queue: number, ring = true): Completion | undefined {
    const cq = this.#ring(this.cq, queue);
    const view = new DataView(this.memory.buffer, cq.base + cq.at * CQE_BYTES, CQE_BYTES);
    const word = view.getUint16(14, true);
    if ((word & 1) !== cq.phase) return undefined;
    cq.at = (cq.at + 1) % cq.entries;
    if (cq.at === 0) cq.phase ^= 1;
    if (ring) this.ringHead(queue);
    return {
      result: view.getUint32(0, true),
      sqHead: view.getUint16(8, true),
      sqId: view.getUint16(10, true),
      cid: view.getUint16(12, true),
      status: (word >>> 1) & 0x7ff,
      doNotRetry: (word & 0x8000) !== 0,
    };
  }

  ringHead(queue: number): void {
    this.model.write32(DOORBELLS + 8 * queue + 4, this.#ring(this.cq, queue).at);
  }

  takeAll(queue: number): Completion[] {
    const all: Completion[] = [];
    for (let next = this.take(queue); next !== undefined; next = this.take(queue)) all.push(next);
    return all;
  }

  /** Submits and takes the completion, which must be there and be the command's. Lets deferred work happen. */
  run(queue: number, entry: Entry): Completion {
    const cid = this.submit(queue, entry);
    this.model.advance(1);
    const completion = this.take(queue);
    if (completion?.cid !== cid) throw new Error(`no completion for command ${cid} on queue ${queue}`);
    return completion;
  }

  admin(entry: Entry): Completion {
    return this.run(0, entry);
  }

  /** `blocks` logical blocks on queue 1; the rest of the entry may be overridden. */
  read(lba: number, blocks: number, prp1: number, prp2 = 0, more: Partial<Entry> = {}): Completion {
    return this.run(1, transfer(IO.read, lba, blocks, prp1, prp2, more));
  }

  write(lba: number, blocks: number, prp1: number, prp2 = 0, more: Partial<Entry> = {}): Completion {
    return this.run(1, transfer(IO.write, lba, blocks, prp1, prp2, more));
  }

  /** Writes PRP entries as a list. */
  list(at: number, pointers: readonly number[]): void {
    for (const [i, pointer] of pointers.entries()) this.dma.fields.setBigUint64(at + 8 * i, BigInt(pointer), true);
  }

  get ready(): boolean {
    return (this.status & CSTS.ready) !== 0;
  }

  get fatal(): boolean {
    return (this.status & CSTS.fatal) !== 0;
  }

  #ring(rings: Map<number, Ring>, queue: number): Ring {
    const ring = rings.get(queue);
    if (ring === undefined) throw new Error(`the host has no queue ${queue}`);
    return ring;
  }
}

export function transfer(opcode: number, lba: number, blocks: number, prp1: number, prp2 = 0, more: Partial<Entry> = {}): Entry {
  return { opcode, nsid: 1, prp1, prp2, cdw10: lba % 2 ** 32, cdw11: Math.floor(lba / 2 ** 32), cdw12: blocks - 1, ...more };
}
