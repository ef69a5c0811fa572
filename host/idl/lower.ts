/**
 * A function of WIT to the description that its proxy is generated from: what crosses as core i32, what moves, what is
 * borrowed, what goes through the return area, what goes as a message. Called by `lower-world.ts`.
 *
 *     parameter   bool, integers to 32 bits, char, enum, flags → one word · u64, s64, f64 → two (lo, hi), f32 → its bits
 *                 records and tuples of these → their parts' words · block (own) → base, moved · borrow<block> → base, borrowed
 *                 own or borrow of a capability → a handle
 *                 all of them → one message, where one of them is anything else or they take more than 16 words
 *     result      one-word types, own and handles → the core i32 · u64, s64, f64, record, tuple → words of the return area
 *                 anything else → the base of a message
 *                 result<T, enum> → packed: 0 = the call failed, 1 + case = error, 64 or the base = ok, T's words as above
 */
import { readAttributes } from "./attributes.ts";
import { MESSAGE_TYPE } from "./message.ts";
import type { HandleParam, HostType, MethodDescription, ObjectParam, ResourceRole, Scalar, SourceParam, WordCheck } from "./model.ts";
import type { Problems } from "./problems.ts";
import type { Definition, ResolvedFunction, ResolvedParam } from "./types.ts";
import { MAX_PARTS, ValueTypes } from "./value-types.ts";

export const MAX_PARAM_WORDS = 16;
/** The return area of a domain record. */
export const MAX_RESULT_WORDS = 16;
/** 1 + case must stay below 64, where bases of objects begin. */
export const MAX_PACKED_CASES = 62;

const wide: ReadonlySet<Scalar> = new Set<Scalar>(["u64", "s64", "f64"]);

/** Words that a value takes, records and tuples those of their parts; undefined where it crosses in a message only. */
export function plainWords(type: HostType): number | undefined {
  switch (type.kind) {
    case "scalar":
      return wide.has(type.scalar) ? 2 : 1;
    case "enum":
    case "flags":
      return 1;
    case "record":
      return sum(type.fields.map((field) => field.type));
    case "tuple":
      return sum(type.items);
    default:
      return undefined;
  }
}

/** Words of what crosses as words: a plain value, or one word for an object; nothing takes none. */
export function wordsOf(type: HostType | undefined): number {
  if (!type) return 0;
  return plainWords(type.kind === "result" ? (type.ok ?? type) : type) ?? 1;
}

function sum(types: readonly HostType[]): number | undefined {
  let words = 0;
  for (const type of types) {
    const more = plainWords(type);
    if (more === undefined) return undefined;
    words += more;
  }
  return words;
}

export class Lowerer {
  readonly values: ValueTypes;
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
    this.values = new ValueTypes(problems);
  }

  /**
   * Undefined after a problem, which is reported.
   * @param owner the resource that the function is a member of
   */
  function(source: ResolvedFunction, owner?: Definition): MethodDescription | undefined {
    const attributes = readAttributes(source.node.docs, this.#problems);
    if (source.node.async) {
      return this.#refuse(
        source.node.name.at,
        `\`${source.name}\` is async, which is not supported`,
        "a call that would block returns an error case, and the caller calls again",
      );
    }
    const role = owner && this.#role(source, owner);
    const params = this.#params(source, role);
    const written = this.#result(source, role);
    if (!params || written === "problem") return undefined;
    for (const name of attributes.fills) {
      if (params.sourceParams.some((param) => param.name === name && param.type.kind === "own")) continue;
      const problem = `\`@fills ${name}\` names no parameter that is a shared object and moves to the callee`;
      this.#problems.add(source.node.name.at, problem, "name one that is, or remove the attribute");
    }
    return {
      name: role ? memberName(role) : source.name,
      role,
      ...params,
      ...lowerResult(written),
      ...attributes,
      sourceResult: written,
    };
  }

  #role(source: ResolvedFunction, owner: Definition): ResourceRole {
    const resource = this.values.resource(owner);
    if (source.kind === "constructor") return { resource, kind: "constructor", member: "" };
    return { resource, kind: source.kind === "static" ? "static" : "method", member: source.name };
  }

  #params(source: ResolvedFunction, role: ResourceRole | undefined): LoweredParams | undefined {
    const typed: { name: string; type: HostType }[] = [];
    if (role?.kind === "method") typed.push({ name: "self", type: { kind: "handle", mode: "borrow", resource: role.resource } });
    for (const { name, type: written } of source.params) {
      const type = this.values.of(written);
      if (!type) return undefined;
      typed.push({ name, type });
    }
    const lowered = lowerParams(typed, role?.kind === "method");
    const parts = typed.reduce((total, { type }) => total + this.values.partsIn(type), 0);
    if (lowered.paramsMessage === undefined || parts <= MAX_PARTS) return lowered;
    const problem = `the parameters together have more than ${MAX_PARTS} parts, written out`;
    return this.#refuse(source.node.name.at, problem, "pass some of them in a call of its own");
  }

  #result(source: ResolvedFunction, role: ResourceRole | undefined): HostType | undefined | "problem" {
    if (role?.kind === "constructor" && !source.result) return { kind: "handle", mode: "own", resource: role.resource };
    if (!source.result) return undefined;
    return this.values.of(source.result) ?? "problem";
  }

  #refuse(at: ResolvedParam["at"], problem: string, remedy: string): undefined {
    this.#problems.add(at, problem, remedy);
  }
}

function memberName({ kind, resource, member }: ResourceRole): string {
  return kind === "constructor" ? `[constructor]${resource.name}` : `[${kind}]${resource.name}.${member}`;
}

type LoweredParams = Pick<MethodDescription, "params" | "moves" | "borrows" | "handles" | "paramChecks" | "paramsMessage" | "sourceParams">;

function lowerParams(typed: readonly { readonly name: string; readonly type: HostType }[], hasSelf: boolean): LoweredParams {
  const moves: ObjectParam[] = [];
  const borrows: ObjectParam[] = [];
  const handles: HandleParam[] = [];
  const paramChecks: WordCheck[] = [];
  const sourceParams: SourceParam[] = [];
  let params = 0;
  for (const { name, type } of typed) {
    const words = wordsOfParam(type);
    // Before its words are looked at one by one: a hostile text may ask for millions.
    if (words === undefined || params + words > MAX_PARAM_WORDS) return messageParams(typed, hasSelf);
    if (type.kind === "own") moves.push({ param: params, type: type.shared.id });
    if (type.kind === "borrow") borrows.push({ param: params, type: type.shared.id });
    if (type.kind === "handle") handles.push({ param: params, mode: type.mode, resource: type.resource });
    addChecks(type, params, paramChecks);
    sourceParams.push({ name, type, param: params });
    params += words;
  }
  return { params, moves, borrows, handles, paramChecks, paramsMessage: undefined, sourceParams };
}

/** All parameters in one message; the instance of a method stays in front of it. */
function messageParams(typed: readonly { readonly name: string; readonly type: HostType }[], hasSelf: boolean): LoweredParams {
  const message = hasSelf ? 1 : 0;
  const [self] = typed;
  const handles: HandleParam[] = [];
  if (hasSelf && self?.type.kind === "handle") handles.push({ param: 0, mode: "borrow", resource: self.type.resource });
  return {
    params: message + 1,
    moves: [],
    borrows: [{ param: message, type: MESSAGE_TYPE }],
    handles,
    paramChecks: [],
    paramsMessage: typed.slice(message).map(({ type }) => type),
    sourceParams: typed.map(({ name, type }, index) => ({ name, type, param: hasSelf && index === 0 ? 0 : message })),
  };
}

function wordsOfParam(type: HostType): number | undefined {
  return type.kind === "own" || type.kind === "borrow" || type.kind === "handle" ? 1 : plainWords(type);
}

type LoweredResult = Pick<
  MethodDescription,
  "result" | "packedErrors" | "resultMove" | "resultMessage" | "resultHandle" | "resultWords" | "resultChecks"
>;

const nothing: LoweredResult = {
  result: "none",
  packedErrors: 0,
  resultMove: undefined,
  resultMessage: undefined,
  resultHandle: undefined,
  resultWords: 0,
  resultChecks: [],
};

function lowerResult(type: HostType | undefined): LoweredResult {
  if (!type) return nothing;
  if (type.kind !== "result") return lowerReturned(type);
  const packedErrors = type.error === undefined ? 1 : type.error.kind === "enum" ? type.error.cases.length : Number.POSITIVE_INFINITY;
  if (packedErrors > MAX_PACKED_CASES) return inMessage(type, "i32");
  const { resultChecks, ...ok } = type.ok ? lowerReturned(type.ok) : nothing;
  // What would be the core result alone is the first word of the return area here; objects and messages are bases, as ever.
  const isWord = ok.result === "i32" && ok.resultMove === undefined;
  return {
    ...ok,
    result: "packed",
    packedErrors,
    resultWords: isWord ? 1 : ok.resultWords,
    resultChecks: resultChecks.map((check) => (check.word < 0 ? { ...check, word: 0 } : check)),
  };
}

function lowerReturned(type: HostType): LoweredResult {
  if (type.kind === "own") return { ...nothing, result: "i32", resultMove: type.shared.id };
  if (type.kind === "handle") return { ...nothing, result: "i32", resultHandle: type.resource };
  const words = plainWords(type);
  if (words === undefined || words > MAX_RESULT_WORDS) return inMessage(type, "i32");
  const resultChecks: WordCheck[] = [];
  const inArea = type.kind === "record" || type.kind === "tuple" || words > 1;
  addChecks(type, inArea ? 0 : -1, resultChecks);
  return { ...nothing, result: inArea ? "none" : "i32", resultWords: inArea ? words : 0, resultChecks };
}

function inMessage(type: HostType, result: "i32"): LoweredResult {
  return { ...nothing, result, resultMove: MESSAGE_TYPE, resultMessage: type };
}

/** Notes the words of a plain value that can be outside its type, from word `at` on. Integers are taken modulo their width. */
function addChecks(type: HostType, at: number, checks: WordCheck[]): void {
  switch (type.kind) {
    case "scalar":
      if (type.scalar === "bool") checks.push({ word: at, below: 2, isChar: false });
      if (type.scalar === "char") checks.push({ word: at, below: 0x110000, isChar: true });
      return;
    case "enum":
      checks.push({ word: at, below: type.cases.length, isChar: false });
      return;
    case "flags":
      if (type.flags.length < 32) checks.push({ word: at, below: 2 ** type.flags.length, isChar: false });
      return;
    case "record":
    case "tuple": {
      let word = at;
      for (const part of type.kind === "record" ? type.fields.map((field) => field.type) : type.items) {
        addChecks(part, word, checks);
        word += plainWords(part) ?? 0;
      }
      return;
    }
    default:
  }
}
