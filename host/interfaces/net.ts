// Generated from interfaces/net.wit by `sumac bindgen`; change that, not this.
/** `sumac:net@0.1.0`: its interfaces as `Sumac.export` gives them to the host. */
import type { Called, HostCall, HostResult } from "sumac-kernel";

/**
 * What became of a packet, as whoever hands it on says.
 *
 * - `empty`: A buffer without a frame.
 * - `unsent`: The frame in it is to be sent, or was not: there was no room for it.
 * - `sent`: The frame is on the wire; the buffer may be used again.
 * - `received`: It holds a frame that came from the wire.
 * - `lost`: It stands for a packet that died with its driver: a new buffer, all zero.
 * - `refused`: The frame was not sent and never will be: too long, too short, or not what its marks say.
 */
export type Fate = "empty" | "unsent" | "sent" | "received" | "lost" | "refused";

export interface Marks {
  /** Received: the checksum of the IPv4 header was looked at, and was right. */
  readonly ipGood?: boolean;
  /** Received: it was wrong. */
  readonly ipBad?: boolean;
  /** Received: the checksum of TCP or UDP was looked at, and was right. */
  readonly l4Good?: boolean;
  /** Received: it was wrong. */
  readonly l4Bad?: boolean;
  /** `vlan` holds a tag that was taken out of the frame, or is to be put into it. */
  readonly tagged?: boolean;
  /** To send: the device fills in the checksum of the IPv4 header. */
  readonly insertIp?: boolean;
  /** To send: the device fills in the checksum of TCP or UDP, over IPv4 or IPv6. */
  readonly insertL4?: boolean;
  /**
   * The frame goes on in the next packet. A frame to send is in one batch, with all headers in its first packet, which says what there
   * is to say of it; of a received one its last packet does.
   */
  readonly more?: boolean;
}

/**
 * One Ethernet frame, from the destination address to the end of the payload, without its CRC, or a part of a longer one.
 *
 * An object on the shared heap, as `readObject` reads it: 2064 bytes, type id 3078096674. Functions take and return its base.
 */
export interface Packet {
  /** The frame, or its part, is the first `size` bytes. */
  readonly data: Uint8Array;
  readonly size: number;
  /** Received: Toeplitz hash of addresses and ports, 0 where the device made none. */
  readonly hash: number;
  readonly vlan: number;
  /** The queue that it came in by. */
  readonly queue: number;
  readonly fate: Fate | number;
  readonly marks: number;
  /** To send, with `insert-l4`: the device cuts the TCP packet into frames with so many bytes of payload at the most; 0: it does not. */
  readonly segment: number;
}

/**
 * Up to 32 packets.
 *
 * An object on the shared heap, as `readObject` reads it: 136 bytes, type id 3427781992. Functions take and return its base.
 */
export interface Batch {
  readonly packets: readonly number[];
}

/**
 * - `no-queue`: There is no such queue; the packets are gone.
 * - `unavailable`: Nobody serves the interface now, and it did not come back in time; the packets are gone.
 */
export type NetError = "no-queue" | "unavailable";

export interface Identity {
  /** The station address, its first byte in bits 7:0. */
  readonly address: bigint;
  readonly queues: number;
  /** Packets that a queue holds in each direction. */
  readonly depth: number;
  /** The longest frame, in as many packets as it takes. A packet that is cut may be longer, by as much as a batch holds. */
  readonly mostBytes: number;
}

export interface Carrier {
  readonly up: boolean;
  /** Megabits a second. */
  readonly speed: number;
}

/** What a queue has for its user. */
export interface News {
  /** `receive` has something to give: frames, or buffers that were lost. */
  readonly received?: boolean;
  /** An empty `send` has packets to give. */
  readonly sent?: boolean;
}

export interface Counters {
  /** Frames and bytes that came in and went out. */
  readonly received: bigint;
  readonly receivedBytes: bigint;
  readonly sent: bigint;
  readonly sentBytes: bigint;
  /** Frames that came and found no buffer. */
  readonly missed: bigint;
  /** Frames that came damaged. */
  readonly damaged: bigint;
  /** Packets that died with a driver. Each comes back once, as a new one whose fate is `lost`. */
  readonly lost: bigint;
}

/**
 * A network interface with one or more pairs of queues. No packet gets lost in it unseen: what goes in comes out again.
 * Only `wait` and `await-link` wait, and only where the interface has interrupts; everything else answers at once.
 *
 * What `Sumac.export` gives for `sumac:net/net@0.1.0`.
 */
export interface Net {
  /**
   * `@idempotent`.
   * @returns `identity`
   */
  readonly identify: HostCall<() => Called<Identity>>;

  /**
   * `@idempotent`.
   * @returns `carrier`
   */
  readonly link: HostCall<() => Called<Carrier>>;

  /**
   * Since the interface was first started, as far as whoever answers remembers.
   *
   * `@idempotent`.
   * @returns `counters`
   */
  readonly statistics: HostCall<() => Called<Counters>>;

  /**
   * Hands `packets` over for sending, in order, and returns at once with packets that are the caller's again: first those for which
   * there was no room (`unsent`) or that cannot be sent (`refused`), then earlier ones, `sent` or `lost`. An empty batch collects only.
   * @param queue `u32`.
   * @param packets base of an object `batch` that the host owns; it moves to the domain.
   * @returns `result<batch, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly send: HostCall<(queue: number, packets: number) => Called<HostResult<number, NetError>>>;

  /**
   * Hands over `buffers` to be filled, whatever they hold, and returns at once: with frames that came (`received`), then buffers that
   * were `lost`, then those for which there was no room (`empty`).
   * @param queue `u32`.
   * @param buffers base of an object `batch` that the host owns; it moves to the domain.
   * @returns `result<batch, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly receive: HostCall<(queue: number, buffers: number) => Called<HostResult<number, NetError>>>;

  /**
   * Takes back buffers that wait for frames, as many as `into` has room for, and frames that are there; until the next `receive` the
   * queue takes no frame. When nothing comes back, the queue holds nothing.
   * @param queue `u32`.
   * @param into base of an object `batch` that the host owns; it moves to the domain.
   * @returns `result<batch, error>`; the value is the object's base, and the host owns the object: it must free it
   */
  readonly reclaim: HostCall<(queue: number, into: number) => Called<HostResult<number, NetError>>>;

  /**
   * Has the calling thread wait, where it is at home, until the queue has news of a kind that is `wanted`, and says what news it has. With
   * nothing it answers at once: where nothing can come, since the queue has no buffers or nothing to send, and without interrupts. Then ask
   * `receive` and `send` themselves. Several threads may wait for one queue; all of them are woken.
   *
   * `@idempotent`.
   * @param queue `u32`.
   * @param wanted `news` of `net`.
   * @returns `result<news, error>`
   */
  readonly wait: HostCall<(queue: number, wanted: News) => Called<HostResult<News, NetError>>>;

  /**
   * Has the calling thread wait until the link is up, or down; without interrupts it answers at once with what the link is.
   *
   * `@idempotent`.
   * @param up `bool`.
   * @returns `carrier`
   */
  readonly awaitLink: HostCall<(up: boolean) => Called<Carrier>>;
}

/**
 * A network interface with one or more pairs of queues. No packet gets lost in it unseen: what goes in comes out again.
 * Only `wait` and `await-link` wait, and only where the interface has interrupts; everything else answers at once.
 *
 * What an application implements as `sumac:net/net@0.1.0`.
 */
export interface NetImplementation {
  /**
   * `@idempotent`.
   * @returns `identity`
   */
  readonly identify: () => Identity;

  /**
   * `@idempotent`.
   * @returns `carrier`
   */
  readonly link: () => Carrier;

  /**
   * Since the interface was first started, as far as whoever answers remembers.
   *
   * `@idempotent`.
   * @returns `counters`
   */
  readonly statistics: () => Counters;

  /**
   * Hands `packets` over for sending, in order, and returns at once with packets that are the caller's again: first those for which
   * there was no room (`unsent`) or that cannot be sent (`refused`), then earlier ones, `sent` or `lost`. An empty batch collects only.
   * @param queue `u32`.
   * @param packets base of an object `batch`, which is the host's from now on: it must free it.
   * @returns `result<batch, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly send: (queue: number, packets: number) => HostResult<number, NetError>;

  /**
   * Hands over `buffers` to be filled, whatever they hold, and returns at once: with frames that came (`received`), then buffers that
   * were `lost`, then those for which there was no room (`empty`).
   * @param queue `u32`.
   * @param buffers base of an object `batch`, which is the host's from now on: it must free it.
   * @returns `result<batch, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly receive: (queue: number, buffers: number) => HostResult<number, NetError>;

  /**
   * Takes back buffers that wait for frames, as many as `into` has room for, and frames that are there; until the next `receive` the
   * queue takes no frame. When nothing comes back, the queue holds nothing.
   * @param queue `u32`.
   * @param into base of an object `batch`, which is the host's from now on: it must free it.
   * @returns `result<batch, error>`; the value is the base of an object of the host, which moves to the domain
   */
  readonly reclaim: (queue: number, into: number) => HostResult<number, NetError>;

  /**
   * Has the calling thread wait, where it is at home, until the queue has news of a kind that is `wanted`, and says what news it has. With
   * nothing it answers at once: where nothing can come, since the queue has no buffers or nothing to send, and without interrupts. Then ask
   * `receive` and `send` themselves. Several threads may wait for one queue; all of them are woken.
   *
   * `@idempotent`.
   * @param queue `u32`.
   * @param wanted `news` of `net`.
   * @returns `result<news, error>`
   */
  readonly wait: (queue: number, wanted: News) => HostResult<News, NetError>;

  /**
   * Has the calling thread wait until the link is up, or down; without interrupts it answers at once with what the link is.
   *
   * `@idempotent`.
   * @param up `bool`.
   * @returns `carrier`
   */
  readonly awaitLink: (up: boolean) => Carrier;
}
