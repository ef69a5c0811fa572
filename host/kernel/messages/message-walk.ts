/**
 * Runs a message's program over its bytes: whether they are values of the types, and where in them objects and handles stand.
 * Called by `message-transfer.ts` while nobody can write the message. Allocates nothing but room for objects, recurses never,
 * runs nobody's code, and takes time in proportion to the message's bytes.
 */
import type { SharedHeap } from "../../../shared-heap/heap.ts";
import { H_BORROWS_LIVE } from "../../../shared-heap/layout.ts";
import { MAX_LOOPS, Op } from "./message-program.ts";
import { isUtf8 } from "./utf8.ts";

/** Objects and handles that one message may hold. */
export const MAX_FOUND = 65_536;

/**
 * Instructions that one message may take. A few bytes can mean an object in the receiver's own memory, so this bounds what a
 * sender can make a receiver allocate, and the time that nobody can interrupt. Bytes of text and of lists of numbers are free.
 */
export const MAX_STEPS = 262_144;

/** What is noted of an object or handle: its instruction, its operand, where it stands, and what stood there. */
export const FOUND_WORDS = 4;

export class MessageWalk {
  readonly #u8: Uint8Array;
  readonly #i32: Int32Array;
  /** Loops under way: where the body begins, and how many items are left after this one. */
  readonly #loops: Int32Array = new Int32Array(2 * MAX_LOOPS);
  /** What was found, of all calls in progress: a stack. */
  found: Int32Array = new Int32Array(64 * FOUND_WORDS);
  top = 0;

  constructor(heap: SharedHeap) {
    this.#u8 = heap.u8;
    this.#i32 = heap.i32;
  }

  /** Borrows on the heap that have not ended. */
  get borrows(): number {
    return this.#i32[H_BORROWS_LIVE >> 2] as number;
  }

  word(at: number): number {
    const u8 = this.#u8;
    return (u8[at] as number) | ((u8[at + 1] as number) << 8) | ((u8[at + 2] as number) << 16) | ((u8[at + 3] as number) << 24);
  }

  setWord(at: number, word: number): void {
    const u8 = this.#u8;
    u8[at] = word;
    u8[at + 1] = word >> 8;
    u8[at + 2] = word >> 16;
    u8[at + 3] = word >> 24;
  }

  /**
   * HOT: every message. What is found lies above the `top` that there was, also where the answer is false.
   * @returns whether the bytes begin with values of the types
   */
  run(code: Int32Array, base: number, bytes: number): boolean {
    const u8 = this.#u8;
    const loops = this.#loops;
    const end = base + bytes;
    const first = this.top;
    let at = base;
    let pc = 0;
    let depth = 0;
    let steps = 0;
    for (;;) {
      if (++steps > MAX_STEPS) return false;
      switch (code[pc]) {
        case Op.end:
          return true;
        case Op.skip:
          at += code[pc + 1] as number;
          steps += code[pc + 2] as number;
          if (at > end || steps > MAX_STEPS) return false;
          pc += 3;
          break;
        case Op.below8:
          if (at >= end || (u8[at] as number) >= (code[pc + 1] as number)) return false;
          at++;
          pc += 2;
          break;
        case Op.below16:
          if (at + 2 > end || ((u8[at] as number) | ((u8[at + 1] as number) << 8)) >= (code[pc + 1] as number)) return false;
          at += 2;
          pc += 2;
          break;
        case Op.below32:
          if (at + 4 > end || this.word(at) >>> 0 >= (code[pc + 1] as number) >>> 0) return false;
          at += 4;
          pc += 2;
          break;
        case Op.char: {
          if (at + 4 > end) return false;
          const point = this.word(at) >>> 0;
          if (point >= 0x110000 || (point >= 0xd800 && point < 0xe000)) return false;
          at += 4;
          pc++;
          break;
        }
        case Op.string: {
          if (at + 4 > end) return false;
          const length = this.word(at) >>> 0;
          at += 4;
          if (length > end - at || !isUtf8(u8, this.#i32, at, at + length)) return false;
          at += length;
          pc++;
          break;
        }
        case Op.bytes: {
          if (at + 4 > end) return false;
          const length = (this.word(at) >>> 0) * (code[pc + 1] as number);
          at += 4;
          if (length > end - at) return false;
          at += length;
          pc += 2;
          break;
        }
        case Op.items: {
          if (at + 4 > end) return false;
          const count = this.word(at) >>> 0;
          const length = count * (code[pc + 1] as number);
          at += 4;
          steps += count * (code[pc + 2] as number);
          if (length > end - at || steps > MAX_STEPS) return false;
          at += length;
          pc += 3;
          break;
        }
        case Op.list: {
          if (at + 4 > end) return false;
          const count = this.word(at) >>> 0;
          at += 4;
          if (count * (code[pc + 1] as number) > end - at) return false;
          if (count === 0) {
            pc = code[pc + 2] as number;
            break;
          }
          pc += 3;
          loops[depth] = pc;
          loops[depth + 1] = count - 1;
          depth += 2;
          break;
        }
        case Op.repeat:
          loops[depth] = pc + 2;
          loops[depth + 1] = (code[pc + 1] as number) - 1;
          depth += 2;
          pc += 2;
          break;
        case Op.next:
          if (loops[depth - 1] === 0) {
            depth -= 2;
            pc++;
          } else {
            loops[depth - 1] = (loops[depth - 1] as number) - 1;
            pc = loops[depth - 2] as number;
          }
          break;
        case Op.case8: {
          const index = u8[at] as number;
          if (at >= end || index >= (code[pc + 1] as number)) return false;
          at++;
          pc = code[pc + 2 + index] as number;
          break;
        }
        case Op.case16: {
          const index = (u8[at] as number) | ((u8[at + 1] as number) << 8);
          if (at + 2 > end || index >= (code[pc + 1] as number)) return false;
          at += 2;
          pc = code[pc + 2 + index] as number;
          break;
        }
        case Op.jump:
          pc = code[pc + 1] as number;
          break;
        default:
          // An object or a handle.
          if (at + 4 > end || this.top - first >= MAX_FOUND * FOUND_WORDS) return false;
          this.#note(code[pc] as number, code[pc + 1] as number, at);
          at += 4;
          pc += 2;
      }
    }
  }

  grow(): void {
    const larger = new Int32Array(this.found.length * 2);
    larger.set(this.found);
    this.found = larger;
  }

  #note(op: number, operand: number, at: number): void {
    if (this.top + FOUND_WORDS > this.found.length) this.grow();
    const { found, top } = this;
    found[top] = op;
    found[top + 1] = operand;
    found[top + 2] = at;
    found[top + 3] = this.word(at);
    this.top = top + FOUND_WORDS;
  }
}
