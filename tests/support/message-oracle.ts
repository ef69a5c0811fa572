/**
 * Reads a message the slow and plain way: an independent opinion on which bytes are values of a type. Shares nothing with the kernel
 * but the constants of the encoding.
 */
import type { HostType } from "../../host/idl/idl.ts";
import { caseBytes, flagsBytes } from "../../host/idl/message.ts";

const WIDTHS = { bool: 1, u8: 1, s8: 1, u16: 2, s16: 2, u32: 4, s32: 4, char: 4, f32: 4, u64: 8, s64: 8, f64: 8 } as const;

/** How many bytes the value at the beginning takes; undefined where there is none. */
export function valueBytes(type: HostType, bytes: Uint8Array): number | undefined {
  try {
    return end(type, bytes, 0);
  } catch {
    return undefined;
  }
}

function end(type: HostType, bytes: Uint8Array, at: number): number {
  const number = (width: number, where = at): number => {
    if (where + width > bytes.length) throw new Error("short");
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[where + i] ?? 0);
    return value;
  };
  const demand = (isRight: boolean): void => {
    if (!isRight) throw new Error("wrong");
  };
  const all = (types: readonly HostType[], start: number): number => types.reduce((where, each) => end(each, bytes, where), start);
  const choose = (types: readonly (HostType | undefined)[]): number => {
    const width = caseBytes(types.length);
    const index = number(width);
    demand(index < types.length);
    const chosen = types[index];
    return chosen === undefined ? at + width : end(chosen, bytes, at + width);
  };
  switch (type.kind) {
    case "scalar": {
      const width = WIDTHS[type.scalar];
      const value = number(width);
      if (type.scalar === "bool") demand(value < 2);
      if (type.scalar === "char") demand(value < 0x110000 && !(value >= 0xd800 && value <= 0xdfff));
      return at + width;
    }
    case "string": {
      const length = number(4);
      demand(at + 4 + length <= bytes.length);
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(at + 4, at + 4 + length));
      return at + 4 + length;
    }
    case "enum":
      return choose(type.cases.map(() => undefined));
    case "flags": {
      const width = flagsBytes(type.flags.length);
      demand(number(width) < 2 ** type.flags.length);
      return at + width;
    }
    case "record":
      return all(
        type.fields.map((field) => field.type),
        at,
      );
    case "tuple":
      return all(type.items, at);
    case "list": {
      const count = type.length ?? number(4);
      let where = type.length === undefined ? at + 4 : at;
      demand(count <= bytes.length);
      for (let i = 0; i < count; i++) where = end(type.item, bytes, where);
      return where;
    }
    case "option":
      return choose([undefined, type.item]);
    case "result":
      return choose([type.ok, type.error]);
    case "variant":
      return choose(type.cases.map((each) => each.type));
    default:
      throw new Error(`no ${type.kind} here`);
  }
}
