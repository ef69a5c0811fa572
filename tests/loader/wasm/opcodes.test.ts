/** The opcode tables against an assembler of other authors: every name must assemble to the code that the table gives it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ATOMIC_IMMEDIATE,
  IMM,
  IMMEDIATES,
  MISC_IMMEDIATE,
  OP,
  opcodeName,
  refusal,
  SIMD_IMMEDIATE,
  SINGLE_IMMEDIATE,
} from "../../../host/loader/wasm/opcodes.ts";
import { wat } from "../../support/wat.ts";

/** Operands in text and the number of bytes that they take in the binary when all of them are small. */
const OPERANDS: Record<string, readonly [text: string, bytes: number]> = {
  none: ["", 0],
  blocktype: ["", 1],
  label: ["0", 1],
  br_table: ["0 0", 3],
  func: ["0", 1],
  call_indirect: ["0 (type 0)", 2],
  local: ["0", 1],
  global: ["0", 1],
  memarg: ["", 2],
  "memarg+lane": ["0", 3],
  memory: ["", 1],
  "memory.init": ["0", 2],
  "memory.copy": ["", 2],
  data: ["0", 1],
  "table.init": ["0 0", 2],
  "table.copy": ["0 0", 2],
  elem: ["0", 1],
  i32: ["1", 1],
  i64: ["1", 1],
  f32: ["1", 4],
  f64: ["1", 8],
  v128: ["i32x4 0 0 0 0", 16],
  shuffle: ["0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", 16],
  lane: ["0", 1],
  select_t: ["(result i32)", 2],
};

function unsignedLeb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsignedLeb(value >>> 7)];
}

test("opcode tables: every accepted opcode is what wasm-tools assembles for its name, immediates included", async () => {
  const all = [
    [0, SINGLE_IMMEDIATE],
    [OP.miscPrefix, MISC_IMMEDIATE],
    [OP.simdPrefix, SIMD_IMMEDIATE],
    [OP.atomicPrefix, ATOMIC_IMMEDIATE],
  ] as const;
  const lines: string[] = [];
  const expected: number[][] = [];
  const closers = new Set(["else", "end"]);
  for (const [prefix, table] of all) {
    for (let code = 0; code < table.length; code++) {
      const immediate = IMMEDIATES[table[code] as number] as string;
      const name = opcodeName(prefix, code);
      if (immediate === "refused" || closers.has(name)) continue;
      const [text, bytes] = OPERANDS[immediate] as readonly [string, number];
      lines.push(`${name} ${text}${immediate === "blocktype" ? " end" : ""}`);
      const head = prefix === 0 ? [code] : [prefix, ...unsignedLeb(code)];
      expected.push([...head, ...new Array<number>(bytes).fill(-1), ...(immediate === "blocktype" ? [0x0b] : [])]);
    }
  }
  assert.is(expected.length, 178 - 2 + 15 + 236 + 1);
  const module = await wat(`(module (type (func)) (table 1 funcref) (memory 1) (global (mut i32) (i32.const 0))
    (func (local i32) ${lines.join("\n")}) (elem func) (data ""))`);
  const body = expected.flat();
  // The code section ends with this body: its bytes precede the final `end`, and the data section follows.
  const start = findBody(module, body.length);
  let at = start;
  for (const [i, bytes] of expected.entries()) {
    for (const byte of bytes) {
      if (byte !== -1) assert.is(module[at], byte, `${lines[i]} at ${at - start}`);
      at++;
    }
  }
  assert.is(module[at], 0x0b);
});

function findBody(module: Uint8Array, length: number): number {
  // 01 01 7f: one group of one i32 local, then the first instruction (unreachable, nop).
  for (let at = 0; at + length < module.length; at++) {
    if (module[at] === 1 && module[at + 1] === 1 && module[at + 2] === 0x7f && module[at + 3] === 0 && module[at + 4] === 1) return at + 3;
  }
  throw new Error("body not found");
}

test("refusal: names the proposal and the instruction", () => {
  assert.is(refusal(0, 0x1f), "exceptions (try_table)");
  assert.is(refusal(0, 0x12), "tail calls (return_call)");
  assert.is(refusal(OP.miscPrefix, 0x0f), "reference types (table.grow)");
  assert.is(refusal(OP.simdPrefix, 0x105), "relaxed SIMD");
  assert.is(refusal(OP.gcPrefix, 0), "garbage collection");
  assert.is(refusal(OP.atomicPrefix, 0x10), "threads (atomics)");
  assert.is(refusal(0, 0x27), undefined);
});

test("opcode tables: an opcode is accepted or refused by name, never both", () => {
  for (let code = 0; code < 256; code++) {
    if (refusal(0, code) !== undefined) assert.is(SINGLE_IMMEDIATE[code], IMM.refused, opcodeName(0, code));
  }
});

test.run();
