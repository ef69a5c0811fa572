/**
 * The order of operations on a store that works asynchronously: those on the same blocks one after the other if one of them writes,
 * all others at once; an operation that is to be alone waits for all before it, and all after it wait for that.
 * Used by async-file-store.ts. Begins nothing by itself: `start` of an operation does, and calls `ended` when it is over.
 */

export interface Operation {
  /** Blocks that it touches; none for a flush. */
  readonly from: number;
  readonly to: number;
  readonly writes: boolean;
  readonly alone: boolean;
  /** Begins the work; `ended` is called once, later or at once. */
  start(ended: () => void): void;
}

export class OperationQueue {
  readonly #running: Set<Operation> = new Set();
  #waiting: Operation[] = [];
  #looking = false;

  get size(): number {
    return this.#running.size + this.#waiting.length;
  }

  add(operation: Operation): void {
    this.#waiting.push(operation);
    this.#look();
  }

  /** Drops what has not begun. */
  abandon(): void {
    this.#waiting = [];
  }

  /** Starts whatever may start; each keeps its place before what it conflicts with. */
  #look(): void {
    if (this.#looking) return;
    this.#looking = true;
    for (let i = 0; i < this.#waiting.length; ) {
      const operation = this.#waiting[i] as Operation;
      if (this.#mustWait(operation, i)) {
        if (operation.alone) break;
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#running.add(operation);
      operation.start(() => {
        this.#running.delete(operation);
        this.#look();
      });
      // An operation that is over already may have made room for one before this place.
      i = 0;
    }
    this.#looking = false;
  }

  #mustWait(operation: Operation, place: number): boolean {
    if (operation.alone) return this.#running.size > 0 || place > 0;
    for (const other of this.#running) if (conflict(other, operation)) return true;
    for (let i = 0; i < place; i++) if (conflict(this.#waiting[i] as Operation, operation)) return true;
    return false;
  }
}

function conflict(a: Operation, b: Operation): boolean {
  return a.alone || b.alone || ((a.writes || b.writes) && a.from < b.to && b.from < a.to);
}
