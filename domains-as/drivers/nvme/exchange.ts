/**
 * Batches of requests: sent with one doorbell, taken as they end, in any order. Called by nvme.ts and, for what ends while a synchronous
 * request waits, by transfer.ts.
 *
 * A request that is performed within the call never leaves its batch. One that is still in flight when the call returns is taken out and
 * stays with the driver, in `Lane.ended` once it has ended, until a later batch of its queue has room.
 */
import { objectAt } from "sumac/glue";
import { Channel, SLOTS } from "./channel";
import { Command } from "./command";
import * as commands from "./commands";
import { Opcode } from "./commands";
import { ioChannel, ioQueues, mostBytes } from "./controller";
import { Batch, Operation, Request, State } from "./gen/nvme-types";
import { namespaceOf } from "./namespaces";
import * as patience from "./patience";
import { pointToData } from "./prp";
import { isSuccess } from "./status";

/** In a batch. */
const MOST_REQUESTS: u32 = 32;

/** What the driver keeps for the clients of one queue. */
@final
class Lane {
  /** Requests (their bases) that have ended and wait for a batch. */
  readonly ended: StaticArray<u32> = new StaticArray<u32>(SLOTS + MOST_REQUESTS);
  endedCount: u32 = 0;
  /** Requests of earlier calls that are in flight. */
  away: u32 = 0;
  /** Counts exchanges. */
  call: u32 = 0;
}

/** Requests (their bases) that the present exchange has sent or refused. */
const handled: StaticArray<u32> = new StaticArray<u32>(MOST_REQUESTS);
const lanes: StaticArray<Lane | null> = new StaticArray<Lane | null>(SLOTS);

function laneOf(queue: u32): Lane {
  const place = queue % ioQueues;
  const lane = lanes[place];
  if (lane !== null) return lane;
  const fresh = new Lane();
  lanes[place] = fresh;
  return fresh;
}

/** HOT: see the interface. */
export function exchange(queue: u32, requests: Batch, atLeast: u32): Batch {
  const channel = ioChannel(queue);
  const lane = laneOf(queue);
  lane.call += 1;
  /** Of this call: what has ended, and what is in flight. */
  let done: u32 = 0;
  let here: u32 = 0;
  let handledCount: u32 = 0;
  let isGivenUp = false;
  const length = requests.length;
  for (let place: u32 = 0; place < length; place++) {
    const request = requests.at(place);
    if (request === null || request.state != State.fresh) continue;
    // Whatever is in flight must find a place in `ended`.
    if (!channel.hasRoom || lane.away + here + lane.endedCount >= SLOTS) break;
    const command = prepare(channel, request);
    handled[handledCount++] = request.base;
    if (command === null) {
      request.state = State.refused;
      done += 1;
      continue;
    }
    // A slot that names the same request again is passed over: it is not fresh any more.
    request.state = State.inFlight;
    command.requestBase = request.base;
    command.call = lane.call;
    channel.send(command);
    here += 1;
  }
  channel.ring();
  while (true) {
    let command = channel.reap();
    if (command === null) {
      if (here + lane.away == 0 || done + lane.endedCount >= atLeast) break;
      isGivenUp = patience.HAS_INTERRUPTS;
      if (isGivenUp) break;
      command = channel.next();
    }
    if (command.call == lane.call) {
      finish(channel, command);
      here -= 1;
      done += 1;
    } else {
      setAside(queue, command);
    }
  }
  channel.ring();
  if (isGivenUp) {
    // The call is made again with what is left of the batch: what has ended is counted then, with the rest.
    keep(channel, lane, requests, handledCount);
    lane.away += here;
    // The last thing: who has given up can only return.
    patience.giveUp(queue, atLeast);
    return requests;
  }
  if (here != 0) takeAway(channel, lane, requests, here);
  patience.served(queue, lane.away);
  while (lane.endedCount != 0 && requests.pushBack(objectAt<Request>(lane.ended[lane.endedCount - 1]))) lane.endedCount -= 1;
  return requests;
}

/** Sends all that a lent batch holds, and waits for it. 0 = stored, else one of `Store`. */
export function store(queue: u32, requests: Batch): i32 {
  const channel = ioChannel(queue);
  const length = requests.length;
  for (let place: u32 = 0; place < length; place++) {
    const request = requests.at(place);
    if (request !== null && !isStorable(request)) return Store.REFUSED;
  }
  let failed = false;
  let inFlight: u32 = 0;
  let place: u32 = 0;
  while (true) {
    const isDone = place == length || failed;
    if (!isDone && channel.hasRoom) {
      const request = requests.at(place++);
      if (request === null) continue;
      const command = prepare(channel, request);
      if (command === null) continue;
      channel.send(command);
      inFlight += 1;
    } else if (inFlight != 0 || !isDone) {
      const command = channel.next();
      if (command.requestBase != 0) {
        setAside(queue, command);
        continue;
      }
      if (!isSuccess(command.status)) failed = true;
      channel.release(command);
      inFlight -= 1;
    } else {
      channel.ring();
      return failed ? Store.FAILED : Store.STORED;
    }
  }
}

export namespace Store {
  export const STORED: i32 = 0;
  export const REFUSED: i32 = 1;
  export const FAILED: i32 = 2;
}

/** A command of an earlier exchange has ended: its request waits for a batch. */
export function setAside(queue: u32, command: Command): void {
  const lane = laneOf(queue);
  lane.ended[lane.endedCount++] = command.requestBase;
  lane.away -= 1;
  finish(ioChannel(queue), command);
  patience.ended(queue, lane.endedCount, lane.away);
}

/** Takes what has ended without a call that waits for it. */
export function collect(queue: u32): void {
  const channel = ioChannel(queue);
  for (let command = channel.reap(); command !== null; command = channel.reap()) setAside(queue, command);
  channel.ring();
}

/** HOT: a command for a request, or null if that cannot be sent. There must be room. */
function prepare(channel: Channel, request: Request): Command | null {
  const operation = request.operation;
  const nsid = request.nsid;
  const namespace_ = namespaceOf(nsid);
  if (namespace_ === null) return null;
  if (operation == Operation.flush) {
    const command = channel.take();
    commands.flush(command, nsid);
    return command;
  }
  const blocks = request.blocks;
  if (blocks == 0 || blocks > mostBytes >> namespace_.sectorShift) return null;
  if (operation == Operation.writeZeroes) {
    const command = channel.take();
    commands.transfer(command, Opcode.WRITE_ZEROES, nsid, request.lba, blocks);
    return command;
  }
  if (operation != Operation.read && operation != Operation.write) return null;
  const bytes = blocks << namespace_.sectorShift;
  const data = request.data;
  if (data === null || data.length < bytes) return null;
  const command = channel.take();
  commands.transfer(command, operation == Operation.read ? Opcode.READ : Opcode.WRITE, nsid, request.lba, blocks);
  pointToData(command, data.base, bytes);
  return command;
}

function isStorable(request: Request): bool {
  const operation = request.operation;
  const namespace_ = namespaceOf(request.nsid);
  if (namespace_ === null || request.blocks == 0 || request.blocks > mostBytes >> namespace_.sectorShift) return false;
  if (operation == Operation.writeZeroes) return true;
  const data = request.data;
  return operation == Operation.write && data !== null && data.length >= request.blocks << namespace_.sectorShift;
}

/** HOT: writes into a request how its command has ended. */
function finish(channel: Channel, command: Command): void {
  const request = objectAt<Request>(command.requestBase);
  request.status = <u16>command.status;
  request.state = isSuccess(command.status) ? State.done : State.failed;
  channel.release(command);
}

/** Takes all that an exchange has sent or refused out of its batch: what is in flight, and what has ended and waits for a batch. */
function keep(channel: Channel, lane: Lane, requests: Batch, handledCount: u32): void {
  for (let left = requests.length; left > 0; left--) {
    const request = requests.popFront();
    if (request === null) break;
    const base = request.base;
    if (!wasHandled(base, handledCount)) requests.pushBack(request);
    else if (!channel.holds(base, lane.call)) lane.ended[lane.endedCount++] = base;
  }
}

function wasHandled(base: u32, count: u32): bool {
  for (let i: u32 = 0; i < count; i++) if (handled[i] == base) return true;
  return false;
}

/** Takes the requests that are in flight out of their batch; the others stay in their order. */
function takeAway(channel: Channel, lane: Lane, requests: Batch, here: u32): void {
  for (let left = requests.length; left > 0; left--) {
    const request = requests.popFront();
    if (request === null) break;
    if (!channel.holds(request.base, lane.call)) requests.pushBack(request);
  }
  lane.away += here;
}
