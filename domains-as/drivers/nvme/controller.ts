/**
 * From a controller in any state to one that serves: the steps of [NVME-1.4] section 7.6.1, in its order and with its numbers.
 * Run once per generation of the driver, as `init` or `recover`, under the init budget, and by repair.ts. Whatever goes wrong ends the
 * driver with the reason.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { Channel } from "./channel";
import { Command } from "./command";
import { Cns, createCompletionQueue, createSubmissionQueue, identify, setNumberOfQueues } from "./commands";
import { awaitEvents, learnEvents } from "./events";
import { Block } from "./gen/block-types";
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { BLOCK_BYTES, checkEntrySizes, mostBytesOf } from "./identify";
import { addNamespace, checkNamespaces, nextNamespace } from "./namespaces";
import { clearQueuePages, completionPage, createQueuePages, PAGE_BYTES, submissionPage } from "./pages";
import { HAS_INTERRUPTS } from "./patience";
import { pointToData } from "./prp";
import { QueueId, QueuePair, SUBMISSION_BYTES } from "./queue-pair";
import { Cap, CC_ENABLE, CC_ENTRY_SIZES, CSTS_FATAL, CSTS_READY, NOBODY, Reg, write64 } from "./registers";
import { started, starting } from "./repair";
import { isSuccess } from "./status";

const ADMIN_QUEUE: QueueId = 0;
const FIRST_IO_QUEUE: QueueId = 1;
const ADMIN_ENTRIES: u32 = 16;
/** As many as the controller has, up to this: a page of entries each, twice. */
const MOST_IO_QUEUES: u32 = 4;
/** A page of submission entries; the completion queue has as many, so it can never overflow. */
const MOST_IO_ENTRIES: u32 = PAGE_BYTES / SUBMISSION_BYTES;
const ALL_VECTORS: u32 = 0xffffffff;

/** Bytes in one command; set by `start`, and kept over restarts. */
export let mostBytes: u32 = 0;
/** I/O queue pairs. */
export let ioQueues: u32 = 0;

const io: StaticArray<Channel | null> = new StaticArray<Channel | null>(MOST_IO_QUEUES);
let adminChannel: Channel | null = null;
let ioEntries: u32 = 0;
let doorbellStride: u32 = 0;
let readyMicros: u64 = 0;

/** @param queue counts modulo their number */
export function ioChannel(queue: u32): Channel {
  return io[queue < ioQueues ? queue : queue % ioQueues]!;
}

export function admin(): Channel {
  return adminChannel!;
}

/**
 * Step 1, PCI registers: not here. The BAR was assigned and bus mastering allowed when the device was granted.
 */
export function start(): void {
  bringUp();
  identifyAll();
  createIoQueues();
  started();
}

/**
 * The same for a generation that begins with the memory of the first one after `start`: what Identify said of this controller stands
 * there. The queues died with their generation, and the controller has been reset since: steps 2 to 6 and 8 to 10.
 */
export function restart(): void {
  bringUp();
  createIoQueues();
  started();
}

/** The same within a generation, for repair.ts: queues stay where they are, and what was in flight is sent again. */
export function restoreController(): void {
  // It was ready before: there is nothing to wait for.
  mmio.write32(Reg.CC, 0);
  awaitReady(0, 0);
  clearQueuePages(1 + MOST_IO_QUEUES);
  admin().forget();
  configureAdminQueue();
  enable();
  askForQueues();
  for (let queue: u32 = 0; queue < ioQueues; queue++) createIoQueue(FIRST_IO_QUEUE + queue);
  // Before any I/O command is sent again: one that makes the controller fail must not meet a start that is still under way.
  awaitEvents();
  for (let queue: u32 = 0; queue < ioQueues; queue++) ioChannel(queue).resume();
}

/** Steps 2 to 6, with queues of this generation. */
function bringUp(): void {
  starting();
  ioEntries = checkCapabilities();
  createQueuePages(1 + MOST_IO_QUEUES);
  disable();
  configureAdminQueue();
  enable();
  adminChannel = new Channel(pairOf(ADMIN_QUEUE, ADMIN_ENTRIES));
}

/** CAP (section 3.1.1): whether this driver can drive this controller. Returns the size of the I/O queues. */
function checkCapabilities(): u32 {
  const low = mmio.read32(Reg.CAP);
  const high = mmio.read32(Reg.CAP + 4);
  if (low == NOBODY && high == NOBODY) panic(PANIC_DEVICE, "the controller is gone from the bus");
  if (!Cap.hasNvmCommands(high)) panic(PANIC_DEVICE, "the controller has no NVM command set");
  if (1 << Cap.smallestPageShift(high) != PAGE_BYTES) panic(PANIC_DEVICE, "the controller cannot work with pages of 4096 bytes");
  doorbellStride = Cap.doorbellStride(high);
  readyMicros = Cap.readyMicros(low);
  const entries = min<u32>(Cap.mostEntries(low), MOST_IO_ENTRIES);
  if (entries < 2) panic(PANIC_DEVICE, "the controller's queues hold nothing");
  return entries;
}

/**
 * Step 2: CSTS.RDY = 0. A controller that is still enabled, by whoever drove it before, is reset by CC.EN = 0; that may only be
 * written once it is ready (section 3.1.5), unless it has failed fatally.
 */
function disable(): void {
  if ((mmio.read32(Reg.CC) & CC_ENABLE) != 0) {
    if ((mmio.read32(Reg.CSTS) & CSTS_FATAL) == 0) awaitReady(CSTS_READY, CSTS_FATAL);
    mmio.write32(Reg.CC, 0);
  }
  awaitReady(0, 0);
}

/** Step 3: AQA, ASQ, ACQ (sections 3.1.8 to 3.1.10). Both sizes are "less one". */
function configureAdminQueue(): void {
  mmio.write32(Reg.AQA, (ADMIN_ENTRIES - 1) | ((ADMIN_ENTRIES - 1) << 16));
  write64(Reg.ASQ, submissionPage(ADMIN_QUEUE));
  write64(Reg.ACQ, completionPage(ADMIN_QUEUE));
}

/**
 * Step 4: CC.AMS, CC.MPS and CC.CSS are 0: round robin, pages of 4096 bytes, the NVM command set. Entry sizes may wait until the
 * first I/O queue; they are set with the rest. Step 5: CC.EN = 1. Step 6: CSTS.RDY = 1.
 */
function enable(): void {
  mmio.write32(Reg.CC, CC_ENTRY_SIZES | CC_ENABLE);
  awaitReady(CSTS_READY, 0);
  // The admin completion queue interrupts whether or not it is wanted (section 7.5).
  if (!HAS_INTERRUPTS) mmio.write32(Reg.INTMS, ALL_VECTORS);
}

/** Step 7: Identify of the controller, of the namespaces that there are, and of each of them. */
function identifyAll(): void {
  const list = Block.create();
  fetch(Cns.CONTROLLER, 0, list);
  checkEntrySizes(list);
  learnEvents(list);
  mostBytes = mostBytesOf(list);
  fetch(Cns.ACTIVE_NAMESPACES, 0, list);
  const page = Block.create();
  for (let place: u32 = 0, nsid = nextNamespace(list, place); nsid != 0; nsid = nextNamespace(list, ++place)) {
    fetch(Cns.NAMESPACE, nsid, page);
    addNamespace(nsid, page);
  }
  checkNamespaces();
  page.drop();
  list.drop();
}

/**
 * Step 8: how many I/O queues, and whether they interrupt. Steps 9 and 10: the queues, pair by pair. Step 11: Asynchronous Event Requests.
 */
function createIoQueues(): void {
  ioQueues = askForQueues();
  for (let queue: u32 = 0; queue < ioQueues; queue++) {
    createIoQueue(FIRST_IO_QUEUE + queue);
    io[queue] = new Channel(pairOf(FIRST_IO_QUEUE + queue, ioEntries));
  }
  awaitEvents();
}

/** Step 8. Returns how many there may be of both kinds. */
function askForQueues(): u32 {
  const command = admin().take();
  setNumberOfQueues(command, MOST_IO_QUEUES);
  const granted = settle(command, "the controller refuses Set Features, number of queues");
  return min<u32>(MOST_IO_QUEUES, min<u32>(granted & 0xffff, granted >>> 16) + 1);
}

/** Step 9: the completion queue. Step 10: the submission queue that uses it. */
function createIoQueue(id: QueueId): void {
  const completion = admin().take();
  createCompletionQueue(completion, id, ioEntries, completionPage(id), HAS_INTERRUPTS);
  settle(completion, "the controller refuses to create the I/O completion queue");
  const submission = admin().take();
  createSubmissionQueue(submission, id, ioEntries, submissionPage(id));
  settle(submission, "the controller refuses to create the I/O submission queue");
}

function fetch(cns: u32, id: u32, page: Block): void {
  const command = admin().take();
  identify(command, cns, id);
  pointToData(command, page.base, BLOCK_BYTES);
  settle(command, "the controller refuses Identify");
}

/** Runs an admin command that must succeed; returns dword 0 of its completion. */
function settle(command: Command, complaint: string): u32 {
  if (!isSuccess(admin().run(command).status)) panic(PANIC_DEVICE, complaint);
  admin().ring();
  admin().release(command);
  return command.dword0;
}

/** Doorbells: section 3.1.24 for the submission queue, 3.1.25 for the completion queue right behind it. */
function pairOf(id: QueueId, entries: u32): QueuePair {
  const doorbell = Reg.DOORBELLS + 2 * id * doorbellStride;
  return new QueuePair(id, entries, submissionPage(id), completionPage(id), doorbell, doorbellStride);
}

/** Waits for CSTS.RDY = `ready`, or for any of the bits `orFlags`, at most as long as CAP.TO allows. */
function awaitReady(ready: u32, orFlags: u32): void {
  const deadline = clock.nowMicros() + readyMicros;
  while (true) {
    // The clock is read first: a driver that did not run for a while must not take that for the controller's delay.
    const isLate = clock.nowMicros() > deadline;
    const status = mmio.read32(Reg.CSTS);
    if (status == NOBODY) panic(PANIC_DEVICE, "the controller is gone from the bus");
    if ((status & CSTS_READY) == ready || (status & orFlags) != 0) return;
    if (ready != 0 && (status & CSTS_FATAL) != 0) panic(PANIC_DEVICE, "the controller fails to start (CSTS.CFS)");
    if (isLate) panic(PANIC_DEVICE, "the controller did not become ready, or idle, within CAP.TO");
  }
}
