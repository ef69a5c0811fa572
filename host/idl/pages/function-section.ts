/** The section of a page that describes a function: what it takes and gives, how each value crosses, how it fails. */
import { printAttributes } from "../attributes.ts";
import type { FunctionDescription, Parts } from "../describe.ts";
import { wordsOf } from "../lower.ts";
import type { EnumType, HostType, MethodDescription, SourceParam } from "../model.ts";
import { printInterfaceItem, printMember, printType } from "../print.ts";
import { partsOf } from "../value-types.ts";
import { cell, code, prose, table, wordsFrom } from "./text.ts";

/** Which attribute means what to a caller. */
const MEANINGS: Readonly<Record<string, string>> = {
  deadline: "a call that takes longer ends the callee, and its caller gets `deadline`",
  fills: "what these hold before the call does not matter; where the call is repeated, fresh objects may take their place",
  idempotent: "calling twice is the same as once, so an interrupted call may be repeated",
  reentrant: "may be entered while a call of the same domain is under way further up the chain",
};

export function functionHeading({ method }: FunctionDescription, interfaceName: string): string {
  const { role } = method;
  if (role === undefined) return `Function \`${interfaceName}.${method.name}\``;
  const of = `${interfaceName}.${role.resource.name}`;
  if (role.kind === "constructor") return `Constructor of \`${of}\``;
  return `${role.kind === "method" ? "Method" : "Static function"} \`${of}.${role.member}\``;
}

/** @param meaningOf comments of an enum's cases, wherever it is defined */
export function functionSection(
  description: FunctionDescription,
  interfaceName: string,
  linkOf: (type: HostType) => string | undefined,
  meaningOf: (type: EnumType) => Parts,
): string {
  const { method, node, comment, parts } = description;
  const attributes = printAttributes(method).map((line) => `- ${code(line)}: ${MEANINGS[/^@(\w+)/.exec(line)?.[1] ?? ""]}.\n`);
  const hasSelf = method.role?.kind === "method";
  const params = method.sourceParams.map((param, index) => {
    const written = node.params[hasSelf ? index - 1 : index];
    const name = linked(written ? printType(written.type) : `borrow<${method.role?.resource.name ?? ""}>`, linkOf(param.type));
    const isSelf = hasSelf && index === 0;
    return [code(param.name), name, crossing(method, param, isSelf), ownership(param.type), cell(isSelf ? [] : parts.get(param.name))];
  });
  const written = node.result ? printType(node.result) : method.role?.resource.name;
  const result =
    written !== undefined && method.sourceResult ? resultText(method, written, method.sourceResult, linkOf) : "Returns nothing.\n\n";
  const error = method.sourceResult?.kind === "result" ? method.sourceResult.error : undefined;
  return [
    `### ${functionHeading(description, interfaceName)}\n\n`,
    `\`\`\`wit\n${source(node)}\n\`\`\`\n\n`,
    prose(comment),
    attributes.length > 0 ? `${attributes.join("")}\n` : "",
    table(["parameter", "type", "crosses as", "ownership", "meaning"], params),
    result,
    method.result === "packed" && error?.kind === "enum" ? errorTable(error, meaningOf(error)) : "",
  ].join("");
}

/** As it was written, without comments. */
function source(node: FunctionDescription["node"]): string {
  const bare = { docs: [], gates: [], params: node.params.map((param) => ({ ...param, docs: [] })) };
  const text = node.kind === "function" ? printInterfaceItem({ ...node, ...bare }, "") : printMember({ ...node, ...bare }, "");
  return text.trimEnd();
}

function crossing({ paramsMessage }: MethodDescription, { type, param }: SourceParam, isSelf: boolean): string {
  if (paramsMessage !== undefined && !isSelf) return `a part of the message in word ${param}`;
  return `${wordsFrom(param, wordsOf(type))}: ${encoding(type)}`;
}

/** Of what crosses as words. */
function encoding(type: HostType): string {
  switch (type.kind) {
    case "scalar":
      if (type.scalar === "u64" || type.scalar === "s64") return "low half, high half";
      if (type.scalar === "f64") return "its bits, low half, high half";
      if (type.scalar === "f32") return "its bits";
      if (type.scalar === "bool") return "0 or 1";
      return type.scalar === "char" ? "its code point" : "its value";
    case "enum":
      return "the number of its case";
    case "flags":
      return "one bit each";
    case "own":
    case "borrow":
      return "its base";
    case "handle":
      return "its handle";
    default:
      return "its parts";
  }
}

function ownership(type: HostType): string {
  if (type.kind === "own" || (type.kind === "handle" && type.mode === "own")) return "moves to the callee";
  if (type.kind === "borrow") return "borrowed: the callee may read it until it returns";
  if (type.kind === "handle") return "lent: the callee may use it until it returns";
  return partsOf(type).some((part) => ownership(part) !== "copied") ? "copied, but what it holds moves or is lent" : "copied";
}

function resultText(method: MethodDescription, written: string, type: HostType, linkOf: (type: HostType) => string | undefined): string {
  const payload = type.kind === "result" ? type.ok : type;
  const name = linked(written, payload && linkOf(payload));
  const words = method.resultWords > 0 ? `${wordsFrom(0, method.resultWords)} of the return area` : "";
  const moved = "it moves to the caller";
  if (method.result !== "packed") {
    if (method.resultMessage) return `Returns ${name} in a message, whose base is the core result; the message moves to the caller.\n\n`;
    if (payload?.kind === "own") return `Returns ${name} as the core result: the object's base; ${moved}.\n\n`;
    if (words !== "") return `Returns ${name} in ${words}.\n\n`;
    return `Returns ${name} as the core result: ${encoding(type)}.\n\n`;
  }
  const ok = method.resultMessage
    ? "64 or more the base of a message with the value, which moves to the caller"
    : payload?.kind === "own"
      ? `64 or more the base of the returned object; ${moved}`
      : `64 means ok${words === "" ? "" : `, with the value in ${words}`}`;
  const errors = method.packedErrors === 1 ? "1 an error" : "1 and up an error";
  return `Returns ${name}. The core result: 0 means that the call itself failed (the status says why), ${errors}, ${ok}.\n\n`;
}

function errorTable(error: EnumType, parts: Parts): string {
  return table(
    ["core result", "error", "meaning"],
    error.cases.map((name, index) => [String(index + 1), code(name), cell(parts.get(name))]),
  );
}

function linked(text: string, target: string | undefined): string {
  return target === undefined ? code(text) : `[${code(text)}](${target})`;
}
