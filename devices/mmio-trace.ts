/** A register window that tells of each access in words. For people and tests; changes nothing in what the window answers. */
import type { Mmio } from "./ports.ts";

/**
 * The same window, and a line for each access: "write32 CC 460001", values in hexadecimal.
 * @param nameOf what lies at an offset
 */
export function tracedWindow(window: Mmio, nameOf: (offset: number) => string, line: (text: string) => void): Mmio {
  const read = <T extends number | bigint>(what: string, offset: number, value: T): T => {
    line(`${what} ${nameOf(offset)} ${value.toString(16)}`);
    return value;
  };
  const write = (what: string, offset: number, value: number | bigint, act: () => void): void => {
    line(`${what} ${nameOf(offset)} ${value.toString(16)}`);
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
