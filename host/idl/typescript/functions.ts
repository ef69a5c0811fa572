/**
 * An interface and its resources as TypeScript: what `Sumac.export` gives for them, whose functions return `Called<T>`, and what
 * an application implements, whose functions return `T`. Called by `generate.ts`.
 */
import { interfaceName, pascal } from "../assemblyscript/names.ts";
import { printAttributes } from "../attributes.ts";
import type { FunctionDescription, InterfaceDescription, TypeDescription } from "../describe.ts";
import { constructorName, memberCase } from "../member-name.ts";
import type { HostType, SourceParam } from "../model.ts";
import { printType } from "../print.ts";
import { tsdoc } from "./comments.ts";
import type { FileScope } from "./names.ts";
import { parameter, property } from "./types.ts";
import { hostType, resourceType } from "./values.ts";

const LINE = 140;

type ResourceDescription = TypeDescription & { readonly kind: "resource" };

/** The interfaces of what is exported and of what is implemented, its resources first. */
export function emitInterface(description: InterfaceDescription, scope: FileScope): string[] {
  const { model } = description;
  const resources = description.types.filter((type) => type.kind === "resource");
  const texts: string[] = [];
  for (const serving of [undefined, model.id]) {
    for (const each of resources) texts.push(emitResource(each, scope, serving));
    if (model.functions.length > 0) texts.push(emitFunctions(description, resources, scope, serving));
  }
  return texts;
}

function emitFunctions(
  { model, comment, functions }: InterfaceDescription,
  resources: readonly ResourceDescription[],
  scope: FileScope,
  serving: string | undefined,
): string {
  const says = serving === undefined ? `What \`Sumac.export\` gives for` : "What an application implements as";
  const doc = tsdoc({ comment, lines: [`${says} \`${model.id}\`.`] }, "");
  const members = functions.map((each) => emitMethod(each, property(each.method.name), scope, serving));
  for (const resource of resources) members.push(...emitStatics(resource, scope, serving));
  return `${doc}export interface ${scope.interface(model.id)}${serving === undefined ? "" : "Implementation"} {\n${members.join("\n")}}\n`;
}

/** The instances of a resource. */
function emitResource({ type, functions, comment }: ResourceDescription, scope: FileScope, serving: string | undefined): string {
  const says = `${serving === undefined ? "An instance" : "What an application implements as an instance"} of \`${type.name}\`.`;
  const methods = functions.filter(({ method }) => method.role?.kind === "method");
  const members = methods.map((each) => emitMethod(each, property(each.method.role?.member ?? ""), scope, serving));
  members.push(
    serving === undefined
      ? "  /** Gives the instance up; a call of it after that fails. */\n  readonly [Symbol.dispose]: () => void;\n"
      : "  /** Nobody holds the instance any more. */\n  readonly [Symbol.dispose]?: () => void;\n",
  );
  return `${tsdoc({ comment, lines: [says] }, "")}export interface ${resourceType(type, scope, serving)} {\n${members.join("\n")}}\n`;
}

/** `Counter: { create, merge }` for the constructor and the static functions. */
function emitStatics({ type, functions }: ResourceDescription, scope: FileScope, serving: string | undefined): string[] {
  const statics = functions.filter(({ method }) => method.role !== undefined && method.role.kind !== "method");
  if (statics.length === 0) return [];
  const names = statics.map(({ method }) => (method.role?.kind === "static" ? method.role.member : ""));
  const members = statics.map((each) => {
    const role = each.method.role;
    const name = role?.kind === "static" ? property(role.member) : constructorName(names);
    return emitMethod(each, name, scope, serving).replace(/^(?=.)/gm, "  ");
  });
  return [
    `  /** Functions of \`${type.name}\` that need no instance. */\n  readonly ${memberCase(type.name)}: {\n${members.join("\n")}  };\n`,
  ];
}

function emitMethod(
  { method, node, comment, parts }: FunctionDescription,
  name: string,
  scope: FileScope,
  serving: string | undefined,
): string {
  const sources = method.role?.kind === "method" ? method.sourceParams.slice(1) : method.sourceParams;
  const params = sources.map((param) => `${parameter(param.name)}: ${hostType(param.type, scope, serving)}`);
  const value = method.sourceResult ? hostType(method.sourceResult, scope, serving) : "undefined";
  const result = serving === undefined ? `Called<${value}>` : method.sourceResult ? value : "void";
  const attributes = printAttributes(method).map((text) => `\`${text}\``);
  const tags = sources.map((param, index) => {
    const written = node.params[index];
    return paramTag(param, written ? printType(written.type) : param.type.kind, parts.get(param.name), serving);
  });
  if (node.result && method.sourceResult) tags.push(`@returns \`${printType(node.result)}\`${returned(method.sourceResult, serving)}`);
  const doc = tsdoc({ comment, lines: attributes.length > 0 ? [`${attributes.join(", ")}.`] : [], tags }, "  ");
  if (serving === undefined) {
    scope.uses("Called");
    scope.uses("HostCall");
  }
  const start = `  readonly ${name}: `;
  const signature = `(${params.join(", ")}) => ${result}`;
  const broken = (indent: string): string => `(\n${params.map((param) => `${indent}  ${param},\n`).join("")}${indent}) => ${result}`;
  const line = serving === undefined ? `${start}HostCall<${signature}>;` : `${start}${signature};`;
  if (line.length <= LINE) return `${doc}${line}\n`;
  if (serving !== undefined) return `${doc}${start}${broken("  ")};\n`;
  return `${doc}${start}HostCall<\n    ${4 + signature.length <= LINE ? signature : broken("    ")}\n  >;\n`;
}

function paramTag({ name, type }: SourceParam, written: string, text: readonly string[] = [], serving: string | undefined): string {
  const more = text.length > 0 ? ` ${text.join(" ")}` : "";
  return `@param ${parameter(name)} ${what(type, written, serving)}.${more}`;
}

function what(type: HostType, written: string, serving: string | undefined): string {
  switch (type.kind) {
    case "scalar":
      return `\`${type.scalar}\``;
    case "own":
      return serving === undefined
        ? `base of an object \`${type.shared.name}\` that the host owns; it moves to the domain`
        : `base of an object \`${type.shared.name}\`, which is the host's from now on: it must free it`;
    case "borrow":
      return serving === undefined
        ? `base of an object \`${type.shared.name}\` that the host owns; it is lent until the call returns`
        : `base of an object \`${type.shared.name}\` that the host may read until it returns`;
    case "enum":
    case "flags":
    case "record":
    case "variant":
      return `\`${type.name}\` of \`${interfaceName(type.interfaceId)}\``;
    case "handle":
      return `${type.mode === "own" ? "a" : "lent until the call returns: a"} \`${pascal(type.resource.name)}\``;
    default:
      return `\`${written}\`, copied`;
  }
}

function returned(type: HostType, serving: string | undefined): string {
  const payload = type.kind === "result" ? type.ok : type;
  if (payload?.kind !== "own") return "";
  return serving === undefined
    ? "; the value is the object's base, and the host owns the object: it must free it"
    : "; the value is the base of an object of the host, which moves to the domain";
}
