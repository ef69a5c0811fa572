/**
 * What a proxy's text says about handles: how it finds whom to call, and how handles pass on the way in and out.
 * Called by `proxy.ts` only, whose rules for text hold here: numbers and fixed strings. The text calls `handle-calls.ts`.
 */
import type { MethodDescription } from "../../idl/idl.ts";
import type { HandleCalls } from "../handles/handle-calls.ts";
import { holdHandles } from "../handles/passage.ts";
import { RecordWord } from "../words.ts";

/** What is known of the caller's handles while the text is written. */
interface TextContext {
  readonly handles: HandleCalls;
}

export function argumentList(method: MethodDescription): string {
  return Array.from({ length: method.params }, (_, i) => `a${i}`).join(", ");
}

/** How a proxy begins: from the arguments to `target`, with the stack proved. */
export interface Opening {
  readonly text: string;
  /** The first word is a handle that names the callee: the entry `self`. */
  readonly bySelf: boolean;
}

/**
 * HOT: V8 takes a field for a constant until it is written a second time, and knows that for each class; so a proxy has a class of its
 * own for its target. Until the link is cut or bound anew, the callee's code and the addresses of its words are constants in the proxy's.
 * @param isForOneCall which is not worth a class
 */
export function linkedOpening(method: MethodDescription, rank: number, isForOneCall: boolean): Opening {
  const bound = `class Bound { constructor(target) { this.target = target; } }
const bound = link.keepIn(new Bound(link.target));`;
  return {
    text: `${isForOneCall ? "const bound = link;" : bound}
return function proxy(${argumentList(method)}) {
  probe(${rank});
  const target = bound.target;`,
    bySelf: false,
  };
}

/**
 * A domain's own calls are promised stack when it is called, but whom it calls through handles is known only here: where too little is
 * left, the call is refused. HOT: what comes before the probe calls nothing, and what does calls proves its own stack first.
 */
export function methodOpening(method: MethodDescription, { handles }: TextContext): Opening {
  const [self] = method.handles;
  if (self?.param !== 0) throw new Error(`${method.name} is no method of a capability`);
  return {
    text: `const called = link, { entries } = handles;
let known, linkOfKnown;
return function method(${argumentList(method)}) {
  const self = entries[a0 & 0xffff];
  if (self === undefined || self.handle !== a0 || self.type !== ${handles.numberOf(self.resource)} || self.lends < 0) {
    capability(0);
    return slow.noInstance(called);
  }
  let link = linkOfKnown;
  if (self.exporter !== known) {
    capability(0);
    link = linkOf(self.exporter);
    if (link === undefined) return slow.otherInterface(called);
    known = self.exporter;
    linkOfKnown = link;
  }
  if (link.hostSide !== undefined) {
    capability(0);
    return link.proxy(${argumentList(method)});
  }
  const target = link.target;
  try { if (target.domain.rank === 0) crossing(0); else deepCrossing(target.domain.rank); } catch {
    capability(0);
    return slow.noStack(link);
  }
  if (target.id === me) return slow.reentrant(link);`,
    bySelf: true,
  };
}

export const DESTRUCTOR_OPENING: Opening = {
  text: `return function destructor(link, a0) {
  const target = link.target;`,
  bySelf: false,
};

/** The handles among the words, and those that a message may hold. */
export function takeHandles(
  method: MethodDescription,
  { handles }: TextContext,
  callee: string,
  bySelf: boolean,
): { enter: string; undo: string; commit: string; leave: string; giveUp: string; values: string } {
  const words = method.handles.filter(({ param }) => !(bySelf && param === 0));
  const carries = words.length > 0 || holdHandles(method.paramsMessage ?? []);
  const undo = `${carries ? "passage.undo(); " : ""}${bySelf ? "self.lends--;" : ""}`;
  let enter = bySelf ? "self.lends++;\n" : "";
  if (carries) enter += `const passage = handles.passTo(${callee});\n`;
  for (const { param, mode, resource } of words) {
    enter += `const h${param} = passage.${mode}(a${param}, ${handles.numberOf(resource)});
  if (h${param} === 0) { ${undo} return slow.badHandle(link, passage.isFull); }\n`;
  }
  const values = Array.from({ length: method.params }, (_, i) => {
    if (bySelf && i === 0) return "self.rep";
    return words.some(({ param }) => param === i) ? `h${i}` : `a${i}`;
  });
  return {
    enter,
    undo,
    commit: carries ? "passage.commit();" : "",
    leave: `${bySelf ? "self.lends--; " : ""}${carries ? "passage.end(); " : ""}`,
    giveUp: carries ? "passage.giveUp(); " : "",
    values: values.join(", "),
  };
}

/** What the callee returned as an instance becomes a handle of the caller. */
export function takeInstance({ result, resultHandle }: MethodDescription, { handles }: TextContext, callee: string): string {
  if (resultHandle === undefined) return "";
  const receive = (from: string): string => `handles.receive(${callee}, ${from}, ${handles.numberOf(resultHandle)})`;
  if (result === "i32") return `r = ${receive("r")}; if (r === 0) return slow.badInstance(link);`;
  const word = callerWord(RecordWord.results);
  return `if (r === 64) { ${word} = ${receive(word)}; if (${word} === 0) return slow.badInstance(link); }`;
}

/** A word of the caller's record. */
export function callerWord(word: number): string {
  return `i32[caller + ${word}]`;
}
