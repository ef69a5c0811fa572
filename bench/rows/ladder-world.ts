/**
 * The interfaces of the call ladder's domains. The same callee everywhere: it adds to a number, or reads the first and the last byte of a
 * buffer; what ends in `sum` reads all of it.
 */

export const NUMBERS = "bench:ladder/numbers@0.1.0";
export const PAGES = "bench:ladder/pages@0.1.0";
export const LISTS = "bench:ladder/lists@0.1.0";
export const COUNTERS = "bench:ladder/counters@0.1.0";
export const TYPES = "bench:ladder/types@0.1.0";
export const LOOP = "bench:ladder/loop@0.1.0";

/** Sizes of the pages in bytes. */
export const SIZES = [64, 4096, 65_536] as const;
export type Size = (typeof SIZES)[number];

/** How many interfaces there are of which each has one method, for a caller whose calls go to other domains in turn. */
export const TURNS = 32;
export const turn = (index: number): string => `bench:ladder/turn${index}@0.1.0`;

/** What every buffer begins and ends with; the rest is 0. */
export const FIRST = 7;
export const LAST = 11;
/** All 32-bit words of a buffer, little endian, in 32 bits. */
export const SUM: number = (FIRST + (LAST << 24)) >>> 0;

const PACKAGE = `package bench:ladder@0.1.0 {
  interface types {
${SIZES.map((size) => `    resource page${size} { constructor(data: list<u8, ${size}>); }\n`).join("")}  }
  interface numbers {
    inc: func(n: u32) -> u32;
    inc-long: func(n: u64) -> u64;
  }
  interface pages {
    use types.{${SIZES.map((size) => `page${size}`).join(", ")}};
${SIZES.map((size) => `    pass${size}: func(p: page${size}) -> page${size};\n    sum${size}: func(p: page${size}) -> page${size};\n    peek${size}: func(p: borrow<page${size}>) -> u32;\n`).join("")}  }
  interface lists { ends: func(bytes: list<u8>) -> u32; }
  interface counters { resource counter { constructor(); add: func(n: u32) -> u32; } }
${Array.from({ length: TURNS }, (_, i) => `  interface turn${i} { inc: func(n: u32) -> u32; }\n`).join("")}
  interface loop { run: func(n: u32) -> u32; }
}`;

/** `items` are import and export lines of the world. */
export function ladderWorld(items: readonly string[]): string {
  return `package bench:domain@0.1.0;\nworld domain {\n${items.map((item) => `  ${item};\n`).join("")}}\n${PACKAGE}\n`;
}
