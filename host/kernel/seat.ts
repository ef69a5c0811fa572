/**
 * The place in a system that one generation of a domain after the other occupies.
 * Holds who sits there now, and how the changes of generation went.
 */

import type { Link } from "./calls/link.ts";
import { ProxyCode } from "./calls/proxy-code.ts";
import { UsedTime } from "./cpu-time.ts";
import type { Domain, DomainSpec } from "./domain.ts";
import { Waiting } from "./handles/handles.ts";
import type { Snapshot } from "./life/snapshot.ts";
import { type SeatUsage, UNUSED } from "./usage.ts";

export class Seat {
  readonly spec: DomainSpec;
  /** By which other CPUs know it; 0 where there are none. */
  number = 0;
  /** The same on each CPU, by its number, where it is one of several. */
  replicas: readonly Seat[] | undefined = undefined;
  current: Domain | undefined = undefined;
  generations = 0;
  /** What the next generation starts from, once one has started by itself. */
  snapshot: Snapshot | undefined = undefined;
  /** Somebody holds the capability to start the next generation. */
  isSupervised = false;
  /** Restarts since a call was last answered, and when the last of them began (ms, monotonic): what the next one waits for. */
  fruitless = 0;
  restartedAtMs = 0;
  /** Times of deaths (ms, monotonic) since a call was last answered: what the next answered call recovers from. */
  readonly unrecovered: number[] = [];
  /** Links of living domains whose grant says that they follow: each next generation is bound to them. */
  readonly followers: Set<Link> = new Set();
  /** The highest rank of a generation so far: links that follow leave stack for any of them. */
  rank = 0;
  /** Has no place in the system any more: nobody starts a further generation. */
  isRemoved = false;
  /** Destructors that wait because of handles that a generation held. */
  readonly waiting: Waiting;
  /** CPU time of dead generations that counts in a window of the next. */
  readonly usedTime: UsedTime;
  readonly code: ProxyCode;
  /** Calls and CPU time of all generations, for those who look on. */
  usage: SeatUsage = UNUSED;

  constructor(spec: DomainSpec, waiting: Waiting = new Waiting(), code: ProxyCode = new ProxyCode(), usedTime: UsedTime = new UsedTime()) {
    this.spec = spec;
    this.waiting = waiting;
    this.code = code;
    this.usedTime = usedTime;
  }
}
