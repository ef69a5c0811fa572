/**
 * What `wait` and `await-link` do in a driver that is polled: they look once and answer. Interrupts stay masked.
 * The variant in drivers/ixgbe-interrupts has another file of this name, in which callers wait where they are at home.
 * Called by net.ts, and by card.ts when the card is set up.
 */
import { newsOf } from "./news";
import { checkPresent } from "./registers";

/** Step 9 of setting the card up: nobody here listens. */
export function setUpInterrupts(): void {}

/** What news there is on the queue, after a look at the card, which lets it work. */
export function waitForNews(queue: u32, wanted: u32): u32 {
  checkPresent();
  return newsOf(queue);
}

/** Nobody waits. */
export function tellOfClosing(queue: u32): void {}

/** Whether the call goes on. */
export function waitForLink(up: bool): bool {
  return true;
}
