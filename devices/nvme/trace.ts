/**
 * What a driver does to the controller, in words: every register access by name, and a dump of all registers.
 * For people and tests; wraps a window and changes nothing in what it answers. Source: [NVME-1.4] section 3.1.
 */
import { tracedWindow } from "../mmio-trace.ts";
import type { Mmio } from "../ports.ts";
import { DOORBELLS, MSIX_PENDING, MSIX_TABLE, NVME_REGISTERS } from "./registers.ts";

/** Registers by name with what they read, in the order of their offsets; 64-bit ones whole. Reading has no effect on this controller. */
export function dumpRegisters(window: Mmio): ReadonlyMap<string, bigint> {
  return new Map(
    NVME_REGISTERS.filter(({ access }) => access !== "wo").map(({ name, offset, width }) => [
      name,
      width === 8 ? window.read64(offset) : BigInt(window.read32(offset)),
    ]),
  );
}

/** The register, doorbell or MSI-X word at an offset: "CSTS", "ASQ+4", "SQ1TDBL", "MSI-X 3 control". */
export function nameOf(offset: number): string {
  if (offset >= MSIX_PENDING) return `MSI-X pending ${(offset - MSIX_PENDING) >>> 2}`;
  if (offset >= MSIX_TABLE) {
    const word = (offset - MSIX_TABLE) >>> 2;
    return `MSI-X ${word >>> 2} ${["address", "address+4", "data", "control"][word % 4]}`;
  }
  if (offset >= DOORBELLS) {
    const index = (offset - DOORBELLS) >>> 2;
    return index % 2 === 0 ? `SQ${index >>> 1}TDBL` : `CQ${index >>> 1}HDBL`;
  }
  const register = NVME_REGISTERS.find((row) => offset >= row.offset && offset < row.offset + row.width);
  if (register === undefined) return `reserved 0x${offset.toString(16)}`;
  return offset === register.offset ? register.name : `${register.name}+${offset - register.offset}`;
}

/** The same window, and a line for each access: "write32 CC 460001". */
export function traced(window: Mmio, line: (text: string) => void): Mmio {
  return tracedWindow(window, nameOf, line);
}
