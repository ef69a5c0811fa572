/**
 * Scalars, enums and flags between JavaScript and their numbers: what words and messages have in common.
 * Called by `host-encode.ts`, `host-decode.ts` and `host-words.ts`. A value of a wrong type is a `WrongValue`.
 */
import { camelCase } from "../../idl/member-name.ts";
import type { EnumType, FlagsType, Scalar } from "../../idl/model.ts";
import { expected, WrongValue } from "./wrong-value.ts";

type NumberScalar = Exclude<Scalar, "bool" | "char" | "u64" | "s64">;

const RANGES: Readonly<Partial<Record<Scalar, readonly [number, number]>>> = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u32: [0, 0xffffffff],
  s8: [-0x80, 0x7f],
  s16: [-0x8000, 0x7fff],
  s32: [-0x80000000, 0x7fffffff],
};

export function isWide(scalar: Scalar): scalar is "u64" | "s64" {
  return scalar === "u64" || scalar === "s64";
}

/** A function that lets a number of this type pass. */
export function numberCheck(scalar: NumberScalar): (value: unknown) => number {
  const range = RANGES[scalar];
  if (range === undefined) {
    return (value) => {
      if (typeof value !== "number") throw expected("a number", value);
      return value;
    };
  }
  const [low, high] = range;
  return (value) => {
    if (typeof value !== "number") throw expected("a number", value);
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new WrongValue(`expected a whole number from ${low} to ${high} (${scalar}), got ${value}`);
    }
    return value;
  };
}

export function bigintOf(value: unknown, scalar: "u64" | "s64"): bigint {
  if (typeof value !== "bigint") throw expected(`a bigint (${scalar})`, value);
  const same = scalar === "u64" ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
  if (same !== value) throw new WrongValue(`expected a bigint of 64 bits (${scalar}), got ${value}`);
  return value;
}

export function boolOf(value: unknown): number {
  if (typeof value !== "boolean") throw expected("a boolean", value);
  return value ? 1 : 0;
}

export function charOf(value: unknown): number {
  const point = typeof value === "string" ? value.codePointAt(0) : undefined;
  if (point === undefined || value !== String.fromCodePoint(point)) throw expected("a string of one character", value);
  if (point >= 0xd800 && point < 0xe000) throw new WrongValue("expected a character, got half of a surrogate pair");
  return point;
}

/** A function from a case's name to its number. */
export function enumCheck({ cases }: EnumType): (value: unknown) => number {
  const numbers = new Map<unknown, number>(cases.map((name, index) => [name, index]));
  return (value) => {
    const index = numbers.get(value);
    if (index === undefined) throw expected(`one of ${listed(cases)}`, value);
    return index;
  };
}

export function listed(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}

/** A function from an object of booleans to its bits; what is missing is not set. */
export function flagsCheck({ flags }: FlagsType): (value: unknown) => number {
  const names = flags.map(camelCase);
  return (value) => {
    if (typeof value !== "object" || value === null) throw expected("an object of booleans", value);
    const given = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(given)) if (!names.includes(name)) throw new WrongValue(`has no flag ${name}, but ${names.join(", ")}`);
    let bits = 0;
    for (let bit = 0; bit < names.length; bit++) {
      const name = names[bit] as string;
      const flag = given[name];
      if (flag === undefined) continue;
      if (typeof flag !== "boolean") throw expected("a boolean", flag).within(`.${name}`);
      if (flag) bits |= 1 << bit;
    }
    return bits >>> 0;
  };
}

/** A function from bits to an object with every flag. */
export function flagsReader({ flags }: FlagsType): (bits: number) => Readonly<Record<string, boolean>> {
  const names = flags.map(camelCase);
  return (bits) => Object.fromEntries(names.map((name, bit) => [name, (bits & (1 << bit)) !== 0]));
}
