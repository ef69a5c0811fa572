/** What the host's types and the pages say of shared types' fields: every kind, as `readObject` gives it and as WIT writes it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseWit } from "../../host/idl/idl.ts";
import { generated } from "./sample-packages.ts";

const test = suite("shared fields");

const WIT = `package acme:shared@0.1.0;
interface types {
  enum color { red, green }
  flags marks { bold, thin }
  record point { x: s32, y: f64, color: color }
  resource leaf { constructor(n: u32); }
  resource drawing {
    constructor(
      title: list<u8, 32>, frame: tuple<point, marks>, grid: list<list<u16, 4>, 2>, points: list<point, 3>, next: option<drawing>,
      leaves: list<option<leaf>, 3>, lines: list<tuple<u8, bool>>,
    );
  }
  /// @deque
  resource queue { constructor(leaves: list<option<leaf>, 32>); }
  resource bytes { constructor(data: list<u8>); }
  f: func(a: drawing, b: queue, c: bytes);
}
`;

test("generateTypes writes each field as readObject gives it", () => {
  const { types } = generated([parseWit(WIT, "wit/shared.wit")], []);
  const text = [...types.values()].join("\n");
  const fields = [
    "title: Uint8Array;",
    "frame: readonly [{ readonly x: number; readonly y: number; readonly color: TypesColor | number }, number];",
    "grid: readonly (readonly number[])[];",
    "points: readonly ({ readonly x: number; readonly y: number; readonly color: TypesColor | number })[];",
    "next: number | undefined;",
    "leaves: readonly (number | undefined)[];",
    "lines: readonly (readonly [number, boolean])[];",
    "leaves: readonly number[];",
    "data: Uint8Array;",
  ];
  for (const field of fields) {
    assert.ok(text.includes(`  readonly ${field}\n`) || text.includes(`  readonly ${field.replace(/Types/g, "")}\n`), `${field}\n${text}`);
  }
});

test("generatePages lists each field as WIT writes it, with its place and size", () => {
  const { pages } = generated([parseWit(WIT, "wit/shared.wit")], []);
  const text = [...pages.values()].join("\n");
  const rows: readonly (readonly [name: string, type: string, offset: number, size: string])[] = [
    ["title", "`list<u8, 32>`", 0, "32"],
    ["frame", "`tuple<point, marks>`", 32, "32"],
    ["grid", "`list<list<u16, 4>, 2>`", 64, "16"],
    ["points", "`list<point, 3>`", 80, "72"],
    ["next", "`option<drawing>`", 152, "4"],
    ["leaves", "`list<option<leaf>, 3>`", 156, "12"],
    ["lines", "`list<tuple<u8, bool>>`", 168, "2 each"],
    ["leaves", "`list<option<leaf>, 32>`", 0, "136"],
    ["data", "`list<u8>`", 0, "1 each"],
  ];
  for (const [name, type, offset, size] of rows) {
    const row = `| \`${name}\` | ${type} | ${offset} | ${size} |`;
    assert.ok(text.replace(/ +\|/g, " |").includes(row), `${row}\n${text}`);
  }
});

test.run();
