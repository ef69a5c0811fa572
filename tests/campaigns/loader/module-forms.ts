/**
 * Random modules by the grammar of the binary format: sections in order, of a few entries each, most of which fit each other.
 * Code is random instructions of every kind, so most modules are refused somewhere within, and few at the frame.
 */
import { Writer } from "../../../host/loader/wasm/writer.ts";
import { join, type Section } from "../../loader/audit-fixture.ts";
import type { Random } from "../../loader/random-program.ts";

const VALUE_TYPES: readonly number[] = [0x7f, 0x7f, 0x7f, 0x7e, 0x7d, 0x7c, 0x7b];
const REFERENCES: readonly number[] = [0x70, 0x6f, 0x6e, 0x64, 0x63];
const NAMES: readonly string[] = ["a", "b", "guard", "sumac", "kernel", "log", "load32", "memory", "sumac:start", "init", ""];

export function randomModuleBytes(random: Random): Uint8Array<ArrayBuffer> {
  const types = 1 + random.below(3);
  const imports = random.below(3);
  const functions = random.below(4);
  const list: Section[] = [];
  const section = (id: number, count: number, entry: (out: Writer, n: number) => void): void => {
    if (count === 0 || random.below(30) === 0) return;
    const out = new Writer(64);
    out.u32(random.below(60) === 0 ? count + 1 : count);
    for (let n = 0; n < count; n++) entry(out, n);
    list.push({ id, content: out.view().slice() });
  };
  const valueType = (): number => pick(random.below(40) === 0 ? REFERENCES : VALUE_TYPES, random);
  const limits = (out: Writer): void => {
    const flags = random.below(20) === 0 ? random.below(16) : random.below(2);
    out.u8(flags);
    out.u32(random.below(3));
    if (flags & 1) out.u32(random.below(20) === 0 ? 0xffffffff : 3 + random.below(70));
  };
  const constant = (out: Writer): void => {
    out.u8(0x41);
    out.s32(random.below(16));
    out.u8(0x0b);
  };

  section(1, types, (out, n) => {
    out.u8(random.below(40) === 0 ? 0x5f : 0x60);
    for (let part = 0; part < 2; part++) {
      // The first is () -> (), so that bodies fit often.
      const count = n === 0 ? 0 : random.below(3);
      out.u32(count);
      for (let i = 0; i < count; i++) out.u8(valueType());
    }
  });
  section(2, imports, (out, n) => {
    out.name(pick(NAMES, random));
    out.name(`${pick(NAMES, random)}${n}`);
    const kind = random.below(25) === 0 ? random.below(5) : 0;
    out.u8(kind);
    out.u32(random.below(types));
  });
  section(3, functions, (out) => out.u32(random.below(3) === 0 ? random.below(types) : 0));
  section(4, random.below(2), (out) => {
    out.u8(random.below(20) === 0 ? pick(REFERENCES, random) : 0x70);
    limits(out);
  });
  section(5, random.below(10) === 0 ? 2 : 1, limits);
  section(6, random.below(3), (out) => {
    out.u8(0x7f);
    out.u8(random.below(20) === 0 ? random.below(4) : random.below(2));
    constant(out);
  });
  section(7, random.below(3), (out, n) => {
    out.name(`${pick(NAMES, random)}${n}`);
    out.u8(random.below(20) === 0 ? random.below(5) : 0);
    out.u32(random.below(imports + functions + 1));
  });
  if (random.below(10) === 0) list.push({ id: 8, content: Uint8Array.of(random.below(imports + functions + 1)) });
  section(9, random.below(2), (out) => {
    out.u32(random.below(20) === 0 ? random.below(10) : 0);
    constant(out);
    out.u32(1);
    out.u32(random.below(imports + functions + 1));
  });
  section(10, functions, (out) => {
    const body = out.begin();
    out.u32(1);
    out.u32(2);
    out.u8(0x7f);
    for (let n = random.below(6); n > 0; n--) instruction(out, random);
    out.u8(0x0b);
    out.finish(body);
  });
  section(11, random.below(3), (out) => {
    out.u32(random.below(20) === 0 ? random.below(4) : 0);
    constant(out);
    out.u32(3);
    for (let i = 0; i < 3; i++) out.u8(random.below(256));
  });
  return join(list);
}

/** One that leaves the stack as it is, often; else any bytes that begin like one. */
function instruction(out: Writer, random: Random): void {
  switch (random.below(random.below(4) === 0 ? 10 : 7)) {
    case 0:
      for (const byte of [0x41, random.below(64), 0x1a]) out.u8(byte);
      return;
    case 1:
      for (const byte of [0x41, 8, 0x28, 2, random.below(128), 0x1a]) out.u8(byte);
      return;
    case 2:
      for (const byte of [0x03, 0x40, 0x20, 0, 0x0d, random.below(2), 0x0b]) out.u8(byte);
      return;
    case 3:
      for (const byte of [0x02, 0x40, 0x0c, random.below(3), 0x0b]) out.u8(byte);
      return;
    case 4:
      for (const byte of [0x10, random.below(5)]) out.u8(byte);
      return;
    case 5:
      for (const byte of [0x41, 0, 0x41, 0, 0x41, 8, 0xfc, 0x0a + random.below(2), 0, 0]) out.u8(byte);
      return;
    case 6:
      out.u8(0x01);
      return;
    case 7:
      out.u8(0xfc + random.below(4));
      out.u32(random.below(300));
      return;
    default:
      out.u8(random.below(256));
  }
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[random.below(from.length)] as T;
}
