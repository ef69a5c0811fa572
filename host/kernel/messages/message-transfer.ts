/**
 * A message on its way through a proxy: its bytes are checked, then the objects in it change hands, all or none.
 * One per method and direction; called by the text that `proxy.ts` writes, while the message is lent to the receiver or belongs
 * to him already, so that nobody can write it.
 *
 *     enter ─ the call ─ leave      parameters: what is borrowed ends with the call, handles are what the sender wrote again
 *     enter ─ … ─ undo              the call was not made, or a function of the host threw
 *     take                          a result: everything stays with the receiver
 */

import { MESSAGE_TYPE } from "../../idl/message.ts";
import type { HeapCalls } from "../calls/proxy.ts";
import { type MessageProgram, Op } from "./message-program.ts";
import { FOUND_WORDS, type MessageWalk } from "./message-walk.ts";

/** The handles of a call on their way: see `passage.ts`. Answers 0 where a value is not accepted. */
export interface HandlePassage {
  own(value: number, type: number): number;
  borrow(value: number, type: number): number;
}

/** What the transfer needs of the heap. */
export interface MessageHeap extends HeapCalls {
  sizeOf(base: number): number;
  typeOf(base: number): number;
  ownerOf(base: number): number;
  canRead(base: number, reader: number): number;
  drop(base: number, owner: number): number;
}

/** Answers of `enter` that are no mark. */
export const OUTSIDE_ITS_TYPE = -1;
export const NO_ROOM = -2;

/**
 * Objects that one message may lend, counted with all that they own and as often as it lends them: who lends a tree again and
 * again would otherwise make one crossing take seconds, in which nothing can end it.
 */
export const MAX_LENT = 262_144;

export class MessageTransfer {
  readonly #code: Int32Array;
  readonly #walk: MessageWalk;
  readonly #heap: MessageHeap;
  readonly holdsObjects: boolean;

  constructor(program: MessageProgram, walk: MessageWalk, heap: MessageHeap) {
    this.#code = program.code;
    this.holdsObjects = program.holdsObjects;
    this.#walk = walk;
    this.#heap = heap;
  }

  /** HOT: whether a message that can hold no object is what its types say. */
  check(base: number): boolean {
    return this.#walk.run(this.#code, base, this.#heap.sizeOf(base));
  }

  /**
   * Checks, then moves and lends what the message holds.
   * @param passage undefined where its types hold no handle
   * @returns a mark for `leave` and `undo`, or why nothing was done
   */
  enter(base: number, from: number, to: number, passage: HandlePassage | undefined): number {
    const walk = this.#walk;
    const mark = walk.top;
    // The first entry says how many follow, because calls inside this one use the same stack.
    walk.top = mark + FOUND_WORDS;
    if (walk.top > walk.found.length) walk.grow();
    if (!this.check(base)) {
      walk.top = mark;
      return OUTSIDE_ITS_TYPE;
    }
    walk.found[mark] = walk.top;
    let lent = 0;
    for (let at = mark + FOUND_WORDS; at < walk.top; at += FOUND_WORDS) {
      const before = walk.borrows;
      if (this.#hand(at, from, to, passage)) {
        lent += walk.borrows - before;
        if (lent <= MAX_LENT) continue;
        this.#takeBack(mark, at + FOUND_WORDS, from, to);
        return NO_ROOM;
      }
      const reason = this.#isSendersFault(at, from) ? OUTSIDE_ITS_TYPE : NO_ROOM;
      this.#takeBack(mark, at, from, to);
      return reason;
    }
    return mark;
  }

  /** The call has ended, however it did. */
  leave(mark: number, to: number): void {
    const walk = this.#walk;
    const { found } = walk;
    for (let at = (found[mark] as number) - FOUND_WORDS; at > mark; at -= FOUND_WORDS) {
      const op = found[at] as number;
      if (op === Op.borrow) this.#heap.endBorrow(found[at + 3] as number, to);
      else if (op !== Op.own) walk.setWord(found[at + 2] as number, found[at + 3] as number);
    }
    walk.top = mark;
  }

  /** Everything is the sender's again, as far as the receiver did not give it away. */
  undo(mark: number, from: number, to: number): void {
    this.#takeBack(mark, this.#walk.found[mark] as number, from, to);
  }

  /**
   * Checks a result that belongs to the receiver already; refused, what it holds stays with the sender.
   * @returns 0, or why it was refused
   */
  take(base: number, from: number, to: number, passage: HandlePassage | undefined): number {
    const mark = this.enter(base, from, to, passage);
    if (mark < 0) return mark;
    this.#walk.top = mark;
    return 0;
  }

  /**
   * A result for which its receiver has no room: what it holds is dropped. Its sender gave it up and never hears of the refusal, so
   * what stayed with it would fill its quota, call by call.
   * @param holder who owns the message
   * @param passage from the sender, empty; what it accepts ends with its `giveUp`
   */
  giveUp(base: number, holder: number, from: number, passage: HandlePassage | undefined): void {
    const { typeOf, ownerOf, drop } = this.#heap;
    if (typeOf(base) >>> 0 !== MESSAGE_TYPE || ownerOf(base) !== holder) return;
    const walk = this.#walk;
    const mark = walk.top;
    if (this.check(base)) {
      for (let at = mark; at < walk.top; at += FOUND_WORDS) {
        const type = walk.found[at + 1] as number;
        const word = walk.found[at + 3] as number;
        if (walk.found[at] !== Op.own) passage?.own(word, type);
        else if (typeOf(word) >>> 0 === type >>> 0) drop(word, from);
      }
    }
    walk.top = mark;
  }

  /** Nobody wants a result that was taken: what it holds is dropped. */
  discard(base: number, owner: number, handles: { giveUp(value: number, type: number): void }): void {
    const walk = this.#walk;
    const mark = walk.top;
    if (this.check(base)) {
      for (let at = mark; at < walk.top; at += FOUND_WORDS) {
        const word = walk.found[at + 3] as number;
        if (walk.found[at] === Op.own) this.#heap.drop(word, owner);
        else handles.giveUp(word, walk.found[at + 1] as number);
      }
    }
    walk.top = mark;
  }

  #hand(at: number, from: number, to: number, passage: HandlePassage | undefined): boolean {
    const { found } = this.#walk;
    const type = found[at + 1] as number;
    const word = found[at + 3] as number;
    switch (found[at]) {
      case Op.own:
        return this.#heap.move(word, type, from, to) === 0;
      case Op.borrow:
        return this.#heap.borrow(word, type, from, to) === 0;
      default: {
        const given = (found[at] === Op.ownHandle ? passage?.own(word, type) : passage?.borrow(word, type)) ?? 0;
        if (given === 0) return false;
        this.#walk.setWord(found[at + 2] as number, given);
        return true;
      }
    }
  }

  /** @param end the first entry that was not handed over */
  #takeBack(mark: number, end: number, from: number, to: number): void {
    const walk = this.#walk;
    const { found } = walk;
    for (let at = end - FOUND_WORDS; at > mark; at -= FOUND_WORDS) {
      const word = found[at + 3] as number;
      if (found[at] === Op.own) this.#heap.move(word, 0, to, from);
      else if (found[at] === Op.borrow) this.#heap.endBorrow(word, to);
      else walk.setWord(found[at + 2] as number, word);
    }
    walk.top = mark;
  }

  /** Whether the sender could not have handed it over, whoever the receiver. */
  #isSendersFault(at: number, from: number): boolean {
    const { found } = this.#walk;
    const base = found[at + 3] as number;
    const { typeOf, ownerOf, canRead } = this.#heap;
    if (found[at] !== Op.own && found[at] !== Op.borrow) return true;
    if (typeOf(base) >>> 0 !== (found[at + 1] as number) >>> 0) return true;
    return found[at] === Op.own ? ownerOf(base) !== from : canRead(base, from) !== 1;
  }
}
