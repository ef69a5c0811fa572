/**
 * Host code that drives the NVMe model without any domain: one queue pair, one command or a batch at a time, no checks but the
 * phase and the status. It is the most that a driver in the host could get out of the model.
 */
import { ADMIN, IO } from "../../devices/nvme/codes.ts";
import { NvmeModel } from "../../devices/nvme/model.ts";
import { DOORBELLS, REG } from "../../devices/nvme/registers.ts";
import type { BlockStore, Dma } from "../../devices/ports.ts";

const PAGE = 4096;
const ENTRIES = 64;
const [ADMIN_SQ, ADMIN_CQ, IO_SQ, IO_CQ, DATA] = [1, 2, 3, 4, 5].map((page) => page * PAGE) as [number, number, number, number, number];
/** EN, 64-byte submission and 16-byte completion entries. */
const ENABLE = 1 | (6 << 16) | (4 << 20);

class Ring {
  tail = 0;
  head = 0;
  phase = 1;
  readonly sq: number;
  readonly cq: number;
  readonly doorbell: number;

  constructor(id: number, sq: number, cq: number) {
    this.sq = sq;
    this.cq = cq;
    this.doorbell = DOORBELLS + 8 * id;
  }
}

export class NvmeDirect {
  readonly #words: Uint32Array;
  readonly #model: NvmeModel;
  readonly #io: Ring = new Ring(1, IO_SQ, IO_CQ);
  /** The block that was read last by `read`, and the first of those of a batch. */
  readonly block: Uint8Array;
  /** Where the blocks of a batch lie, one after the other. */
  readonly blocks: Uint8Array;

  constructor(store: BlockStore) {
    const memory = new Uint8Array(DATA + ENTRIES * PAGE);
    this.#words = new Uint32Array(memory.buffer);
    this.blocks = memory.subarray(DATA);
    this.block = this.blocks.subarray(0, PAGE);
    this.#model = new NvmeModel({ store });
    const view = (address: number, bytes: number): Uint8Array | undefined =>
      address + bytes <= memory.length ? memory.subarray(address, address + bytes) : undefined;
    const dma: Dma = { readable: view, writable: view, pin: () => true, unpin: () => {} };
    this.#model.start(dma);
    const admin = new Ring(0, ADMIN_SQ, ADMIN_CQ);
    this.#model.write32(REG.aqa, (ENTRIES - 1) | ((ENTRIES - 1) << 16));
    this.#model.write64(REG.asq, BigInt(ADMIN_SQ));
    this.#model.write64(REG.acq, BigInt(ADMIN_CQ));
    this.#model.write32(REG.cc, ENABLE);
    this.#command(admin, ADMIN.createCq, 0, IO_CQ, 1 | ((ENTRIES - 1) << 16), 1, 0);
    this.#command(admin, ADMIN.createSq, 0, IO_SQ, 1 | ((ENTRIES - 1) << 16), 1 | (1 << 16), 0);
  }

  /** Reads one block of 4096 bytes into `block`. */
  read(lba: number): void {
    this.#command(this.#io, IO.read, 1, DATA, lba, 0, 0);
  }

  /** So many commands of a block each from `lba` on, fewer than the queue has entries: one doorbell for all, one for their completions. */
  batch(kind: "read" | "write", lba: number, count: number): void {
    const ring = this.#io;
    const opcode = kind === "read" ? IO.read : IO.write;
    for (let i = 0; i < count; i++) this.#place(ring, opcode, 1, DATA + i * PAGE, lba + i, 0, 0);
    this.#model.write32(ring.doorbell, ring.tail);
    for (let i = 0; i < count; i++) this.#take(ring, opcode);
    this.#model.write32(ring.doorbell + 4, ring.head);
  }

  #command(ring: Ring, opcode: number, nsid: number, prp1: number, cdw10: number, cdw11: number, cdw12: number): void {
    this.#place(ring, opcode, nsid, prp1, cdw10, cdw11, cdw12);
    this.#model.write32(ring.doorbell, ring.tail);
    this.#take(ring, opcode);
    this.#model.write32(ring.doorbell + 4, ring.head);
  }

  #place(ring: Ring, opcode: number, nsid: number, prp1: number, cdw10: number, cdw11: number, cdw12: number): void {
    const words = this.#words;
    const entry = (ring.sq >>> 2) + ring.tail * 16;
    words[entry] = opcode | (ring.tail << 16);
    words[entry + 1] = nsid;
    words[entry + 6] = prp1;
    words[entry + 10] = cdw10;
    words[entry + 11] = cdw11;
    words[entry + 12] = cdw12;
    ring.tail = (ring.tail + 1) % ENTRIES;
  }

  #take(ring: Ring, opcode: number): void {
    const completion = this.#words[(ring.cq >>> 2) + ring.head * 4 + 3] ?? 0;
    if (((completion >>> 16) & 1) !== ring.phase || completion >>> 17 !== 0)
      throw new Error(`the controller did not complete opcode ${opcode}`);
    ring.head = (ring.head + 1) % ENTRIES;
    if (ring.head === 0) ring.phase ^= 1;
  }
}
