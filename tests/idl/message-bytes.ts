/**
 * The bytes of a value in a message: a second account of the encoding, which shares nothing with the kernel's or the generator's.
 * Values are as host code writes them. Used by tests of values.
 */
import type { HostType } from "../../host/idl/idl.ts";

type WitValue = unknown;

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
