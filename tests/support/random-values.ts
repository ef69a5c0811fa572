/** Types of WIT at random, written out, and values of any type as host code has them. Seeded: the same seed gives the same. */
import type { HostType, Scalar } from "../../host/idl/idl.ts";
import { camelCase } from "../../host/idl/member-name.ts";
import type { HostValue } from "../../host/kernel/host/host-values.ts";

/** Numbers below 1, the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Random = () => number;

function below(random: Random, count: number): number {
  return Math.floor(random() * count);
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)] as T;
}

const SCALARS: readonly Scalar[] = ["bool", "char", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64"];

/** @param named types of the interface that may be mentioned */
export function randomType(random: Random, named: readonly string[], depth: number): string {
  const of = (): string => randomType(random, named, depth - 1);
  if (depth === 0) return pick(random, [...SCALARS, "string", "list<u8>", ...named]);
  switch (below(random, 8)) {
    case 0:
      return `list<${of()}>`;
    case 1:
      return `list<${of()}, ${1 + below(random, 4)}>`;
    case 2:
      return `option<${of()}>`;
    case 3:
      return `tuple<${Array.from({ length: 1 + below(random, 3) }, of).join(", ")}>`;
    case 4:
      return pick(random, [`result<${of()}, ${of()}>`, `result<${of()}>`, `result<_, ${of()}>`, "result"]);
    case 5:
      return `list<${pick(random, SCALARS)}>`;
    default:
      return of();
  }
}

const TYPED: Readonly<Partial<Record<Scalar, new (items: ArrayLike<number> & ArrayLike<bigint>) => HostValue>>> = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as unknown as Readonly<Partial<Record<Scalar, new (items: ArrayLike<number> & ArrayLike<bigint>) => HostValue>>>;

const CHARACTERS = [
  "a",
  "0",
  " ",
  "\0",
  "\x7f",
  "é",
  "ß",
  "€",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\ufeff",
  "\uffff",
  "🙂",
  "\u{10ffff}",
];

/**
 * A value of the type.
 * @param object makes shared objects and instances of capabilities
 */
export function randomValue(random: Random, type: HostType, object: (type: HostType) => HostValue = noObject): HostValue {
  const of = (inner: HostType): HostValue => randomValue(random, inner, object);
  const length = (): number => pick(random, [0, 0, 1, 1, 2, 3, 7, 30]);
  switch (type.kind) {
    case "scalar":
      return randomScalar(random, type.scalar);
    case "string":
      return Array.from({ length: length() }, () => pick(random, random() < 0.5 ? CHARACTERS.slice(0, 4) : CHARACTERS)).join("");
    case "enum":
      return pick(random, type.cases);
    case "flags":
      return Object.fromEntries(type.flags.map((name) => [camelCase(name), random() < 0.5]));
    case "record":
      return Object.fromEntries(type.fields.map((field) => [camelCase(field.name), of(field.type)]));
    case "tuple":
      return type.items.map((item) => of(item));
    case "list": {
      const items = Array.from({ length: type.length ?? length() }, () => of(type.item));
      const typed = type.item.kind === "scalar" ? TYPED[type.item.scalar] : undefined;
      return typed === undefined ? items : new typed(items as unknown as ArrayLike<number> & ArrayLike<bigint>);
    }
    case "option": {
      const isSome = random() < 0.5;
      if (type.item.kind === "option") return isSome ? { tag: "some", val: of(type.item) } : { tag: "none" };
      return isSome ? of(type.item) : undefined;
    }
    case "result": {
      const tag = random() < 0.5 ? "ok" : "err";
      const side = tag === "ok" ? type.ok : type.error;
      return { tag, val: side && of(side) };
    }
    case "variant": {
      const { name, type: payload } = pick(random, type.cases);
      return payload === undefined ? { tag: name } : { tag: name, val: of(payload) };
    }
    default:
      return object(type);
  }
}

function noObject(type: HostType): never {
  throw new Error(`no random ${type.kind}`);
}

function randomScalar(random: Random, scalar: Scalar): HostValue {
  switch (scalar) {
    case "bool":
      return random() < 0.5;
    case "char":
      return pick(random, CHARACTERS);
    case "f32":
      return Math.fround(pick(random, [0, 1.5, -1e30, 1e-40, Number.POSITIVE_INFINITY, Number.NaN, random()]));
    case "f64":
      return pick(random, [0, 0.1, -1e300, Number.MIN_VALUE, Number.NEGATIVE_INFINITY, Number.NaN, random()]);
    default: {
      const bits = Number(scalar.slice(1));
      const wide = (BigInt(below(random, 2 ** 32)) << 32n) | BigInt(below(random, 2 ** 32));
      const chosen = pick(random, [0n, 1n, -1n, 1n << BigInt(bits - 1), wide]);
      const value = scalar.startsWith("u") ? BigInt.asUintN(bits, chosen) : BigInt.asIntN(bits, chosen);
      return bits === 64 ? value : Number(value);
    }
  }
}
