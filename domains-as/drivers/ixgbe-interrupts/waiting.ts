/**
 * Waiting for news of a queue, and for the link: callers wait where they are at home, and call again when there may be some.
 * In place of the file of the same name in drivers/ixgbe. Nobody waits in here; threads.ts hears the interrupts and wakes callers.
 *
 *   polling      while `wait` finds news at once, or after a few looks, the queue's interrupts stay off: a busy queue costs none
 *   interrupts   else they are switched on for as long as somebody waits; the first one switches them off again
 *
 * How many looks are worth it is learned, queue by queue: more when they find something or when an interrupt came right after they had not,
 * fewer when they are in vain. Source: [82599] sections 4.6.6, 7.3.1, registers 8.2.3.5.
 */
import { CallerQueue } from "sumac/caller-queue";
import { linkSpeed } from "./card";
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { News } from "./gen/net";
import { QUEUES } from "./memory";
import { mayHaveNews, newsOf, prospectsOf } from "./news";
import { checkPresent, Reg } from "./registers";
import { rouse } from "./threads";

/** Link status change, among the causes (section 8.2.3.5.1). */
const LINK_CHANGED: u32 = 1 << 20;
/** IVAR (section 8.2.3.5.16): with the pin, queue causes are bits 15:0; this driver gives receive queue q bit q, transmit queue q bit 8 + q. */
const VALID: u32 = 0x80;
const SENT_SHIFT: u32 = 8;
const QUEUE_CAUSES: u32 = 0xffff;
const MOST_LOOKS: u32 = 64;
const FIRST_LOOKS: u32 = 4;
/** An interrupt so soon after the last look would have been cheaper to poll for. */
const SOON_MICROS: u64 = 20;

@final
class Waiting {
  readonly callers: CallerQueue = new CallerQueue();
  looks: u32 = FIRST_LOOKS;
  armedMicros: u64 = 0;
}

const queues: StaticArray<Waiting> = new StaticArray<Waiting>(QUEUES);
for (let i: u32 = 0; i < QUEUES; i++) queues[i] = new Waiting();
/** Causes of queues that are on (EIMS). */
let armed: u32 = 0;
const linkCallers: CallerQueue = new CallerQueue();
/** Somebody waits for the link to come up, or to go down. */
let isUpAwaited: bool = false;
let isDownAwaited: bool = false;

export function setUpInterrupts(): void {
  for (let pair: u32 = 0; pair < QUEUES; pair += 2) {
    const first = VALID | pair | ((VALID | (SENT_SHIFT + pair)) << 8);
    mmio.write32(Reg.IVAR + 2 * pair, first | ((first + 0x0101) << 16));
  }
  mmio.write32(Reg.GPIE, 0);
  mmio.write32(Reg.EITR, 0);
  armed = 0;
  mmio.write32(Reg.EIMS, LINK_CHANGED);
}

/** What news there is. 0, and nothing more may be done: the call has been given up. */
export function waitForNews(queue: u32, wanted: u32): u32 {
  const here = queues[queue];
  const news = look(here, queue, wanted);
  const canCome = (prospectsOf(queue) & wanted) != 0;
  // Also for what cannot come yet: somebody else may hand over buffers or packets meanwhile.
  if ((news & wanted) != 0 || !canCome || hasNewsWhenArmed(here, queue, wanted)) {
    here.callers.admit(true);
    return newsOf(queue);
  }
  rouse();
  here.callers.admit(false);
  return 0;
}

/** The queue takes no frames any more, for which callers may wait. */
export function tellOfClosing(queue: u32): void {
  queues[queue].callers.wakeAll();
}

/** False: the call has been given up, and nothing more may be done in it. */
export function waitForLink(up: bool): bool {
  const isUp = linkSpeed() != 0;
  if (isUp != up) {
    if (up) isUpAwaited = true;
    else isDownAwaited = true;
    rouse();
  }
  return linkCallers.admit(isUp == up);
}

/** The card has interrupted. @param causes as EICR said */
export function interrupted(causes: u32): void {
  const fired = causes & QUEUE_CAUSES & armed;
  if (fired != 0) {
    disarm(fired);
    const now = clock.nowMicros();
    for (let queue: u32 = 0; queue < QUEUES; queue++) {
      if ((fired & causesOf(queue, News.received | News.sent)) == 0) continue;
      const here = queues[queue];
      if (now - here.armedMicros < SOON_MICROS) here.looks = min(MOST_LOOKS, here.looks + FIRST_LOOKS);
      here.callers.wakeAll();
    }
  }
  if ((causes & LINK_CHANGED) != 0) tellOfLink();
}

/** An interrupt may have been lost. @returns whether anybody may still wait */
export function watch(): bool {
  checkPresent();
  for (let queue: u32 = 0; queue < QUEUES; queue++) {
    const own = armed & causesOf(queue, News.received | News.sent);
    if (own == 0 || !mayHaveNews(queue)) continue;
    disarm(own);
    queues[queue].callers.wakeAll();
  }
  const isAwaited = linkSpeed() != 0 ? isUpAwaited : isDownAwaited;
  if (isAwaited) tellOfLink();
  return armed != 0 || isUpAwaited || isDownAwaited;
}

/** All ask again, and those who have to wait on say so. */
function tellOfLink(): void {
  isUpAwaited = isDownAwaited = false;
  linkCallers.wakeAll();
}

/** Each look lets the card work. What there is after so many of them as have been worth it. */
function look(here: Waiting, queue: u32, wanted: u32): u32 {
  let news = newsOf(queue);
  if ((news & wanted) != 0) return news;
  const most = here.looks;
  for (let i: u32 = 0; i < most; i++) {
    checkPresent();
    news = newsOf(queue);
    if ((news & wanted) == 0) continue;
    here.looks = min(MOST_LOOKS, most << 1);
    return news;
  }
  here.looks = most >>> 1;
  return news;
}

/**
 * Switches interrupts on, so that what comes from now on raises one. Old causes are cleared first, else they would; what they told of is there,
 * and is found by the look between.
 */
function hasNewsWhenArmed(here: Waiting, queue: u32, wanted: u32): bool {
  const causes = causesOf(queue, wanted) & ~armed;
  if (causes == 0) return false;
  mmio.write32(Reg.EICR, causes);
  if ((newsOf(queue) & wanted) != 0) return true;
  armed |= causes;
  here.armedMicros = clock.nowMicros();
  mmio.write32(Reg.EIMS, causes);
  return false;
}

function disarm(causes: u32): void {
  armed &= ~causes;
  mmio.write32(Reg.EIMC, causes);
}

/** @param wanted bits of the interface's `news` */
function causesOf(queue: u32, wanted: u32): u32 {
  const received: u32 = (wanted & News.received) != 0 ? 1 << queue : 0;
  const sent: u32 = (wanted & News.sent) != 0 ? 1 << (SENT_SHIFT + queue) : 0;
  return received | sent;
}
