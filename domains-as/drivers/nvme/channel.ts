/**
 * Commands in flight on one queue pair: sent, awaited, matched with their completions, repeated, timed.
 * Used by controller.ts (admin queue), transfer.ts and exchange.ts (I/O queues). A controller that contradicts the specification ends the
 * driver here; one that is late or has failed is a case for repair.ts.
 *
 * A command belongs to the channel from `send` until it is handed back. Whose completion comes first is the controller's choice
 * (section 4.1), so it is found by its command id and never by its place in the ring:
 *
 *   command id   15        6 5      0
 *               ┌──────────┬────────┐     turn: counts commands, so that a completion that comes twice or too late
 *               │   turn   │  slot  │           carries an id that is not in flight any more
 *               └──────────┴────────┘     slot: index into `commands`
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { Command } from "./command";
import { clock } from "./gen/clock";
import { dropList } from "./prp";
import { QueuePair } from "./queue-pair";
import { trouble } from "./registers";
import { answered, overdue, reset } from "./repair";
import { ABORTED, isWorthRepeating } from "./status";

const SLOT_BITS: u32 = 6;
export const SLOTS: u32 = 1 << SLOT_BITS;
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
  private readonly commands: StaticArray<Command> = new StaticArray<Command>(SLOTS);
  /** Slots that nobody uses, a stack. */
  private readonly free: StaticArray<u32> = new StaticArray<u32>(SLOTS);
  private freeCount: u32 = 0;
  /** Slots of commands that ended without a completion and were not handed back yet, a stack. */
  private readonly ended: StaticArray<u32> = new StaticArray<u32>(SLOTS);
  private endedCount: u32 = 0;
  private turn: u32 = 0;
  /** Commands that were sent and not handed back. */
  private outstanding: u32 = 0;
  /** No deadline of a command in flight is earlier, so that most looks need not go through them. */
  private dueMicros: u64 = u64.MAX_VALUE;
  /** The time, once for all commands that one doorbell tells of. */
  private nowMicros: u64 = 0;
  private isTimeKnown: bool = false;

  constructor(readonly pair: QueuePair) {
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      this.commands[slot] = new Command(slot);
      this.free[this.freeCount++] = SLOTS - 1 - slot;
    }
  }

  get hasRoom(): bool {
    return this.freeCount != 0 && this.pair.hasRoom;
  }

  get isIdle(): bool {
    return this.outstanding == 0;
  }

  /** HOT: a command to fill and send; there must be room. */
  take(): Command {
    return this.commands[this.free[--this.freeCount]];
  }

  /** HOT: what was taken and never sent, or has been handed back, is free for others. */
  release(command: Command): void {
    dropList(command);
    this.free[this.freeCount++] = command.slot;
  }

  /** HOT: puts a command into the queue. The controller is told by `ring`. */
  send(command: Command): void {
    command.isOut = true;
    this.outstanding += 1;
    this.transmit(command);
  }

  /** HOT: the doorbells, if there is news for the controller. */
  ring(): void {
    this.isTimeKnown = false;
    this.pair.ring();
  }

  /** HOT: a command that has ended, with its status and result, or null while there is none. Commands to be repeated await `ring`. */
  reap(): Command | null {
    while (this.pair.hasCompletion) {
      const command = this.match();
      if (!isWorthRepeating(command.status) || command.tries >= MOST_TRIES) return this.handBack(command);
      // There is room: the completion's head lies behind this command at least.
      if (!this.pair.hasRoom) panic(PANIC_DEVICE, "a completion frees no entry of its submission queue");
      this.transmit(command);
    }
    return this.endedCount == 0 ? null : this.handBack(this.commands[this.ended[--this.endedCount]]);
  }

  /** The next command that has ended. Something must be outstanding. */
  next(): Command {
    while (true) {
      const command = this.reap();
      if (command !== null) return command;
      this.ring();
      for (let polls: u32 = 1; !this.pair.hasCompletion && this.endedCount == 0; polls++) {
        if (polls % POLLS_PER_LOOK == 0) this.look();
      }
    }
  }

  /** Sends one command and waits for it; nothing else may be outstanding. Whoever calls releases it. */
  run(command: Command): Command {
    this.send(command);
    return this.next();
  }

  /** Whether a command for this request, of this exchange, is in flight. */
  holds(requestBase: u32, call: u32): bool {
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      const command = this.commands[slot];
      if (command.isOut && command.requestBase == requestBase && command.call == call) return true;
    }
    return false;
  }

  /** The controller was reset and has the queues again, empty: what was in flight is sent once more, or ends when it had its tries. */
  resume(): void {
    this.pair.reset();
    this.endedCount = 0;
    this.dueMicros = u64.MAX_VALUE;
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      const command = this.commands[slot];
      if (!command.isOut) continue;
      if (command.tries < MOST_TRIES) {
        this.transmit(command);
      } else {
        command.status = ABORTED;
        this.ended[this.endedCount++] = slot;
      }
    }
    this.ring();
  }

  /** The controller was reset: what was in flight will not be asked for any more. */
  forget(): void {
    this.pair.reset();
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      const command = this.commands[slot];
      if (!command.isOut) continue;
      command.isOut = false;
      this.release(command);
    }
    this.outstanding = 0;
    this.dueMicros = u64.MAX_VALUE;
  }

  private transmit(command: Command): void {
    command.id = (this.turn << SLOT_BITS) | command.slot;
    this.turn = this.turn + 1 == TURNS ? 0 : this.turn + 1;
    command.tries += 1;
    command.isAborted = false;
    if (!this.isTimeKnown) {
      this.nowMicros = clock.nowMicros();
      this.isTimeKnown = true;
    }
    const deadline = command.isEventRequest ? u64.MAX_VALUE : this.nowMicros + COMMAND_TIMEOUT_MICROS;
    command.deadlineMicros = deadline;
    this.dueMicros = min(this.dueMicros, deadline);
    this.pair.submit(command);
  }

  /** Takes a completion off the ring: whose it is, with what it says. */
  private match(): Command {
    const id = this.pair.command;
    const command = this.commands[id & (SLOTS - 1)];
    if (!command.isOut || command.id != id) panic(PANIC_DEVICE, "a completion for a command that is not outstanding");
    command.status = this.pair.status;
    command.dword0 = this.pair.dword0;
    this.pair.release();
    answered();
    return command;
  }

  /** For whoever waits elsewhere, from time to time: what is late or has failed is seen to. */
  watch(): void {
    if (this.outstanding != 0) this.look();
  }

  private handBack(command: Command): Command {
    command.isOut = false;
    this.outstanding -= 1;
    if (this.outstanding == 0) this.dueMicros = u64.MAX_VALUE;
    return command;
  }

  /** A completion that does not come may have a reason (section 9.5), and has a limit. */
  private look(): void {
    const reason = trouble();
    if (reason !== null) {
      reset(reason);
      return;
    }
    const now = clock.nowMicros();
    if (now <= this.dueMicros) return;
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      const command = this.commands[slot];
      // One at a time: its end, or the reset that it may come to, changes the table.
      if (command.isOut && command.deadlineMicros < now) {
        overdue(this.pair.id, command);
        return;
      }
    }
    this.dueMicros = u64.MAX_VALUE;
    for (let slot: u32 = 0; slot < SLOTS; slot++) {
      const command = this.commands[slot];
      if (command.isOut) this.dueMicros = min(this.dueMicros, command.deadlineMicros);
    }
  }
}
