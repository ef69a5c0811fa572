/**
 * The types that an interface defines, as exported types of its file: what `hostType` mentions by name. Shared types are what
 * `host/kernel/host/object-fields.ts` reads of an object. Called by `generate.ts`.
 */
import { identifier } from "../assemblyscript/names.ts";
import type { TypeDescription } from "../describe.ts";
import { sizeText } from "../field-sizes.ts";
import { camelCase } from "../member-name.ts";
import type { EnumType, FlagsType, HostType, NamedType, RecordType, SharedType, VariantType } from "../model.ts";
import { type Doc, tsdoc } from "./comments.ts";
import type { FileScope } from "./names.ts";
import { fieldType } from "./shared-fields.ts";
import { hostType, servesWithin } from "./values.ts";

const LINE = 140;

type Parts = TypeDescription["parts"];

/** Exported types for what an interface defines; nothing for an alias, which is written out wherever it is used. */
export function emitType(description: TypeDescription, scope: FileScope): string[] {
  const { comment, parts } = description;
  if (description.kind === "alias" || description.kind === "resource") return [];
  if (description.kind === "shared") return [emitShared(description.type, description, scope)];
  const { type } = description;
  const texts = [`${tsdoc(docOf(description.type, { comment }, parts), "")}export ${emitNamed(type, parts, scope)}`];
  if (servesWithin(type, type.interfaceId)) {
    const doc = tsdoc({ lines: [`\`${type.name}\` for who implements its interface.`] }, "");
    texts.push(`${doc}export ${emitNamed(type, parts, scope, type.interfaceId)}`);
  }
  return texts;
}

function docOf(type: NamedType, doc: Doc, parts: Parts): Doc {
  return type.kind === "enum" ? { ...doc, lines: listOf(type.cases, parts) } : doc;
}

/** Without `export`, for files that only mention it. */
export function emitNamed(type: NamedType, parts: Parts, scope: FileScope, serving?: string): string {
  switch (type.kind) {
    case "enum":
      return emitEnum(type, scope);
    case "flags":
      return emitFlags(type, parts, scope);
    case "record":
      return emitRecord(type, parts, scope, serving);
    case "variant":
      return emitVariant(type, parts, scope, serving);
  }
}

function emitEnum(type: EnumType, scope: FileScope): string {
  const cases = type.cases.map((name) => JSON.stringify(name));
  const line = `type ${scope.type(type)} = ${cases.join(" | ")};`;
  if (`export ${line}`.length <= LINE) return `${line}\n`;
  return `type ${scope.type(type)} =\n${cases.map((each) => `  | ${each}`).join("\n")};\n`;
}

/** A flag that is left out is not set; what a domain returned has them all. */
function emitFlags(type: FlagsType, parts: Parts, scope: FileScope): string {
  const flags = type.flags.map((name) => `${partDoc(parts, name)}  readonly ${property(name)}?: boolean;\n`);
  return `interface ${scope.type(type)} {\n${flags.join("")}}\n`;
}

function emitRecord(type: RecordType, parts: Parts, scope: FileScope, serving?: string): string {
  const fields = type.fields.map(({ name, type: field }) => {
    const mark = isLeftOut(field) ? "?" : "";
    return `${partDoc(parts, name)}  readonly ${property(name)}${mark}: ${hostType(field, scope, serving)};\n`;
  });
  return `interface ${hostType(type, scope, serving)} {\n${fields.join("")}}\n`;
}

/** A field of an option may be missing, which is the same as undefined. */
function isLeftOut(type: HostType): boolean {
  return type.kind === "option" && type.item.kind !== "option";
}

function emitVariant(type: VariantType, parts: Parts, scope: FileScope, serving?: string): string {
  const cases = type.cases.map((each) => {
    const val = each.type ? `; readonly val: ${hostType(each.type, scope, serving)}` : "";
    return `${partDoc(parts, each.name)}  | { readonly tag: ${JSON.stringify(each.name)}${val} }`;
  });
  return `type ${hostType(type, scope, serving)} =\n${cases.join("\n")};\n`;
}

function emitShared(type: SharedType, { comment, parts }: TypeDescription, scope: FileScope): string {
  const size = `An object on the shared heap, as \`readObject\` reads it: ${sizeText(type)}, type id ${type.id}. Functions take and return its base.`;
  const fields = type.fields.map(
    (field) => `${partDoc(parts, field.name)}  readonly ${property(field.name)}: ${fieldType(field.type, scope)};\n`,
  );
  return `${tsdoc({ comment, lines: [size] }, "")}export interface ${scope.type({ ...type, kind: "shared" })} {\n${fields.join("")}}\n`;
}

function partDoc(parts: Parts, name: string): string {
  return tsdoc({ lines: parts.get(name) ?? [] }, "  ");
}

/** Cases that have a comment; the others are in the type itself. */
function listOf(names: readonly string[], parts: Parts): string[] {
  return names.filter((name) => parts.has(name)).map((name) => `- \`${name}\`: ${(parts.get(name) ?? []).join(" ")}`);
}

/** The property of a function or field, in quotes where camel case leaves a hyphen. */
export function property(name: string): string {
  const written = camelCase(name);
  return /^[A-Za-z][0-9A-Za-z]*$/.test(written) ? written : JSON.stringify(written);
}

export function parameter(name: string): string {
  return identifier(name);
}
