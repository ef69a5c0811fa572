/**
 * Small bodies that would keep V8's compilers busy for minutes, on the thread that all domains share and with no safepoint
 * in sight: each is refused by `check`. And the count of the stack's height that the refusal rests on, held against V8.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeU32 } from "../../host/loader/byte-reader.ts";
import { stackEffect } from "../../host/loader/check/compile-cost.ts";
import { check } from "../../host/loader/check.ts";
import { IMM, MISC_IMMEDIATE, OP, opcodeName, SIMD_IMMEDIATE, SINGLE_IMMEDIATE } from "../../host/loader/wasm/opcodes.ts";

type Bytes = readonly number[];

const [I32, I64, F32, F64, V128] = [0x7f, 0x7e, 0x7d, 0x7c, 0x7b];

function section(id: number, content: Bytes): number[] {
  return [id, ...encodeU32(content.length), ...content];
}

function times(count: number, part: (i: number) => Bytes): number[] {
  return Array.from({ length: count }, (_, i) => part(i)).flat();
}

/** One function of type i32 -> i32 with so many i32 locals; the body leaves nothing, its parameter is returned. */
function module(locals: number, body: Bytes): Uint8Array {
  const code = [...(locals === 0 ? [0] : [1, ...encodeU32(locals), I32]), ...body, 0x20, 0, 0x0b];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, I32]),
    ...section(3, [1, 0]),
    ...section(10, [1, ...encodeU32(code.length), ...code]),
  ]);
}

const EMPTY_IF = [0x20, 0, 0x04, 0x40, 0x0b];
const DEAR: Readonly<Record<string, Uint8Array>> = {
  "20 KB of loops, 9 990 locals (20 s and 6 GB)": module(
    9990,
    times(6600, () => [0x03, 0x40, 0x0b]),
  ),
  "100 KB of ifs, 9 990 locals (12 s)": module(
    9990,
    times(20_000, () => EMPTY_IF),
  ),
  "ifs above a high stack (minutes)": module(0, [
    ...times(100_000, () => [0x20, 0]),
    ...times(20_000, () => EMPTY_IF),
    ...times(100_000, () => [0x1a]),
  ]),
  "br_table with many targets": module(9990, [0x02, 0x40, 0x20, 0, 0x0e, ...encodeU32(5000), ...times(5001, () => [0]), 0x0b]),
};

for (const [what, bytes] of Object.entries(DEAR)) {
  test(`refused before V8 compiles it: ${what}`, () => {
    assert.throws(() => check(bytes, { maxMemoryPages: 16 }), /branches times locals and values on the stack in one function/);
  });
}

test("many functions, each just cheap enough, are refused together", () => {
  const code = [1, ...encodeU32(9990), I32, ...times(100, () => EMPTY_IF), 0x20, 0, 0x0b];
  const bytes = new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, I32]),
    ...section(3, [...encodeU32(100), ...times(100, () => [0])]),
    ...section(10, [...encodeU32(100), ...times(100, () => [...encodeU32(code.length), ...code])]),
  ]);
  assert.throws(() => check(bytes, { maxMemoryPages: 16 }), /in the module/);
});

test("long straight code with many locals, and many branches with few, are accepted", () => {
  check(
    module(
      9000,
      times(100_000, () => [0x20, 0, 0x1a]),
    ),
    { maxMemoryPages: 16 },
  );
  check(
    module(
      20,
      times(50_000, () => EMPTY_IF),
    ),
    { maxMemoryPages: 16 },
  );
});

test("the height of the stack is counted as V8 does, for every accepted instruction", () => {
  const control = new Set([
    OP.unreachable,
    OP.block,
    OP.loop,
    OP.if,
    OP.else,
    OP.end,
    OP.br,
    OP.brTable,
    OP.return,
    OP.call,
    OP.callIndirect,
  ]);
  const handled = new Set(["local.get", "local.set", "local.tee", "global.get", "global.set", "select", "drop", "br_if"]);
  let tried = 0;
  for (const [prefix, table] of [
    [0, SINGLE_IMMEDIATE],
    [OP.miscPrefix, MISC_IMMEDIATE],
    [OP.simdPrefix, SIMD_IMMEDIATE],
  ] as const) {
    for (const [code, immediate] of table.entries()) {
      if (immediate === IMM.refused || (prefix === 0 && control.has(code as never))) continue;
      const name = opcodeName(prefix, code);
      if (handled.has(name)) continue;
      const opcode = prefix === 0 ? [code] : [prefix, ...encodeU32(code)];
      assert.ok(isEffect(stackEffect(name), [...opcode, ...immediateBytes(immediate)]), `${name}: ${stackEffect(name)}`);
      tried++;
    }
  }
  assert.ok(tried > 400, `${tried} instructions`);
});

/** Some bytes that V8 accepts as the immediate. */
function immediateBytes(immediate: number): Bytes {
  const zeros: Readonly<Record<number, number>> = {
    [IMM.none]: 0,
    [IMM.f32]: 4,
    [IMM.f64]: 8,
    [IMM.v128]: 16,
    [IMM.shuffle]: 16,
    [IMM.memarg]: 2,
    [IMM["memarg+lane"]]: 3,
    [IMM["memory.init"]]: 2,
    [IMM["memory.copy"]]: 2,
    [IMM["table.init"]]: 2,
    [IMM["table.copy"]]: 2,
  };
  return new Array<number>(zeros[immediate] ?? 1).fill(0);
}

/** Whether V8 accepts the instruction between some operands and some results whose numbers differ by `effect`. */
function isEffect(effect: number, instruction: Bytes): boolean {
  const types = [I32, I64, F32, F64, V128];
  const lists: Bytes[][] = [[[]]];
  for (let n = 1; n <= 3; n++) lists.push((lists[n - 1] ?? []).flatMap((list) => types.map((type) => [...list, type])));
  for (const results of [...(lists[0] ?? []), ...(lists[1] ?? [])]) {
    for (const params of lists[results.length - effect] ?? []) {
      const body = [0, ...params.flatMap((_, i) => [0x20, i]), ...instruction, 0x0b];
      const bytes = new Uint8Array([
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        ...section(1, [1, 0x60, params.length, ...params, results.length, ...results]),
        ...section(3, [1, 0]),
        ...section(4, [1, 0x70, 0, 1]),
        ...section(5, [1, 0, 1]),
        ...section(9, [1, 1, 0, 1, 0]),
        ...section(12, [1]),
        ...section(10, [1, ...encodeU32(body.length), ...body]),
        ...section(11, [1, 1, 0]),
      ]);
      if (WebAssembly.validate(bytes)) return true;
    }
  }
  return false;
}

test.run();
