/** The map of the shared memory exists twice, for TypeScript and for AssemblyScript; here they are compared. */
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as layout from "../../shared-heap/layout.ts";

const source = readFileSync(new URL("../../shared-heap/assembly/layout.ts", import.meta.url), "utf8");
const guard = readFileSync(new URL("../../shared-heap/guard/guard.wat", import.meta.url), "utf8");
const constants: Readonly<Record<string, number>> = layout;

test("layout: every constant of the AssemblyScript file equals the TypeScript one", () => {
  const found = [...source.matchAll(/^export const (\w+): u32 = (\w+);$/gm)];
  assert.ok(found.length > 35, `${found.length} constants found`);
  for (const [, name = "", value] of found) {
    assert.is(constants[name], Number(value), name);
  }
});

/** Fields of an unmanaged class with their offsets, in order. */
function fields(name: string): Map<string, number> {
  const body = new RegExp(`export class ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  const offsets = new Map<string, number>();
  let offset = 0;
  for (const [, field = "", bits] of body.matchAll(/^ {2}(\w+): u(64|32|16);$/gm)) {
    assert.is(offset % (Number(bits) / 8), 0, `${name}.${field} is aligned`);
    offsets.set(field, offset);
    offset += Number(bits) / 8;
  }
  offsets.set("size", offset);
  return offsets;
}

/** Record to the prefix of its constants and the place of its first word. */
const RECORDS: Readonly<Record<string, readonly [prefix: string, base: number]>> = {
  Header: ["H_", layout.H_MAGIC],
  Domain: ["DOMAIN_", 0],
  Borrow: ["BORROW_", 0],
  Entry: ["ENTRY_", 0],
  Span: ["SPAN_", 0],
  RowLink: ["ROW_LINK_", 0],
};

for (const [record, [prefix, base]] of Object.entries(RECORDS)) {
  test(`layout: the fields of ${record} lie where the TypeScript constants say`, () => {
    const offsets = fields(record);
    assert.ok(offsets.size > 2, `${offsets.size} fields found`);
    for (const [field, offset] of offsets) {
      if (field === "size") continue;
      const name = prefix + field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
      assert.is(constants[name], base + offset, name);
    }
  });
}

test("layout: records have the sizes that the tables are cut by", () => {
  assert.is(fields("Entry").get("size"), layout.ENTRY_SIZE);
  assert.is(fields("Borrow").get("size"), layout.BORROW_SIZE);
  assert.is(fields("RowLink").get("size"), layout.ROW_LINK_SIZE);
  assert.is(fields("Span").get("size"), layout.SPAN_RECORD_SIZE);
  assert.ok((fields("Header").get("size") ?? 0) + layout.H_MAGIC <= layout.H_CLASS_HEADS);
});

test("layout: regions follow each other without overlap", () => {
  const { H_CLASS_HEADS, SIZE_CLASSES, CPU_LINES, CPU_MAX, CPU_LINE_SIZE, FRAMES, FRAMES_PER_CPU, FRAME_SIZE, DOMAINS } = layout;
  assert.ok(H_CLASS_HEADS + SIZE_CLASSES * 4 <= CPU_LINES);
  assert.ok(CPU_LINES + CPU_MAX * CPU_LINE_SIZE <= FRAMES);
  assert.ok(FRAMES + CPU_MAX * FRAMES_PER_CPU * FRAME_SIZE <= layout.ROW_LINKS);
  assert.ok(layout.ROW_LINKS + (layout.LAST_ROW / layout.BORROW_SIZE + 1) * layout.ROW_LINK_SIZE <= DOMAINS);
  assert.ok(layout.LOCK % 64 === 0 && layout.LOCK >= H_CLASS_HEADS + SIZE_CLASSES * 4 && layout.LOCK + 64 <= CPU_LINES);
  assert.ok(CPU_MAX <= 32, "a bit for each in a word");
  assert.is(DOMAINS + layout.DOMAIN_SLOTS * layout.DOMAIN_SIZE, layout.BORROWS);
  assert.is(layout.BORROW_END, layout.GRANULES);
  assert.is(layout.FIRST_ROW, layout.DOMAIN_SLOTS * layout.BORROW_SIZE, "the null row has a place for every slot");
  assert.is(layout.BORROWS + layout.LAST_ROW + layout.DOMAIN_SLOTS * layout.BORROW_SIZE, layout.BORROW_END);
});

test("layout: the numbers in the guard's text are those of the layout", () => {
  const hex = (value: number): string => `0x${value.toString(16)}`;
  assert.ok(guard.includes(`offset=${hex(layout.GRANULES)} `));
  assert.ok(guard.includes(`offset=${hex(layout.BORROWS)} `));
  assert.ok(guard.includes(`offset=${hex(layout.DOMAINS + layout.DOMAIN_STATUS)}`));
  assert.ok(guard.includes(`offset=${hex(layout.DOMAINS + layout.DOMAIN_RESULTS)}`));
  const { DOMAINS, DOMAIN_REFUSED_ADDRESS, DOMAIN_REFUSED_OWNER, DOMAIN_REFUSED_KIND } = layout;
  assert.ok(guard.includes(`offset=${hex(DOMAINS + DOMAIN_REFUSED_ADDRESS)} (local.get $record) (local.get $p)`));
  assert.ok(guard.includes(`offset=${hex(DOMAINS + DOMAIN_REFUSED_OWNER)} (local.get $record) (local.get $owner)`));
  for (const kind of [layout.REFUSED_RIGHT, layout.REFUSED_RANGE, layout.REFUSED_ALIGNMENT]) {
    assert.ok(guard.includes(`offset=${hex(DOMAINS + DOMAIN_REFUSED_KIND)} (local.get $record) (i32.const ${kind})`));
  }
  assert.ok(guard.includes(`offset=${layout.ENTRY_PARENT} (local.get $found)`));
  assert.ok(guard.includes(`offset=${layout.ENTRY_ROW} (local.get $entry)`));
  assert.ok(guard.includes(`offset=${layout.H_HEAP_END} (i32.const 0)`));
});

test.run();
