/** The register table: a wrong one is noticed, the documents are printed from it. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DISK_REGISTERS } from "../../devices/disk/registers.ts";
import { compile32, documentRegisters, printRegisters, type Register, registerProblems } from "../../devices/register-table.ts";

const good: Register = { offset: 8, width: 4, name: "A", access: "ro", reset: 7, meaning: "first" };

test("registerProblems finds nothing in the disk's table", () => {
  assert.equal(registerProblems(DISK_REGISTERS), []);
});

test("registerProblems names overlaps, misalignment, repeated names and reset values that do not fit", () => {
  const problems = registerProblems([
    good,
    { ...good, offset: 10, width: 2, name: "B" },
    { ...good, offset: 17, width: 4, name: "C" },
    { ...good, offset: 24, width: 1, reset: 256 },
  ]);
  assert.is(problems.length, 4);
  assert.match(problems[0] ?? "", /B at 0x0a overlaps/);
  assert.match(problems[1] ?? "", /C at 0x11 is not aligned/);
  assert.match(problems.join(), /A cannot hold its reset value/);
  assert.match(problems.join(), /A is declared twice/);
});

test("compile32 keeps holes unreadable and refuses other widths", () => {
  const { access, reset } = compile32([good]);
  assert.equal([...access], [0, 0, 1]);
  assert.equal([...reset], [0, 0, 7]);
  assert.throws(() => compile32([{ ...good, width: 8 }]), /not 32 bits wide/);
});

test("printRegisters shows holes", () => {
  assert.match(printRegisters([good]), /\| 0x00 \| 8 \| \| \| \| hole \|\n\| 0x08 \| 4 \| A \| ro \| 0x07 \| first \|/);
});

test("the disk's README carries the table as declared", () => {
  const readme = readFileSync(new URL("../../devices/disk/README.md", import.meta.url), "utf8");
  assert.is(readme, documentRegisters(readme, DISK_REGISTERS), "run: node scripts/document-registers.ts");
});

test.run();
