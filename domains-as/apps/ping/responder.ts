/**
 * `sumac:ping/responder`: takes frames, turns questions into answers where they lie, and sends the same packets. Called by the host.
 * The packets that it makes when it starts go round: interface, answer, interface. Each queue gets as many back as it has given, whoever's
 * they were: questions of one asker all come by the same queue, and others must not end up with its buffers.
 */
import { objectAt } from "sumac/glue";
import { Outcome } from "sumac/outcome";
import { answerTo, Kind } from "./answers";
import { net } from "./gen/net";
import { Report, ResponderError } from "./gen/responder";
import { Batch, Fate, Marks, Packet } from "./gen/types";

const BATCH: u32 = 32;

/** Packets that no queue has: addresses, the first `spares` of them. */
let spare: StaticArray<u32> = new StaticArray<u32>(0);
let spares: u32 = 0;
/** By queue: the packets that it has. */
let held: StaticArray<u32> = new StaticArray<u32>(0);
/** By queue: the frame of its last packet goes on. */
let goesOn: StaticArray<bool> = new StaticArray<bool>(0);

let arp: u64 = 0;
let icmp: u64 = 0;

export function run(): Outcome<Report> {
  return answer(0);
}

export function answer(questions: u32): Outcome<Report> {
  arp = icmp = 0;
  const identity = net.identify();
  const address = identity.address;
  const queues = identity.queues;
  if (queues == 0) return Outcome.error<Report>(ResponderError.network);
  stock(queues);
  const wanted = questions == 0 ? u64.MAX_VALUE : <u64>questions;
  let coming = Batch.create();
  let going = Batch.create();
  while (arp + icmp < wanted) {
    for (let queue: u32 = 0; queue < queues; queue++) {
      fill(coming, queue);
      const came = net.receive(queue, coming);
      if (!came.isOk) return Outcome.error<Report>(ResponderError.network);
      coming = came.value;
      if (coming.length == 0) continue;
      held[queue] -= min(coming.length, held[queue]);
      answerAll(coming, going, address);
      keep(coming);
      if (going.length == 0) continue;
      const gone = net.send(0, going);
      if (!gone.isOk) return Outcome.error<Report>(ResponderError.network);
      going = gone.value;
      keep(going);
    }
  }
  coming.drop();
  going.drop();
  const report = Report.create();
  report.arp = arp;
  report.icmp = icmp;
  return Outcome.ok<Report>(report);
}

/** Buffers for every queue, once: between two calls the interface keeps them, and what arrives meanwhile waits there. */
function stock(queues: u32): void {
  if (held.length != 0) return;
  spare = new StaticArray<u32>(queues * BATCH);
  held = new StaticArray<u32>(queues);
  goesOn = new StaticArray<bool>(queues);
  for (spares = 0; spares < queues * BATCH; spares++) spare[spares] = Packet.create().base;
}

/** HOT: what the queue lacks. */
function fill(coming: Batch, queue: u32): void {
  while (held[queue] < BATCH && spares != 0 && !coming.isFull) {
    coming.pushBack(objectAt<Packet>(spare[--spares]));
    held[queue] += 1;
  }
}

/** HOT: what is sent is a buffer again; what was not is lost with its frame, as on any network. */
function keep(batch: Batch): void {
  for (let left = batch.length; left > 0; left--) {
    const packet = batch.popFront();
    if (packet === null) return;
    if (<i32>spares < spare.length) spare[spares++] = packet.base;
    else packet.drop();
  }
}

/** Whether it is a part of a longer frame; those are left alone. */
function isPart(packet: Packet): bool {
  const queue = packet.queue;
  if (<i32>queue >= goesOn.length) return true;
  const wasPart = goesOn[queue];
  goesOn[queue] = (<u32>packet.marks & Marks.more) != 0;
  return wasPart || goesOn[queue];
}

/** HOT: answers go over, everything else stays as a buffer. */
function answerAll(coming: Batch, going: Batch, address: u64): void {
  for (let left = coming.length; left > 0; left--) {
    const packet = coming.popFront();
    if (packet === null) return;
    const isAlone = packet.fate == Fate.received && !isPart(packet);
    const kind = isAlone && !going.isFull ? answerTo(packet, address) : Kind.NONE;
    if (kind == Kind.ARP) arp += 1;
    else if (kind == Kind.ICMP) icmp += 1;
    if (kind == Kind.NONE) coming.pushBack(packet);
    else going.pushBack(packet);
  }
}
