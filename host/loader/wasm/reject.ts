/**
 * The two ways in which a module is turned away: it is not a WebAssembly module, or it is one that Sumac does not run.
 *
 * Used by everything that reads a module.
 */
import { SumacError } from "../../errors.ts";

/** The bytes break the format. `offset` is a byte offset in the file. */
export function malformed(offset: number, problem: string): SumacError {
  return new SumacError("module-malformed", `${place(offset)}: ${problem}; the file is damaged or its tool is broken: build it again`);
}

/** A well-formed module uses something that Sumac does not accept. */
export function refused(offset: number, problem: string, remedy: string): SumacError {
  return new SumacError("module-refused", `${place(offset)}: ${problem}; ${remedy}`);
}

/** A limit of `limits.ts` is exceeded. */
export function tooMuch(offset: number, thing: string, found: number, limit: number): SumacError {
  return refused(offset, `${found} ${thing}, more than the limit of ${limit}`, "make the module smaller or split it");
}

/** Runs a pass over a module and puts the module's name in front of what it throws. */
export function naming<T>(name: string, pass: () => T): T {
  try {
    return pass();
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    throw new SumacError(error.code, `${name}: ${error.message}`, { cause: error });
  }
}

function place(offset: number): string {
  return `byte offset 0x${offset.toString(16)}`;
}
