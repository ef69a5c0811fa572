/**
 * `sumac:net/net@0.1.0`: its types and the calls to it.
 * Generated from the WIT by `sumac build`; change that, not this.
 */
import * as glue from "sumac/glue";
import * as guard from "sumac/guard";
import { Outcome } from "sumac/outcome";
import { Batch } from "./types";

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

@external("sumac:net/net@0.1.0", "identify")
declare function core_identify(): void;
@external("sumac:net/net@0.1.0", "link")
declare function core_link(): void;
@external("sumac:net/net@0.1.0", "statistics")
declare function core_statistics(): void;
@external("sumac:net/net@0.1.0", "send")
declare function core_send(w0: i32, w1: i32): i32;
@external("sumac:net/net@0.1.0", "receive")
declare function core_receive(w0: i32, w1: i32): i32;
@external("sumac:net/net@0.1.0", "reclaim")
declare function core_reclaim(w0: i32, w1: i32): i32;
@external("sumac:net/net@0.1.0", "wait")
declare function core_wait(w0: i32, w1: i32): i32;
@external("sumac:net/net@0.1.0", "await-link")
declare function core_awaitLink(w0: i32): void;
@external("sumac:net/net@0.1.0", "[alive]")
declare function core_alive_(): i32;

/** Calls to whoever serves `sumac:net/net@0.1.0`. */
export namespace net {
  /** Whether the domain behind it lives, for the price of a look. */
  export function isAlive(): bool {
    return core_alive_() != 0;
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function identify(): Identity {
    core_identify();
    if (guard.status(0) != 0) return Identity.of(<u64>0, <u32>0, <u32>0, <u32>0);
    return Identity.of(glue.word64(0), guard.result(2), guard.result(3), guard.result(4));
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function link(): Carrier {
    core_link();
    if (guard.status(0) != 0) return Carrier.of(false, <u32>0);
    return Carrier.of(guard.result(0) != 0, guard.result(1));
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function statistics(): Counters {
    core_statistics();
    if (guard.status(0) != 0) return Counters.of(<u64>0, <u64>0, <u64>0, <u64>0, <u64>0, <u64>0, <u64>0);
    return Counters.of(glue.word64(0), glue.word64(2), glue.word64(4), glue.word64(6), glue.word64(8), glue.word64(10), glue.word64(12));
  }

  /** Moves `packets` to the callee. */
  export function send(queue: u32, packets: Batch): Outcome<Batch> {
    return Outcome.unpack<Batch>(core_send(<i32>queue, glue.baseOf(packets)));
  }

  /** Moves `buffers` to the callee. */
  export function receive(queue: u32, buffers: Batch): Outcome<Batch> {
    return Outcome.unpack<Batch>(core_receive(<i32>queue, glue.baseOf(buffers)));
  }

  /** Moves `into` to the callee. */
  export function reclaim(queue: u32, into: Batch): Outcome<Batch> {
    return Outcome.unpack<Batch>(core_reclaim(<i32>queue, glue.baseOf(into)));
  }

  export function wait(queue: u32, wanted: News): Outcome<News> {
    const packed_ = core_wait(<i32>queue, <i32>wanted);
    if (<u32>packed_ < 64) return Outcome.unpack<News>(packed_);
    return Outcome.ok<News>(<News>guard.result(0));
  }

  /** Zero when the call fails: see `lastStatus`. */
  export function awaitLink(up: bool): Carrier {
    core_awaitLink(<i32>up);
    if (guard.status(0) != 0) return Carrier.of(false, <u32>0);
    return Carrier.of(guard.result(0) != 0, guard.result(1));
  }
}
