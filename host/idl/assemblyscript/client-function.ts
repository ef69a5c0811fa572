/**
 * One typed function or method that calls an imported core function. Called by the emitters of clients and of capabilities.
 * What it adds to the core call is the move of words around it, and where values cross as a message, that message.
 */
import type { HostType, Interface, MethodDescription } from "../model.ts";
import { partsOf } from "../value-types.ts";
import type { Codecs } from "./codecs.ts";
import { type FileNames, sourceType } from "./file-names.ts";
import { camel, identifier } from "./names.ts";
import { fromWords, isWide, sourceOfArea, toWords, zeroOf } from "./words.ts";

/** The declaration of a core function. */
export function declareCore(imported: Interface, method: MethodDescription): string {
  const params = Array.from({ length: method.params }, (_, index) => `w${index}: i32`).join(", ");
  const result = method.result === "none" ? "void" : "i32";
  return `@external("${imported.id}", "${method.name}")\ndeclare function ${coreName(method)}(${params}): ${result};\n`;
}

export interface Frame {
  /** `export function read`, `static merge`, `add`. */
  readonly head: string;
  readonly indent: string;
}

export function emitClientFunction(method: MethodDescription, { head, indent }: Frame, names: FileNames, codecs: Codecs): string {
  const written = visibleParams(method);
  const params = written.map((param) => `${identifier(param.name)}: ${sourceType(param.type, names)}`);
  const lines = body(method, names, codecs).map((line) => `${indent}  ${line}\n`);
  return `\n${comment(method, indent, names)}${indent}${head}(${params.join(", ")}): ${resultType(method, names)} {\n${lines.join("")}${indent}}\n`;
}

/** What a method returns in AssemblyScript. */
export function resultType(method: MethodDescription, names: FileNames): string {
  const payload = payloadOf(method);
  if (method.result === "packed") return `${names.library("Outcome")}<${payload ? sourceType(payload, names) : "void"}>`;
  return payload ? sourceType(payload, names) : "void";
}

/** What a method returns when all is well. A result that is not packed is a value like any other. */
export function payloadOf({ result, sourceResult }: MethodDescription): HostType | undefined {
  return result === "packed" && sourceResult?.kind === "result" ? sourceResult.ok : sourceResult;
}

function coreName({ name, role }: MethodDescription): string {
  if (!role) return `core_${camel(name)}`;
  return role.kind === "constructor" ? `construct_${camel(role.resource.name)}` : `core_${camel(role.resource.name)}_${camel(role.member)}`;
}

function visibleParams({ role, sourceParams }: MethodDescription): MethodDescription["sourceParams"] {
  return role?.kind === "method" ? sourceParams.slice(1) : sourceParams;
}

// Locals end in an underscore, which no parameter's name does unless it is a reserved word: these are none.
function body(method: MethodDescription, names: FileNames, codecs: Codecs): string[] {
  const self = method.role?.kind === "method" ? [`${names.glue("baseOf")}(this)`] : [];
  if (!method.paramsMessage) {
    const args = visibleParams(method).flatMap((param) => toWords(identifier(param.name), param.type, names));
    return afterCall(method, `${coreName(method)}(${[...self, ...args].join(", ")})`, undefined, names, codecs);
  }
  return [
    `const writer_ = ${names.message("writer")}();`,
    ...visibleParams(method).map((param) => codecs.write(identifier(param.name), param.type)),
    `const sent_ = ${names.message("lend")}(writer_);`,
    ...afterCall(method, `${coreName(method)}(${[...self, "sent_"].join(", ")})`, `${names.message("keep")}(sent_);`, names, codecs),
  ];
}

/** @param keep what must happen right after the call */
function afterCall(method: MethodDescription, call: string, keep: string | undefined, names: FileNames, codecs: Codecs): string[] {
  const payload = payloadOf(method);
  const kept = keep === undefined ? [] : [keep];
  if (method.result === "none") {
    if (!payload) return [`${call};`, ...kept];
    return [
      `${call};`,
      ...kept,
      `if (${names.guard("status")}(0) != 0) return ${isWide(payload) ? "0" : zeroOf(payload, names)};`,
      `return ${fromArea(payload, names)};`,
    ];
  }
  if (method.result === "packed") {
    const type = `${names.library("Outcome")}<${payload ? sourceType(payload, names) : "void"}>`;
    const unpack = (packed: string): string => `return ${type.replace("<", ".unpack<")}(${packed});`;
    const isWhole = !payload || (method.resultMove !== undefined && !method.resultMessage);
    if (isWhole && !keep) return [unpack(call)];
    const ok = type.replace("<", ".ok<");
    return [
      `const packed_ = ${call};`,
      ...kept,
      ...(isWhole
        ? [unpack("packed_")]
        : [
            `if (<u32>packed_ < 64) ${unpack("packed_")}`,
            ...(method.resultMessage
              ? readAll("packed_", payload, names, codecs, `${ok}(value_)`)
              : [`return ${ok}(${fromArea(payload, names)});`]),
          ]),
    ];
  }
  if (!payload) return [`${call};`, ...kept];
  if (method.resultMessage) return [`const got_ = ${call};`, ...kept, ...readAll("got_", payload, names, codecs, "value_")];
  const value = (word: string): string =>
    `return ${fromWords({ wordType: "i32", next: () => word, nextWide: () => word }, payload, names)};`;
  return keep === undefined ? [value(call)] : [`const got_ = ${call};`, ...kept, value("got_")];
}

function readAll(base: string, payload: HostType, names: FileNames, codecs: Codecs, returned: string): string[] {
  return [
    `const reader_ = ${names.message("read")}(${base});`,
    `const value_ = ${codecs.read(payload)};`,
    `${names.message("keep")}(${base});`,
    `return ${returned};`,
  ];
}

function fromArea(payload: HostType, names: FileNames): string {
  return fromWords(sourceOfArea(names), payload, names);
}

/** What a caller must know and the signature does not say. */
function comment(method: MethodDescription, indent: string, names: FileNames): string {
  const params = visibleParams(method);
  const named = (is: (type: HostType) => boolean): string[] =>
    params.filter(({ type }) => is(type)).map(({ name }) => `\`${identifier(name)}\``);
  const sentence = (parts: readonly string[], before: string, after: string): string[] =>
    parts.length > 0 ? [`${before}${listed(parts)}${after}`] : [];
  const isOwn = (type: HostType): boolean => type.kind === "own" || (type.kind === "handle" && type.mode === "own");
  const isLent = (type: HostType): boolean => type.kind === "borrow" || (type.kind === "handle" && type.mode === "borrow");
  const copied = named((type) => !isOwn(type) && !isLent(type) && !isNumber(type));
  const facts = [
    ...sentence(copied, "", ` ${copied.length > 1 ? "are" : "is"} copied.`),
    ...sentence(named(isOwn), "Moves ", " to the callee."),
    ...sentence(
      named((type) => !isOwn(type) && holds(type, isOwn)),
      "Moves the objects in ",
      " to the callee.",
    ),
    ...sentence(named(isLent), "Lends ", " for the call."),
    ...sentence(
      named((type) => !isLent(type) && holds(type, isLent)),
      "Lends the objects in ",
      " for the call.",
    ),
    ...(method.resultMessage ? ["The answer is copied."] : []),
  ];
  if (method.result !== "packed") facts.push(whenFailed(method.sourceResult, names));
  return facts.length > 0 ? `${indent}/** ${facts.join(" ")} */\n` : "";
}

function whenFailed(result: HostType | undefined, names: FileNames): string {
  if (!result) return "Silent when the call fails: see `lastStatus`.";
  if (result.kind === "result") return "Says `died` when the call fails: see `lastStatus`.";
  if (result.kind === "handle" && !names.plan.isOwn(result.resource, names.side))
    return "Its `handle` is 0 when the call fails: see `lastStatus`.";
  return `${result.kind === "string" || result.kind === "list" || result.kind === "option" ? "Empty" : "Zero"} when the call fails: see \`lastStatus\`.`;
}

function holds(type: HostType, is: (type: HostType) => boolean): boolean {
  return is(type) || partsOf(type).some((part) => holds(part, is));
}

function isNumber({ kind }: HostType): boolean {
  return kind === "scalar" || kind === "enum" || kind === "flags";
}

function listed(parts: readonly string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : (parts[0] ?? "");
}
