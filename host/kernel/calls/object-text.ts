/**
 * What a proxy's text says about objects: how those among the arguments are taken and given back, and how one changes hands.
 * Called by `proxy.ts` only, whose rules for text hold here: numbers and fixed strings.
 *
 * A root that nobody else has a claim on is moved by the text itself, on the words of the heap's tables; for anything else the heap's own
 * `move` is called, which decides. This is the only place outside the heap that changes an owner word or an account, and it has to do exactly
 * what `shared-heap/assembly/ownership.ts` does: a test holds the two against each other, word for word, over random histories. It may do so
 * because the probe has proved the stack and nothing is called between the first comparison and the last store, so that a move has
 * not begun or is done; and because it never runs where several CPUs share the heap, so that there is no lock to take.
 *
 * HOT: the heap's function behind V8's wrapper takes 6 ns for what takes 3 here, and every object argument that comes back is moved twice.
 */
import {
  DOMAIN_BYTES_USED,
  DOMAIN_MAX_BYTES,
  DOMAIN_MAX_OBJECTS,
  DOMAIN_OBJECTS_USED,
  DOMAIN_SLOT_MASK,
  ENTRY_BASE,
  ENTRY_BYTES,
  ENTRY_FIRST,
  ENTRY_OWNER,
  ENTRY_PARENT,
  ENTRY_PINS,
  ENTRY_TYPE,
  GRANULE_SHIFT,
  GRANULE_SIZE,
  GRANULES,
  H_IS_SHARED,
} from "../../../shared-heap/layout.ts";
import type { MethodDescription } from "../../idl/idl.ts";
import { recordIndex } from "../words.ts";

/** What is known of the caller and the heap while the text is written. */
interface TextContext {
  readonly kernelId: number;
  readonly i32: Int32Array;
  readonly isTraced: boolean;
}

/** Who gives or gets: expressions, or numbers, for its owner word and the index of its record. */
export interface Party {
  readonly id: string | number;
  readonly record: string | number;
}

interface Moved {
  /** A variable that holds the object's base. */
  readonly base: string;
  /** Of the object; never 0, which for the heap means any. */
  readonly type: number;
  readonly from: Party;
  readonly to: Party;
}

/** @param refuse what is done instead where the heap refuses the move; it leaves the proxy */
export function moveStatement({ base, type, from, to }: Moved, refuse: string, heapBytes: number): string {
  const word = (offset: number): string => `i32[entry + ${offset >> 2}]`;
  const account = ({ record }: Party, offset: number): string => `i32[${record} + ${offset >> 2}]`;
  // Whatever number the base is, `entry` is the index of an entry; of the null entry, which nobody owns, where it is none of the heap's.
  return `{
    const entry = ${base} >>> 0 < ${heapBytes} ? i32[${GRANULES >> 2} + (${base} >>> ${GRANULE_SHIFT})] >>> 2 : 0;
    const bytes = (${word(ENTRY_BYTES)} + ${GRANULE_SIZE - 1}) & ${-GRANULE_SIZE};
    const used = (${account(to, DOMAIN_BYTES_USED)} + bytes) | 0;
    const objects = ${account(to, DOMAIN_OBJECTS_USED)};
    if (
      ${word(ENTRY_OWNER)} === ${from.id} && ${word(ENTRY_BASE)} === ${base} && ${word(ENTRY_TYPE)} === ${type | 0} &&
      (${word(ENTRY_PINS)} | ${word(ENTRY_PARENT)} | ${word(ENTRY_FIRST)}) === 0 && ${account(to, 0)} === ${to.id} &&
      used >>> 0 <= ${account(to, DOMAIN_MAX_BYTES)} >>> 0 && objects >>> 0 < ${account(to, DOMAIN_MAX_OBJECTS)} >>> 0 &&
      i32[${H_IS_SHARED >> 2}] === 0
    ) {
      ${account(to, DOMAIN_BYTES_USED)} = used;
      ${account(to, DOMAIN_OBJECTS_USED)} = objects + 1;
      ${account(from, DOMAIN_BYTES_USED)} -= bytes;
      ${account(from, DOMAIN_OBJECTS_USED)} -= 1;
      ${word(ENTRY_OWNER)} = ${to.id};
    } else if (move(${base}, ${type}, ${from.id}, ${to.id}) !== 0) { ${refuse} }
  }`;
}

/** A domain that calls, as its proxies name it, and one that is called. */
export const ME: Party = { id: "me", record: "caller" };
export const CALLEE: Party = { id: "id", record: "record" };

export function hostParty({ kernelId }: TextContext): Party {
  return { id: kernelId, record: recordIndex(kernelId & DOMAIN_SLOT_MASK) };
}

/** One object, with the heap's function or without. */
export function moveText(base: string, type: number, from: Party, to: Party, refuse: string, { isTraced, i32 }: TextContext): string {
  if (isTraced) return `if (move(${base}, ${type}, ${from.id}, ${to.id}) !== 0) { ${refuse} }`;
  return moveStatement({ base, type, from, to }, refuse, i32.byteLength);
}

/**
 * Moves and borrows in parameter order; a refusal undoes what came before it, in reverse.
 * @param undoFirst undoes what came before all of them
 */
export function takeObjects(
  method: MethodDescription,
  to: Party,
  undoFirst: string,
  context: TextContext,
): { enter: string; leave: string; undo: string } {
  const steps = [
    ...method.moves.map(({ param, type }) => ({
      param,
      take: (refuse: string) => moveText(`a${param}`, type, ME, to, `${refuse} return slow.refused(link, a${param}, ${type});`, context),
      undo: `move(a${param}, 0, ${to.id}, me);`,
    })),
    ...method.borrows.map(({ param, type }) => ({
      param,
      take: (refuse: string) =>
        `if (borrow(a${param}, ${type}, me, ${to.id}) !== 0) { ${refuse} return slow.refused(link, a${param}, ${type}); }`,
      undo: `endBorrow(a${param}, ${to.id});`,
    })),
  ].sort((x, y) => x.param - y.param);
  let enter = "";
  let undo = undoFirst;
  for (const step of steps) {
    enter += `${step.take(undo)}\n`;
    undo = `${step.undo} ${undo}`;
  }
  const leave = method.borrows.map(({ param }) => `endBorrow(a${param}, ${to.id});`).join(" ");
  return { enter, leave, undo };
}
