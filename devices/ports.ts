/**
 * The narrow ports through which a device model meets the rest of the world: registers, DMA, interrupts, clock, storage.
 * Models implement `Mmio` and are given the others; the kernel implements `Dma` and `Interrupt`, `host/` the rest.
 * A model never reaches for a file, a timer or the shared memory in any other way, so it runs unchanged in a test.
 */

/**
 * A register window, driven by a driver domain. Offsets are bytes from the start of the window.
 * Any offset and value may arrive here: a model answers each with a defined outcome and never throws for it.
 * Registers are little-endian; values of up to 32 bits are unsigned numbers.
 */
export interface Mmio {
  read8(offset: number): number;
  read16(offset: number): number;
  read32(offset: number): number;
  read64(offset: number): bigint;
  write8(offset: number, value: number): void;
  write16(offset: number, value: number): void;
  write32(offset: number, value: number): void;
  write64(offset: number, value: bigint): void;
}

/**
 * Bus mastering, bounded by what the owner of the device's grant may touch. An address is a shared-heap offset in bytes.
 * `undefined` is the bus saying no: nothing was touched, and the model reports a DMA error as hardware would.
 * A view is good until the model returns to its caller; a model that keeps one over an await must have it pinned.
 * The bytes may change under the reader (another CPU, a careless driver): copy what is parsed, once, and parse the copy.
 */
export interface Dma {
  /** Memory → device: the range lies in one object that the grant's owner may read (owned or borrowed). */
  readable(address: number, bytes: number): Uint8Array | undefined;
  /** Device → memory: the range lies in one object that the grant's owner owns and has lent to nobody. */
  writable(address: number, bytes: number): Uint8Array | undefined;
  /**
   * For work that outlives the access that asked for it: the object stays where it is, whoever dies, until `unpin`.
   * `false`: no object that the grant's owner may read holds the whole range, and nothing was pinned.
   * A pin is no right: the model asks `readable` or `writable` again when it moves the data.
   */
  pin(address: number, bytes: number): boolean;
  /** Ends one `pin` of the same address. */
  unpin(address: number): void;
}

/** A level-triggered interrupt wire, as a PCI pin. Setting it to the level it has changes nothing. */
export interface InterruptLine {
  set(asserted: boolean): void;
}

/** A function's configuration space, offsets in bytes. Accesses that are misaligned or outside it read as all ones and write nothing. */
export interface PciConfiguration {
  read8(offset: number): number;
  read16(offset: number): number;
  read32(offset: number): number;
  write8(offset: number, value: number): void;
  write16(offset: number, value: number): void;
  write32(offset: number, value: number): void;
}

/** One base address register and what is behind it. */
export interface PciBar {
  /** 0..5; a 64-bit one takes the next index too. */
  readonly index: number;
  readonly kind: "memory32" | "memory64";
  /** A power of two, at least 16. */
  readonly bytes: number;
  readonly prefetchable?: boolean;
}

/** One entry of a function's capability list. */
export interface PciCapability {
  readonly id: number;
  /** What follows the id and the link to the next one. */
  readonly body: readonly number[];
  /** Which bits of the body can be written, byte by byte; none beyond its end. */
  readonly writable?: readonly number[];
}

/** What a function says of itself in its configuration space. */
export interface PciIdentity {
  readonly vendor: number;
  readonly device: number;
  readonly subsystemVendor?: number;
  readonly subsystem?: number;
  readonly revision?: number;
  /** Base class, subclass and programming interface, 8 bits each: 0x010802 is an NVMe controller. */
  readonly classCode: number;
  /** 1..4 = INTA..INTD; 0 = none. */
  readonly interruptPin?: number;
  readonly bars: readonly PciBar[];
  readonly capabilities?: readonly PciCapability[];
}

/** A model that sits on a PCI bus: one function. */
export interface PciModel {
  readonly identity: PciIdentity;
  /** Present in a model with an MSI-X capability: the function tells it what the capability's control word says. */
  readonly messageControl?: MessageControl;
  /** Where queues of the function can be driven on other CPUs. */
  readonly sharedQueues?: SharedQueues | undefined;
  /** The window behind a base address register; offsets from its start. */
  window(bar: number): Mmio | undefined;
  /** A grant begins: as after power-on. DMA goes through `dma`, the pin through `line`, messages through `messages`, until `stop`. */
  start(dma: Dma, line?: InterruptLine, messages?: Interrupt): void;
  /** Everything in flight is cancelled; from here on the model touches neither memory nor medium nor line. */
  stop(): void;
}

/** Queues of one function that are driven on several CPUs, as one of these CPUs sees them. */
export interface SharedQueues {
  /** What an engine on another CPU attaches to. */
  readonly share: SharedArrayBuffer;
  /** Set by the host: has a CPU, this one among them, look at what was left for it, soon. */
  ring: (cpu: number) => void;
  /** Whether another CPU has left something for this one, or lets it go on with what it could not do. */
  readonly hasArrivals: boolean;
  /** When something is due here that no other CPU calls for, in microseconds of the clock that was given; Infinity: never. */
  readonly deadlineMicros: number;
  /** Looks at it, between two accesses. */
  attend(): void;
}

/** Message-signalled interrupts; a spurious one is harmless. */
export interface Interrupt {
  raise(vector: number): void;
}

/** The control word of an MSI-X capability, as its function reads it after each write to configuration space. */
export interface MessageControl {
  /** `masked`: no message of any vector goes out, those that are due stay pending. */
  configure(enabled: boolean, masked: boolean): void;
}

/** Monotonic time since an arbitrary start. */
export interface Clock {
  nowMicros(): number;
}

/**
 * Where a disk keeps its blocks. Block numbers have been checked against `blocks` by the model.
 * Each call either does all of its work or throws; the model turns a throw into a media error.
 */
export interface BlockStore {
  readonly blockBytes: number;
  readonly blocks: number;
  /** Fills `into`, a whole number of blocks, from block `lba` on. */
  read(lba: number, into: Uint8Array): void;
  write(lba: number, from: Uint8Array): void;
  /** Returns when everything written before is as safe as the store's own life cycle makes it: on stable storage, at best. */
  flush(): void;
  /** A write that is as safe as after a flush, without flushing others. Without this method: `write`, then `flush`. */
  writeThrough?(lba: number, from: Uint8Array): void;
  /** Makes blocks zero more cheaply than `write` would. */
  zero?(lba: number, blocks: number): void;
  /** Gives the space of blocks back; they read as zeros afterwards. `false`: not possible for these, and nothing has changed. */
  punch?(lba: number, blocks: number): boolean;
  /** The power is gone: what was not flushed may be lost, and is where a store models that. */
  cutPower?(): void;
}

/** A store that can also work while its caller goes on. */
export interface AsyncBlockStore extends BlockStore {
  /**
   * Begins one operation on `bytes`, which nobody else touches until `done`; a flush has none of them. `alone` does nothing, and its
   * `done` runs while nothing else does, so that the synchronous methods may be used in it. `done` comes later, never from
   * inside, with what went wrong if something did. Of two operations on the same blocks, one a write, the first begun is the first done.
   */
  begin(kind: "read" | "write" | "flush" | "alone", lba: number, bytes: Uint8Array, done: (error?: unknown) => void): void;
  /** Drops what waits for its turn, without a `done`. What runs already ends by itself, before anything on the same blocks begins. */
  abandon(): void;
}
