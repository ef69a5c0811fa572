/**
 * The types of a message as a program of a few instructions, which `message-walk.ts` runs over its bytes. Made once per method;
 * a table of numbers, because one loop over one kind of array stays fast however many types there are.
 *
 *     skip k n                k bytes that hold whatever they hold, n records or lists of fixed length among them
 *     below8|16|32 n          a number that must be less than n
 *     char                    a Unicode scalar value
 *     string                  a length and UTF-8
 *     bytes k                 a number of items of k bytes that hold whatever they hold
 *     items k n               the same for items that are n records or lists of fixed length each, one inside the other
 *     list least after        a number of items of at least so many bytes; the body follows up to `next`, then `after`
 *     repeat n                the body follows, n times
 *     case8|16 n pc …         a number less than n, and where to go on for each
 *     jump pc
 *     own|borrow type         a shared object
 *     ownHandle|borrowHandle  an instance of a capability, by the number of its type
 *     end
 */
import { caseBytes, flagsBytes, MAX_MESSAGE_BYTES } from "../../idl/message.ts";
import type { HostType, ResourceType, Scalar } from "../../idl/model.ts";
import { partsOf } from "../../idl/value-types.ts";

export const Op = {
  end: 0,
  skip: 1,
  below8: 2,
  below16: 3,
  below32: 4,
  char: 5,
  string: 6,
  bytes: 7,
  list: 8,
  repeat: 9,
  next: 10,
  case8: 11,
  case16: 12,
  jump: 13,
  items: 14,
  own: 15,
  borrow: 16,
  ownHandle: 17,
  borrowHandle: 18,
} as const;

/** Loops inside each other that a program can have: each is a type inside another. */
export const MAX_LOOPS = 64;

export interface MessageProgram {
  readonly code: Int32Array;
  /** Whether messages of it can hold objects or handles. */
  readonly holdsObjects: boolean;
}

/** @param numberOf number of a capability's type */
export function programOf(types: readonly HostType[], numberOf: (resource: ResourceType) => number): MessageProgram {
  const writer = new ProgramWriter(numberOf);
  for (const type of types) writer.value(type);
  writer.put(Op.end);
  return { code: Int32Array.from(writer.code), holdsObjects: types.some(holdsObjects) };
}

function holdsObjects(type: HostType): boolean {
  return type.kind === "own" || type.kind === "borrow" || type.kind === "handle" || partsOf(type).some(holdsObjects);
}

class ProgramWriter {
  readonly code: number[] = [];
  readonly #numberOf: (resource: ResourceType) => number;
  /** Where the last instruction is, if it is a skip that may be made longer. */
  #lastSkip = -1;

  constructor(numberOf: (resource: ResourceType) => number) {
    this.#numberOf = numberOf;
  }

  put(...words: number[]): number {
    this.#lastSkip = -1;
    return this.code.push(...words) - words.length;
  }

  value(type: HostType): void {
    const free = freeBytes(type);
    if (free !== undefined) {
      this.#skip(free, compositesIn(type));
      return;
    }
    switch (type.kind) {
      case "scalar":
        if (type.scalar === "bool") this.put(Op.below8, 2);
        else this.put(Op.char);
        return;
      case "string":
        this.put(Op.string);
        return;
      case "enum":
        this.put(caseBytes(type.cases.length) === 1 ? Op.below8 : Op.below16, type.cases.length);
        return;
      case "flags":
        this.put(FLAGS_OPS[flagsBytes(type.flags.length)], 2 ** type.flags.length);
        return;
      case "record":
      case "tuple":
        for (const part of partsOf(type)) this.value(part);
        return;
      case "list":
        this.#list(type.item, type.length);
        return;
      case "option":
        this.#cases(2, [undefined, type.item]);
        return;
      case "result":
        this.#cases(2, [type.ok, type.error]);
        return;
      case "variant":
        this.#cases(
          type.cases.length,
          type.cases.map((each) => each.type),
        );
        return;
      case "own":
      case "borrow":
        this.put(type.kind === "own" ? Op.own : Op.borrow, type.shared.id | 0);
        return;
      case "handle":
        this.put(type.mode === "own" ? Op.ownHandle : Op.borrowHandle, this.#numberOf(type.resource));
    }
  }

  #skip(bytes: number, composites: number): void {
    const { code } = this;
    const last = this.#lastSkip;
    if (last < 0) {
      this.#lastSkip = this.put(Op.skip, atMost(bytes), atMost(composites));
      return;
    }
    code[last + 1] = atMost((code[last + 1] ?? 0) + bytes);
    code[last + 2] = atMost((code[last + 2] ?? 0) + composites);
  }

  #list(item: HostType, length: number | undefined): void {
    const free = freeBytes(item);
    if (length === undefined && free !== undefined) {
      if (item.kind === "scalar") this.put(Op.bytes, free);
      else this.put(Op.items, atMost(free), atMost(compositesIn(item)));
      return;
    }
    const start = length === undefined ? this.put(Op.list, atMost(leastBytes(item)), 0) : this.put(Op.repeat, length);
    this.value(item);
    this.put(Op.next);
    if (length === undefined) this.code[start + 2] = this.code.length;
  }

  #cases(count: number, types: readonly (HostType | undefined)[]): void {
    const start = this.put(caseBytes(count) === 1 ? Op.case8 : Op.case16, count, ...types.map(() => 0));
    const jumps: number[] = [];
    for (const [index, type] of types.entries()) {
      this.code[start + 2 + index] = this.code.length;
      if (type) this.value(type);
      if (index < types.length - 1) jumps.push(this.put(Op.jump, 0));
    }
    for (const jump of jumps) this.code[jump + 1] = this.code.length;
    // Whatever follows is a place to jump to.
    this.#lastSkip = -1;
  }
}

const FLAGS_OPS = { 1: Op.below8, 2: Op.below16, 4: Op.below32 } as const;

const SCALAR_BYTES: Readonly<Record<Scalar, number>> = {
  bool: 1,
  u8: 1,
  s8: 1,
  u16: 2,
  s16: 2,
  u32: 4,
  s32: 4,
  char: 4,
  f32: 4,
  u64: 8,
  s64: 8,
  f64: 8,
};

/**
 * A number as an instruction holds it. Lists of fixed length inside each other can be larger than any word; no message holds so much, and
 * none is checked for so long.
 */
function atMost(count: number): number {
  return Math.min(count, MAX_MESSAGE_BYTES + 1);
}

/** Bytes of a value whose every bit pattern is one; undefined where something must be looked at. */
function freeBytes(type: HostType): number | undefined {
  switch (type.kind) {
    case "scalar":
      return type.scalar === "bool" || type.scalar === "char" ? undefined : SCALAR_BYTES[type.scalar];
    case "flags":
      return type.flags.length === 8 * flagsBytes(type.flags.length) ? flagsBytes(type.flags.length) : undefined;
    case "record":
    case "tuple": {
      let bytes = 0;
      for (const part of partsOf(type)) {
        const free = freeBytes(part);
        if (free === undefined) return undefined;
        bytes += free;
      }
      return bytes;
    }
    case "list": {
      const free = type.length === undefined ? undefined : freeBytes(type.item);
      return free === undefined ? undefined : free * (type.length ?? 0);
    }
    default:
      return undefined;
  }
}

/** Records, tuples, flags and lists that a value without anything to look at consists of: what its receiver makes objects of. */
function compositesIn(type: HostType): number {
  const parts = partsOf(type).reduce((sum, part) => sum + compositesIn(part), 0);
  if (type.kind === "list") return 1 + parts * (type.length ?? 0);
  return type.kind === "scalar" ? 0 : 1 + parts;
}

/** The fewest bytes that a value takes. Never 0, so that a number of items beyond the message is refused before the first. */
function leastBytes(type: HostType): number {
  switch (type.kind) {
    case "scalar":
      return SCALAR_BYTES[type.scalar];
    case "enum":
      return caseBytes(type.cases.length);
    case "flags":
      return flagsBytes(type.flags.length);
    case "record":
    case "tuple":
      return partsOf(type).reduce((sum, part) => sum + leastBytes(part), 0);
    case "list":
      return type.length === undefined ? 4 : type.length * leastBytes(type.item);
    case "option":
    case "result":
      return 1;
    case "variant":
      return caseBytes(type.cases.length);
    default:
      return 4;
  }
}
