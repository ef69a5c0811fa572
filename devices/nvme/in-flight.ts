/**
 * Commands that were fetched and have not completed, in the order of fetching, and which of them may complete next.
 * Owned by the engine, which performs and finishes them; nothing here touches memory or queues.
 * Source: [NVME-1.4] section 4.1 (commands complete in any order).
 */
import { STATUS } from "./codes.ts";
import type { Command } from "./command.ts";

export interface CompletionOrder {
  /** The next index below a limit; without it the oldest comes first. */
  readonly pick?: (below: number) => number;
  readonly nowMicros: () => number;
}

export class InFlight {
  readonly commands: Command[] = [];
  /** How many of them wait for a time or a number of accesses of their own. */
  slow = 0;
  readonly #order: CompletionOrder;
  readonly #ready: Command[] = [];

  constructor(order: CompletionOrder) {
    this.#order = order;
  }

  get size(): number {
    return this.commands.length;
  }

  add(command: Command): void {
    this.commands.push(command);
    for (const one of command.partner === undefined ? [command] : [command, command.partner])
      if (one.admission !== STATUS.idConflict) one.sq.held.add(one.cid);
    if (command.slow) this.slow++;
  }

  /** `false`: it is not here any more. */
  remove(command: Command): boolean {
    const at = this.commands.indexOf(command);
    if (at < 0) return false;
    this.commands.splice(at, 1);
    this.#forget(command);
    return true;
  }

  /** Everything, oldest first; nothing is left. */
  takeAll(): Command[] {
    const all = this.commands.splice(0);
    for (const command of all) this.#forget(command);
    return all;
  }

  /** Takes one that may complete now: `all` of those that are held for `advance`, or only those that are due by counting accesses. */
  takeReady(accesses: number, all: boolean): Command | undefined {
    const command = this.#choose(accesses, all);
    if (command !== undefined) this.remove(command);
    return command;
  }

  #choose(accesses: number, all: boolean): Command | undefined {
    const { pick } = this.#order;
    if (pick === undefined) return this.commands.find((command) => this.#mayComplete(command, accesses, all));
    this.#ready.length = 0;
    for (const command of this.commands) if (this.#mayComplete(command, accesses, all)) this.#ready.push(command);
    return this.#ready.length === 0 ? undefined : this.#ready[pick(this.#ready.length)];
  }

  #mayComplete(command: Command, accesses: number, all: boolean): boolean {
    if (command.hangs || command.busy) return false;
    if (command.slow) return command.due <= accesses && command.dueMicros <= this.#order.nowMicros();
    return all || command.due <= accesses;
  }

  #forget(command: Command): void {
    for (const one of command.partner === undefined ? [command] : [command, command.partner])
      if (one.admission !== STATUS.idConflict) one.sq.held.delete(one.cid);
    if (command.slow) this.slow--;
  }
}
