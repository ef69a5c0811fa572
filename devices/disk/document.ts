/**
 * Prints the register table into the disk's README: `node devices/disk/document.ts` after changing registers.ts.
 * A test fails while the two differ.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { documentRegisters } from "../register-table.ts";
import { DISK_REGISTERS } from "./registers.ts";

const readme = new URL("README.md", import.meta.url);
writeFileSync(readme, documentRegisters(readFileSync(readme, "utf8"), DISK_REGISTERS));
