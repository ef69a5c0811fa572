/**
 * Asynchronous events: requests that wait at the controller until it has something to say, and what the driver does about it. A namespace that
 * has changed is identified anew; warnings of the device go to the log. Fed by channel.ts, which finds the requests' ends among others, and
 * attended to by bdev.ts, bulk.ts and nvme.ts at the beginning of each call. Source: [NVME-1.4] sections 5.2, 5.14.1, 5.21.1.11.
 */
import { load32 } from "sumac/guard";
import { log } from "sumac/log";
import { Command } from "./command";
import { AdminOpcode, Cns, enableEvents, getLogPage, identify } from "./commands";
import { admin } from "./controller";
import { Block } from "./gen/block-types";
import { clock } from "./gen/clock";
import { markChanged, nextChanged } from "./namespaces";
import { logPage, PAGE_BYTES } from "./pages";
import { trouble } from "./registers";
import { reset } from "./repair";
import { isSuccess } from "./status";

/** Held at the controller, if it allows so many: one that has ended, and one for what comes before that one's log was read. */
const MOST_REQUESTS: u32 = 2;

/** Types, and pages that tell more (figure "Asynchronous Event Information"). */
const HEALTH: u32 = 1;
const NOTICE: u32 = 2;
const NAMESPACE_CHANGED: u32 = 0;
const LOG_HEALTH: u32 = 0x02;
const LOG_CHANGED_NAMESPACES: u32 = 0x04;
const ANSWER_MICROS: u64 = 1_000_000;

/** Feature 0Bh: every critical warning, and those notices that the controller has and the driver acts upon. */
const WARNINGS: u32 = 0x1f;
const NOTICES: u32 = 1 << 8;

/** As Identify said. */
let requests: u32 = 0;
let enabled: u32 = 0;
/** Dword 0 of events that nobody has looked at yet. */
const reported: StaticArray<u32> = new StaticArray<u32>(MOST_REQUESTS);
let reportedCount: u32 = 0;
/** Requests that wait at the controller. */
let held: u32 = 0;

/** @param controller what Identify says of it: AERL (byte 259), OAES (bytes 92 to 95) */
export function learnEvents(controller: Block): void {
  requests = min<u32>(<u32>controller.at(259) + 1, MOST_REQUESTS);
  enabled = WARNINGS | (load32(controller.base + 92) & NOTICES);
}

/** After each time that the controller was enabled. One that refuses is one without events. */
export function awaitEvents(): void {
  reportedCount = 0;
  held = 0;
  const command = admin().take();
  enableEvents(command, enabled);
  if (!endsWell(command)) requests = 0;
  request();
  admin().ring();
}

/** A request for events has ended. One that the controller did not want is not repeated. */
export function eventArrived(command: Command): void {
  held -= 1;
  if (!isSuccess(command.status)) requests -= 1;
  else if (reportedCount != MOST_REQUESTS) reported[reportedCount++] = command.dword0;
  admin().release(command);
}

/** HOT: at the beginning of each call: one look at memory. */
export function attendEvents(): void {
  const channel = admin();
  if (!channel.pair.hasCompletion) return;
  for (let command = channel.reap(); command !== null; command = channel.reap()) eventArrived(command);
  while (reportedCount != 0) attend(reported[--reportedCount]);
  request();
  channel.ring();
}

function request(): void {
  const channel = admin();
  for (; held < requests; held++) {
    const command = channel.take();
    command.become(AdminOpcode.ASYNCHRONOUS_EVENT_REQUEST, 0, 0, 0, 0);
    command.isEventRequest = true;
    channel.send(command);
  }
}

/** Reading the page is what lets the controller report the like again. */
function attend(event: u32): void {
  const kind = event & 7;
  const page = (event >>> 16) & 0xff;
  if (!readsLog(page)) return;
  if (kind == NOTICE && ((event >>> 8) & 0xff) == NAMESPACE_CHANGED && page == LOG_CHANGED_NAMESPACES) lookAtNamespaces();
  else if (kind == HEALTH && page == LOG_HEALTH) warn(load32(logPage()) & 0xff);
  else log("the controller reports an error, or an event that this driver does not know: see its logs");
}

function readsLog(page: u32): bool {
  const command = admin().take();
  getLogPage(command, page, PAGE_BYTES);
  command.prp1 = logPage();
  return endsWell(command);
}

/** Of those that the driver serves; one that came later has no place here. The list gives way to what Identify says, so it is read first. */
function lookAtNamespaces(): void {
  markChanged(logPage(), PAGE_BYTES / 4);
  for (let one = nextChanged(); one !== null; one = nextChanged()) {
    one.hasChanged = false;
    const command = admin().take();
    identify(command, Cns.NAMESPACE, one.nsid);
    command.prp1 = logPage();
    if (endsWell(command)) one.learn(logPage());
    else log("a namespace has changed and cannot be identified");
  }
}

/** The health log's critical warnings (section 5.14.1.2, byte 0). */
function warn(bits: u32): void {
  if ((bits & 1) != 0) log("the device warns: it runs out of spare blocks");
  if ((bits & 2) != 0) log("the device warns: its temperature has crossed a threshold");
  if ((bits & 4) != 0) log("the device warns: it has become unreliable");
  if ((bits & 8) != 0) log("the device warns: it can only be read");
  if ((bits & 16) != 0) log("the device warns: its volatile memory is not backed up");
}

/** Runs a command beside those that wait. False: it failed, or was lost in a reset of a controller that did not answer. */
function endsWell(command: Command): bool {
  const channel = admin();
  const deadline = clock.nowMicros() + ANSWER_MICROS;
  channel.send(command);
  while (command.isOut) {
    const ended = channel.reap();
    channel.ring();
    if (ended === command) {
      channel.release(command);
      return isSuccess(command.status);
    }
    if (ended !== null) {
      eventArrived(ended);
      continue;
    }
    const reason = trouble();
    if (reason !== null) reset(reason);
    else if (clock.nowMicros() > deadline) reset("an admin command was not completed in time");
  }
  return false;
}
