/**
 * The admin command set: dispatch, Abort, and Asynchronous Event Request. Called by the engine.
 * Source: [NVME-1.4] section 5.
 */
import { ADMIN, PENDING, STATUS } from "./codes.ts";
import { type Command, type CommandSet, DW } from "./command.ts";
import type { Engine } from "./engine.ts";
import type { Events } from "./events.ts";
import type { Features } from "./features.ts";
import type { Format } from "./format.ts";
import type { Identify } from "./identify.ts";
import type { Logs } from "./logs.ts";
import type { QueueCommands } from "./queue-commands.ts";
import type { Queues } from "./queues.ts";

/** Identify's ACL + 1. */
const ABORTS_AT_ONCE = 4;
const NOT_ABORTED = 1;

export interface AdminParts {
  readonly identify: Identify;
  readonly logs: Logs;
  readonly features: Features;
  readonly format: Format;
  readonly queueCommands: QueueCommands;
  readonly events: Events;
  readonly queues: Queues;
  engine(): Engine;
}

export class AdminCommands implements CommandSet {
  readonly #parts: AdminParts;

  constructor(parts: AdminParts) {
    this.#parts = parts;
  }

  admit(command: Command): number {
    // Neither fused commands nor SGLs exist among admin commands.
    if (command.flags !== 0) return STATUS.invalidField;
    if (this.#parts.events.holds(command.cid)) return STATUS.idConflict;
    switch (command.opcode) {
      case ADMIN.identify:
        return this.#parts.identify.admit(command);
      case ADMIN.getLogPage:
        return this.#parts.logs.admit(command);
      case ADMIN.abort:
        return this.#abort(command);
      case ADMIN.format:
        return this.#parts.format.admit(command);
      case ADMIN.deleteSq:
      case ADMIN.createSq:
      case ADMIN.deleteCq:
      case ADMIN.createCq:
      case ADMIN.setFeatures:
      case ADMIN.getFeatures:
      case ADMIN.asyncEvent:
        return STATUS.success;
      default:
        return STATUS.invalidOpcode;
    }
  }

  perform(command: Command): number {
    const { features, identify, logs, queueCommands } = this.#parts;
    switch (command.opcode) {
      case ADMIN.deleteSq:
        return queueCommands.deleteSubmission(command);
      case ADMIN.createSq:
        return queueCommands.createSubmission(command);
      case ADMIN.getLogPage:
        return logs.perform(command);
      case ADMIN.deleteCq:
        return queueCommands.deleteCompletion(command);
      case ADMIN.createCq:
        return queueCommands.createCompletion(command);
      case ADMIN.identify:
        return identify.perform(command);
      case ADMIN.setFeatures:
        return features.set(command);
      case ADMIN.getFeatures:
        return features.get(command);
      case ADMIN.asyncEvent:
        return this.#awaitEvent(command);
      case ADMIN.format:
        return this.#parts.format.perform(command);
      default:
        return STATUS.success; // Abort, which has acted when it was admitted
    }
  }

  /** Answers held requests with what there is to report. */
  deliver(): void {
    const admin = this.#parts.queues.submission[0];
    if (admin === undefined) return;
    for (let next = this.#parts.events.take(); next !== undefined; next = this.#parts.events.take()) {
      this.#parts.engine().post(admin, next.cid, STATUS.success, next.result);
    }
  }

  /** Acts at once: in a queue of work in flight it would come after what it is to abort. */
  #abort(command: Command): number {
    const engine = this.#parts.engine();
    if (engine.count(({ sq, opcode }) => sq.id === 0 && opcode === ADMIN.abort) >= ABORTS_AT_ONCE) return STATUS.abortLimit;
    const target = command.dword(DW.cdw10);
    const [sqId, cid] = [target & 0xffff, target >>> 16];
    const admin = this.#parts.queues.submission[0];
    let aborted = engine.cancel(({ sq, cid: held }) => (sq.id === sqId && held === cid ? STATUS.abortRequested : undefined)) > 0;
    if (!aborted && sqId === 0 && admin !== undefined && this.#parts.events.cancel(cid)) {
      engine.post(admin, cid, STATUS.abortRequested, 0);
      aborted = true;
    }
    command.result = aborted ? 0 : NOT_ABORTED;
    return STATUS.success;
  }

  #awaitEvent(command: Command): number {
    if (!this.#parts.events.hold(command.cid)) return STATUS.eventLimit;
    this.deliver();
    return PENDING;
  }
}
