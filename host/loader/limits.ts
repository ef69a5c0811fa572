/**
 * The numbers that bound what the loader accepts and how often hardened code looks at its interrupt word.
 *
 * Read by check, harden and audit; a number changes here or nowhere. Every limit stands far above what compilers emit and
 * low enough that checking, rewriting and V8's own compilers stay fast on a module built to hurt them.
 */

export const MAX_MODULE_BYTES: number = 16 * 1024 * 1024;
export const MAX_TYPES = 10_000;
export const MAX_IMPORTS = 1_000;
export const MAX_EXPORTS = 1_000;
export const MAX_FUNCTIONS = 100_000;
export const MAX_BODY_BYTES: number = 1024 * 1024;
/** After hardening: below the 7 654 321 bytes that V8 compiles. Only a body of little else than empty loops grows so much. */
export const MAX_HARDENED_BODY_BYTES: number = 7 * 1024 * 1024;
export const MAX_HARDENED_BYTES: number = 64 * 1024 * 1024;
export const MAX_NESTING = 500;
export const MAX_LOCALS = 10_000;
export const MAX_PARAMS = 1_000;
export const MAX_RESULTS = 16;
export const MAX_TABLES = 64;
/** Sum over all tables: of the declared maxima, or of the minima where no maximum is declared. */
export const MAX_TABLE_ENTRIES = 65_536;
export const MAX_GLOBALS = 10_000;
/** Mutable globals of a module that can be restarted from a snapshot: each makes an instance half a microsecond slower. */
export const MAX_SAVED_GLOBALS = 256;
/** Element segments and data segments, each. */
export const MAX_SEGMENTS = 10_000;
/**
 * Items of all element segments. V8 makes a reference of each, outside every quota: those of active segments while it makes the
 * instance, which has no deadline yet, those of a passive one all at once, in the first table.init that takes one of them.
 */
export const MAX_ELEMENTS = 131_072;
export const MAX_CUSTOM_SECTIONS = 1_000;
/** A module, field, export or custom section name. */
export const MAX_NAME_BYTES = 4_096;
/** Pages of 64 KiB that a 32-bit memory can have at all. */
export const MAX_PAGES = 65_536;

/**
 * What one function, and all of them, may cost V8's compilers: branches times locals and values on the stack, each branch
 * weighed by what hardening makes of it. A slot takes about 40 ns and 10 bytes, so a function takes at most a few tenths of a second.
 */
export const MAX_FUNCTION_SLOTS = 4_000_000;
export const MAX_MODULE_SLOTS = 64_000_000;
export const COMPILE_WEIGHT = { block: 1, if: 2, loop: 10, branch: 1, call: 2 } as const;

/** What a loop's countdown starts from: so many instructions, weighed, pass at most between two looks at the interrupt word. */
export const BUDGET = 4_096;
/** How many instructions one instruction counts as; everything that is not listed counts 1. */
export const WEIGHT = {
  default: 1,
  /** `call` to a function that the module defines (unless `unreachable` comes next: that counts 1), and `call_indirect`. */
  callDefined: 32,
  /** `call` to an import or a guard function. */
  callOutside: 8,
  /** memory.grow, memory.init, memory.copy, memory.fill, table.init, table.copy. */
  heavy: 64,
} as const;
/** A function that weighs more than this looks at the interrupt word when it is entered, even if it calls nothing. */
export const ENTRY_WEIGHT = 256;
/** A function that weighs more than this looks before each of its calls, too. */
export const GIANT_WEIGHT = 16_384;
