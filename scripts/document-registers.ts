/**
 * Prints the register tables into the READMEs of their devices: run it after changing a table.
 * A test fails while the two differ.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { DISK_REGISTERS } from "../devices/disk/registers.ts";
import { documentFamilies } from "../devices/ixgbe/family.ts";
import { IXGBE_MAP } from "../devices/ixgbe/map.ts";
import { NVME_REGISTERS } from "../devices/nvme/registers.ts";
import { PCI_HEADER } from "../devices/pci/registers.ts";
import { documentRegisters, type Register } from "../devices/register-table.ts";

const TABLES: Readonly<Record<string, readonly Register[]>> = { disk: DISK_REGISTERS, nvme: NVME_REGISTERS, pci: PCI_HEADER };

for (const [device, table] of Object.entries(TABLES)) {
  const readme = new URL(`../devices/${device}/README.md`, import.meta.url);
  writeFileSync(readme, documentRegisters(readFileSync(readme, "utf8"), table));
}

const ixgbe = new URL("../devices/ixgbe/README.md", import.meta.url);
writeFileSync(ixgbe, documentFamilies(readFileSync(ixgbe, "utf8"), IXGBE_MAP));
