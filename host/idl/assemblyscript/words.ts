/**
 * Expressions between a typed value and the i32 words in which it crosses. Called by the emitters of clients, exports
 * and records; the kernel's `lower.ts` decides how many words there are, this file how AssemblyScript writes them.
 */
import { wordsOf } from "../lower.ts";
import type { HostType, Scalar } from "../model.ts";
import { type FileNames, sourceType } from "./plan.ts";

/** The words (i32) of `value`, as arguments or as the one core result. */
export function toWords(value: string, type: HostType, names: FileNames): string[] {
  switch (type.kind) {
    case "scalar":
      return scalarToWords(value, type.scalar);
    case "own":
    case "borrow":
      return [`${names.glue("baseOf")}(${value})`];
    default:
      return [`<i32>${value}`];
  }
}

/** The value of a type that takes one word, from the expression of that word: i32 in signatures, u32 in the return area. */
export function fromWord(word: string, wordType: "i32" | "u32", type: HostType, names: FileNames): string {
  if (type.kind === "own" || type.kind === "borrow") return `${names.glue("objectAt")}<${names.type(type.shared)}>(${word})`;
  const source = sourceType(type, names);
  if (source === "bool") return `${word} != 0`;
  if (source === "f32") return `reinterpret<f32>(${word})`;
  return source === wordType ? word : `<${source}>${word}`;
}

/** The value of a two-word type, from one expression that is a u64. */
export function fromWord64(word: string, scalar: Scalar): string {
  if (scalar === "f64") return `reinterpret<f64>(${word})`;
  return scalar === "s64" ? `<i64>${word}` : word;
}

export function isWide(type: HostType): type is HostType & { kind: "scalar" } {
  return type.kind === "scalar" && wordsOf(type) === 2;
}

/** The u64 that holds a two-word value's bits. */
function bits64(value: string, scalar: Scalar): string {
  if (scalar === "f64") return `reinterpret<u64>(${value})`;
  return scalar === "s64" ? `<u64>${value}` : value;
}

/** The value that lies in the return area from word `index` on. */
export function fromArea(index: number, type: HostType, names: FileNames): string {
  if (isWide(type)) return fromWord64(`${names.glue("word64")}(${index})`, type.scalar);
  return fromWord(`${names.guard("result")}(${index})`, "u32", type, names);
}

/** The statement that puts a value into the return area. */
export function toArea(index: number, value: string, type: HostType, names: FileNames): string {
  if (isWide(type)) return `${names.glue("setWord64")}(${index}, ${bits64(value, type.scalar)});`;
  const source = sourceType(type, names);
  const word = source === "u32" ? value : source === "f32" ? `reinterpret<u32>(${value})` : `<u32>${value}`;
  return `${names.guard("setResult")}(${index}, ${word});`;
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
