/**
 * The 82599: the register window, the wire, and the parts behind them.
 * The kernel hands the window to the owner of the grant and calls `start` and `stop` as grants come and go; the wire calls `receive`;
 * the host calls `tick` when `deadlineMicros` has come. It must never touch memory other than through its `Dma` port, and nothing at
 * all after `stop`. Source: [82599] chapter 8; offsets are bytes from the start of BAR 0.
 */
import { DwordWindow, isAligned } from "../dword-window.ts";
import type { Wire, WireEnd } from "../net-wire.ts";
import { MsixTable } from "../pci/msix.ts";
import type { Clock, Dma, Interrupt, InterruptLine, MessageControl, Mmio, PciIdentity, PciModel, SharedQueues } from "../ports.ts";
import { Bus } from "./bus.ts";
import { Control } from "./control.ts";
import { addressIn, makeEeprom } from "./eeprom.ts";
import { EventRegisters } from "./event-registers.ts";
import { WORD } from "./family.ts";
import { FlowControl } from "./flow-control.ts";
import { FlowDirector } from "./flow-director.ts";
import { Interrupts } from "./interrupts.ts";
import { Ledger } from "./ledger.ts";
import { COMPILED_MAP } from "./map.ts";
import { MSIX_BAR, MSIX_WINDOW_BYTES, MsixWindow, PENDING_BITS } from "./msix-window.ts";
import { CardTeam } from "./queues/card-team.ts";
import { SharedCard } from "./queues/shared-card.ts";
import { Receiver } from "./receive.ts";
import { ADDRESS_VALID, CAUSE, REG, VECTORS, WINDOW_BYTES, WORDS } from "./registers.ts";
import { RingRegisters } from "./ring-registers.ts";
import { Statistics } from "./statistics.ts";
import { Transmitter } from "./transmit.ts";

const INTEL = 0x8086;
const REVISION = 1;
const ETHERNET_CLASS = 0x02_00_00;
/** What a bus reads where no device answers. */
const NOBODY = 0xffff_ffff;
const DEFAULT_MAC: Uint8Array = Uint8Array.of(0x02, 0x53, 0x75, 0x6d, 0x61, 0x63);

export interface IxgbeOptions {
  readonly wire: Wire;
  /** 0x10fb: SFP+ (default) · 0x10fc: XAUI, whose drivers do not look for a module · 0x10f7: KX4. */
  readonly device?: 0x10fb | 0x10fc | 0x10f7;
  /** Station address, 6 bytes; default 02:53:75:6d:61:63. */
  readonly mac?: Uint8Array;
  /** Contents of the EEPROM in 16-bit words; default: made for `mac`, with the right checksum. */
  readonly eeprom?: Uint16Array;
  /** Left out: interrupts are not throttled, and a pause lasts until the other side ends it. */
  readonly clock?: Clock;
  /** More than one: each further CPU, up to three, can have four pairs of queues through an engine of its own; see queues/. Default 1. */
  readonly cpus?: number;
  /** `tick` is wanted at that time of the clock. May be called often, and for times that later turn out to be of no interest. */
  readonly onDeadline?: (atMicros: number) => void;
}

export class IxgbeModel extends DwordWindow implements PciModel, WireEnd {
  readonly identity: PciIdentity;
  readonly messageControl: MessageControl;
  /** Where every frame went, for the host. */
  readonly ledger: Ledger = new Ledger();
  /** Accesses that no driver should make: misaligned, narrower than 32 bits, outside the window. For the host's report. */
  accessErrors = 0;
  readonly #regs: Uint32Array;
  readonly #bus: Bus = new Bus();
  readonly #msix: MsixTable = new MsixTable(VECTORS);
  readonly #msixWindow: MsixWindow = new MsixWindow(this.#msix);
  readonly #statistics: Statistics;
  /** Where queues of the card are driven on other CPUs. */
  readonly #team: CardTeam | undefined;
  readonly #interrupts: Interrupts;
  readonly #control: Control;
  readonly #flowControl: FlowControl;
  readonly #director: FlowDirector;
  readonly #receiver: Receiver;
  readonly #transmitter: Transmitter;
  readonly #rings: RingRegisters;
  readonly #wire: Wire;
  readonly #clock: Clock | undefined;
  readonly #eeprom: Uint16Array;
  readonly #events: EventRegisters;
  readonly #onDeadline: (atMicros: number) => void;
  /** What a wire that loops would bring back is received at once; the access at work settles it with the rest. */
  readonly #send = (frame: Uint8Array, length: number): void => {
    if (this.#wire.loops === true) this.#receiver.receive(frame, length, false);
    else this.#wire.send(frame, length);
  };

  constructor(options: IxgbeOptions) {
    super();
    const { wire, device = 0x10fb, clock, onDeadline = () => {}, cpus = 1 } = options;
    this.#team = cpus > 1 ? new CardTeam(SharedCard.create(cpus, wire.loops === true), () => this.#attend()) : undefined;
    this.#regs = this.#team?.card.regs ?? new Uint32Array(WORDS);
    this.#statistics = new Statistics(this.#regs);
    this.#director = new FlowDirector(this.#regs);
    this.#wire = wire;
    this.#onDeadline = onDeadline;
    this.#clock = clock;
    this.#eeprom = options.eeprom ?? makeEeprom(options.mac ?? DEFAULT_MAC);
    this.identity = {
      vendor: INTEL,
      device,
      subsystemVendor: INTEL,
      subsystem: device,
      revision: REVISION,
      classCode: ETHERNET_CLASS,
      interruptPin: 1,
      bars: [
        { index: 0, kind: "memory64", bytes: WINDOW_BYTES },
        { index: MSIX_BAR, kind: "memory64", bytes: MSIX_WINDOW_BYTES },
      ],
      capabilities: [this.#msix.capability(MSIX_BAR, 0, PENDING_BITS)],
    };
    this.messageControl = this.#msix;
    const regs = this.#regs;
    const [bus, statistics, ledger, director] = [this.#bus, this.#statistics, this.ledger, this.#director];
    const messages = { raise: (vector: number) => this.#msix.signal(vector) };
    this.#interrupts = new Interrupts({ regs, messages, clock, deferred: onDeadline });
    const interrupts = this.#interrupts;
    this.#control = new Control({
      regs,
      eeprom: this.#eeprom,
      device,
      clock,
      carrier: () => wire.up,
      linkChanged: () => this.#linkChanged(),
      reset: () => this.#reset(),
    });
    this.#flowControl = new FlowControl({
      regs,
      statistics,
      clock,
      filter: () => this.#receiver.filter,
      send: (frame, length) => this.#transmitter.emitControl(frame, length),
      resumed: () => this.#transmitter.kickAll(),
      deferred: onDeadline,
    });
    const flowControl = this.#flowControl;
    this.#receiver = new Receiver({ regs, bus, statistics, interrupts, ledger, flowControl, director, elsewhere: this.#team });
    this.#transmitter = new Transmitter({
      regs,
      bus,
      statistics,
      interrupts,
      ledger,
      flowControl,
      linkUp: () => this.#control.linkUp,
      send: this.#send,
      loop: (frame, length) => this.#receiver.receive(frame, length, false),
    });
    const [receiver, transmitter, control] = [this.#receiver, this.#transmitter, this.#control];
    this.#rings = new RingRegisters(regs, receiver, transmitter);
    this.#events = new EventRegisters({ regs, bus, interrupts, control, flowControl, director, receiver, transmitter, rings: this.#rings });
  }

  /** For engines on other CPUs; undefined where there are none. */
  get sharedQueues(): SharedQueues | undefined {
    return this.#team;
  }

  /** `ledger` and `waiting` of all CPUs together. */
  get total(): { readonly ledger: Ledger; readonly waiting: number } {
    return this.#team?.total(this.ledger, this.waiting) ?? this;
  }

  /** Frames that wait in the packet buffers: `ledger.framesIn` = `ledger.accounted` + these, after each call. */
  get waiting(): number {
    return this.#receiver.waiting;
  }

  /** When `tick` should be called at the latest, by the clock; Infinity: not at all. 0: work is left over, as soon as possible. */
  get deadlineMicros(): number {
    if (this.#bus.dma === undefined) return Number.POSITIVE_INFINITY;
    if (this.#transmitter.isBehind && this.#transmitter.isOpen()) return 0;
    return Math.min(this.#interrupts.deadline, this.#flowControl.deadline);
  }

  /** A grant begins: the card is as after power-on, and its DMA goes through `dma` until `stop`. */
  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void {
    if (this.#bus.dma !== undefined) throw new Error("the network card is already granted: stop it first");
    this.#bus.dma = dma;
    this.#interrupts.connect(line);
    this.#msix.reset();
    this.#msix.connect(messages);
    this.#reset();
    this.#wire.attach(this);
  }

  /** The grant is gone: rings are let go, the pin is low, and nothing is touched from here on. Frames that waited are lost. */
  stop(): void {
    if (this.#bus.dma === undefined) return;
    this.#wire.attach(undefined);
    this.#team?.halt(this.ledger);
    this.#resetParts();
    this.#interrupts.connect(undefined);
    this.#msix.connect(undefined);
    this.#bus.dma = undefined;
    this.#regs.fill(0);
  }

  window(bar: number): Mmio | undefined {
    if (bar === 0) return this;
    return bar === MSIX_BAR ? this.#msixWindow : undefined;
  }

  // HOT: every frame from the wire.
  receive(frame: Uint8Array, length: number, damaged = false): void {
    this.#team?.refresh(this.#receiver);
    this.#receiver.receive(frame, length, damaged);
    // From a wire that brings back what this card is sending: the access that sends settles for all of its frames at once.
    if (!this.#transmitter.isRunning) this.#settle();
  }

  carrier(_up: boolean): void {
    if (this.#bus.dma === undefined) return;
    this.#control.carrierChanged();
    this.#settle();
  }

  /** Time has passed: does what is due. */
  tick(): void {
    if (this.#bus.dma === undefined) return;
    const now = this.#clock?.nowMicros();
    if (now !== undefined) this.#flowControl.tick(now);
    this.#settle();
  }

  // HOT: a driver may poll here.
  read32(offset: number): number {
    if (this.#bus.dma === undefined) return NOBODY;
    if (!isAligned(offset, 4, WINDOW_BYTES)) return this.badAccess();
    const word = COMPILED_MAP.target[offset >>> 2] ?? 0;
    switch (COMPILED_MAP.kind[word]) {
      case WORD.event: {
        const value = this.#events.read(word << 2);
        this.#settle();
        return value >>> 0;
      }
      case WORD.rc: {
        this.#team?.gather(this.#statistics, word, WORD.rc);
        const value = this.#regs[word] ?? 0;
        this.#regs[word] = 0;
        return value;
      }
      case WORD.low:
        this.#team?.gather(this.#statistics, word, WORD.low);
        return this.#regs[word] ?? 0;
      case WORD.high: {
        this.#team?.gather(this.#statistics, word, WORD.high);
        const value = this.#regs[word] ?? 0;
        this.#regs[word] = this.#regs[word - 1] = 0;
        return value;
      }
      default:
        return this.#regs[word] ?? 0;
    }
  }

  // HOT: the tails.
  write32(offset: number, value: number): void {
    if (this.#bus.dma === undefined) return;
    if (!isAligned(offset, 4, WINDOW_BYTES)) {
      this.badAccess();
      return;
    }
    const word = COMPILED_MAP.target[offset >>> 2] ?? 0;
    const kind = COMPILED_MAP.kind[word];
    const mask = COMPILED_MAP.mask[word] ?? 0;
    const team = this.#team;
    if (team?.reserves(word << 2) === true) {
      this.badAccess();
      return;
    }
    team?.refresh(this.#receiver);
    if (kind === WORD.plain) this.#regs[word] = ((this.#regs[word] ?? 0) & ~mask) | (value & mask);
    else if (kind === WORD.event) this.#events.write(word << 2, (value & mask) >>> 0);
    team?.written(word << 2);
    this.#settle();
  }

  /** What a register holds, without the effects of reading it: for dumps. */
  peek(offset: number): number {
    const word = COMPILED_MAP.target[(offset >>> 2) % WORDS] ?? 0;
    if (this.#rings.holds(word << 2)) return this.#rings.read(word << 2) >>> 0;
    return (this.#regs[word] ?? 0) >>> 0;
  }

  /** As after power-on, but for the grant and the wire. */
  #reset(): void {
    this.#team?.halt(this.ledger);
    this.#resetParts();
    this.#team?.go();
  }

  #resetParts(): void {
    this.#receiver.reset();
    this.#transmitter.reset();
    this.#director.reset();
    this.#flowControl.reset();
    this.#interrupts.reset();
    this.#bus.isMaster = true;
    this.#bus.refused = false;
    this.#regs.set(COMPILED_MAP.reset);
    this.#control.reset();
    const { low, high } = addressIn(this.#eeprom);
    this.#regs[REG.ral >>> 2] = low;
    this.#regs[(REG.ral + 4) >>> 2] = high | ADDRESS_VALID;
  }

  #attend(): void {
    if (this.#bus.dma !== undefined) this.#settle();
  }

  #linkChanged(): void {
    this.#interrupts.other(CAUSE.linkChange);
    if (this.#control.linkUp) this.#transmitter.kickAll();
  }

  // HOT: after every access and every frame.
  /** Does what has become possible, and tells the outside. */
  #settle(): void {
    this.#team?.drain(this.#receiver, this.#send);
    this.#transmitter.run();
    this.#receiver.settle();
    if (this.#bus.refused) {
      this.#bus.refused = false;
      this.#interrupts.other(CAUSE.pci);
    }
    this.#interrupts.settle();
    // A driver that sleeps until it is interrupted makes no further access that would do the rest.
    if (this.#transmitter.isBehind && this.#transmitter.isOpen()) this.#onDeadline(0);
    this.#team?.tell(this.#control.linkUp, this.#flowControl.isPaused);
  }

  protected override fits(offset: number, bytes: number): boolean {
    return isAligned(offset, bytes, WINDOW_BYTES);
  }

  protected override badAccess(): number {
    if (this.#bus.dma !== undefined) this.accessErrors++;
    return NOBODY;
  }
}
