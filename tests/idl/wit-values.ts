/**
 * Values of any WIT type, as the host's programs write them, and their bytes in a message: a second account of the encoding,
 * which shares nothing with the kernel's or the generator's. Used by tests of values.
 */
import type { HostType } from "../../host/idl/idl.ts";
import type { Random } from "./random-wit.ts";

export type WitValue = unknown;

const arrays = {
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
} as const;

const texts = ["", "a", "héllo", "日本語", "😀🏳️‍🌈", "\0", "\ud83d\ude00x", "ß".repeat(300), "x".repeat(2100), "line\nbreak"];

/** @param object makes what an own or borrow stands for */
export function randomValue(type: HostType, random: Random, object: (type: HostType) => WitValue): WitValue {
  const length = (fixed: number | undefined): number => fixed ?? random(random(20) === 0 ? 200 : 5);
  switch (type.kind) {
    case "scalar":
      return randomScalar(type.scalar, random);
    case "string":
      return Array.from({ length: random(3) }, () => texts[random(texts.length)]).join("");
    case "enum":
      return type.cases[random(type.cases.length)];
    case "flags":
      return Object.fromEntries(type.flags.map((name) => [camel(name), random(2) === 1]));
    case "record":
      return Object.fromEntries(type.fields.map((field) => [camel(field.name), randomValue(field.type, random, object)]));
    case "tuple":
      return type.items.map((item) => randomValue(item, random, object));
    case "variant": {
      const each = type.cases[random(type.cases.length)];
      const tag = each?.name ?? "";
      return each?.type ? { tag, val: randomValue(each.type, random, object) } : { tag };
    }
    case "option": {
      const isSome = random(3) > 0;
      const val = isSome ? randomValue(type.item, random, object) : undefined;
      if (type.item.kind !== "option") return val;
      return isSome ? { tag: "some", val } : { tag: "none" };
    }
    case "result": {
      const [tag, side] = random(2) === 0 ? (["ok", type.ok] as const) : (["err", type.error] as const);
      return side ? { tag, val: randomValue(side, random, object) } : { tag };
    }
    case "list": {
      const items = Array.from({ length: length(type.length) }, () => randomValue(type.item, random, object));
      const array = type.item.kind === "scalar" ? arrayOf(type.item.scalar) : undefined;
      return array ? Object.assign(new array(items.length), items) : items;
    }
    default:
      return object(type);
  }
}

/** @param object the u32 for an own or borrow */
export function encodeValue(type: HostType, value: WitValue, object: (value: WitValue) => number = Number): Uint8Array {
  const bytes: number[] = [];
  const put = (size: 1 | 2 | 4, number: number): void => {
    for (let at = 0; at < size; at++) bytes.push((number >>> (8 * at)) & 0xff);
  };
  const encode = (of: HostType, part: WitValue): void => {
    switch (of.kind) {
      case "scalar":
        bytes.push(...scalarBytes(of.scalar, part));
        return;
      case "string": {
        const text = new TextEncoder().encode(String(part));
        put(4, text.length);
        for (const byte of text) bytes.push(byte);
        return;
      }
      case "enum":
        put(of.cases.length > 256 ? 2 : 1, of.cases.indexOf(String(part)));
        return;
      case "flags": {
        const set = part as Record<string, boolean>;
        const word = of.flags.reduce((sum, name, bit) => (set[camel(name)] ? sum + 2 ** bit : sum), 0);
        put(of.flags.length > 16 ? 4 : of.flags.length > 8 ? 2 : 1, word);
        return;
      }
      case "record":
        for (const field of of.fields) encode(field.type, (part as Record<string, WitValue>)[camel(field.name)]);
        return;
      case "tuple":
        for (const [index, item] of of.items.entries()) encode(item, (part as WitValue[])[index]);
        return;
      case "variant": {
        const { tag, val } = part as { tag: string; val?: WitValue };
        const index = of.cases.findIndex(({ name }) => name === tag);
        put(of.cases.length > 256 ? 2 : 1, index);
        const inner = of.cases[index]?.type;
        if (inner) encode(inner, val);
        return;
      }
      case "option": {
        const outer = of.item.kind === "option" ? (part as { tag: string; val?: WitValue }) : undefined;
        const isSome = outer ? outer.tag === "some" : part !== undefined;
        put(1, isSome ? 1 : 0);
        if (isSome) encode(of.item, outer ? outer.val : part);
        return;
      }
      case "result": {
        const { tag, val } = part as { tag: string; val?: WitValue };
        put(1, tag === "ok" ? 0 : 1);
        const side = tag === "ok" ? of.ok : of.error;
        if (side) encode(side, val);
        return;
      }
      case "list": {
        const items = part as ArrayLike<WitValue>;
        if (of.length === undefined) put(4, items.length);
        for (let index = 0; index < items.length; index++) encode(of.item, items[index]);
        return;
      }
      default:
        put(4, object(part));
    }
  };
  encode(type, value);
  return Uint8Array.from(bytes);
}

/** `foo-bar` → `fooBar`. */
function camel(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function arrayOf(scalar: string): (typeof arrays)[keyof typeof arrays] | undefined {
  return scalar in arrays ? arrays[scalar as keyof typeof arrays] : undefined;
}

function randomScalar(scalar: string, random: Random): WitValue {
  if (scalar === "bool") return random(2) === 1;
  if (scalar === "char") return String.fromCodePoint([0, 0x41, 0xe9, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff][random(8)] ?? 0);
  if (scalar === "f32") return [0, -0, 1.5, Math.fround(0.1), Number.POSITIVE_INFINITY, 2 ** -149, random(2 ** 20) / 8][random(7)];
  if (scalar === "f64") return [0, -0, -1.5, Number.MIN_VALUE, Number.NEGATIVE_INFINITY, Math.PI, random(2 ** 32) / 3][random(7)];
  const bits = Number(scalar.slice(1));
  const wide = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  const edges = [0n, 1n, (1n << BigInt(bits - 1)) - 1n, 1n << BigInt(bits - 1), (1n << BigInt(bits)) - 1n, wide, wide, wide];
  const chosen = edges[random(edges.length)] ?? 0n;
  const value = scalar.startsWith("s") ? BigInt.asIntN(bits, chosen) : BigInt.asUintN(bits, chosen);
  return bits === 64 ? value : Number(value);
}

function scalarBytes(scalar: string, value: WitValue): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  const done = (bytes: number): Uint8Array => new Uint8Array(view.buffer, 0, bytes);
  switch (scalar) {
    case "bool":
      view.setUint8(0, value === true ? 1 : 0);
      return done(1);
    case "char":
      view.setUint32(0, String(value).codePointAt(0) ?? 0, true);
      return done(4);
    case "f32":
      view.setFloat32(0, Number(value), true);
      return done(4);
    case "f64":
      view.setFloat64(0, Number(value), true);
      return done(8);
    default: {
      view.setBigUint64(0, BigInt.asUintN(64, BigInt(value as number | bigint)), true);
      return done(Number(scalar.slice(1)) / 8);
    }
  }
}
