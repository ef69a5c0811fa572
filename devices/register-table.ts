/**
 * Device registers as data: one table per device says what exists, and everything else is derived from it.
 * Models compile their table once; their READMEs are printed from it. Nothing here knows a particular device.
 */

/**
 * ro: writes are ignored · rw: reads back what was written · wo: reads as 0, a write has an effect ·
 * w1s, w1c: a written 1 sets, or clears, the bit, a written 0 leaves it.
 */
export type Access = "ro" | "rw" | "wo" | "w1s" | "w1c";

export interface Register {
  /** Bytes from the start of the window; a multiple of the width. */
  readonly offset: number;
  /** Bytes. */
  readonly width: 1 | 2 | 4 | 8;
  readonly name: string;
  readonly access: Access;
  /** A bigint where a number would not be exact. */
  readonly reset: number | bigint;
  readonly meaning: string;
  /** Where the specification defines it. */
  readonly section?: string;
}

/** What is wrong with a table: misaligned rows, rows out of order, overlaps, a name used twice, a reset value too wide. */
export function registerProblems(table: readonly Register[]): string[] {
  const problems: string[] = [];
  const names = new Set<string>();
  let end = 0;
  for (const { offset, width, name, reset } of table) {
    if (offset % width !== 0) problems.push(`${name} at ${hex(offset)} is not aligned to its ${width} bytes`);
    if (offset < end) problems.push(`${name} at ${hex(offset)} overlaps or precedes the row before it`);
    if (names.has(name)) problems.push(`${name} is declared twice`);
    if (!(typeof reset === "bigint" || Number.isInteger(reset)) || reset < 0 || reset >= 2 ** (8 * width))
      problems.push(`${name} cannot hold its reset value`);
    names.add(name);
    end = Math.max(end, offset + width);
  }
  return problems;
}

/** What one 32-bit word of a window allows, for a model's hot path; 0 is a hole. */
export const WORD_READABLE = 1;
export const WORD_WRITABLE = 2;

export interface CompiledRegisters {
  /** Indexed by offset / 4; bits WORD_READABLE and WORD_WRITABLE. */
  readonly access: Uint8Array;
  /** Indexed the same way. */
  readonly reset: Uint32Array;
}

/** For devices all of whose registers are 32 bits wide; throws if the table is wrong, since that is a bug here. */
export function compile32(table: readonly Register[]): CompiledRegisters {
  return compileWords(table, [4]);
}

/** For devices whose registers are 32 or 64 bits wide: a 64-bit one takes two words, the low one first. */
export function compileWords(table: readonly Register[], widths: readonly number[] = [4, 8]): CompiledRegisters {
  const problems = registerProblems(table);
  for (const { name, width } of table)
    if (!widths.includes(width)) problems.push(`${name} is not ${widths.map((w) => w * 8).join(" or ")} bits wide`);
  if (problems.length > 0) throw new Error(`register table: ${problems.join("; ")}`);
  const words = table.reduce((most, { offset, width }) => Math.max(most, (offset + width) / 4), 0);
  const compiled = { access: new Uint8Array(words), reset: new Uint32Array(words) };
  for (const { offset, width, access, reset } of table) {
    for (let word = 0; word < width / 4; word++) {
      compiled.access[offset / 4 + word] = accessBits(access);
      compiled.reset[offset / 4 + word] = Number((BigInt(reset) >> BigInt(32 * word)) & 0xffff_ffffn);
    }
  }
  return compiled;
}

/** A Markdown table of the registers, holes included. */
export function printRegisters(table: readonly Register[]): string {
  const sections = table.some(({ section }) => section !== undefined);
  const lines = ["| offset | bytes | name | access | reset | meaning |", "|---|---|---|---|---|---|"];
  if (sections) for (const [i, more] of [" section |", "---|"].entries()) lines[i] += more;
  let end = 0;
  for (const { offset, width, name, access, reset, meaning, section } of table) {
    if (offset > end) lines.push(`| ${hex(end)} | ${offset - end} | | | | hole |${sections ? " |" : ""}`);
    lines.push(`| ${hex(offset)} | ${width} | ${name} | ${access} | ${hex(reset)} | ${meaning} |${sections ? ` ${section ?? ""} |` : ""}`);
    end = offset + width;
  }
  return lines.join("\n");
}

/** The document with the table put between its two markers; a device's README is this function's fixed point. */
export function documentRegisters(readme: string, table: readonly Register[]): string {
  const [before, after] = [readme.indexOf(OPENING) + OPENING.length, readme.indexOf(CLOSING)];
  if (before < OPENING.length || after < before) throw new Error(`a README needs the markers ${OPENING} and ${CLOSING}`);
  return `${readme.slice(0, before)}\n${printRegisters(table)}\n${readme.slice(after)}`;
}

const OPENING = "<!-- registers -->";
const CLOSING = "<!-- /registers -->";

function accessBits(access: Access): number {
  switch (access) {
    case "ro":
      return WORD_READABLE;
    case "rw":
    case "w1s":
    case "w1c":
      return WORD_READABLE | WORD_WRITABLE;
    case "wo":
      return WORD_WRITABLE;
  }
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}
