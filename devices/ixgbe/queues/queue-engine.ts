/**
 * The queues of one card on another CPU than its control registers: a window that reaches four pairs of rings and nothing else, and the
 * receive and transmit paths that serve them there. To its driver it looks like a card of its own with four pairs of queues: those
 * control registers that are the card's can be read, and writing them changes nothing.
 * The kernel of that CPU hands it to the grant's owner as it does the card itself. It touches memory through its own `Dma` port only, never
 * outside `SharedCard.enter`, and answers all ones when the card was stopped or reset since it began. Source: [82599] sections 7.1, 7.2, 8.
 */
import { isAligned } from "../../dword-window.ts";
import type { Clock, Dma, Interrupt, InterruptLine, SharedQueues } from "../../ports.ts";
import { Bus } from "../bus.ts";
import type { FlowDirector } from "../flow-director.ts";
import { be16, ETHERTYPE } from "../frame.ts";
import { InterruptRegisters } from "../interrupt-registers.ts";
import { Interrupts } from "../interrupts.ts";
import { Ledger } from "../ledger.ts";
import { COMPILED_MAP } from "../map.ts";
import { Receiver } from "../receive.ts";
import { CAUSE, CTRL, HLREG0, REG, VECTORS, WINDOW_BYTES, WORDS } from "../registers.ts";
import { RingRegisters } from "../ring-registers.ts";
import { Transmitter } from "../transmit.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { EngineStatistics } from "./engine-statistics.ts";
import { EngineWindow, RING_BYTES } from "./engine-window.ts";
import { FOR_MAC, FOR_WIRE, type FrameChannel } from "./frame-channel.ts";
import { marksOf, unmark } from "./marks.ts";
import { BUCKETS, PAIRS, type SharedCard } from "./shared-card.ts";

const NOBODY = 0xffff_ffff;
/** Room for the longest frame that is sent, so that a frame which was begun finds its place. */
const LARGEST_FRAME = 16_384;
/** FDIRCTRL: the flow director works. */
const DIRECTOR_MODE = 3;
const ADDRESS_TYPE_AT = 12;

export class QueueEngine implements Elsewhere, SharedQueues {
  ring: (cpu: number) => void = () => {};
  /** Where this CPU's frames went. */
  readonly ledger: Ledger = new Ledger();
  readonly #card: SharedCard;
  readonly #cpu: number;
  readonly #regs: Uint32Array;
  /** The interrupt unit is this window's own. */
  readonly #own: Uint32Array = new Uint32Array(WORDS);
  readonly #bus: Bus = new Bus();
  readonly #interrupts: Interrupts;
  readonly #clock: Clock | undefined;
  readonly #receiver: Receiver;
  readonly #transmitter: Transmitter;
  readonly #window: EngineWindow;
  readonly #spread: Uint8Array = new Uint8Array(BUCKETS);
  /** By CPU. */
  readonly #from: readonly (FrameChannel | undefined)[];
  readonly #to: readonly (FrameChannel | undefined)[];
  readonly #ledgerWords: Float64Array;
  #messages: Interrupt | undefined;
  #line: InterruptLine | undefined;
  /** As its driver was told. */
  #linkUp = false;
  /** The driver, if it sleeps, has been told that its queues are gone. */
  #isTold = false;
  #epoch = -1;
  #version = -1;

  /** @param clock without it interrupts are not throttled */
  constructor(card: SharedCard, cpu: number, clock?: Clock) {
    if (cpu < 1 || cpu >= card.cpus) throw new Error(`a network card has queues for CPUs 1 to ${card.cpus - 1}, not for CPU ${cpu}`);
    this.#card = card;
    this.#cpu = cpu;
    this.#regs = card.regs;
    const regs = card.regs;
    const [bus, ledger] = [this.#bus, this.ledger];
    const statistics = new EngineStatistics(card, cpu);
    this.#interrupts = new Interrupts({
      regs: this.#own,
      messages: { raise: (vector) => this.#messages?.raise(vector) },
      clock,
      deferred: () => {},
    });
    const interrupts = this.#interrupts;
    // Pauses are the MAC's, on the first CPU; packet buffers here ask for none.
    const pauses = { receive: () => false, filled: () => {}, drained: () => {} };
    const director: Pick<FlowDirector, "isOn" | "match"> = { isOn: false, match: () => 0 };
    this.#receiver = new Receiver({ regs, bus, statistics, interrupts, ledger, flowControl: pauses, director, elsewhere: this });
    const engine = this;
    this.#transmitter = new Transmitter({
      regs,
      bus,
      statistics,
      interrupts,
      ledger,
      flowControl: {
        get isPaused() {
          return engine.#isHeldUp;
        },
      },
      linkUp: () => card.linkUp,
      send: (frame, length) => (card.wireLoops ? this.#loop(frame, length) : this.#toWire(frame, length)),
      loop: (frame, length) => this.#loop(frame, length),
    });
    this.#clock = clock;
    this.#window = new EngineWindow({
      card,
      cpu,
      bus,
      own: this.#own,
      rings: new RingRegisters(regs, this.#receiver, this.#transmitter),
      interrupts: new InterruptRegisters(this.#own, interrupts),
      reset: () => this.#reset(),
    });
    const others = Array.from({ length: card.cpus }, (_, other) => other);
    this.#from = others.map((other) => (other === cpu ? undefined : card.channel(other, cpu)));
    this.#to = others.map((other) => (other === cpu ? undefined : card.channel(cpu, other)));
    this.#ledgerWords = card.ledger(cpu);
  }

  /** A grant begins: its rings are as after a reset, and its DMA goes through `dma` until `stop`. */
  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void {
    if (this.#bus.dma !== undefined) throw new Error("these queues are already granted: stop them first");
    this.#bus.dma = dma;
    this.#messages = messages;
    this.#line = line;
    this.#isTold = false;
    this.#interrupts.connect(line);
    this.#epoch = this.#card.epoch;
    this.#linkUp = this.#card.linkUp;
    if (this.#enter()) this.#renew(true);
  }

  /** The grant is gone: rings are let go, and nothing is touched from here on. Frames that waited for them are lost. */
  stop(): void {
    if (this.#bus.dma === undefined) return;
    if (this.#enter()) this.#renew(false);
    this.#forget();
    this.#interrupts.connect(undefined);
    this.#line?.set(false);
    this.#line = undefined;
    this.#messages = undefined;
    this.#bus.dma = undefined;
  }

  /** What its queues have counted, by word of the register; it only grows. */
  get counters(): Uint32Array {
    return this.#card.counters(this.#cpu);
  }

  /** Accesses that reach nothing: misaligned, outside the window, queues of others. */
  get accessErrors(): number {
    return this.#window.accessErrors;
  }

  /** Frames that wait in this CPU's packet buffers. */
  get waiting(): number {
    return this.#receiver.waiting;
  }

  // HOT: a driver may poll here.
  read32(offset: number): number {
    if (!isAligned(offset, 4, WINDOW_BYTES)) {
      this.#window.accessErrors++;
      return NOBODY;
    }
    if (!this.#enter()) return NOBODY;
    try {
      const value = this.#window.read(COMPILED_MAP.target[offset >>> 2] ?? 0) >>> 0;
      this.#settle();
      return value;
    } finally {
      this.#leave();
    }
  }

  // HOT: the tails.
  write32(offset: number, value: number): void {
    if (!isAligned(offset, 4, WINDOW_BYTES)) {
      this.#window.accessErrors++;
      return;
    }
    if (!this.#enter()) return;
    const word = COMPILED_MAP.target[offset >>> 2] ?? 0;
    try {
      this.#window.write(word, (value & (COMPILED_MAP.mask[word] ?? 0)) >>> 0);
      this.#settle();
    } finally {
      this.#leave();
    }
  }

  get share(): SharedArrayBuffer {
    return this.#card.buffer;
  }

  get hasArrivals(): boolean {
    if (this.#bus.dma === undefined) return false;
    // What is on the way then waits for the next grant: to look at it would never end.
    if (this.#isGone) return !this.#isTold;
    return this.#goesOn || this.#linkUp !== this.#card.linkUp || this.#from.some((channel) => channel?.isEmpty === false);
  }

  /** Of an interrupt that was held back. */
  get deadlineMicros(): number {
    return this.#bus.dma === undefined || this.#isGone ? Number.POSITIVE_INFINITY : this.#interrupts.deadline;
  }

  /** Frames came from other CPUs, those that were held up can go, or an interrupt is due, while the driver sleeps. */
  attend(): void {
    const isDue = this.#clock !== undefined && this.deadlineMicros <= this.#clock.nowMicros();
    if (!isDue && !this.hasArrivals) return;
    if (!this.#enter()) {
      this.#tell();
      return;
    }
    try {
      this.#settle();
    } finally {
      this.#leave();
    }
  }

  /** The card has been stopped or reset since the grant began. */
  get #isGone(): boolean {
    return this.#card.epoch !== this.#epoch || (this.#epoch & 1) === 0;
  }

  /** Whoever waits for an interrupt of what is gone would wait for ever: all wake, and find out by their next access. */
  #tell(): void {
    this.#isTold = true;
    this.#line?.set(true);
    for (let vector = 0; vector < VECTORS; vector++) this.#messages?.raise(vector);
  }

  isMine(queue: number): boolean {
    return this.#card.cpuOf(queue) === this.#cpu;
  }

  runs(queue: number): boolean {
    return this.#card.runs(this.#card.cpuOf(queue));
  }

  hand(queue: number, bytes: Uint8Array, length: number, isBad: boolean, match: number): boolean {
    return this.#put(this.#card.cpuOf(queue), bytes, length, queue, marksOf(isBad, match));
  }

  #put(cpu: number, bytes: Uint8Array, length: number, what: number, marks: number): boolean {
    const channel = this.#to[cpu];
    if (channel?.write(bytes, length, what, marks) !== true) return false;
    if (channel.isIdle) this.ring(cpu);
    return true;
  }

  // HOT: each access.
  /**
   * Begins an access, which `#leave` ends whatever happens: the first CPU waits for that. `false`: the card has been stopped or reset since the
   * grant began, and nothing here works any more.
   */
  #enter(): boolean {
    if (this.#bus.dma === undefined) return false;
    if (!this.#card.enter(this.#cpu, this.#epoch)) {
      this.#forget();
      return false;
    }
    this.#bus.isMaster = ((this.#regs[REG.ctrl >>> 2] ?? 0) & CTRL.masterDisable) === 0;
    if (this.#version !== this.#card.version) this.#refresh();
    return true;
  }

  #leave(): void {
    this.ledger.publish(this.#ledgerWords, this.#receiver.waiting);
    this.#card.setBehind(this.#cpu, this.#transmitter.isBehind);
    this.#card.leave(this.#cpu);
  }

  // HOT: each access.
  /** Does what has become possible. */
  #settle(): void {
    if (this.#linkUp !== this.#card.linkUp) {
      this.#linkUp = this.#card.linkUp;
      this.#interrupts.other(CAUSE.linkChange);
    }
    this.#drain();
    this.#transmitter.run();
    this.#receiver.settle();
    if (this.#bus.refused) {
      this.#bus.refused = false;
      this.#interrupts.other(CAUSE.pci);
    }
    this.#interrupts.settle();
  }

  #drain(): void {
    for (const channel of this.#from) {
      if (channel === undefined || channel.isEmpty) continue;
      channel.drain((frame, length, queue, marks) => {
        const { isBad, match } = unmark(marks);
        this.#receiver.deliver(frame, length, queue, isBad, match);
      });
    }
  }

  /** What the first CPU's driver or another share has changed. */
  #refresh(): void {
    this.#version = this.#card.version;
    this.#receiver.filter.addressWritten();
    this.#receiver.rss.keyWritten();
    this.#receiver.tuples.filterWritten();
    this.#card.spread(this.#spread);
    this.#receiver.rss.spread = this.#spread;
  }

  /** The rest of an access with which a grant begins or ends. */
  #renew(runs: boolean): void {
    try {
      this.#card.setRuns(this.#cpu, false);
      this.#reset();
      if (runs) this.#card.setRuns(this.#cpu, true);
    } finally {
      this.#leave();
    }
  }

  /** As after a reset of these queues; the card's other parts are not theirs. */
  #reset(): void {
    this.#forget();
    for (const channel of this.#from) channel?.drain(() => this.ledger.discarded++);
    const first = PAIRS * this.#cpu;
    for (let queue = first; queue < first + PAIRS; queue++) {
      for (const ring of [REG.rxRing, REG.txRing]) {
        const from = (ring + RING_BYTES * queue) >>> 2;
        for (let word = from; word < from + RING_BYTES / 4; word++) this.#regs[word] = COMPILED_MAP.reset[word] ?? 0;
      }
      this.#regs[(REG.ivar >>> 2) + (queue >>> 1)] = 0;
    }
    this.#card.table(this.#cpu).fill(0);
  }

  /** Lets go of rings and interrupts; nothing is written anywhere. */
  #forget(): void {
    this.#receiver.reset();
    this.#transmitter.reset();
    this.#interrupts.reset();
    this.#own.set(COMPILED_MAP.reset);
    this.#bus.refused = false;
    this.#version = -1;
  }

  /** Frames that the first CPU has to see come back there: those that the MAC keeps, and all while the flow director is on. */
  #loop(frame: Uint8Array, length: number): void {
    const forMac = be16(frame, ADDRESS_TYPE_AT) === ETHERTYPE.macControl || ((this.#regs[REG.fdirctrl >>> 2] ?? 0) & DIRECTOR_MODE) !== 0;
    if (!forMac) this.#receiver.receive(frame, length, false);
    else if (!this.#put(0, frame, length, FOR_MAC, 0)) this.#receiver.miss(length);
  }

  /** There is room: `#isHeldUp` has looked. */
  #toWire(frame: Uint8Array, length: number): void {
    if (!this.#put(0, frame, length, FOR_WIRE, 0)) this.ledger.notSent++;
  }

  /** What held up the rings that are behind is over. */
  get #goesOn(): boolean {
    return this.#transmitter.isBehind && this.#card.sends && !this.#isHeldUp;
  }

  /** A pause, or frames for the wire that the first CPU has not taken yet. */
  get #isHeldUp(): boolean {
    if (this.#card.isPaused) return true;
    if (this.#card.wireLoops || ((this.#regs[REG.hlreg0 >>> 2] ?? 0) & HLREG0.loopback) !== 0) return false;
    return this.#to[0]?.hasRoom(LARGEST_FRAME) !== true;
  }
}
