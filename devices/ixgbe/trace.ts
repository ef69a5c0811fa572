/**
 * What a driver does to the card, in words: every register access by name, and a dump of all registers.
 * For people and tests; wraps a window and changes nothing in what it answers. Source: [82599] chapter 8.
 */
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
  const name = (offset: number): string => nameOf(IXGBE_MAP, offset);
  const read = <T extends number | bigint>(what: string, offset: number, value: T): T => {
    line(`${what} ${name(offset)} ${value.toString(16)}`);
    return value;
  };
  const write = (what: string, offset: number, value: number | bigint, act: () => void): void => {
    line(`${what} ${name(offset)} ${value.toString(16)}`);
    act();
  };
  return {
    read8: (offset) => read("read8", offset, window.read8(offset)),
    read16: (offset) => read("read16", offset, window.read16(offset)),
    read32: (offset) => read("read32", offset, window.read32(offset)),
    read64: (offset) => read("read64", offset, window.read64(offset)),
    write8: (offset, value) => write("write8", offset, value, () => window.write8(offset, value)),
    write16: (offset, value) => write("write16", offset, value, () => window.write16(offset, value)),
    write32: (offset, value) => write("write32", offset, value, () => window.write32(offset, value)),
    write64: (offset, value) => write("write64", offset, value, () => window.write64(offset, value)),
  };
}
