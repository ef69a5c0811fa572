/** How option values are read. */
import { InvalidArgumentError } from "commander";
import { CPU_MAX } from "../../shared-heap/layout.ts";

/** For repeatable options: each use adds one value. */
export function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number)) throw new InvalidArgumentError("give a whole number from 0 up.");
  return number;
}

/** CPUs of a system. */
export function cpuCount(value: string): number {
  const number = wholeNumber(value);
  if (number < 1 || number > CPU_MAX) throw new InvalidArgumentError(`give a whole number from 1 to ${CPU_MAX}.`);
  return number;
}

export function decimalNumber(value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new InvalidArgumentError("give a number from 0 up.");
  return Number(value);
}
