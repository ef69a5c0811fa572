/**
 * The one object that trusted code may throw into a domain's frames.
 *
 * A trap cannot be caught by Wasm, and a saved trap that is thrown again keeps that property, while an Error made in
 * JavaScript does not. It unwinds a domain that died while one of its callees was still running.
 */
import { captureStack, type RawStack } from "../life/stack-capture.ts";
import { section } from "./wasm-bytes.ts";

/** The trap itself, made once by running `unreachable`. */
export const savedTrap: WebAssembly.RuntimeError = makeTrap();

/** The trap is the same each time, so where it was last thrown is noted apart. */
let leftAt: RawStack = [];

/** Ends the domain that called the code that calls this. */
export function throwSavedTrap(): never {
  leftAt = captureStack(new Error());
  throw savedTrap;
}

/** Where the frames that were thrown through stood. */
export function stackOf(thrown: Error): RawStack {
  return thrown === savedTrap ? leftAt : captureStack(thrown);
}

function makeTrap(): WebAssembly.RuntimeError {
  const bytes = new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]),
    ...section(10, [1, 3, 0, 0x00, 0x0b]),
  ]);
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as { f: () => void };
  try {
    f();
  } catch (trap) {
    return trap as WebAssembly.RuntimeError;
  }
  throw new Error("unreachable did not trap");
}
