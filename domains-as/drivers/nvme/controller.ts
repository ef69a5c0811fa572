/**
 * From a controller in any state to one that serves: the steps of [NVME-1.4] section 7.6.1, in its order and with its numbers.
 * Run once per generation of the driver, as `init` or `recover`, under the init budget. Whatever goes wrong ends the driver with the reason.
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { Channel } from "./channel";
import { Cns, createCompletionQueue, createSubmissionQueue, identify, setNumberOfQueues } from "./commands";
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { Request } from "./gen/structures";
import { Block } from "./gen/types";
import { BLOCK_BYTES, checkEntrySizes, firstNamespaceOf, mostBlocksOf, sectorShiftOf, sectorsOf } from "./identify";
import { createQueuePages, PAGE_BYTES, QueuePage, queuePage } from "./pages";
import { dropList, pointToData } from "./prp";
import { QueueId, QueuePair, SUBMISSION_BYTES } from "./queue-pair";
import { Cap, CC_ENABLE, CC_ENTRY_SIZES, CSTS_FATAL, CSTS_READY, NOBODY, Reg, write64 } from "./registers";
import { isSuccess } from "./status";

const ADMIN_QUEUE: QueueId = 0;
const IO_QUEUE: QueueId = 1;
const ADMIN_ENTRIES: u32 = 16;
/** A page of submission entries; the completion queue has as many, so it can never overflow. */
const MOST_IO_ENTRIES: u32 = PAGE_BYTES / SUBMISSION_BYTES;
const ALL_VECTORS: u32 = 0xffffffff;

/** What the namespace turned out to be; set by `start`, and kept over restarts. */
export let nsid: u32 = 0;
/** Size of a logical block as a power of two. */
export let sectorShift: u32 = 0;
/** In logical blocks. */
export let sectors: u64 = 0;
/** Blocks of the interface in one command; never more than are in flight at once. */
export let mostBlocks: u32 = 0;

let io: Channel | null = null;
let doorbellStride: u32 = 0;
let readyMicros: u64 = 0;

/** The most that a request of the exported interfaces moves. */
export const MOST_BLOCKS_PER_REQUEST: u32 = 32;

export function ioChannel(): Channel {
  return io!;
}

/**
 * Step 1, PCI registers: not here. The BAR was assigned and bus mastering allowed when the device was granted.
 */
export function start(): void {
  const ioEntries = checkCapabilities();
  const admin = bringUp();
  identifyAll(admin);
  createIoQueues(admin, ioEntries);
}

/**
 * The same for a generation that begins with the memory of the first one after `start`: what Identify said of this controller stands
 * there. The queues died with their generation, and the controller has been reset since: steps 2 to 6 and 8 to 10.
 */
export function restart(): void {
  const ioEntries = checkCapabilities();
  createIoQueues(bringUp(), ioEntries);
}

/** Steps 2 to 6, with queues of this generation. */
function bringUp(): Channel {
  createQueuePages();
  disable();
  configureAdminQueue();
  enable();
  return new Channel(pairOf(ADMIN_QUEUE, ADMIN_ENTRIES, QueuePage.ADMIN_SUBMISSION, QueuePage.ADMIN_COMPLETION));
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
  write64(Reg.ASQ, queuePage(QueuePage.ADMIN_SUBMISSION));
  write64(Reg.ACQ, queuePage(QueuePage.ADMIN_COMPLETION));
}

/**
 * Step 4: CC.AMS, CC.MPS and CC.CSS are 0: round robin, pages of 4096 bytes, the NVM command set. Entry sizes may wait until the
 * first I/O queue; they are set with the rest. Step 5: CC.EN = 1. Step 6: CSTS.RDY = 1.
 */
function enable(): void {
  mmio.write32(Reg.CC, CC_ENTRY_SIZES | CC_ENABLE);
  awaitReady(CSTS_READY, 0);
  // The admin completion queue interrupts whether or not it is wanted (section 7.5), and nobody here listens.
  mmio.write32(Reg.INTMS, ALL_VECTORS);
}

/** Step 7: Identify of the controller, of the namespaces that there are, and of the first of them. */
function identifyAll(admin: Channel): void {
  const page = Block.create();
  fetch(admin, Cns.CONTROLLER, 0, page);
  checkEntrySizes(page);
  mostBlocks = mostBlocksOf(page, MOST_BLOCKS_PER_REQUEST);
  fetch(admin, Cns.ACTIVE_NAMESPACES, 0, page);
  nsid = firstNamespaceOf(page);
  fetch(admin, Cns.NAMESPACE, nsid, page);
  sectorShift = sectorShiftOf(page);
  sectors = sectorsOf(page);
  page.drop();
}

/**
 * Step 8: how many I/O queues: one pair, which every controller has; interrupts are not configured, since the driver polls.
 * Step 9: the completion queue. Step 10: the submission queue that uses it.
 * Step 11, Asynchronous Event Requests: left out. An event could only be acted upon by asking for it, and nobody would.
 */
function createIoQueues(admin: Channel, entries: u32): void {
  settle(admin, setNumberOfQueues(1), "the controller refuses Set Features, number of queues");
  const completionOff = queuePage(QueuePage.IO_COMPLETION);
  settle(admin, createCompletionQueue(IO_QUEUE, entries, completionOff), "the controller refuses to create the I/O completion queue");
  const submissionOff = queuePage(QueuePage.IO_SUBMISSION);
  settle(admin, createSubmissionQueue(IO_QUEUE, entries, submissionOff), "the controller refuses to create the I/O submission queue");
  io = new Channel(pairOf(IO_QUEUE, entries, QueuePage.IO_SUBMISSION, QueuePage.IO_COMPLETION));
}

function fetch(admin: Channel, cns: u32, id: u32, page: Block): void {
  const request = identify(cns, id);
  pointToData(request, page.base, BLOCK_BYTES);
  settle(admin, request, "the controller refuses Identify");
}

/** Runs an admin command that must succeed. */
function settle(admin: Channel, request: Request, complaint: string): void {
  if (!isSuccess(admin.run(request).status)) panic(PANIC_DEVICE, complaint);
  dropList(request);
  request.drop();
}

/** Doorbells: section 3.1.24 for the submission queue, 3.1.25 for the completion queue right behind it. */
function pairOf(id: QueueId, entries: u32, submissionPage: u32, completionPage: u32): QueuePair {
  const doorbell = Reg.DOORBELLS + 2 * id * doorbellStride;
  return new QueuePair(id, entries, queuePage(submissionPage), queuePage(completionPage), doorbell, doorbellStride);
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
