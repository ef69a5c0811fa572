/**
 * The handles of one call, or of its result, on their way from one side to the other: checked first, all or nothing.
 *
 * Called by proxies for words and by the message walk for handles inside messages, in this order: `own` and `borrow` for each value,
 * which answer what the receiver sees, or 0 where the value is not accepted; then `undo`, or `commit` and, when the call has
 * ended, `end`. Never calls a domain: instances that are lost on the way wait for their destructor.
 */
import type { HostType } from "../../idl/idl.ts";
import { partsOf } from "../../idl/value-types.ts";
import type { Destructors } from "./destructors.ts";
import { type Exporter, type HandleEntry, type HandleSide, holdBack, letGo, MAX_WAITING } from "./handles.ts";

interface Step {
  readonly isOwn: boolean;
  readonly type: number;
  readonly exporter: Exporter;
  readonly rep: number;
  /** The sender's entry; undefined where the sender is the exporter. */
  readonly source: HandleEntry | undefined;
  /** The receiver's entry; undefined where the receiver is the exporter. */
  given: HandleEntry | undefined;
}

export class Passage {
  readonly #from: HandleSide;
  readonly #to: HandleSide;
  readonly #destructors: Destructors;
  readonly #steps: Step[] = [];
  /** The last refusal was for want of room on the receiver's side. */
  isFull = false;

  constructor(from: HandleSide, to: HandleSide, destructors: Destructors) {
    this.#from = from;
    this.#to = to;
    this.#destructors = destructors;
  }

  own(value: number, type: number): number {
    const { table, exporter, reps } = this.#from;
    if (reps.has(type)) {
      if (value === 0 || exporter === undefined) return 0;
      if (exporter.unfinished.count < MAX_WAITING) return this.#give({ isOwn: true, type, exporter, rep: value });
      this.isFull = true;
      return 0;
    }
    const source = table.find(value, type);
    if (source === undefined || !source.isOwn || source.lends !== 0) return 0;
    holdBack(source);
    return this.#give({ isOwn: true, type, exporter: source.exporter, rep: source.rep }, source);
  }

  borrow(value: number, type: number): number {
    const { table, exporter, reps } = this.#from;
    if (reps.has(type)) return value === 0 || exporter === undefined ? 0 : this.#give({ isOwn: false, type, exporter, rep: value });
    const source = table.find(value, type);
    if (source === undefined) return 0;
    source.lends++;
    return this.#give({ isOwn: false, type, exporter: source.exporter, rep: source.rep }, source);
  }

  /** The call is not made: everything is the sender's again. */
  undo(): void {
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const { isOwn, source, given } = this.#steps[i] as Step;
      if (given !== undefined) this.#to.table.remove(given);
      if (source === undefined) continue;
      if (isOwn) letGo(source);
      else source.lends--;
    }
    this.#steps.length = 0;
  }

  /** What is owned has left the sender. */
  commit(): void {
    for (const { isOwn, source } of this.#steps) {
      if (isOwn && source !== undefined) this.#from.table.remove(source);
    }
  }

  /** The call has ended, however it did: borrows end. */
  end(): void {
    for (const { isOwn, source, given } of this.#steps) {
      if (isOwn) continue;
      if (given !== undefined) this.#to.table.remove(given);
      if (source !== undefined) source.lends--;
    }
  }

  /** The result is not accepted, or the host's function threw: what its sender gave up is nobody's, and ends. */
  giveUp(): void {
    this.commit();
    for (const { isOwn, type, exporter, rep, source, given } of this.#steps) {
      // The receiver may have dropped it or handed it on already.
      const isHeld = given === undefined || this.#to.table.find(given.handle, type) === given;
      if (given !== undefined) this.#to.table.remove(given);
      if (isOwn && isHeld) this.#destructors.push(exporter, type, rep, exporter.unfinished);
      if (!isOwn && source !== undefined) source.lends--;
    }
    this.#steps.length = 0;
  }

  #give(instance: Omit<Step, "source" | "given">, source: HandleEntry | undefined = undefined): number {
    const step: Step = { ...instance, source, given: undefined };
    this.#steps.push(step);
    const { table, exporter, reps } = this.#to;
    const { type, rep, isOwn } = instance;
    if (reps.has(type)) return instance.exporter === exporter ? rep : 0;
    if (!table.hasRoom) {
      this.isFull = true;
      return 0;
    }
    step.given = table.insert(type, instance.exporter, rep, isOwn);
    return step.given.handle;
  }
}

/** Whether values of one of these types can hold a handle. */
export function holdHandles(types: readonly HostType[]): boolean {
  return types.some((type) => type.kind === "handle" || holdHandles(partsOf(type)));
}
