/**
 * JavaScript values to core words and back: what crosses without a message. One function per parameter and result, made once
 * per method. Called by `host-calls.ts` (parameters out, results in) and `host-functions.ts` (the other way round).
 */

import { plainWords } from "../../idl/lower.ts";
import { camelCase } from "../../idl/member-name.ts";
import type { HostType, Scalar } from "../../idl/model.ts";
import { baseOf } from "./host-encode.ts";
import type { Instances } from "./host-instances.ts";
import { bigintOf, boolOf, charOf, enumCheck, flagsCheck, flagsReader, isWide, numberCheck } from "./host-scalars.ts";
import type { HostValue } from "./host-values.ts";
import { expected, placed } from "./wrong-value.ts";

/** Puts a value's words into `words` from `at` on. */
export type WriteWords = (words: Int32Array | number[], at: number, value: unknown) => void;

/** Makes a value of the words from `at` on. */
export type ReadWords = (words: Int32Array | readonly number[], at: number) => HostValue;

export function wordWriter(type: HostType, instances: Instances): WriteWords {
  switch (type.kind) {
    case "scalar":
      return scalarWriter(type.scalar);
    case "enum":
    case "flags": {
      const check = type.kind === "enum" ? enumCheck(type) : flagsCheck(type);
      return (words, at, value) => {
        words[at] = check(value);
      };
    }
    case "record": {
      let words = 0;
      const fields = type.fields.map(({ name, type: field }) => {
        const offset = words;
        words += plainWords(field) ?? 0;
        return { name: camelCase(name), offset, write: wordWriter(field, instances) };
      });
      return (out, at, value) => {
        if (typeof value !== "object" || value === null) throw expected("an object", value);
        for (const { name, offset, write } of fields) {
          try {
            write(out, at + offset, (value as Readonly<Record<string, unknown>>)[name]);
          } catch (error) {
            throw placed(error, `.${name}`);
          }
        }
      };
    }
    case "tuple": {
      let words = 0;
      const items = type.items.map((item) => {
        const offset = words;
        words += plainWords(item) ?? 0;
        return { offset, write: wordWriter(item, instances) };
      });
      return (out, at, value) => {
        if (!Array.isArray(value) || value.length !== items.length) throw expected(`an array of ${items.length}`, value);
        for (const [index, { offset, write }] of items.entries()) {
          try {
            write(out, at + offset, value[index]);
          } catch (error) {
            throw placed(error, `[${index}]`);
          }
        }
      };
    }
    case "handle":
      return (words, at, value) => {
        words[at] = instances.toHandle(value, type.resource, type.mode);
      };
    default:
      return (words, at, value) => {
        words[at] = baseOf(value);
      };
  }
}

const scratch = new DataView(new ArrayBuffer(8));

function scalarWriter(scalar: Scalar): WriteWords {
  if (isWide(scalar)) {
    return (words, at, value) => {
      scratch.setBigInt64(0, bigintOf(value, scalar), true);
      words[at] = scratch.getInt32(0, true);
      words[at + 1] = scratch.getInt32(4, true);
    };
  }
  if (scalar === "bool" || scalar === "char") {
    const check = scalar === "bool" ? boolOf : charOf;
    return (words, at, value) => {
      words[at] = check(value);
    };
  }
  const check = numberCheck(scalar);
  switch (scalar) {
    case "f64":
      return (words, at, value) => {
        scratch.setFloat64(0, check(value), true);
        words[at] = scratch.getInt32(0, true);
        words[at + 1] = scratch.getInt32(4, true);
      };
    case "f32":
      return (words, at, value) => {
        scratch.setFloat32(0, check(value), true);
        words[at] = scratch.getInt32(0, true);
      };
    default:
      return (words, at, value) => {
        words[at] = check(value) | 0;
      };
  }
}

export function wordReader(type: HostType, instances: Instances): ReadWords {
  switch (type.kind) {
    case "scalar":
      return SCALARS[type.scalar];
    case "enum": {
      const { cases } = type;
      return (words, at) => cases[words[at] as number];
    }
    case "flags": {
      const read = flagsReader(type);
      return (words, at) => read(words[at] as number);
    }
    case "record": {
      let words = 0;
      const fields = type.fields.map(({ name, type: field }) => {
        const offset = words;
        words += plainWords(field) ?? 0;
        return { name: camelCase(name), offset, read: wordReader(field, instances) };
      });
      return (from, at) => {
        const value: Record<string, HostValue> = {};
        for (const { name, offset, read } of fields) value[name] = read(from, at + offset);
        return value;
      };
    }
    case "tuple": {
      let words = 0;
      const items = type.items.map((item) => {
        const offset = words;
        words += plainWords(item) ?? 0;
        return { offset, read: wordReader(item, instances) };
      });
      return (from, at) => items.map(({ offset, read }) => read(from, at + offset));
    }
    case "handle":
      return (words, at) => instances.fromHandle((words[at] as number) >>> 0, type.resource, type.mode);
    default:
      return (words, at) => (words[at] as number) >>> 0;
  }
}

const SCALARS: Readonly<Record<Scalar, ReadWords>> = {
  bool: (words, at) => words[at] !== 0,
  char: (words, at) => String.fromCodePoint(words[at] as number),
  u8: (words, at) => (words[at] as number) & 0xff,
  s8: (words, at) => ((words[at] as number) << 24) >> 24,
  u16: (words, at) => (words[at] as number) & 0xffff,
  s16: (words, at) => ((words[at] as number) << 16) >> 16,
  u32: (words, at) => (words[at] as number) >>> 0,
  s32: (words, at) => (words[at] as number) | 0,
  u64: (words, at) => {
    bothWords(words, at);
    return scratch.getBigUint64(0, true);
  },
  s64: (words, at) => {
    bothWords(words, at);
    return scratch.getBigInt64(0, true);
  },
  f32: (words, at) => {
    scratch.setInt32(0, words[at] as number, true);
    return scratch.getFloat32(0, true);
  },
  f64: (words, at) => {
    bothWords(words, at);
    return scratch.getFloat64(0, true);
  },
};

function bothWords(words: Int32Array | readonly number[], at: number): void {
  scratch.setInt32(0, words[at] as number, true);
  scratch.setInt32(4, words[at + 1] as number, true);
}
