/**
 * `sumac:ping/responder`: takes frames, turns questions into answers where they lie, and sends the same packets. Called by the host.
 * The packets that it makes when it starts go round: interface, answer, interface.
 */
import { Outcome } from "sumac/outcome";
import { answerTo, Kind } from "./answers";
import { net } from "./gen/net";
import { Report, ResponderError } from "./gen/responder";
import { Batch, Fate, Packet } from "./gen/types";

const BATCH: u32 = 32;

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
  if (!stock(queues)) return Outcome.error<Report>(ResponderError.network);
  const wanted = questions == 0 ? u64.MAX_VALUE : <u64>questions;
  let coming = Batch.create();
  let going = Batch.create();
  while (arp + icmp < wanted) {
    for (let queue: u32 = 0; queue < queues; queue++) {
      const came = net.receive(queue, coming);
      if (!came.isOk) return Outcome.error<Report>(ResponderError.network);
      coming = came.value;
      if (coming.length == 0) continue;
      answerAll(coming, going, address);
      if (going.length == 0) continue;
      const gone = net.send(0, going);
      if (!gone.isOk) return Outcome.error<Report>(ResponderError.network);
      going = gone.value;
      reuse(going, coming);
    }
  }
  coming.drop();
  going.drop();
  const report = Report.create();
  report.arp = arp;
  report.icmp = icmp;
  return Outcome.ok<Report>(report);
}

/** Buffers for every queue. */
function stock(queues: u32): bool {
  for (let queue: u32 = 0; queue < queues; queue++) {
    const buffers = Batch.create();
    while (buffers.length < BATCH) buffers.pushBack(Packet.create());
    const left = net.receive(queue, buffers);
    if (!left.isOk) return false;
    left.value.drop();
  }
  return true;
}

/** HOT: answers go over, everything else stays as a buffer. */
function answerAll(coming: Batch, going: Batch, address: u64): void {
  for (let left = coming.length; left > 0; left--) {
    const packet = coming.popFront();
    if (packet === null) return;
    const kind = packet.fate == Fate.received && !going.isFull ? answerTo(packet, address) : Kind.NONE;
    if (kind == Kind.ARP) arp += 1;
    else if (kind == Kind.ICMP) icmp += 1;
    if (kind == Kind.NONE) coming.pushBack(packet);
    else going.pushBack(packet);
  }
}

/** What is sent is a buffer again; what was not is lost with its frame, as on any network. */
function reuse(going: Batch, coming: Batch): void {
  while (!coming.isFull) {
    const packet = going.popFront();
    if (packet === null) return;
    coming.pushBack(packet);
  }
}
