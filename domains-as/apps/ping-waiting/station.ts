/**
 * A station in a thread: it takes frames, turns questions into answers where they lie, sends the same packets, and waits while there are none. With a
 * driver that has interrupts it costs nothing then. It gives buffers to one queue only, so all frames come in there.
 */
import { objectAt } from "sumac/glue";
import { answerTo, Kind } from "./answers";
import { News, net } from "./gen/net";
import { Batch, Fate, Marks, Packet } from "./gen/types";

const QUEUE: u32 = 0;
const BUFFERS: u32 = 64;

/** Packets that the interface does not have: addresses, the first `spares` of them. */
const spare: StaticArray<u32> = new StaticArray<u32>(BUFFERS);
let spares: u32 = 0;

/** Ends, with 1, when the interface fails and does not recover. */
export function answerForEver(_: u32): i32 {
  const address = net.identify().address;
  while (spares < BUFFERS) spare[spares++] = Packet.create().base;
  let batch = Batch.create();
  let isWorking = true;
  while (isWorking) {
    while (spares != 0 && !batch.isFull) batch.pushBack(objectAt<Packet>(spare[--spares]));
    const came = net.receive(QUEUE, batch);
    if (!came.isOk) return 1;
    batch = came.value;
    if (batch.length == 0) {
      isWorking = net.wait(QUEUE, News.received).isOk;
      continue;
    }
    keepAllButAnswers(batch, address);
    const gone = net.send(QUEUE, batch);
    if (!gone.isOk) return 1;
    batch = gone.value;
    for (let packet = batch.popFront(); packet !== null; packet = batch.popFront()) keep(packet);
  }
  return 1;
}

/** HOT: what is no question is a buffer again. */
function keepAllButAnswers(batch: Batch, address: u64): void {
  for (let left = batch.length; left > 0; left--) {
    const packet = batch.popFront();
    if (packet === null) return;
    // A part of a longer frame is no question.
    const isQuestion = packet.fate == Fate.received && (<u32>packet.marks & Marks.more) == 0 && answerTo(packet, address) != Kind.NONE;
    if (isQuestion) batch.pushBack(packet);
    else keep(packet);
  }
}

function keep(packet: Packet): void {
  if (spares < BUFFERS) spare[spares++] = packet.base;
  else packet.drop();
}
