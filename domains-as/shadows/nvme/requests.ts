/**
 * `sumac:nvme/nvme`, forwarded. While the driver dies under it, it is started again, and what can be repeated is.
 * Called through the kernel by the device's users. A driver's own answer, good or bad, is passed on as it is.
 */
import { calleeDied, calleeWaits, objectsAreBack } from "sumac/fate";
import { relay } from "sumac/kernel";
import { Outcome } from "sumac/outcome";
import { lastStatus, Status } from "sumac/rpc";
import { nvme as driver, Namespace, NvmeError } from "./gen/nvme";
import { supervisor } from "./gen/supervisor";
import { Batch, State } from "./gen/types";
import { Journal } from "./journal";

/** Tries per call; a driver that dies every time is broken, and somebody must be told. */
const MOST_ATTEMPTS: i32 = 8;
/** More than a driver has; two queues that share a journal would only take longer. */
const MOST_QUEUES: u32 = 16;

const journals: StaticArray<Journal | null> = new StaticArray<Journal | null>(MOST_QUEUES);
/** As the driver says; 0 = not asked yet. */
let queueCount: u32 = 0;

export function queues(): u32 {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const count = driver.queues();
    if (lastStatus() == Status.OK || waits()) return count;
    if (!revived()) break;
  }
  return 0;
}

export function namespaceAt(place: u32): Outcome<Namespace> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = driver.namespaceAt(place);
    if (!outcome.died || waits()) return outcome;
    if (!revived()) break;
  }
  return Outcome.error<Namespace>(NvmeError.unavailable);
}

/** The batch is lent to us, and by us to each driver in turn. */
export function store(queue: u32, requests: Batch): Outcome<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const outcome = driver.store(queue, requests);
    if (!outcome.died || waits()) return outcome;
    if (!revived()) break;
  }
  return Outcome.error<void>(NvmeError.unavailable);
}

/** HOT: the batch that the caller gets is not the one that it gave if a driver took that one along. */
export function exchange(queue: u32, requests: Batch, atLeast: u32): Batch {
  const journal = journalOf(queue);
  const given = requests;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    // One with threads may have died between calls, and what was made since may lie where its requests lay.
    if (!driver.isAlive()) revive();
    journal.adopt(requests);
    const isAlone = journal.isEmpty;
    const length = requests.length;
    if (!journal.note(requests)) return requests;
    const answer = driver.exchange(queue, requests, atLeast);
    if (lastStatus() == Status.OK) {
      if (isAlone && answer.length == length) journal.clear();
      else journal.remove(answer);
      return answer;
    }
    if (objectsAreBack()) journal.remove(requests);
    else requests = Batch.create();
    if (calleeWaits()) {
      // What the caller gave is the caller's again; if a driver took that along, the answer comes early, and the caller asks for the rest.
      if (requests === given) relay();
      return requests;
    }
    if (!revived()) break;
  }
  journal.adopt(requests);
  return abandoned(requests);
}

/** Nobody serves the device: what is still to be sent will not be. */
function abandoned(requests: Batch): Batch {
  const length = requests.length;
  for (let place: u32 = 0; place < length; place++) {
    const request = requests.at(place);
    if (request !== null && request.state == State.fresh) request.state = State.lost;
  }
  return requests;
}

/** One for each queue of the driver, whose numbers count modulo how many it has. */
function journalOf(queue: u32): Journal {
  if (queueCount == 0) queueCount = queues();
  const place = queueCount == 0 ? 0 : (queue % queueCount) % MOST_QUEUES;
  const journal = journals[place];
  if (journal !== null) return journal;
  const fresh = new Journal();
  journals[place] = fresh;
  return fresh;
}

/** Whether the driver lets its callers wait: then this call ends here, and its thread makes it again. What the driver keeps stays noted. */
function waits(): bool {
  if (!calleeWaits()) return false;
  relay();
  return true;
}

/**
 * After a call without an answer: false if the driver lives and the call failed for another reason.
 * A restart that fails is not looked at: the next attempt finds the driver dead and tries once more.
 */
function revived(): bool {
  if (!calleeDied()) return false;
  revive();
  return true;
}

function revive(): void {
  for (let place: u32 = 0; place < MOST_QUEUES; place++) {
    const journal = journals[place];
    if (journal !== null) journal.orphan();
  }
  supervisor.restart();
}
