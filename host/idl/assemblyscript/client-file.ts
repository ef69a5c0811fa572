/**
 * The AssemblyScript that calls an imported interface: a core declaration per function, and a namespace with the typed
 * ones. Called by `generate.ts`. A typed function inlines to the core call and the moves of words around it.
 */
import type { Interface, MethodDescription } from "../model.ts";
import { camel, identifier } from "./names.ts";
import { type FileNames, type Plan, resultType, sourceType } from "./plan.ts";
import { fromArea, fromWord, isWide, toWords } from "./words.ts";

export function emitClient(imported: Interface, namespace: string, plan: Plan, names: FileNames): string {
  const declarations = imported.functions.map((method) => declare(imported, method));
  const alive = `@external("${imported.id}", "[alive]")\ndeclare function core_alive_(): i32;\n`;
  const functions = imported.functions.map((method) => emitFunction(method, plan, names));
  return [
    ...declarations,
    alive,
    `\n/** Calls to whoever serves \`${imported.id}\`. */\nexport namespace ${namespace} {\n`,
    "  /** Whether the domain behind it lives, for the price of a look. */\n  export function isAlive(): bool {\n    return core_alive_() != 0;\n  }\n",
    ...functions,
    "}\n",
  ].join("");
}

function declare(imported: Interface, method: MethodDescription): string {
  const params = Array.from({ length: method.params }, (_, index) => `w${index}: i32`).join(", ");
  const result = method.result === "none" ? "void" : "i32";
  return `@external("${imported.id}", "${method.name}")\ndeclare function core_${camel(method.name)}(${params}): ${result};\n`;
}

function emitFunction(method: MethodDescription, plan: Plan, names: FileNames): string {
  const params = method.sourceParams.map((param) => `${identifier(param.name)}: ${sourceType(param.type, names)}`);
  const args = method.sourceParams.flatMap((param) => toWords(identifier(param.name), param.type, names));
  const call = `core_${camel(method.name)}(${args.join(", ")})`;
  // `isAlive` is the generator's own.
  const name = identifier(method.name) === "isAlive" ? "isAlive_" : identifier(method.name);
  const lines = body(method, call, plan, names).map((line) => `    ${line}\n`);
  return `\n${comment(method)}  export function ${name}(${params.join(", ")}): ${resultType(method, plan, names)} {\n${lines.join("")}  }\n`;
}

function body(method: MethodDescription, call: string, plan: Plan, names: FileNames): string[] {
  const payload = plan.payload(method);
  // Locals end in an underscore, which no parameter's name does unless it is a reserved word.
  if (method.result === "packed") {
    const outcome = names.outcome();
    const type = payload ? sourceType(payload, names) : "void";
    if (!payload || method.resultMove !== undefined) return [`return ${outcome}.unpack<${type}>(${call});`];
    const value = payload.kind === "record" ? `${type}.from_words()` : fromArea(0, payload, names);
    return [
      `const packed_ = ${call};`,
      `if (<u32>packed_ < 64) return ${outcome}.unpack<${type}>(packed_);`,
      `return ${outcome}.ok<${type}>(${value});`,
    ];
  }
  if (!payload) return [`${call};`];
  if (payload.kind === "record") return [`${call};`, `return ${names.type(payload)}.from_words();`];
  if (isWide(payload)) {
    return [`${call};`, `if (${names.guard("status")}(0) != 0) return 0;`, `return ${fromArea(0, payload, names)};`];
  }
  return [`return ${fromWord(call, "i32", payload, names)};`];
}

/** What a caller must know and the signature does not say. */
function comment(method: MethodDescription): string {
  const named = (kind: "own" | "borrow"): string[] =>
    method.sourceParams.filter((param) => param.type.kind === kind).map((param) => `\`${identifier(param.name)}\``);
  const moved = named("own");
  const facts: string[] = [];
  if (moved.length > 0) facts.push(`Moves ${moved.join(" and ")} to the callee.`);
  if (named("borrow").length > 0) facts.push(`Lends ${named("borrow").join(" and ")} for the call.`);
  if (method.result !== "packed")
    facts.push(method.sourceResult ? "Zero when the call fails: see `lastStatus`." : "Silent when the call fails: see `lastStatus`.");
  return facts.length > 0 ? `  /** ${facts.join(" ")} */\n` : "";
}
