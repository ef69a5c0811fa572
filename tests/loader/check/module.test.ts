/** What `check` says about a module that it accepts. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { typeOfFunction } from "../../../host/loader/wasm/checked-module.ts";
import { TYPE } from "../../../host/loader/wasm/opcodes.ts";
import { EVERYTHING } from "../everything.ts";
import { bytes, checked, HEADER, offsetOf, section, sized } from "../module-bytes.ts";

const module = checked(EVERYTHING);

test("check: lists imports with their types, offsets, and which are the guard's", () => {
  assert.equal(
    module.imports.map(({ module: from, field, isGuard }) => [from, field, isGuard]),
    [
      ["sumac:block/bdev@0.1.0", "read", false],
      ["guard", "load32", true],
      ["guard", "storev128", true],
    ],
  );
  assert.equal(typeOfFunction(module, 0), { params: [TYPE.i32, TYPE.i32], results: [TYPE.i32] });
  assert.equal(typeOfFunction(module, 2), { params: [TYPE.i32, TYPE.v128], results: [] });
  assert.is(module.imports[0]?.offset, offsetOf(EVERYTHING, sized("'sumac:block/bdev@0.1.0'")));
});

test("check: lists exports with the functions behind them", () => {
  assert.equal(
    module.exports.map(({ name, function: index }) => [name, index]),
    [
      ["f", 5],
      ["sumac:block/bdev@0.1.0#read", 4],
    ],
  );
  assert.equal(typeOfFunction(module, 5), { params: [TYPE.i32], results: [TYPE.i32] });
  assert.is(module.start, 3);
});

test("check: lists tables, the memory, globals and segments", () => {
  assert.equal(module.tables, [
    { minimum: 4, maximum: 8 },
    { minimum: 2, maximum: undefined },
  ]);
  assert.equal(module.memory, { minimum: 1, maximum: 4 });
  assert.equal(
    module.globals.map(({ type, isMutable, init }) => [type, isMutable, init.value, init.global]),
    [
      [TYPE.i32, false, 1, undefined],
      [TYPE.i64, true, undefined, undefined],
      [TYPE.i32, true, 1, 0],
      [TYPE.v128, false, undefined, undefined],
      [TYPE.f32, false, undefined, undefined],
      [TYPE.f64, false, undefined, undefined],
    ],
  );
  assert.equal(
    module.elements.map(({ flags, table, itemCount, place }) => [flags, table, itemCount, place?.value]),
    [
      [0, 0, 3, 0],
      [1, 0, 2, undefined],
      [6, 1, 1, 1],
      [3, 0, 1, undefined],
      [5, 0, 2, undefined],
    ],
  );
  const text = new TextDecoder();
  assert.equal(
    module.data.map(({ start, end, place }) => [text.decode(EVERYTHING.subarray(start, end)), place?.value]),
    [
      ["active", 8],
      ["passive", undefined],
      ["at a global", 1],
    ],
  );
  assert.is(module.hasDataCount, true);
});

test("check: gives the world's text and all custom sections", () => {
  assert.is(new TextDecoder().decode(module.world), "package a:b@0.1.0; world w {}");
  assert.ok(module.customSections.some(({ name }) => name === "sumac:world"));
  const without = checked(bytes(HEADER, section(0, sized("'other'"), "'payload'")));
  assert.is(without.world, undefined);
  const [custom] = without.customSections;
  assert.equal(custom, { name: "other", offset: 8, start: 16, end: 23 });
});

test("check: accepts a module without a memory, a table, a function", () => {
  const empty = checked(bytes(HEADER));
  assert.is(empty.memory, undefined);
  assert.equal([empty.types, empty.imports, empty.functions, empty.tables, empty.exports], [[], [], [], [], []]);
});

test("check: accepts numbers padded as linkers write them", () => {
  const padded = bytes(
    HEADER,
    section(1, "81 80 80 80 00 60 80 00 80 00"),
    section(3, "01 80 80 00"),
    section(10, "01", sized("00 41 80 80 80 80 00 1a 0b")),
  );
  assert.is(checked(padded).functions.length, 1);
});

test("check: keeps a byte order mark in a name apart from the name without it", () => {
  const marked = checked(bytes(HEADER, section(1, "01 60 00 00"), section(2, "01", sized("ef bb bf 'guard'"), sized("'x'"), "00 00")));
  assert.is(marked.imports[0]?.isGuard, false);
  assert.is(marked.imports[0]?.module, "\uFEFFguard");
});

test.run();
