/**
 * What the queues have for their user, and what they may have yet. Used by waiting.ts of both drivers.
 * Bits are those of the interface's `news`.
 */
import { receiver, transmitter } from "./card";
import { News } from "./gen/net";

/** What there is on the queue. */
export function newsOf(queue: u32): u32 {
  const receives = receiver(queue);
  const sends = transmitter(queue);
  sends.collect();
  const received: u32 = receives.isOpen && receives.hasFrame ? News.received : 0;
  return received | (sends.hasSent ? News.sent : 0);
}

/** Whether there may be news, for threads: it has no loop, at which a call could come between, and changes nothing. */
export function mayHaveNews(queue: u32): bool {
  return receiver(queue).hasPart || transmitter(queue).hasEnded;
}

/** What may be there without another call: frames for buffers that wait for them, packets that the card has. */
export function prospectsOf(queue: u32): u32 {
  const receives = receiver(queue);
  const received: u32 = receives.isOpen && !receives.isEmpty ? News.received : 0;
  return received | (transmitter(queue).isSending ? News.sent : 0);
}
