/**
 * The standard header of a function's configuration space (type 0), and the names of its bits.
 * The configuration space is built from this table, and the README is printed from it.
 * Source: [PCI-3.0] chapter 6. Little-endian.
 */
import type { Register } from "../register-table.ts";

export const CONFIG_BYTES = 256;
export const BARS = 6;

export const PCI = {
  vendor: 0x00,
  device: 0x02,
  command: 0x04,
  status: 0x06,
  revision: 0x08,
  programmingInterface: 0x09,
  subclass: 0x0a,
  baseClass: 0x0b,
  cacheLine: 0x0c,
  latency: 0x0d,
  headerType: 0x0e,
  selfTest: 0x0f,
  bar0: 0x10,
  cardbus: 0x28,
  subsystemVendor: 0x2c,
  subsystem: 0x2e,
  rom: 0x30,
  capabilities: 0x34,
  interruptLine: 0x3c,
  interruptPin: 0x3d,
  minimumGrant: 0x3e,
  maximumLatency: 0x3f,
  /** Where the capability list may begin. */
  free: 0x40,
} as const;

export const COMMAND = { memorySpace: 0x0002, busMaster: 0x0004, interruptDisable: 0x0400 } as const;
/** Bits of COMMAND that can be written. */
export const COMMAND_WRITABLE: number = COMMAND.memorySpace | COMMAND.busMaster | COMMAND.interruptDisable;

export const PCI_STATUS = { interrupt: 0x0008, capabilities: 0x0010, receivedMasterAbort: 0x2000 } as const;
/** Bits of STATUS that a written 1 clears. */
export const STATUS_CLEARABLE: number = PCI_STATUS.receivedMasterAbort;

/** Capability ids, and the bits of an MSI-X capability's control word, which follows its id and link. */
export const CAPABILITY = { msix: 0x11 } as const;
export const MESSAGE_CONTROL = { mask: 0x4000, enable: 0x8000 } as const;

/** Low bits of a base address register for memory. */
export const BAR_KIND = { memory32: 0x0, memory64: 0x4, prefetchable: 0x8 } as const;

export const PCI_HEADER: readonly Register[] = [
  row(PCI.vendor, 2, "Vendor ID", "ro", "who made it; 0xffff reads where nothing is", "6.2.1"),
  row(PCI.device, 2, "Device ID", "ro", "what it is, in the vendor's numbering", "6.2.1"),
  row(PCI.command, 2, "Command", "rw", "bit 1 memory space · bit 2 bus master · bit 10 interrupt disable", "6.2.2"),
  row(
    PCI.status,
    2,
    "Status",
    "w1c",
    "bit 3 interrupt · bit 4 capability list · bit 13 the bus refused a transfer (written 1 clears)",
    "6.2.3",
  ),
  row(PCI.revision, 1, "Revision ID", "ro", "", "6.2.1"),
  row(PCI.programmingInterface, 1, "Programming Interface", "ro", "low byte of the class code", "6.2.1"),
  row(PCI.subclass, 1, "Sub-Class", "ro", "middle byte of the class code", "6.2.1"),
  row(PCI.baseClass, 1, "Base Class", "ro", "high byte of the class code", "6.2.1"),
  row(PCI.cacheLine, 1, "Cache Line Size", "rw", "kept, without an effect", "6.2.4"),
  row(PCI.latency, 1, "Latency Timer", "ro", "", "6.2.4"),
  row(PCI.headerType, 1, "Header Type", "ro", "0: an ordinary function, the only one of its device", "6.2.1"),
  row(PCI.selfTest, 1, "BIST", "ro", "none", "6.2.4"),
  ...Array.from({ length: BARS }, (_, i) =>
    row(PCI.bar0 + 4 * i, 4, `BAR ${i}`, "rw", "base address; all ones written reads back the size", "6.2.5.1"),
  ),
  row(PCI.cardbus, 4, "Cardbus CIS Pointer", "ro", "none", "6.2.4"),
  row(PCI.subsystemVendor, 2, "Subsystem Vendor ID", "ro", "", "6.2.4"),
  row(PCI.subsystem, 2, "Subsystem ID", "ro", "", "6.2.4"),
  row(PCI.rom, 4, "Expansion ROM", "ro", "none", "6.2.5.2"),
  row(PCI.capabilities, 1, "Capabilities Pointer", "ro", "offset of the first capability, 0 = none", "6.7"),
  row(PCI.interruptLine, 1, "Interrupt Line", "rw", "kept for the host's software", "6.2.4"),
  row(PCI.interruptPin, 1, "Interrupt Pin", "ro", "1 = INTA, 0 = none", "6.2.4"),
  row(PCI.minimumGrant, 1, "Min_Gnt", "ro", "", "6.2.4"),
  row(PCI.maximumLatency, 1, "Max_Lat", "ro", "", "6.2.4"),
];

function row(offset: number, width: 1 | 2 | 4, name: string, access: Register["access"], meaning: string, section: string): Register {
  return { offset, width, name, access, reset: 0, meaning, section };
}
