/**
 * What the driver does about a controller that is late or has failed: Abort first, then a controller reset, and in the end its own death.
 * Called by channel.ts while it waits. Source: [NVME-1.4] sections 5.1 (Abort), 7.3.2 (controller level reset), 9.5 (fatal status).
 *
 *   a command's time is up ─▶ Abort, some grace ─▶ it ends, most likely "aborted": sent again, three times in all
 *                                    └─ still nothing ─┐
 *   CSTS.CFS, or RDY gone ─────────────────────────────┴▶ reset: all that is in flight is sent again, three times in all
 *                                                              └─ three resets in which nothing was answered ─▶ the driver ends
 */
import { PANIC_DEVICE, panic } from "sumac/abort";
import { Channel } from "./channel";
import { Command } from "./command";
import { abort } from "./commands";
import { admin, restoreController } from "./controller";
import { eventArrived } from "./events";
import { clock } from "./gen/clock";
import { trouble } from "./registers";

/** How long an Abort may take, and how long a command may take after it. */
const ABORT_MICROS: u64 = 1_000_000;
const MOST_RESETS: u32 = 3;

/** The controller is being brought up: whatever goes wrong then ends the driver. */
let isStarting: bool = true;
/** Resets since a command ended last. */
let resets: u32 = 0;

export function starting(): void {
  isStarting = true;
  resets = 0;
}

export function started(): void {
  isStarting = false;
}

/** Some command has ended: the controller works. */
export function answered(): void {
  resets = 0;
}

/** A command's time is up. */
export function overdue(queue: u32, command: Command): void {
  if (isStarting) panic(PANIC_DEVICE, "a command was not completed in time");
  if (!command.isAborted && aborts(admin(), queue, command.id)) {
    command.isAborted = true;
    command.deadlineMicros = clock.nowMicros() + ABORT_MICROS;
  } else {
    reset("a command was not completed in time");
  }
}

/** The controller, its queues and what was in them, anew. @param reason why, if this is once too often */
export function reset(reason: string): void {
  if (isStarting || resets == MOST_RESETS) panic(PANIC_DEVICE, reason);
  resets += 1;
  isStarting = true;
  restoreController();
  isStarting = false;
}

/** Whether the controller has answered an Abort; what it answered shows in the command itself. */
function aborts(channel: Channel, queue: u32, id: u32): bool {
  const deadline = clock.nowMicros() + ABORT_MICROS;
  const command = channel.take();
  abort(command, queue, id);
  channel.send(command);
  while (true) {
    const answer = channel.reap();
    channel.ring();
    if (answer === command) {
      channel.release(command);
      return true;
    }
    if (answer !== null) {
      eventArrived(answer);
      continue;
    }
    if (trouble() !== null || clock.nowMicros() > deadline) return false;
  }
}
