/**
 * `sumac:net/net`, forwarded: when the driver dies, it is started again and the request goes on with what there is. Frames may be lost on
 * any network; packets may not, so each that died is counted and comes back as a new one.
 * Called through the kernel by the interface's users. Errors of the driver are passed on as they are.
 */
import { calleeDied, calleeWaits, objectsAreBack } from "sumac/fate";
import { relay } from "sumac/kernel";
import { Outcome } from "sumac/outcome";
import { lastStatus, Status } from "sumac/rpc";
import { entered, isOwed, left, lost, MOST_QUEUES, settle, Way, writeOff } from "./accounts";
import { Carrier, Counters, net as driver, Identity, NetError, News } from "./gen/net";
import { supervisor } from "./gen/supervisor";
import { Batch } from "./gen/types";

/** Tries per request; a driver that dies every time is broken, and somebody must be told. */
const MOST_ATTEMPTS: i32 = 8;

/** An identity has no room for an error: nobody there is an interface without queues. */
export function identify(): Identity {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const identity = driver.identify();
    if (lastStatus() == Status.OK) return identity;
    if (!revived()) break;
  }
  return Identity.of(0, 0, 0, 0);
}

export function link(): Carrier {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const carrier = driver.link();
    if (lastStatus() == Status.OK) return carrier;
    if (!revived()) break;
  }
  return Carrier.of(false, 0);
}

export function statistics(): Counters {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const now = driver.statistics();
    if (lastStatus() == Status.OK) {
      return Counters.of(now.received, now.receivedBytes, now.sent, now.sentBytes, now.missed, now.damaged, lost + now.lost);
    }
    if (!revived()) break;
  }
  return Counters.of(0, 0, 0, 0, 0, 0, lost);
}

export function send(queue: u32, packets: Batch): Outcome<Batch> {
  return exchange(Request.SEND, queue, Way.SEND, packets);
}

export function receive(queue: u32, buffers: Batch): Outcome<Batch> {
  return exchange(Request.RECEIVE, queue, Way.RECEIVE, buffers);
}

export function reclaim(queue: u32, into: Batch): Outcome<Batch> {
  return exchange(Request.RECLAIM, queue, Way.RECEIVE, into);
}

/** Packets that died are news at once: they come back with the next request. */
export function wait(queue: u32, wanted: News): Outcome<News> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const owed = owedOn(queue);
    if ((owed & wanted) != 0) return Outcome.ok<News>(<News>owed);
    const outcome = driver.wait(queue, wanted);
    if (!outcome.died || waits()) return outcome;
    if (!revived()) break;
  }
  return Outcome.error<News>(NetError.unavailable);
}

export function awaitLink(up: bool): Carrier {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const carrier = driver.awaitLink(up);
    if (lastStatus() == Status.OK || waits()) return carrier;
    if (!revived()) break;
  }
  return Carrier.of(false, 0);
}

function owedOn(queue: u32): u32 {
  if (queue >= MOST_QUEUES) return 0;
  const received: u32 = isOwed(2 * queue + Way.RECEIVE) ? News.received : 0;
  return received | (isOwed(2 * queue + Way.SEND) ? News.sent : 0);
}

/** Whether the driver lets its callers wait: then this call ends here, and its thread makes it again. */
function waits(): bool {
  if (!calleeWaits()) return false;
  relay();
  return true;
}

namespace Request {
  export const SEND: u32 = 0;
  export const RECEIVE: u32 = 1;
  export const RECLAIM: u32 = 2;
}

/** HOT: a batch goes to the driver and another one comes back; a batch that died with the driver is replaced by an empty one. */
function exchange(request: u32, queue: u32, way: u32, batch: Batch): Outcome<Batch> {
  if (queue >= MOST_QUEUES) return called(request, queue, batch);
  const account = 2 * queue + way;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const count = batch.length;
    const outcome = called(request, queue, batch);
    if (outcome.isOk) return answered(account, count, outcome);
    if (!outcome.died) return outcome;
    const isLost = !objectsAreBack();
    if (isLost) entered(account, count);
    if (!revived()) {
      if (!isLost) batch.drop();
      return Outcome.error<Batch>(NetError.unavailable);
    }
    if (isLost) batch = Batch.create();
  }
  batch.drop();
  return Outcome.error<Batch>(NetError.unavailable);
}

function called(request: u32, queue: u32, batch: Batch): Outcome<Batch> {
  if (request == Request.SEND) return driver.send(queue, batch);
  return request == Request.RECEIVE ? driver.receive(queue, batch) : driver.reclaim(queue, batch);
}

/** HOT: `count` packets went in, and these came out. */
function answered(account: u32, count: u32, outcome: Outcome<Batch>): Outcome<Batch> {
  const batch = outcome.value;
  entered(account, count);
  left(account, batch.length);
  settle(account, batch);
  return outcome;
}

/** After a call without an answer: false if the driver lives and the call failed for another reason. */
function revived(): bool {
  if (!calleeDied()) return false;
  writeOff();
  supervisor.restart();
  return true;
}
