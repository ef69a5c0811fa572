/**
 * Register families: rows of a table that stand for one register or for an array of them, and what the model compiles them to.
 * Nothing here knows what a register does. Source: [82599] chapter 8.
 */
import { WORDS } from "./registers.ts";

/**
 * plain: keeps what is written under its mask · ro: writes are ignored · rc: a counter that a read clears ·
 * low, high: halves of a 36-bit counter that a read of the high one clears ·
 * event: reading or writing it does something, which the model's switch says.
 */
export type FamilyKind = "plain" | "ro" | "rc" | "low" | "high" | "event";

export interface Family {
  readonly offset: number;
  readonly name: string;
  readonly count: number;
  /** Bytes from one register of the family to the next. */
  readonly stride: number;
  readonly kind: FamilyKind;
  readonly reset: number;
  /** Which bits a write changes. */
  readonly mask: number;
  readonly meaning: string;
  readonly section: string;
  /** The family is another name for registers that begin here, with that distance. */
  readonly alias?: { readonly offset: number; readonly stride: number };
}

export interface FamilyOptions {
  readonly count?: number;
  readonly stride?: number;
  readonly kind?: FamilyKind;
  readonly reset?: number;
  readonly mask?: number;
  readonly alias?: { readonly offset: number; readonly stride: number };
}

export function family(section: string, offset: number, name: string, meaning: string, options: FamilyOptions = {}): Family {
  const { count = 1, stride = 4, kind = "plain", reset = 0, mask = 0xffff_ffff, alias } = options;
  const row = { offset, name, count, stride, kind, reset, mask: mask >>> 0, meaning, section };
  return alias === undefined ? row : { ...row, alias };
}

export const WORD = { hole: 0, plain: 1, ro: 2, rc: 3, low: 4, high: 5, event: 6 } as const;

export interface CompiledMap {
  /** By word: a value of WORD. */
  readonly kind: Uint8Array;
  readonly mask: Uint32Array;
  readonly reset: Uint32Array;
  /** By word: the word that it is another name for, else itself. */
  readonly target: Uint16Array;
}

export function compileMap(families: readonly Family[]): CompiledMap {
  const map = {
    kind: new Uint8Array(WORDS),
    mask: new Uint32Array(WORDS),
    reset: new Uint32Array(WORDS),
    target: new Uint16Array(WORDS).map((_, word) => word),
  };
  for (const { offset, name, count, stride, kind, reset, mask, alias } of families) {
    for (let i = 0; i < count; i++) {
      const word = (offset + i * stride) >>> 2;
      if (map.kind[word] !== WORD.hole) throw new Error(`register map: ${name} overlaps another register at 0x${(word * 4).toString(16)}`);
      map.kind[word] = WORD[kind];
      map.mask[word] = mask;
      map.reset[word] = reset;
      if (alias !== undefined) map.target[word] = (alias.offset + i * alias.stride) >>> 2;
    }
  }
  return map;
}

/** The name of the register at an offset: `RDT(3)`, or its number where none is. */
export function nameOf(families: readonly Family[], offset: number): string {
  const found = families.find(
    (row) => offset >= row.offset && offset < row.offset + row.count * row.stride && (offset - row.offset) % row.stride === 0,
  );
  if (found === undefined) return `0x${offset.toString(16).padStart(5, "0")}`;
  return found.count === 1 ? found.name : `${found.name}(${(offset - found.offset) / found.stride})`;
}

/** A Markdown table of the families. */
export function printFamilies(families: readonly Family[]): string {
  const hex = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;
  const rows = families.map(({ offset, name, count, stride, kind, reset, mask, meaning, section, alias }) => {
    const where = count === 1 ? hex(offset) : `${hex(offset)} + ${hex(stride)}·n, n < ${count}`;
    const what = alias === undefined ? meaning : `${meaning} (another name for ${hex(alias.offset)})`;
    return `| ${where} | ${name} | ${kind} | ${hex(reset)} | ${kind === "plain" || kind === "event" ? hex(mask) : ""} | ${what} | ${section} |`;
  });
  return ["| offset | name | kind | reset | writable | meaning | section |", "|---|---|---|---|---|---|---|", ...rows].join("\n");
}

const OPENING = "<!-- registers -->";
const CLOSING = "<!-- /registers -->";

/** The document with the table put between its two markers. */
export function documentFamilies(readme: string, families: readonly Family[]): string {
  const [before, after] = [readme.indexOf(OPENING) + OPENING.length, readme.indexOf(CLOSING)];
  return `${readme.slice(0, before)}\n${printFamilies(families)}\n${readme.slice(after)}`;
}
