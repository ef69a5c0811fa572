/**
 * One controller and a driver that does anything at all, and what must hold whatever it does: no exception, nothing outside the grant,
 * no completion for a command that was never issued, nothing left pinned, and a controller that works after a reset.
 */
import { ADMIN } from "../../../devices/nvme/codes.ts";
import { type NvmeFault, SeededFaults } from "../../../devices/nvme/faults.ts";
import { NvmeModel, type NvmeOptions } from "../../../devices/nvme/model.ts";
import { CSTS, DOORBELLS, MSIX_TABLE, REG } from "../../../devices/nvme/registers.ts";
import { FaultyStore } from "../../../host/backends/faulty-store.ts";
import { MemoryStore } from "../../../host/backends/memory-store.ts";
import { StagedStore } from "../../support/staged-store.ts";
import { writeEntry, writeList } from "./entries.ts";
import { AT, CQ_BYTES, ENTRIES, type FuzzMemory, PAGE, QUEUES, SQ_BYTES } from "./memory.ts";

const ENABLE = 1 | (6 << 16) | (4 << 20);
const OPERATIONS = 1500;
/** The most entries of any queue. */
const LARGEST = 4096;
const FAULTS: readonly NvmeFault[] = [
  { kind: "stuck", deaf: false },
  { kind: "stuck", deaf: true },
  { kind: "slow", accesses: 7 },
  { kind: "status", status: 0x281 },
  { kind: "lost-interrupt" },
  { kind: "fatal" },
];

export class Life {
  /** Operations on the window, entries and descriptors. */
  operations = 0;
  completions = 0;
  readonly #memory: FuzzMemory;
  readonly #pick: (below: number) => number;
  readonly #model: NvmeModel;
  /** In asynchronous mode: the stores, which work when they are told to. */
  readonly #staged: readonly StagedStore[];
  /** By queue: where the driver believes the tail to be, and the entries of the last Create that succeeded. */
  readonly #tail: Int32Array = new Int32Array(QUEUES);
  /** By queue and slot: how often the tail went over it, and how often it was answered. */
  readonly #issued: Uint32Array = new Uint32Array(QUEUES * ENTRIES);
  readonly #answered: Uint32Array = new Uint32Array(QUEUES * ENTRIES);
  #beginning = false;
  /** A reset or a Create by chance: the driver does not know where the controller's tail is, nor how large a queue. */
  readonly #lost: Uint8Array = new Uint8Array(QUEUES);

  constructor(memory: FuzzMemory, pick: (below: number) => number) {
    this.#memory = memory;
    this.#pick = pick;
    memory.clear();
    const asynchronous = pick(6) === 0;
    this.#staged = asynchronous ? [new StagedStore(128, 512), new StagedStore(100, 512)] : [];
    const [first = new FaultyStore(new MemoryStore(16), { pick, oneIn: pick(2) * 60 }), second = new MemoryStore(100, 512)] = this.#staged;
    const more = [{ store: second, lbaBytes: 512 as const }];
    const mode = asynchronous ? { asynchronous } : this.#mode();
    this.#model = new NvmeModel({ store: first, lbaBytes: pick(2) === 0 ? 512 : 4096, more, ...mode, ...this.#options() });
    this.#model.start(memory, { set: () => {} }, { raise: () => {} });
  }

  /** @throws Error with what does not hold */
  live(step: () => void): void {
    this.#begin();
    for (let i = 0; i < OPERATIONS; i++) {
      step();
      this.operations++;
      this.#misbehave();
      this.#checkPosted();
      if (i % 128 === 0 && ((this.#status & (CSTS.fatal | CSTS.ready)) !== CSTS.ready || this.#lost.includes(1))) this.#begin();
    }
    this.#end();
  }

  #mode(): Partial<NvmeOptions> {
    const pick = this.#pick;
    const modes: Partial<NvmeOptions>[] = [
      {},
      {},
      { deferred: {} },
      { deferred: { accesses: 5 } },
      { deferred: { accesses: 3, shuffle: pick(1000) } },
    ];
    return modes[pick(modes.length)] ?? {};
  }

  #options(): Partial<NvmeOptions> {
    const pick = this.#pick;
    let now = 0;
    return {
      ioQueues: QUEUES - 1,
      mdts: 1 + pick(6),
      ...(pick(2) === 0 && { clock: { nowMicros: () => (now += 20) } }),
      ...(pick(3) === 0 && { faults: new SeededFaults({ seed: pick(1 << 30), oneIn: 40, kinds: FAULTS, admin: pick(3) === 0 }) }),
    };
  }

  get #status(): number {
    return this.#model.read32(REG.csts);
  }

  /** From any state to a ready controller with all queues. */
  #begin(): void {
    const { refusesOneIn } = this.#memory;
    this.#beginning = true;
    this.#memory.refusesOneIn = 0;
    this.#model.write32(REG.cc, 0);
    this.#checkPosted();
    this.#tail.fill(0);
    this.#lost.fill(0);
    this.#model.write32(REG.aqa, (ENTRIES - 1) | ((ENTRIES - 1) << 16));
    this.#model.write64(REG.asq, BigInt(AT.sq));
    this.#model.write64(REG.acq, BigInt(AT.cq));
    this.#model.write32(REG.cc, ENABLE | (this.#pick(2) << 11));
    this.#memory.bytes.fill(0, AT.cq, AT.lists);
    for (let id = 1; id < QUEUES; id++) {
      const vector = this.#pick(2) === 0 ? 0 : this.#pick(QUEUES);
      this.#admin({ opcode: ADMIN.createCq, prp1: AT.cq + id * PAGE, cdw10: id | ((ENTRIES - 1) << 16), cdw11: 3 | (vector << 16) });
      this.#admin({
        opcode: ADMIN.createSq,
        prp1: AT.sq + id * PAGE,
        cdw10: id | ((ENTRIES - 1) << 16),
        cdw11: 1 | (this.#pick(4) << 1) | (id << 16),
      });
    }
    this.#model.advance(100);
    this.#checkPosted();
    this.#beginning = false;
    this.#memory.refusesOneIn = refusesOneIn;
  }

  #admin(entry: { opcode: number; prp1: number; cdw10: number; cdw11: number }): void {
    writeEntry(this.#memory, 0, this.#tail[0] ?? 0, { ...entry, nsid: 0, prp2: 0, cdw12: 0, flags: 0 });
    this.#ring(0, ((this.#tail[0] ?? 0) + 1) % ENTRIES);
  }

  #misbehave(): void {
    const pick = this.#pick;
    const queue = pick(QUEUES);
    switch (pick(14)) {
      case 0:
        this.operations += writeList(this.#memory, pick);
        break;
      case 1:
        this.#writeAnywhere();
        break;
      case 2:
        this.#model.read32(this.#offset());
        if (pick(8) === 0) this.#oddAccess();
        break;
      case 3:
        this.#model.advance(pick(4));
        this.#model.tick();
        for (const store of this.#staged) store.work(pick(20));
        break;
      case 4:
        this.#ring(queue, pick(pick(4) === 0 ? 2 ** 16 : ENTRIES));
        break;
      case 5:
      case 6:
        this.#model.write32(DOORBELLS + 8 * queue + 4, pick(pick(6) === 0 ? 2 ** 16 : ENTRIES));
        break;
      case 7:
        if (pick(50) === 0) this.#loseTrack(() => this.#model.write32(REG.cc, pick(2) === 0 ? pick(2 ** 32) : ENABLE | (pick(4) << 14)));
        if (pick(200) === 0) this.#loseTrack(() => this.#model.cutPower());
        if (pick(100) === 0) this.#model.heat(200 + pick(300));
        if (pick(100) === 0) this.#model.messageControl.configure(pick(2) === 0, pick(4) === 0);
        break;
      default:
        this.#submit(queue);
    }
  }

  #submit(queue: number): void {
    const count = 1 + this.#pick(3);
    let tail = this.#tail[queue] ?? 0;
    for (let i = 0; i < count; i++) {
      writeEntry(this.#memory, queue, tail, undefined, this.#pick);
      tail = (tail + 1) % ENTRIES;
      this.operations++;
    }
    this.#ring(queue, tail);
  }

  /** Writes a tail, and notes which slots it makes the controller's. */
  #ring(queue: number, tail: number): void {
    if (this.#lost[queue] !== 0) {
      for (let slot = 0; slot < ENTRIES; slot++) this.#count(this.#issued, queue, slot, LARGEST / ENTRIES);
    } else if (tail < ENTRIES) {
      for (let slot = this.#tail[queue] ?? 0; slot !== tail; slot = (slot + 1) % ENTRIES) this.#issue(queue, slot);
    }
    if (tail < ENTRIES) this.#tail[queue] = tail;
    this.#model.write32(DOORBELLS + 8 * queue, tail);
  }

  #issue(queue: number, slot: number): void {
    this.#count(this.#issued, queue, slot, 1);
    const entry = AT.sq + slot * SQ_BYTES;
    if (queue !== 0 || this.#memory.bytes[entry] !== ADMIN.createSq || this.#beginning) return;
    const id = this.#memory.fields.getUint16(entry + 40, true);
    if (id < QUEUES) this.#lost[id] = 1;
  }

  #loseTrack(act: () => void): void {
    act();
    this.#lost.fill(1);
  }

  /** A register that a reset hangs on makes the driver lose track. */
  #writeAnywhere(): void {
    const [offset, value] = [this.#offset(), this.#pick(2 ** 32)];
    if (offset >= DOORBELLS && offset < MSIX_TABLE) return;
    if (offset < DOORBELLS && offset !== REG.intms && offset !== REG.intmc) this.#loseTrack(() => this.#model.write32(offset, value));
    else this.#model.write32(offset, value);
  }

  #offset(): number {
    const pick = this.#pick;
    switch (pick(4)) {
      case 0:
        return 4 * pick(0x10);
      case 1:
        return MSIX_TABLE + 4 * pick(0x500);
      case 2:
        return pick(0x5000);
      default:
        return REG.intms + 4 * pick(2);
    }
  }

  #oddAccess(): void {
    const at = this.#pick(0x3000);
    this.#model.read8(at);
    this.#model.read16(at);
    this.#model.read64(at);
    this.#model.write8(at, 1);
    this.#model.write16(at, 2);
    if (at % 8 !== 0) this.#model.write64(at, 3n);
    this.operations += 5;
  }

  #checkPosted(): void {
    for (const at of this.#memory.takePosted()) {
      const sqId = this.#memory.fields.getUint16(at + 10, true);
      const cid = this.#memory.fields.getUint16(at + 12, true);
      this.completions++;
      if (at % CQ_BYTES !== 0 || sqId >= QUEUES || cid >= ENTRIES)
        throw new Error(`a completion for command ${cid} of queue ${sqId}, at ${at}`);
      this.#count(this.#answered, sqId, cid, 1);
      const [answered, issued] = [this.#answered[sqId * ENTRIES + cid] ?? 0, this.#issued[sqId * ENTRIES + cid] ?? 0];
      if (answered > issued) throw new Error(`command ${cid} of queue ${sqId} was issued ${issued} times and answered ${answered} times`);
    }
  }

  #count(counts: Uint32Array, queue: number, slot: number, times: number): void {
    counts[queue * ENTRIES + slot] = (counts[queue * ENTRIES + slot] ?? 0) + times;
  }

  /** Nothing is held after a reset, everything works, and nothing happens after the end of the grant. */
  #end(): void {
    this.#memory.refusesOneIn = 0;
    this.#memory.meddle = () => {};
    this.#model.nextCommandHangs = false;
    this.#model.write32(REG.cc, 0);
    if (this.#memory.pins !== 0 || this.#model.inFlight !== 0)
      throw new Error(`after a reset ${this.#memory.pins} places are pinned and ${this.#model.inFlight} commands in flight`);
    if ((this.#status & ~0x10) !== 0) throw new Error(`after a reset CSTS is ${this.#status}`);
    this.#model.stop();
    this.#model.start(this.#memory);
    const before = this.completions;
    this.#begin();
    const posted = this.completions - before;
    if ((this.#status & CSTS.fatal) === 0 && posted === 0) throw new Error("after a new grant no command is answered");
    this.#model.stop();
    this.#memory.takePosted();
    for (let id = 0; id < QUEUES; id++) this.#model.write32(DOORBELLS + 8 * id, 3);
    this.#model.advance(10);
    this.#model.tick();
    for (const store of this.#staged) store.work();
    if (this.#memory.takePosted().length > 0 || this.#memory.pins > 0) throw new Error("something happened after the end of the grant");
    if (!this.#memory.foreignIsWhole()) throw new Error("memory outside the grant has changed");
  }
}
