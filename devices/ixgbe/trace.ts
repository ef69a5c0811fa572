/**
 * What a driver does to the card, in words: every register access by name, and a dump of all registers.
 * For people and tests; wraps a window and changes nothing in what it answers. Source: [82599] chapter 8.
 */
import { tracedWindow } from "../mmio-trace.ts";
import type { Mmio } from "../ports.ts";
import { nameOf } from "./family.ts";
import { IXGBE_MAP } from "./map.ts";
import type { IxgbeModel } from "./model.ts";

/** Registers that are not 0, by name, in the order of their offsets. Reads nothing: counters and causes stay as they are. */
export function dumpRegisters(model: IxgbeModel): ReadonlyMap<string, number> {
  const dump = new Map<string, number>();
  for (const { offset, count, stride, alias } of IXGBE_MAP) {
    if (alias !== undefined) continue;
    for (let i = 0; i < count; i++) {
      const at = offset + i * stride;
      const value = model.peek(at);
      if (value !== 0) dump.set(nameOf(IXGBE_MAP, at), value);
    }
  }
  return dump;
}

/** The same window, and a line for each access: "write32 RDT(0) 1f". */
export function traced(window: Mmio, line: (text: string) => void): Mmio {
  return tracedWindow(window, (offset) => nameOf(IXGBE_MAP, offset), line);
}
