/**
 * The opcodes that Sumac knows: what is accepted, with the shape of its immediates, and by which proposal the rest is refused.
 *
 * Tables only. The hardener and the auditor both look opcodes up here, yet each decodes instructions with a reader of its own,
 * so no function here may read bytes of a module.
 *
 * Sources: [WASM-CORE] 5.4 (instructions) and 7.10 (index of instructions), the overview of each proposal for what is refused.
 */

/** What follows an opcode. `refused` stands for every opcode that is not accepted (also for the prefix bytes themselves). */
export const IMMEDIATES = [
  "refused",
  "none",
  "blocktype", // s33: 0x40, a value type, or a type index
  "label", // u32
  "br_table", // vec(u32) u32
  "func", // u32
  "call_indirect", // u32 type, u32 table
  "local", // u32
  "global", // u32
  "memarg", // u32 align (bit 6: a memory index follows), u32 offset
  "memarg+lane", // memarg, one byte
  "memory", // u32 memory
  "memory.init", // u32 data segment, u32 memory
  "memory.copy", // u32 memory, u32 memory
  "data", // u32
  "table.init", // u32 element segment, u32 table
  "table.copy", // u32 table, u32 table
  "elem", // u32
  "i32", // s32
  "i64", // s64
  "f32", // 4 bytes
  "f64", // 8 bytes
  "v128", // 16 bytes
  "shuffle", // 16 lane bytes, each < 32
  "lane", // one byte
  "select_t", // vec(valtype)
] as const;
export type Immediate = (typeof IMMEDIATES)[number];

/** The number that the typed arrays below hold for an immediate. */
export const IMM: { readonly [K in Immediate]: number } = Object.fromEntries(IMMEDIATES.map((name, code) => [name, code])) as {
  readonly [K in Immediate]: number;
};

/** Opcodes that the loader names one by one; those behind a prefix are the number after it. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32LtS: 0x48,
  i32Sub: 0x6b,
  refNull: 0xd0,
  refFunc: 0xd2,
  gcPrefix: 0xfb,
  miscPrefix: 0xfc,
  simdPrefix: 0xfd,
  atomicPrefix: 0xfe,
} as const;
/** After 0xFC. */
export const MISC = {
  memoryInit: 8,
  dataDrop: 9,
  memoryCopy: 10,
  memoryFill: 11,
  tableInit: 12,
  elemDrop: 13,
  tableCopy: 14,
} as const;
/** After 0xFD. */
export const SIMD = { v128Load: 0x00, v128Store: 0x0b, v128Const: 0x0c } as const;
/** After 0xFE: the one atomic instruction, and only hardened code may contain it. */
export const ATOMIC = { i32Load: 0x10 } as const;

/** Value types: all of them numeric or vectors; funcref is the type of table elements only. */
export const TYPE = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, func: 0x60, empty: 0x40 } as const;

/** `names` take consecutive codes from `first`; `-` leaves a hole. */
type Row = readonly [first: number, immediate: Immediate, names: string];

const INT_COMPARE = "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";
const INT_ARITHMETIC = "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr";
const FLOAT_COMPARE = "eq ne lt gt le ge";
const FLOAT_ARITHMETIC = "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign";
const LANE_COMPARE = "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u";

function of(type: string, names: string): string {
  return names.replace(/[^ -]+/g, (name) => `${type}.${name}`);
}

const SINGLE: readonly Row[] = [
  [0x00, "none", "unreachable nop"],
  [0x02, "blocktype", "block loop if"],
  [0x05, "none", "else"],
  [0x0b, "none", "end"],
  [0x0c, "label", "br br_if"],
  [0x0e, "br_table", "br_table"],
  [0x0f, "none", "return"],
  [0x10, "func", "call"],
  [0x11, "call_indirect", "call_indirect"],
  [0x1a, "none", "drop select"],
  [0x1c, "select_t", "select"],
  [0x20, "local", "local.get local.set local.tee"],
  [0x23, "global", "global.get global.set"],
  [0x28, "memarg", "i32.load i64.load f32.load f64.load"],
  [0x2c, "memarg", of("i32", "load8_s load8_u load16_s load16_u")],
  [0x30, "memarg", of("i64", "load8_s load8_u load16_s load16_u load32_s load32_u")],
  [0x36, "memarg", "i32.store i64.store f32.store f64.store i32.store8 i32.store16"],
  [0x3c, "memarg", of("i64", "store8 store16 store32")],
  [0x3f, "memory", "memory.size memory.grow"],
  [0x41, "i32", "i32.const"],
  [0x42, "i64", "i64.const"],
  [0x43, "f32", "f32.const"],
  [0x44, "f64", "f64.const"],
  [0x45, "none", of("i32", INT_COMPARE)],
  [0x50, "none", of("i64", INT_COMPARE)],
  [0x5b, "none", of("f32", FLOAT_COMPARE)],
  [0x61, "none", of("f64", FLOAT_COMPARE)],
  [0x67, "none", of("i32", INT_ARITHMETIC)],
  [0x79, "none", of("i64", INT_ARITHMETIC)],
  [0x8b, "none", of("f32", FLOAT_ARITHMETIC)],
  [0x99, "none", of("f64", FLOAT_ARITHMETIC)],
  [0xa7, "none", of("i32", "wrap_i64 trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u")],
  [0xac, "none", of("i64", "extend_i32_s extend_i32_u trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u")],
  [0xb2, "none", of("f32", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u demote_f64")],
  [0xb7, "none", of("f64", "convert_i32_s convert_i32_u convert_i64_s convert_i64_u promote_f32")],
  [0xbc, "none", "i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64"],
  [0xc0, "none", "i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s"],
];

const MISC_ROWS: readonly Row[] = [
  [0x00, "none", of("i32", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u")],
  [0x04, "none", of("i64", "trunc_sat_f32_s trunc_sat_f32_u trunc_sat_f64_s trunc_sat_f64_u")],
  [0x08, "memory.init", "memory.init"],
  [0x09, "data", "data.drop"],
  [0x0a, "memory.copy", "memory.copy"],
  [0x0b, "memory", "memory.fill"],
  [0x0c, "table.init", "table.init"],
  [0x0d, "elem", "elem.drop"],
  [0x0e, "table.copy", "table.copy"],
];

const SIMD_ROWS: readonly Row[] = [
  [0x00, "memarg", of("v128", "load load8x8_s load8x8_u load16x4_s load16x4_u load32x2_s load32x2_u")],
  [0x07, "memarg", of("v128", "load8_splat load16_splat load32_splat load64_splat store")],
  [0x0c, "v128", "v128.const"],
  [0x0d, "shuffle", "i8x16.shuffle"],
  [0x0e, "none", "i8x16.swizzle"],
  [0x0f, "none", "i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat"],
  [0x15, "lane", of("i8x16", "extract_lane_s extract_lane_u replace_lane")],
  [0x18, "lane", of("i16x8", "extract_lane_s extract_lane_u replace_lane")],
  [0x1b, "lane", "i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane"],
  [0x1f, "lane", "f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane"],
  [0x23, "none", of("i8x16", LANE_COMPARE)],
  [0x2d, "none", of("i16x8", LANE_COMPARE)],
  [0x37, "none", of("i32x4", LANE_COMPARE)],
  [0x41, "none", of("f32x4", FLOAT_COMPARE)],
  [0x47, "none", of("f64x2", FLOAT_COMPARE)],
  [0x4d, "none", of("v128", "not and andnot or xor bitselect any_true")],
  [0x54, "memarg+lane", of("v128", "load8_lane load16_lane load32_lane load64_lane")],
  [0x58, "memarg+lane", of("v128", "store8_lane store16_lane store32_lane store64_lane")],
  [0x5c, "memarg", of("v128", "load32_zero load64_zero")],
  [0x5e, "none", "f32x4.demote_f64x2_zero f64x2.promote_low_f32x4"],
  [0x60, "none", of("i8x16", "abs neg popcnt all_true bitmask narrow_i16x8_s narrow_i16x8_u")],
  [0x67, "none", of("f32x4", "ceil floor trunc nearest")],
  [0x6b, "none", of("i8x16", "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u")],
  [0x74, "none", "f64x2.ceil f64x2.floor"],
  [0x76, "none", of("i8x16", "min_s min_u max_s max_u")],
  [0x7a, "none", "f64x2.trunc i8x16.avgr_u"],
  [0x7c, "none", of("i16x8", "extadd_pairwise_i8x16_s extadd_pairwise_i8x16_u")],
  [0x7e, "none", of("i32x4", "extadd_pairwise_i16x8_s extadd_pairwise_i16x8_u")],
  [0x80, "none", of("i16x8", "abs neg q15mulr_sat_s all_true bitmask narrow_i32x4_s narrow_i32x4_u")],
  [0x87, "none", of("i16x8", "extend_low_i8x16_s extend_high_i8x16_s extend_low_i8x16_u extend_high_i8x16_u")],
  [0x8b, "none", of("i16x8", "shl shr_s shr_u add add_sat_s add_sat_u sub sub_sat_s sub_sat_u")],
  [0x94, "none", "f64x2.nearest"],
  [0x95, "none", of("i16x8", "mul min_s min_u max_s max_u - avgr_u")],
  [0x9c, "none", of("i16x8", "extmul_low_i8x16_s extmul_high_i8x16_s extmul_low_i8x16_u extmul_high_i8x16_u")],
  [0xa0, "none", of("i32x4", "abs neg - all_true bitmask")],
  [0xa7, "none", of("i32x4", "extend_low_i16x8_s extend_high_i16x8_s extend_low_i16x8_u extend_high_i16x8_u")],
  [0xab, "none", of("i32x4", "shl shr_s shr_u add - - sub - - - mul min_s min_u max_s max_u dot_i16x8_s")],
  [0xbc, "none", of("i32x4", "extmul_low_i16x8_s extmul_high_i16x8_s extmul_low_i16x8_u extmul_high_i16x8_u")],
  [0xc0, "none", of("i64x2", "abs neg - all_true bitmask")],
  [0xc7, "none", of("i64x2", "extend_low_i32x4_s extend_high_i32x4_s extend_low_i32x4_u extend_high_i32x4_u")],
  [0xcb, "none", of("i64x2", "shl shr_s shr_u add - - sub - - - mul eq ne lt_s gt_s le_s ge_s")],
  [0xdc, "none", of("i64x2", "extmul_low_i32x4_s extmul_high_i32x4_s extmul_low_i32x4_u extmul_high_i32x4_u")],
  [0xe0, "none", of("f32x4", "abs neg - sqrt add sub mul div min max pmin pmax")],
  [0xec, "none", of("f64x2", "abs neg - sqrt add sub mul div min max pmin pmax")],
  [0xf8, "none", of("i32x4", "trunc_sat_f32x4_s trunc_sat_f32x4_u")],
  [0xfa, "none", of("f32x4", "convert_i32x4_s convert_i32x4_u")],
  [0xfc, "none", of("i32x4", "trunc_sat_f64x2_s_zero trunc_sat_f64x2_u_zero")],
  [0xfe, "none", of("f64x2", "convert_low_i32x4_s convert_low_i32x4_u")],
];

const ATOMIC_ROWS: readonly Row[] = [[ATOMIC.i32Load, "memarg", "i32.atomic.load"]];

/** Opcodes refused by name: `proposal (instruction)` is what the error says. */
type RefusedRow = readonly [first: number, proposal: string, names: string];

const REFUSED_SINGLE: readonly RefusedRow[] = [
  [0x06, "exceptions", "try catch throw rethrow throw_ref"],
  [0x12, "tail calls", "return_call return_call_indirect"],
  [0x14, "typed function references", "call_ref"],
  [0x15, "tail calls", "return_call_ref"],
  [0x18, "exceptions", "delegate catch_all"],
  [0x1f, "exceptions", "try_table"],
  [0x25, "reference types", "table.get table.set"],
  [0xd0, "reference types", "ref.null ref.is_null ref.func"],
  [0xd3, "garbage collection", "ref.eq"],
  [0xd4, "typed function references", "ref.as_non_null br_on_null br_on_non_null"],
  [0xe0, "stack switching", "cont.new cont.bind suspend resume resume_throw resume_throw_ref switch"],
];
const REFUSED_MISC: readonly RefusedRow[] = [
  [0x0f, "reference types", "table.grow table.size table.fill"],
  [0x12, "memory control", "memory.discard"],
  [0x13, "wide arithmetic", "i64.add128 i64.sub128 i64.mul_wide_s i64.mul_wide_u"],
];
const RELAXED_SIMD = { first: 0x100, last: 0x113 } as const;

/** Immediate codes (`IMM`) by opcode; 0 = refused. The last three are indexed by the number after the prefix. */
export const SINGLE_IMMEDIATE: Uint8Array = compile(256, SINGLE);
export const MISC_IMMEDIATE: Uint8Array = compile(32, MISC_ROWS);
export const SIMD_IMMEDIATE: Uint8Array = compile(256, SIMD_ROWS);
/** Only for the auditor: `check` refuses every 0xFE. */
export const ATOMIC_IMMEDIATE: Uint8Array = compile(128, ATOMIC_ROWS);

const NAMES = new Map<number, string>();
const REFUSALS = new Map<number, string>();
for (const [prefix, rows] of [
  [0, SINGLE],
  [OP.miscPrefix, MISC_ROWS],
  [OP.simdPrefix, SIMD_ROWS],
  [OP.atomicPrefix, ATOMIC_ROWS],
] as const) {
  for (const [first, , names] of rows) {
    for (const [i, name] of names.split(" ").entries()) if (name !== "-") NAMES.set(key(prefix, first + i), name);
  }
}
for (const [prefix, rows] of [
  [0, REFUSED_SINGLE],
  [OP.miscPrefix, REFUSED_MISC],
] as const) {
  for (const [first, proposal, names] of rows) {
    for (const [i, name] of names.split(" ").entries()) REFUSALS.set(key(prefix, first + i), `${proposal} (${name})`);
  }
}

/** @param prefix 0, or one of 0xFC, 0xFD, 0xFE; `code` is then the number after it */
export function opcodeName(prefix: number, code: number): string {
  const hex = code.toString(16).padStart(2, "0");
  return NAMES.get(key(prefix, code)) ?? (prefix === 0 ? `opcode 0x${hex}` : `opcode 0x${prefix.toString(16)} 0x${hex}`);
}

/** Which feature a refused opcode belongs to, as the error names it; undefined when no proposal has it. */
export function refusal(prefix: number, code: number): string | undefined {
  if (prefix === OP.gcPrefix) return "garbage collection";
  if (prefix === OP.atomicPrefix) return "threads (atomics)";
  if (prefix === OP.simdPrefix && code >= RELAXED_SIMD.first && code <= RELAXED_SIMD.last) return "relaxed SIMD";
  return REFUSALS.get(key(prefix, code));
}

function key(prefix: number, code: number): number {
  return prefix * 0x1_0000_0000 + code;
}

function compile(size: number, rows: readonly Row[]): Uint8Array {
  const table = new Uint8Array(size);
  for (const [first, immediate, names] of rows) {
    for (const [i, name] of names.split(" ").entries()) {
      if (name === "-") continue;
      if (table[first + i] !== 0 || first + i >= size) throw new Error(`opcode ${name} stands twice in the table`);
      table[first + i] = IMM[immediate];
    }
  }
  return table;
}
