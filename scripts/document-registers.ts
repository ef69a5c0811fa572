/**
 * Prints the register tables into the READMEs of their devices: run it after changing a table.
 * A test fails while the two differ.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { DISK_REGISTERS } from "../devices/disk/registers.ts";
import { documentRegisters } from "../devices/register-table.ts";

const readme = new URL("../devices/disk/README.md", import.meta.url);
writeFileSync(readme, documentRegisters(readFileSync(readme, "utf8"), DISK_REGISTERS));
