/** Source maps and name sections, well made and not. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { embedSymbols } from "../../host/build/symbols.ts";
import { readFunctionNames } from "../../host/loader/places/function-names.ts";
import { parseSourceMap, SourceMap } from "../../host/loader/places/source-map.ts";
import { encodeVlq, readVlq } from "../../host/loader/places/vlq.ts";
import { customText, readSections } from "../../host/loader/sections.ts";
import { compileAs } from "../support/compile-as.ts";
import { wat } from "../support/wat.ts";

test("vlq: every number comes back", () => {
  for (const value of [0, 1, -1, 15, 16, -16, 31, 32, 1023, 1024, -1024, 2 ** 30, -(2 ** 30), 2 ** 31 - 1]) {
    const text = encodeVlq(value);
    assert.equal(readVlq(`x${text},`, 1), { value, next: 1 + text.length });
  }
  assert.equal(readVlq("", 0), undefined);
  assert.equal(readVlq("g", 0), undefined);
  assert.equal(readVlq("gggggggggggA", 0), undefined);
  assert.equal(readVlq("é", 0), undefined);
});

test("source map: the nearest mapping before an offset counts, but none of another function", () => {
  const segment = (...numbers: number[]): string => numbers.map(encodeVlq).join("");
  const map = new SourceMap(["a.ts", "b.ts"], [segment(10, 0, 4, 2), segment(5), segment(5, 1, 3, -1), segment(100, 0, 1, 0)].join(","));
  assert.is(map.at(9, 0), undefined);
  assert.equal(map.at(10, 10), { file: "a.ts", line: 5, column: 3 });
  assert.equal(map.at(19, 10), { file: "a.ts", line: 5, column: 3 });
  assert.equal(map.at(20, 10), { file: "b.ts", line: 8, column: 2 });
  assert.is(map.at(30, 25), undefined);
  assert.equal(map.at(1_000_000, 0), { file: "b.ts", line: 9, column: 2 });
});

test("source map: what is none is none, and a map that breaks off is used as far as it goes", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  for (const text of ["", "{", "null", "[]", "{}", '{"sources":{},"mappings":""}', '{"sources":[],"mappings":3}']) {
    assert.is(parseSourceMap(bytes(text)), undefined, text);
  }
  const broken = parseSourceMap(bytes('{"sources":["a.ts"],"mappings":"UAEC;UAEC"}'));
  assert.equal(broken?.at(12, 0), { file: "a.ts", line: 3, column: 2 });
  const negative = parseSourceMap(bytes('{"sources":["a.ts"],"mappings":"UADDD,UCAA"}'));
  assert.is(negative?.at(12, 0), undefined);
});

test("function names: as far as they can be read", async () => {
  const bytes = await wat('(module (func $one) (func $"t w o") (func))');
  const section = readSections(new Uint8Array(bytes)).find(({ name }) => name === "name");
  assert.ok(section);
  const { payload, end } = section;
  const all = readFunctionNames(bytes, payload, end);
  assert.equal(
    [...all],
    [
      [0, "one"],
      [1, "t w o"],
    ],
  );
  for (let cut = payload; cut < end; cut++) {
    for (const [index, name] of readFunctionNames(bytes, payload, cut)) assert.is(name, all.get(index));
  }
});

test("embedSymbols: names and positions change no instruction, and no text of the sources goes along", async () => {
  const source = "export function f(n: i32): i32 { let s = 0; for (let i = 0; i < n; i++) s += i * 7; return s; }";
  const plain = await compileAs(source);
  const debug = await compileAs(source, { flags: ["--debug"] });
  const code = (bytes: Uint8Array<ArrayBuffer>): Uint8Array => {
    const found = readSections(bytes).find(({ id }) => id === 10);
    return bytes.subarray(found?.start, found?.end);
  };
  assert.equal(code(debug), code(plain));
  const codeStart = readSections(debug).find(({ id }) => id === 10)?.payload ?? 0;
  const map = JSON.stringify({
    version: 3,
    sources: ["entry.ts"],
    sourcesContent: [source],
    mappings: `${encodeVlq(codeStart + 4)}AAA,CAAC`,
  });
  const made = embedSymbols(debug, map);
  assert.equal(code(made), code(plain));
  const sections = readSections(made);
  assert.equal(
    sections.flatMap(({ name }) => name ?? []),
    ["name", "sumac:source-map"],
  );
  const text = customText(made, sections, "sumac:source-map") ?? "";
  assert.not.match(text, "i * 7");
  assert.equal(JSON.parse(text).mappings, `${encodeVlq(4)}AAA,CAAC`);
});

test.run();
