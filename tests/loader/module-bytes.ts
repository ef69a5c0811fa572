/**
 * Modules byte by byte, for the tests of what no assembler emits.
 *
 * Bytes are given as text: hex digits, spaces, and strings in single quotes. `section(id, …)` puts the size in front.
 */
import { SumacError } from "../../host/errors.ts";
import { type CheckOptions, check } from "../../host/loader/check.ts";
import type { CheckedModule } from "../../host/loader/wasm/checked-module.ts";

export const HEADER = "00 61 73 6d 01 00 00 00";

export function bytes(...parts: readonly string[]): Uint8Array {
  const out: number[] = [];
  for (const [token] of parts.join(" ").matchAll(/'[^']*'|[0-9a-fA-F]{2}/g)) {
    if (token.startsWith("'")) out.push(...new TextEncoder().encode(token.slice(1, -1)));
    else out.push(Number.parseInt(token, 16));
  }
  return Uint8Array.from(out);
}

export function hex(...values: readonly number[]): string {
  return values.map((value) => value.toString(16).padStart(2, "0")).join(" ");
}

export function leb(value: number): string {
  return value < 0x80 ? hex(value) : `${hex((value & 0x7f) | 0x80)} ${leb(value >>> 7)}`;
}

/** Contents with their length in front. */
export function sized(...parts: readonly string[]): string {
  return `${leb(bytes(...parts).length)} ${parts.join(" ")}`;
}

export function section(id: number, ...parts: readonly string[]): string {
  return `${hex(id)} ${sized(...parts)}`;
}

export const TYPES: string = section(1, "01 60 00 00");
/** One function of type () -> (). */
export const ONE_FUNCTION: string = section(3, "01 00");

/** A module with the function types () -> () and one function of this code (without local declarations, with its `end`). */
export function withBody(code: string, ...before: readonly string[]): Uint8Array {
  return bytes(HEADER, TYPES, ONE_FUNCTION, ...before, section(10, "01", sized("00", code)));
}

/** Where a sequence of bytes begins in a module. */
export function offsetOf(module: Uint8Array, part: string): number {
  const wanted = bytes(part);
  const at = module.findIndex((_, i) => wanted.every((byte, k) => module[i + k] === byte));
  if (at < 0) throw new Error(`no ${part} in the module`);
  return at;
}

/** Checks with a generous quota. */
export function checked(module: Uint8Array, options: Partial<CheckOptions> = {}): CheckedModule {
  return check(module, { maxMemoryPages: 64, ...options });
}

/** "code at offset: message" of what `check` throws; "accepted" if it throws nothing. */
export function verdict(module: Uint8Array): string {
  try {
    checked(module);
    return "accepted";
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    const [, offset, problem] = /^module: byte offset 0x([0-9a-f]+): (.*); /.exec(error.message) ?? [];
    return `${error.code} at ${Number.parseInt(offset ?? "", 16)}: ${problem}`;
  }
}
