/**
 * What a proxy's text says about values: checks of words that can be outside their type, and messages on their way in and out.
 * Called by `proxy.ts` only, whose rules for text hold here: numbers and fixed strings. The text calls `message-transfer.ts`.
 */
import { MESSAGE_TYPE } from "../../idl/message.ts";
import type { MethodDescription, WordCheck } from "../../idl/model.ts";
import { holdHandles } from "../handles/passage.ts";
import { NO_ROOM } from "../messages/message-transfer.ts";

/** One comparison for each word; integers, which are taken modulo their width, have none. */
export function wordsOutside(checks: readonly WordCheck[], wordAt: (word: number) => string): string {
  const outside = checks.map(({ word, below, isChar }) => {
    const text = wordAt(word);
    const surrogate = isChar ? ` || (${text} & 0xfffff800) === 0xd800` : "";
    return `${text} >>> 0 >= ${below}${surrogate}`;
  });
  return outside.join(" || ");
}

/** Parameters as words: the call is not made where one is outside its type. */
export function checkParams({ paramChecks }: MethodDescription): string {
  if (paramChecks.length === 0) return "";
  return `if (${wordsOutside(paramChecks, (word) => `a${word}`)}) return slow.badWords(link);`;
}

export interface MessageText {
  /** Last of what is done before the call. */
  readonly enter: string;
  /** First of what is done after it, however it ended. */
  readonly leave: string;
  /** Instead, where a function of the host threw: what it was given is the caller's again. */
  readonly giveBack: string;
}

export interface MessageWay {
  /** Words or expressions for owner words. */
  readonly from: number | string;
  readonly to: number | string;
  /** Whether the sender is trusted to write what its types say. */
  readonly isTrusted: boolean;
  /** The types can hold an object or handle. */
  readonly holdsObjects: boolean;
}

/** The message in which parameters cross; it is lent to the callee already. */
export function messageParams(method: MethodDescription, way: MessageWay, undo: string): MessageText {
  const { paramsMessage, params } = method;
  if (paramsMessage === undefined) return { enter: "", leave: "", giveBack: "" };
  const base = `a${params - 1}`;
  const { from, to } = way;
  if (!way.holdsObjects) {
    const enter = way.isTrusted ? "" : `if (!paramsMessage.check(${base})) { ${undo} return slow.badMessage(link, -1); }\n`;
    return { enter, leave: "", giveBack: "" };
  }
  const carries = holdHandles(paramsMessage);
  const reason = carries ? "passage.isFull ? -2 : mark" : "mark";
  return {
    enter: `const mark = paramsMessage.enter(${base}, ${from}, ${to}, ${carries ? "passage" : "undefined"});
  if (mark < 0) { ${undo} return slow.badMessage(link, ${reason}); }\n`,
    leave: `paramsMessage.leave(mark, ${to}); `,
    giveBack: `paramsMessage.undo(mark, ${from}, ${to}); `,
  };
}

/**
 * The message in which a result crosses: it becomes the receiver's, then it is checked.
 * @param side what handles mean to the sender
 */
export function messageResult(method: MethodDescription, way: MessageWay, side: string): string {
  const { resultMessage } = method;
  if (resultMessage === undefined) return "";
  const { from, to } = way;
  const isRefused = `move(r, ${MESSAGE_TYPE}, ${from}, ${to}) !== 0`;
  if (!way.holdsObjects) {
    const check = way.isTrusted ? "" : ` if (!resultMessage.check(r)) return slow.badResult(link, r, ${to});`;
    return `if (${isRefused}) return slow.badResult(link, r, ${from});${check}`;
  }
  const carries = holdHandles([resultMessage]);
  const back = carries ? "back" : "undefined";
  const giveUp = (holder: number | string): string =>
    `resultMessage.giveUp(r, ${holder}, ${from}, ${back}); ${carries ? "back.giveUp();" : ""}`;
  return `${carries ? `const back = handles.passFrom(${side});` : ""}
  if (${isRefused}) { ${giveUp(from)} return slow.badResult(link, r, ${from}); }
  const refusal = resultMessage.take(r, ${from}, ${to}, ${back});
  if (refusal !== 0) {
    ${carries ? "back.undo();" : ""}
    if (refusal === ${NO_ROOM}${carries ? " || back.isFull" : ""}) { ${giveUp(to)} }
    return slow.badResult(link, r, ${to});
  }
  ${carries ? "back.commit();" : ""}`;
}

/** What a result holds that nobody wants any more. */
export function discardResult({ resultMessage, result }: MethodDescription, holdsObjects: boolean, owner: string): string {
  if (resultMessage === undefined || !holdsObjects) return "";
  const discard = `resultMessage.discard(r, ${owner}, handles);`;
  return result === "packed" ? `if (r >= 64) ${discard}` : discard;
}
