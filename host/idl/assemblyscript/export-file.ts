/**
 * The entry of a domain: one exported function with a core signature per method that the world demands, which calls the
 * typed one in the domain's `index.ts`. Called by `generate.ts`. What `index.ts` lacks is an error of the compiler.
 */
import { destructorName, exportName } from "../core-names.ts";
import type { HostType, MethodDescription, ResourceType, SourceParam, World } from "../model.ts";
import { payloadOf } from "./client-function.ts";
import { Codecs } from "./codecs.ts";
import { type FileNames, sourceType } from "./file-names.ts";
import { camel, identifier, member } from "./names.ts";
import { fromWords, paramWords, sourceOfParams, toArea, toWords } from "./words.ts";

/** What the class of a capability has besides the interface's members. */
const instanceMembers: ReadonlySet<string> = new Set(["create", "drop"]);

export interface ExportFile {
  readonly text: string;
  readonly names: ReadonlyMap<string, string>;
}

export function emitExports(world: World, names: FileNames): ExportFile {
  const exported = new Map<string, string>();
  const functions: string[] = [];
  const codecs = new Codecs(names);
  const domain = names.domain();
  const add = (name: string, canonical: string, text: string): void => {
    exported.set(name, canonical);
    functions.push(text);
  };
  for (const method of world.functions) {
    const name = `world_${identifier(method.name)}`;
    add(
      name,
      method.name,
      emitExport(name, method, (args) => `${domain}.${identifier(method.name)}(${args})`, names, codecs),
    );
  }
  for (const { id, functions: methods, resources } of world.exports) {
    const namespace = names.plan.parts.get(id)?.namespace ?? "";
    for (const method of methods) {
      const name = glueName(namespace, method);
      add(name, exportName(id, method.name), emitExport(name, method, callOf(method, `${domain}.${namespace}`, names), names, codecs));
    }
    for (const resource of resources) {
      const name = `${namespace}_${camel(resource.name)}__drop`;
      add(name, exportName(id, destructorName(resource.name)), emitDestructor(name, resource, names));
    }
  }
  const body = functions.join("\n") + codecs.text();
  return { text: `${names.imports()}\n${body}`, names: exported };
}

/** No part holds an inner underscore, and members that are none of WIT's have two before them: the whole is unique. */
function glueName(namespace: string, { name, role }: MethodDescription): string {
  if (!role) return `${namespace}_${identifier(name)}`;
  const resource = `${namespace}_${camel(role.resource.name)}`;
  return role.kind === "constructor" ? `${resource}__create` : `${resource}_${identifier(role.member)}`;
}

/** How the typed function is called with these arguments. */
function callOf(method: MethodDescription, namespace: string, names: FileNames): (args: string) => string {
  const { role } = method;
  if (!role) return (args) => `${namespace}.${identifier(method.name)}(${args})`;
  const type = names.resource(role.resource);
  const own = member(role.member, instanceMembers);
  if (role.kind === "static") return (args) => `${type}.${own}(${args})`;
  if (role.kind === "method") return (args) => `${names.instances(role.resource)}.at(<u32>self).${own}(${args})`;
  // A constructor of AssemblyScript cannot fail.
  return method.result === "i32" && !method.resultMessage ? (args) => `new ${type}(${args})` : (args) => `${type}.create(${args})`;
}

function emitExport(name: string, method: MethodDescription, callWith: (args: string) => string, names: FileNames, codecs: Codecs): string {
  const isMethod = method.role?.kind === "method";
  const written = isMethod ? method.sourceParams.slice(1) : method.sourceParams;
  const words = method.paramsMessage ? ["sent_"] : written.flatMap((param) => paramWords(param.name, param.type));
  const params = isMethod ? ["self", ...words] : words;
  const result = method.result === "none" ? "void" : "i32";
  const lines = method.paramsMessage ? readParams(written, names, codecs) : [];
  const args = written.map((param) => (method.paramsMessage ? identifier(param.name) : argument(param, names)));
  lines.push(...body(method, callWith(args.join(", ")), names, codecs));
  const text = lines.map((line) => `  ${line}\n`).join("");
  return `export function ${name}(${params.map((param) => `${param}: i32`).join(", ")}): ${result} {\n${text}}\n`;
}

/** The parameters as locals, out of the message that is lent for the call. */
function readParams(params: readonly SourceParam[], names: FileNames, codecs: Codecs): string[] {
  return [
    `const reader_ = ${names.message("read")}(sent_);`,
    ...params.map((param) => `const ${identifier(param.name)} = ${codecs.read(param.type)};`),
  ];
}

/** Whatever the word is, the value is one of its type. */
function argument(param: SourceParam, names: FileNames): string {
  return fromWords(sourceOfParams(paramWords(param.name, param.type), names), param.type, names);
}

function body(method: MethodDescription, call: string, names: FileNames, codecs: Codecs): string[] {
  const payload = payloadOf(method);
  if (method.result === "packed") {
    if (!payload || (method.resultMove !== undefined && !method.resultMessage)) return [`return ${call}.packed;`];
    const lines = [`const outcome_ = ${call};`, "if (!outcome_.isOk) return outcome_.packed;"];
    if (method.resultMessage) return [...lines, ...give("outcome_.value", payload, names, codecs)];
    const [value, first] = isCompound(payload) ? ["value_", ["const value_ = outcome_.value;"]] : ["outcome_.value", []];
    return [...lines, ...first, ...toArea(0, value, payload, names), "return 64;"];
  }
  if (!payload) return [`${call};`];
  const value = [`const value_: ${sourceType(payload, names)} = ${call};`];
  if (method.resultMessage) return [...value, ...give("value_", payload, names, codecs)];
  if (method.result === "none") return [...value, ...toArea(0, "value_", payload, names)];
  return [...value, `return ${toWords("value_", payload, names).join()};`];
}

/** The statements that answer with a value in a message. */
function give(value: string, payload: HostType, names: FileNames, codecs: Codecs): string[] {
  return [`const writer_ = ${names.message("writer")}();`, codecs.write(value, payload), `return ${names.message("give")}(writer_);`];
}

function isCompound({ kind }: HostType): boolean {
  return kind === "record" || kind === "tuple";
}

/** The last holder is gone. The class may have a method `drop`. */
function emitDestructor(name: string, resource: ResourceType, names: FileNames): string {
  const lines = [`const gone_ = ${names.instances(resource)}.remove(<u32>instance);`, "if (isDefined(gone_.drop)) gone_.drop();"];
  return `export function ${name}(instance: i32): void {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}
