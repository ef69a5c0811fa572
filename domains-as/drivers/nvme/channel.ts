/**
 * Commands in flight on one queue pair: sent, awaited, matched with their completions, repeated, timed.
 * Used by controller.ts (admin queue) and transfer.ts (I/O queue). A controller that contradicts the specification ends the driver here.
 *
 * A request belongs to the channel from `send` until `next` returns it. Whose completion comes first is the controller's choice
 * (section 4.1), so it is found by its command id and never by its place in the ring:
 *
 *   command id   15        6 5      0
 *               ┌──────────┬────────┐     turn: counts commands, so that a completion that comes twice or too late
 *               │   turn   │  slot  │           carries an id that is not in flight any more
 *               └──────────┴────────┘     slot: index into `requests`
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { clock } from "./gen/clock";
import { mmio } from "./gen/mmio";
import { Request } from "./gen/structures";
import { QueuePair } from "./queue-pair";
import { CSTS_FATAL, CSTS_READY, NOBODY, Reg } from "./registers";
import { isWorthRepeating } from "./status";

const SLOT_BITS: u32 = 6;
const SLOTS: u32 = 1 << SLOT_BITS;
/** One less than fits: id FFFFh stands for "no command" in logs (section 5.14.1.1). */
const TURNS: u32 = (1 << (16 - SLOT_BITS)) - 1;

/** Far beyond what a healthy device takes. Where calls have a budget, that ends the driver earlier. */
const COMMAND_TIMEOUT_MICROS: u64 = 5_000_000;
/** How often a command is sent before its error counts. */
const MOST_TRIES: u32 = 3;
/** Memory is polled so many times between two looks at the controller and the clock: a register costs far more than memory. */
const POLLS_PER_LOOK: u32 = 16;

@final
export class Channel {
  private readonly requests: StaticArray<Request | null> = new StaticArray<Request | null>(SLOTS);
  private turn: u32 = 0;
  /** Requests in the table. */
  private outstanding: u32 = 0;
  /** No deadline of a request in the table is earlier, so that most looks need not go through it. */
  private dueMicros: u64 = u64.MAX_VALUE;

  constructor(private readonly pair: QueuePair) {}

  get hasRoom(): bool {
    return this.outstanding < SLOTS && this.pair.hasRoom;
  }

  get isIdle(): bool {
    return this.outstanding == 0;
  }

  /** HOT: hands a request to the controller; there must be room. */
  send(request: Request): void {
    const slot = this.freeSlot();
    request.command = (this.turn << SLOT_BITS) | slot;
    this.turn = this.turn + 1 == TURNS ? 0 : this.turn + 1;
    request.tries += 1;
    const deadline = clock.nowMicros() + COMMAND_TIMEOUT_MICROS;
    request.deadlineMicros = deadline;
    this.dueMicros = min(this.dueMicros, deadline);
    this.requests[slot] = request;
    this.outstanding += 1;
    this.pair.submit(request);
  }

  /** HOT: the next request that is complete, with its status and result. Something must be outstanding. */
  next(): Request {
    while (true) {
      for (let polls: u32 = 1; !this.pair.hasCompletion; polls++) {
        if (polls % POLLS_PER_LOOK == 0) this.look();
      }
      const request = this.take();
      if (!isWorthRepeating(request.status) || request.tries == MOST_TRIES) return request;
      // There is room: the completion's head lies behind this command at least.
      if (!this.pair.hasRoom) panic(PANIC_DEVICE, "a completion frees no entry of its submission queue");
      this.send(request);
    }
  }

  /** Sends one request and waits for it; nothing else may be outstanding. */
  run(request: Request): Request {
    this.send(request);
    return this.next();
  }

  private take(): Request {
    const command = this.pair.command;
    const slot = command & (SLOTS - 1);
    const found = this.requests[slot];
    if (found === null || found.command != command) panic(PANIC_DEVICE, "a completion for a command that is not outstanding");
    const request = found!;
    request.status = this.pair.status;
    request.dword0 = this.pair.dword0;
    this.requests[slot] = null;
    this.outstanding -= 1;
    if (this.outstanding == 0) this.dueMicros = u64.MAX_VALUE;
    this.pair.release();
    return request;
  }

  /** A completion that does not come may have a reason (section 9.5), and has a limit. */
  private look(): void {
    const status = mmio.read32(Reg.CSTS);
    if (status == NOBODY) panic(PANIC_DEVICE, "the controller is gone from the bus");
    if ((status & CSTS_FATAL) != 0) panic(PANIC_DEVICE, "the controller reports a fatal status (CSTS.CFS)");
    if ((status & CSTS_READY) == 0) panic(PANIC_DEVICE, "the controller has left the ready state by itself");
    const now = clock.nowMicros();
    if (now <= this.dueMicros) return;
    this.dueMicros = u64.MAX_VALUE;
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      const request = this.requests[slot];
      if (request === null) continue;
      if (request.deadlineMicros < now) panic(PANIC_DEVICE, "a command was not completed in time");
      this.dueMicros = min(this.dueMicros, request.deadlineMicros);
    }
  }

  private freeSlot(): u32 {
    let slot: u32 = 0;
    while (this.requests[slot] !== null) slot++;
    return slot;
  }
}
