/**
 * Expressions between a typed value and the i32 words in which it crosses. Called by the emitters of clients and exports;
 * the lowering decides how many words there are, this file how AssemblyScript writes them.
 */
import { wordsOf } from "../lower.ts";
import type { HostType, Scalar } from "../model.ts";
import { type FileNames, sourceType } from "./file-names.ts";
import { identifier, partName } from "./names.ts";

/** The words (i32) of `value`, as arguments or as the one core result. */
export function toWords(value: string, type: HostType, names: FileNames): string[] {
  switch (type.kind) {
    case "scalar":
      return scalarToWords(value, type.scalar);
    case "own":
    case "borrow":
      return [`${names.glue("baseOf")}(${value})`];
    case "handle":
      return [names.plan.isOwn(type.resource, names.side) ? `<i32>${ownToWord(value, type, names)}` : `${names.glue("baseOf")}(${value})`];
    case "record":
    case "tuple":
      return partsIn(type).flatMap((part) => toWords(`${value}.${part.name}`, part.type, names));
    default:
      return [`<i32>${value}`];
  }
}

/** Where the words of a value come from, one after the other. */
export interface WordSource {
  /** An expression of this type. */
  readonly wordType: "i32" | "u32";
  next(): string;
  /** A u64 from the next two. */
  nextWide(): string;
}

/** The core parameters of a source parameter, in order. */
export function paramWords(name: string, type: HostType): string[] {
  const local = identifier(name);
  if (type.kind === "record" || type.kind === "tuple") return Array.from({ length: wordsOf(type) }, (_, index) => `${local}_${index}`);
  return isWide(type) ? [`${local}_lo`, `${local}_hi`] : [local];
}

export function sourceOfParams(words: readonly string[], names: FileNames): WordSource {
  let at = 0;
  const next = (): string => words[at++] ?? "0";
  return { wordType: "i32", next, nextWide: () => `${names.glue("join")}(${next()}, ${next()})` };
}

export function sourceOfArea(names: FileNames): WordSource {
  let at = 0;
  return {
    wordType: "u32",
    next: () => `${names.guard("result")}(${at++})`,
    nextWide: () => {
      at += 2;
      return `${names.glue("word64")}(${at - 2})`;
    },
  };
}

/** The value of any type that crosses as words. */
export function fromWords(source: WordSource, type: HostType, names: FileNames): string {
  if (type.kind === "record" || type.kind === "tuple") {
    return construct(
      type,
      partsIn(type).map((part) => fromWords(source, part.type, names)),
      names,
    );
  }
  if (isWide(type)) return fromWord64(source.nextWide(), type.scalar);
  return fromWord(source.next(), source.wordType, type, names);
}

/** The value of a type that takes one word, from the expression of that word: i32 in signatures, u32 in the return area. */
export function fromWord(word: string, wordType: "i32" | "u32", type: HostType, names: FileNames): string {
  if (type.kind === "own" || type.kind === "borrow") return `${names.glue("objectAt")}<${names.type(type.shared)}>(${word})`;
  if (type.kind === "handle") {
    if (names.plan.isOwn(type.resource, names.side)) return wordToOwn(wordType === "u32" ? word : `<u32>${word}`, type, names);
    return `${names.glue("objectAt")}<${names.resource(type.resource)}>(${word})`;
  }
  const source = sourceType(type, names);
  if (source === "bool") return `${word} != 0`;
  if (source === "f32") return `reinterpret<f32>(${word})`;
  return source === wordType ? word : `<${source}>${word}`;
}

/** The value of a call that failed, of a type that crosses as words. */
export function zeroOf(type: HostType, names: FileNames): string {
  if (type.kind === "record" || type.kind === "tuple") {
    return construct(
      type,
      partsIn(type).map((part) => zeroOf(part.type, names)),
      names,
    );
  }
  if (type.kind === "own" || type.kind === "borrow" || type.kind === "handle") return fromWord("0", "i32", type, names);
  const source = sourceType(type, names);
  return source === "bool" ? "false" : `<${source}>0`;
}

/** The statements that put a value into the return area, from word `index` on. */
export function toArea(index: number, value: string, type: HostType, names: FileNames): string[] {
  if (type.kind === "record" || type.kind === "tuple") {
    const lines: string[] = [];
    let at = index;
    for (const part of partsIn(type)) {
      lines.push(...toArea(at, `${value}.${part.name}`, part.type, names));
      at += wordsOf(part.type);
    }
    return lines;
  }
  if (isWide(type)) return [`${names.glue("setWord64")}(${index}, ${bits64(value, type.scalar)});`];
  if (type.kind === "handle") return [`${names.guard("setResult")}(${index}, ${ownToWord(value, type, names)});`];
  const source = sourceType(type, names);
  const word = source === "u32" ? value : source === "f32" ? `reinterpret<u32>(${value})` : `<u32>${value}`;
  return [`${names.guard("setResult")}(${index}, ${word});`];
}

/** A u32: the number under which an instance of the domain's own is known to the kernel; it becomes somebody else's. */
export function ownToWord(value: string, type: HostType & { kind: "handle" }, names: FileNames): string {
  return `${names.instances(type.resource)}.add(${value})`;
}

/** The instance behind such a number; if the call hands it back, nobody else has it any more. */
export function wordToOwn(word: string, type: HostType & { kind: "handle" }, names: FileNames): string {
  return `${names.instances(type.resource)}.${type.mode === "own" ? "remove" : "at"}(${word})`;
}

export function isWide(type: HostType): type is HostType & { kind: "scalar" } {
  return type.kind === "scalar" && wordsOf(type) === 2;
}

/** The parts of a record or tuple under their names in AssemblyScript. */
export function partsIn(type: HostType & { kind: "record" | "tuple" }): { readonly name: string; readonly type: HostType }[] {
  if (type.kind === "tuple") return type.items.map((item, index) => ({ name: `item${index}`, type: item }));
  return type.fields.map((field) => ({ name: partName(field.name), type: field.type }));
}

function construct(type: HostType & { kind: "record" | "tuple" }, parts: readonly string[], names: FileNames): string {
  const made = type.kind === "record" ? `${names.type(type)}.of` : `new ${sourceType(type, names)}`;
  return `${made}(${parts.join(", ")})`;
}

/** The value of a two-word type, from one expression that is a u64. */
function fromWord64(word: string, scalar: Scalar): string {
  if (scalar === "f64") return `reinterpret<f64>(${word})`;
  return scalar === "s64" ? `<i64>${word}` : word;
}

/** The u64 that holds a two-word value's bits. */
function bits64(value: string, scalar: Scalar): string {
  if (scalar === "f64") return `reinterpret<u64>(${value})`;
  return scalar === "s64" ? `<u64>${value}` : value;
}

function scalarToWords(value: string, scalar: Scalar): string[] {
  switch (scalar) {
    case "f32":
      return [`reinterpret<i32>(${value})`];
    case "f64":
      return [`<i32>reinterpret<u64>(${value})`, `<i32>(reinterpret<u64>(${value}) >> 32)`];
    case "u64":
    case "s64":
      return [`<i32>${value}`, `<i32>(${value} >> 32)`];
    case "s32":
      return [value];
    default:
      return [`<i32>${value}`];
  }
}
