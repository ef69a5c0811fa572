/**
 * Drives an NVMe controller on its ports, as a driver would: admin queue and one I/O queue, one command at a time, on memory of its own.
 * Used by `sumac nvme`. Knows nothing of the model but its window; a command that fails is an answer, a controller that does is an error.
 * Source: [NVME-1.4] sections 3.1, 4.1, 7.6.1.
 */
import { ADMIN, IO } from "../../devices/nvme/codes.ts";
import { CSTS, DOORBELLS, REG } from "../../devices/nvme/registers.ts";
import type { Dma, PciModel } from "../../devices/ports.ts";
import { SumacError } from "../errors.ts";

const PAGE = 4096;
const ENTRIES = 16;
const AT = { adminSq: PAGE, adminCq: 2 * PAGE, ioSq: 3 * PAGE, ioCq: 4 * PAGE, data: 5 * PAGE, end: 6 * PAGE } as const;
/** EN, 64-byte submission and 16-byte completion entries. */
const ENABLE: number = 1 | (6 << 16) | (4 << 20);
const SHUT_DOWN = 1 << 14;
const EVERYWHERE = 0xffff_ffff;

export interface NvmeRequest {
  readonly opcode: number;
  readonly nsid?: number;
  readonly cdw10?: number;
  readonly cdw11?: number;
  readonly cdw12?: number;
}

interface Ring {
  readonly sq: number;
  readonly cq: number;
  readonly doorbell: number;
  tail: number;
  head: number;
  phase: number;
}

export class NvmeClient {
  readonly #model: PciModel;
  readonly #memory: Uint8Array = new Uint8Array(AT.end);
  readonly #fields: DataView = new DataView(this.#memory.buffer);
  readonly #admin: Ring = ring(0, AT.adminSq, AT.adminCq);
  readonly #io: Ring = ring(1, AT.ioSq, AT.ioCq);

  /** Starts the controller, which must complete commands inside the doorbell write. */
  constructor(model: PciModel) {
    this.#model = model;
    const view = (at: number, bytes: number): Uint8Array | undefined =>
      at >= 0 && at + bytes <= AT.end ? this.#memory.subarray(at, at + bytes) : undefined;
    const dma: Dma = { readable: view, writable: view, pin: () => true, unpin: () => {} };
    model.start(dma);
    this.#write(REG.aqa, (ENTRIES - 1) | ((ENTRIES - 1) << 16));
    model.window(0)?.write64(REG.asq, BigInt(AT.adminSq));
    model.window(0)?.write64(REG.acq, BigInt(AT.adminCq));
    this.#write(REG.cc, ENABLE);
    if (((model.window(0)?.read32(REG.csts) ?? 0) & (CSTS.ready | CSTS.fatal)) !== CSTS.ready) throw failed("does not become ready");
    const size = 1 | ((ENTRIES - 1) << 16);
    this.#must(this.#run(this.#admin, { opcode: ADMIN.createCq, cdw10: size, cdw11: 1 }, AT.ioCq), "make a completion queue");
    this.#must(this.#run(this.#admin, { opcode: ADMIN.createSq, cdw10: size, cdw11: 1 | (1 << 16) }, AT.ioSq), "make a submission queue");
  }

  /** A page of Identify data; @throws SumacError */
  identify(cns: number, nsid = 0): DataView {
    this.#must(this.#run(this.#admin, { opcode: ADMIN.identify, nsid, cdw10: cns }, AT.data), `identify (CNS ${cns})`);
    return this.#data(PAGE);
  }

  /** The first bytes of a log page, at most 4096; @throws SumacError */
  log(page: number, bytes: number): DataView {
    const cdw10 = page | ((bytes / 4 - 1) << 16);
    this.#must(this.#run(this.#admin, { opcode: ADMIN.getLogPage, nsid: EVERYWHERE, cdw10 }, AT.data), `read log page ${page}`);
    return this.#data(bytes);
  }

  /** An admin command without data; returns its status: type << 8 | code. */
  admin(request: NvmeRequest): number {
    return this.#run(this.#admin, request, 0);
  }

  /** Reads blocks on the medium without moving them; returns the status. */
  verify(nsid: number, lba: number, blocks: number): number {
    const [cdw10, cdw11] = [lba % 2 ** 32, Math.floor(lba / 2 ** 32)];
    return this.#run(this.#io, { opcode: IO.verify, nsid, cdw10, cdw11, cdw12: blocks - 1 }, 0);
  }

  /** A normal shutdown: everything is stable afterwards. */
  close(): void {
    this.#write(REG.cc, ENABLE | SHUT_DOWN);
    this.#model.stop();
  }

  #run(on: Ring, { opcode, nsid = 0, cdw10 = 0, cdw11 = 0, cdw12 = 0 }: NvmeRequest, prp1: number): number {
    const at = on.sq + 64 * on.tail;
    this.#memory.fill(0, at, at + 64);
    this.#fields.setUint32(at, opcode | (on.tail << 16), true);
    this.#fields.setUint32(at + 4, nsid, true);
    this.#fields.setUint32(at + 24, prp1, true);
    for (const [i, dword] of [cdw10, cdw11, cdw12].entries()) this.#fields.setUint32(at + 40 + 4 * i, dword, true);
    on.tail = (on.tail + 1) % ENTRIES;
    this.#write(on.doorbell, on.tail);
    const status = this.#fields.getUint16(on.cq + 16 * on.head + 14, true);
    if ((status & 1) !== on.phase) throw failed(`does not answer opcode ${opcode}`);
    on.head = (on.head + 1) % ENTRIES;
    if (on.head === 0) on.phase ^= 1;
    this.#write(on.doorbell + 4, on.head);
    return (status >>> 1) & 0x7ff;
  }

  #must(status: number, what: string): void {
    if (status !== 0) throw failed(`cannot ${what}: status ${status.toString(16)}h`);
  }

  #write(offset: number, value: number): void {
    this.#model.window(0)?.write32(offset, value);
  }

  /** A copy: the next command uses the same page. */
  #data(bytes: number): DataView {
    return new DataView(this.#memory.slice(AT.data, AT.data + bytes).buffer);
  }
}

function ring(id: number, sq: number, cq: number): Ring {
  return { sq, cq, doorbell: DOORBELLS + 8 * id, tail: 0, head: 0, phase: 1 };
}

function failed(why: string): SumacError {
  return new SumacError("device-failed", `the NVMe controller ${why}; run \`sumac nvme log\` on the image, or try another one`);
}
