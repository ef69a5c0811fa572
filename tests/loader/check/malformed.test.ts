/** Every way in which a module can break the format, each with the offset that the error must name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { check } from "../../../host/loader/check.ts";
import { bytes, HEADER, hex, leb, ONE_FUNCTION, offsetOf, section, sized, TYPES, verdict, withBody } from "../module-bytes.ts";

/** @param part the bytes at which the fault lies, or the offset itself */
function malformed(name: string, module: Uint8Array, part: string | number, problem: string): void {
  test(`check: ${name} is malformed, at the right offset`, () => {
    const offset = typeof part === "number" ? part : offsetOf(module, part);
    assert.is(verdict(module), `module-malformed at ${offset}: ${problem}`);
  });
}
const empty = bytes(HEADER);

malformed("an empty file", bytes(), 0, "the file ends too early");
malformed("a file that is no module", bytes("7f 'ELF' 00 00 00 00"), 0, "no WebAssembly module");
malformed("half a header", empty.subarray(0, 5), 5, "the file ends too early");
malformed("an unknown version", bytes("00 61 73 6d 02 00 00 00"), 4, "an unknown version of WebAssembly");
malformed("a section size that is cut off", bytes(HEADER, "01 80"), 10, "the file ends too early");
malformed("a section size of six bytes", bytes(HEADER, "01 80 80 80 80 80 00"), 9, "a number does not fit 32 bits");
malformed("a section size of 33 bits", bytes(HEADER, "01 ff ff ff ff 1f"), 9, "a number does not fit 32 bits");
malformed("a section longer than the file", bytes(HEADER, "01 05 00"), 8, "a section of 5 bytes, but the file has only 1 more");
malformed("an unknown section", bytes(HEADER, "0f 00"), 8, "15 is no kind of section");
malformed(
  "a section after its place",
  bytes(HEADER, section(3, "00"), section(1, "00")),
  11,
  "the type section stands after the function section",
);
malformed("a section that comes twice", bytes(HEADER, section(1, "00"), section(1, "00")), 11, "a second type section");
malformed(
  "a code section before the data count",
  bytes(HEADER, section(10, "00"), section(12, "00")),
  11,
  "the data count section stands after the code section",
);
malformed("a section with bytes too many", bytes(HEADER, section(1, "00 00 00")), 11, "type section has 2 bytes more than its contents");
malformed("a section with bytes too few", bytes(HEADER, section(1, "01 60 00")), 13, "type section ends too early");
malformed("more types than bytes", bytes(HEADER, section(1, "e8 07 60")), 10, "type section announces 1000 types but ends before them");
malformed("an unknown form of type", bytes(HEADER, section(1, "01 61 00 00")), 11, "0x61 begins no type");
malformed("an unknown value type", bytes(HEADER, section(1, "01 60 01 40 00")), 13, "0x40 is no type");

malformed(
  "an import's name that is not UTF-8",
  bytes(HEADER, TYPES, section(2, "01", sized("ff fe"), sized("'f'"), "00 00")),
  "ff fe",
  "a name is not UTF-8",
);
malformed(
  "an import's name in surrogates",
  bytes(HEADER, TYPES, section(2, "01", sized("ed a0 80"), sized("'f'"), "00 00")),
  "ed a0 80",
  "a name is not UTF-8",
);
malformed("a custom section's name that is not UTF-8", bytes(HEADER, section(0, sized("c0 80"))), "c0 80", "a name is not UTF-8");
malformed("a name that leaves its section", bytes(HEADER, section(0, "05 'ab'")), 10, "custom section ends within a name");
malformed(
  "an import of an unknown kind",
  bytes(HEADER, TYPES, section(2, "01", sized("'m'"), sized("'f'"), "09 00")),
  "09 00",
  "0x9 is no kind of import",
);
malformed(
  "an import of a type that is not there",
  bytes(HEADER, TYPES, section(2, "01", sized("'m'"), sized("'f'"), "00 07")),
  22,
  "type 7 does not exist, there are 1",
);
malformed(
  "a second world",
  bytes(HEADER, section(0, sized("'sumac:world'")), section(0, sized("'sumac:world'"))),
  22,
  'a second custom section "sumac:world"',
);

malformed(
  "a function of a type that is not there",
  bytes(HEADER, TYPES, section(3, "01 05"), section(10, "01 02 00 0b")),
  "05 0a",
  "type 5 does not exist, there are 1",
);
malformed("functions without code", bytes(HEADER, TYPES, ONE_FUNCTION), 18, "1 functions but no code section");
malformed(
  "more bodies than functions",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(10, "02 02 00 0b 02 00 0b")),
  20,
  "2 function bodies for 1 functions",
);
malformed("code without functions", bytes(HEADER, section(10, "01 02 00 0b")), 10, "1 function bodies for 0 functions");
malformed(
  "a body that leaves the code section",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(10, "01 7e 00 0b")),
  21,
  "the body of function 0 ends after the code section",
);
malformed("a body without its end", withBody("01 01"), 25, "the body of function 0 ends too early");
malformed("a body that is empty", bytes(HEADER, TYPES, ONE_FUNCTION, section(10, "01 00")), 22, "the body of function 0 ends too early");
malformed("a body with bytes after its end", withBody("0b 01 01"), 24, "the body of function 0 has 2 bytes more than its contents");
malformed("a body whose blocks are open", withBody("02 40 0b"), 26, "the body of function 0 ends too early");

malformed("memory limits of an unknown kind", bytes(HEADER, section(5, "01 70 01")), 11, "0x70 is no kind of limits");
malformed(
  "a maximum below the minimum",
  bytes(HEADER, section(5, "01 01 05 04")),
  13,
  "the maximum of the memory, 4, is below its minimum, 5",
);
malformed(
  "a memory over 4 GiB",
  bytes(HEADER, section(5, "01 00", leb(65537))),
  11,
  "a memory of 65537 pages cannot exist, the largest is 65536",
);
malformed(
  "a memory's maximum over 4 GiB",
  bytes(HEADER, section(5, "01 01 01", leb(65537))),
  11,
  "a memory of 65537 pages cannot exist, the largest is 65536",
);
malformed("a table of numbers", bytes(HEADER, section(4, "01 7f 00 01")), 11, "items of a table must be references");
malformed("a global of unknown mutability", bytes(HEADER, section(6, "01 7f 04 41 00 0b")), 12, "0x4 is no mutability of a global");
malformed(
  "a global with another type's value",
  bytes(HEADER, section(6, "01 7f 00 42 00 0b")),
  13,
  "global 0 is initialised with a value of another type",
);
malformed(
  "a global with a value that is no constant",
  bytes(HEADER, section(6, "01 7f 00 20 00 0b")),
  13,
  "local.get stands in a constant expression",
);
malformed(
  "a global from one that comes later",
  bytes(HEADER, section(6, "01 7f 00 23 00 0b")),
  13,
  "global 0 does not exist yet, there are 0",
);
malformed(
  "a global from a mutable one",
  bytes(HEADER, section(6, "02 7f 01 41 00 0b 7f 00 23 00 0b")),
  "23 00",
  "global 0 is mutable, so its value is no constant",
);
malformed("a constant without its end", bytes(HEADER, section(6, "01 7f 00 41 00")), 15, "global section ends too early");

const code = section(10, "01 02 00 0b");
malformed(
  "an export of an unknown kind",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(7, "01", sized("'f'"), "07 00"), code),
  "07 00 0a",
  "0x7 is no kind of export",
);
malformed(
  "an export of a function that is not there",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(7, "01", sized("'f'"), "00 03"), code),
  "03 0a",
  "function 3 does not exist, there are 1",
);
malformed(
  "two exports of one name",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(7, "02", sized("'f'"), "00 00", sized("'f'"), "00 00"), code),
  25,
  'two exports are named "f"',
);
malformed(
  "a start function that is not there",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(8, "01"), code),
  20,
  "function 1 does not exist, there are 1",
);
malformed(
  "a start function that takes parameters",
  bytes(HEADER, section(1, "01 60 01 7f 00"), ONE_FUNCTION, section(8, "00"), code),
  "00 0a",
  "the start function takes parameters or returns results",
);

const table = section(4, "01 70 00 04");
malformed("an element segment of an unknown kind", bytes(HEADER, table, section(9, "01 08")), 17, "8 is no kind of element segment");
malformed(
  "an element segment of an unknown kind of items",
  bytes(HEADER, table, section(9, "01 01 05 00")),
  18,
  "0x5 is no kind of elements",
);
malformed("an element segment without a table", bytes(HEADER, section(9, "01 00 41 00 0b 00")), 11, "table 0 does not exist, there are 0");
malformed(
  "an element segment of a function that is not there",
  bytes(HEADER, table, section(9, "01 00 41 00 0b 01 00")),
  22,
  "function 0 does not exist, there are 0",
);
malformed(
  "an element segment at a place that is no i32",
  bytes(HEADER, table, section(9, "01 00 42 00 0b 00")),
  18,
  "the place of a segment is not an i32",
);
malformed(
  "an element segment with items of two instructions",
  bytes(HEADER, table, section(9, "01 05 70 01 d0 70 01 0b")),
  22,
  "an element is more than one reference",
);
malformed(
  "an element segment with items that are numbers",
  bytes(HEADER, table, section(9, "01 05 70 01 41 00 0b")),
  20,
  "i32.const stands in an element segment",
);

const memory = section(5, "01 00 01");
malformed("a data segment of an unknown kind", bytes(HEADER, memory, section(11, "01 03 00")), 16, "3 is no kind of data segment");
malformed("a data segment without a memory", bytes(HEADER, section(11, "01 00 41 00 0b 00")), 11, "memory 0 does not exist, there are 0");
malformed(
  "a data segment that leaves its section",
  bytes(HEADER, memory, section(11, "01 01 05 'abc'")),
  18,
  "data section ends too early",
);
malformed(
  "a data count that is wrong",
  bytes(HEADER, section(12, "02"), section(11, "01 01 00")),
  13,
  "1 data segments, but the data count section says 2",
);
malformed("a data count without data", bytes(HEADER, section(12, "02")), 11, "no data section, but the data count section says 2");

/** Faults in code: the first instruction is the faulty one unless an offset is given. */
const IN_CODE: Readonly<Record<string, readonly [code: string, problem: string, at?: number]>> = {
  "an unknown opcode": ["27 0b", "unknown opcode 0x27"],
  "an unknown opcode after 0xFC": ["fc 40 0b", "unknown opcode 0xfc 0x40"],
  "an unknown opcode after 0xFD": ["fd 9a 01 0b", "unknown opcode 0xfd 0x9a"],
  "a far opcode after 0xFD": ["fd ff ff ff ff 0f 0b", "unknown opcode 0xfd 0xffffffff"],
  "else without if": ["05 0b", "else without an if"],
  "a second else": ["41 00 04 40 05 05 0b 0b", "else without an if", 5],
  "else in a block in an if": ["41 00 04 40 02 40 05 0b 0b 0b", "else without an if", 6],
  "a label too far": ["0c 01 0b", "label 1 does not exist, there are 1"],
  "a label too far in a loop": ["03 40 0d 02 0b 0b", "label 2 does not exist, there are 2", 2],
  "a label too far in br_table": ["0e 02 00 07 00 0b", "label 7 does not exist, there are 1"],
  "a default label too far in br_table": ["0e 01 00 05 0b", "label 5 does not exist, there are 1"],
  "more labels than bytes": ["0e ff ff 03 00 0b", "the body of function 0 announces 65535 branch targets but ends before them", 1],
  "a local that is not there": ["20 00 0b", "local 0 does not exist, there are 0"],
  "a global that is not there": ["23 00 0b", "global 0 does not exist, there are 0"],
  "a function that is not there": ["10 01 0b", "function 1 does not exist, there are 1"],
  "a type that is not there": ["11 04 00 0b", "type 4 does not exist, there are 1"],
  "a table that is not there": ["11 00 00 0b", "table 0 does not exist, there are 0"],
  "a memory that is not there": ["28 02 00 0b", "memory 0 does not exist, there are 0"],
  "a memory that is not there, in memory.size": ["3f 00 0b", "memory 0 does not exist, there are 0"],
  "a memory that is not there, in memory.copy": ["fc 0a 00 00 0b", "memory 0 does not exist, there are 0"],
  "a data segment without a data count": ["fc 09 00 0b", "a data segment is named without a data count section"],
  "an element segment that is not there": ["fc 0d 00 0b", "element segment 0 does not exist, there are 0"],
  "a block of a type that is not there": ["02 05 0b 0b", "type 5 does not exist, there are 1"],
  "a block of an unknown type": ["02 41 0b 0b", "0x41 is no type", 1],
  "a block type in two bytes": ["02 c0 7f 0b 0b", "a block type of more bytes than it needs", 1],
  "a block type of 34 bits": ["02 80 80 80 80 20 0b 0b", "a number does not fit 33 bits", 1],
  "a select of two types": ["1c 02 7f 7f 0b", "a select of 2 types"],
  "a select of an unknown type": ["1c 01 00 0b", "0x0 is no type", 2],
  "an i32 of 33 bits": ["41 80 80 80 80 08 0b", "a number does not fit 32 bits", 1],
  "an i32 of six bytes": ["41 80 80 80 80 80 00 0b", "a number does not fit 32 bits", 1],
  "an i64 of 65 bits": ["42 80 80 80 80 80 80 80 80 80 01 0b", "a number does not fit 64 bits", 1],
  "an f64 that is cut off": ["44 00 00 00 0b", "the body of function 0 ends too early", 1],
  "an alignment of 2^6": ["28 06 00 0b", "an alignment of 2^6 does not exist", 1],
};
for (const [name, [instructions, problem, at]] of Object.entries(IN_CODE)) {
  const module = withBody(instructions);
  malformed(name, module, offsetOf(module, instructions) + (at ?? 0), problem);
}

malformed(
  "more groups of locals than bytes",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(10, "01", sized("ff 01 0b"))),
  22,
  "the body of function 0 announces 255 groups of locals but ends before them",
);
malformed(
  "a data segment that is not there",
  bytes(HEADER, TYPES, ONE_FUNCTION, section(12, "01"), section(10, "01", sized("00 fc 09 03 0b")), section(11, "01 01 00")),
  "fc 09",
  "data segment 3 does not exist, there are 1",
);

test("check: code that does not type-check is malformed, at the offset that V8 names", () => {
  const module = withBody("41 00 0b");
  const found = verdict(module);
  assert.match(found, /^module-malformed at \d+: Compiling function #0 failed: expected 0 elements/);
  assert.is(Number(/at (\d+)/.exec(found)?.[1]), offsetOf(module, "41 00 0b") + 2);
});

test("check: the error names the module and says what to do", () => {
  assert.is(verdict(empty), "accepted");
  assert.throws(
    () => check(bytes(HEADER, hex(99)), { maxMemoryPages: 1, name: "driver.wasm" }),
    (error: Error) =>
      error.message === "driver.wasm: byte offset 0x9: the file ends too early; the file is damaged or its tool is broken: build it again",
  );
});

test.run();
