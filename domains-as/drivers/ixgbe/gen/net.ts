/**
 * `sumac:net/net@0.1.0`: its types.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";

/** One of these. */
export const enum NetError {
  noQueue = 0,
  unavailable = 1,
}

/** Any of these, joined with `|`. */
export const enum News {
  received = 1,
  sent = 2,
}

/** A record. There is one place for it: read it before the next call that returns one. */
@unmanaged
@final
export class Identity {
  address: u64;
  queues: u32;
  depth: u32;
  mostBytes: u32;

  static of(address: u64, queues: u32, depth: u32, mostBytes: u32): Identity {
    const one_ = glue.recordPlace<Identity>();
    one_.address = address;
    one_.queues = queues;
    one_.depth = depth;
    one_.mostBytes = mostBytes;
    return one_;
  }
}

/** A record. There is one place for it: read it before the next call that returns one. */
@unmanaged
@final
export class Carrier {
  up: bool;
  speed: u32;

  static of(up: bool, speed: u32): Carrier {
    const one_ = glue.recordPlace<Carrier>();
    one_.up = up;
    one_.speed = speed;
    return one_;
  }
}

/** A record. There is one place for it: read it before the next call that returns one. */
@unmanaged
@final
export class Counters {
  received: u64;
  receivedBytes: u64;
  sent: u64;
  sentBytes: u64;
  missed: u64;
  damaged: u64;
  lost: u64;

  static of(received: u64, receivedBytes: u64, sent: u64, sentBytes: u64, missed: u64, damaged: u64, lost: u64): Counters {
    const one_ = glue.recordPlace<Counters>();
    one_.received = received;
    one_.receivedBytes = receivedBytes;
    one_.sent = sent;
    one_.sentBytes = sentBytes;
    one_.missed = missed;
    one_.damaged = damaged;
    one_.lost = lost;
    return one_;
  }
}
