/** Values of a module's parameters and results: chosen by a seed, and as text in which all NaN are one. */
import { TYPE } from "../../../host/loader/wasm/opcodes.ts";
import type { Random } from "../../loader/random-program.ts";

const I32: readonly number[] = [0, 1, 2, -1, 7, 64, 255, 4096, 65_535, 65_536, 0x7fffffff, -0x80000000];
const FLOATS: readonly number[] = [0, -0, 1, -1, 0.5, 1e10, -3e9, 2 ** 31, 2 ** 63, 1e300, Infinity, -Infinity, Number.NaN];

/** `small` stands for values that a domain does not take for a length of gigabytes. */
export function numberOf(type: number, random: Random, small?: readonly number[]): number | bigint {
  switch (type) {
    case TYPE.i32:
      return pick(small ?? I32, random);
    case TYPE.i64:
      return BigInt(pick(small ?? I32, random)) * (small === undefined && random.below(2) === 1 ? 0x1_0000_0001n : 1n);
    case TYPE.f32:
      return Math.fround(pick(FLOATS, random));
    default:
      return pick(FLOATS, random);
  }
}

/** What a host function returns for these results. */
export function answerOf(results: readonly number[], random: Random, small?: readonly number[]): unknown {
  const values = results.map((type) => numberOf(type, random, small));
  return values.length > 1 ? values : values[0];
}

export function text(value: unknown): string {
  if (Array.isArray(value)) return `(${value.map(text).join(" ")})`;
  if (Object.is(value, -0)) return "-0";
  return typeof value === "bigint" ? `${value}n` : String(value);
}

function pick(from: readonly number[], random: Random): number {
  return from[random.below(from.length)] as number;
}
