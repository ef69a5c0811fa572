/** Under one version an interface means one thing: every kind of change against the record, where it is said, and what helps. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { comparePublished, type PublishedComparison, type PublishedRecord, parseWit } from "../../host/idl/idl.ts";
import { nextVersion } from "../../host/idl/published.ts";

const test = suite("published interfaces");

const TYPES = parseWit("package c:d@1.0.0; interface types { resource page { constructor(data: list<u8, 8>); } }", "types.wit");

const BASE = [
  "package a:b@0.1.0;",
  "interface i {",
  "  use c:d/types@1.0.0.{page};",
  "  enum error { io, full }",
  "  record span { at: u64, size: u32 }",
  "  put: func(where: u64, data: borrow<page>) -> result<span, error>;",
  "  /// @idempotent",
  "  size: func() -> u64;",
  "}",
  "interface j { f: func(); }",
].join("\n");

function compare(text: string, recorded: PublishedRecord, others = [TYPES]): PublishedComparison {
  return comparePublished([parseWit(text, "a.wit")], others, recorded, "published.json");
}

const RECORD: PublishedRecord = compare(BASE, new Map()).present;

const compatible = "raise the package's version to 0.1.1 (only additions: importers need no change)";
const incompatible = "raise the package's version to 0.2.0 (not compatible: importers have to change too)";

/** What is replaced by what; how every refusal begins, and what it advises. */
type Change = readonly [from: string, to: string, refusals: readonly string[], remedy: string];

const refused: readonly Change[] = [
  [
    "size: func() -> u64;",
    "size: func() -> u64;\n  sync: func();",
    ["a.wit:9:3: `a:b/i@0.1.0` is not what was published under this version: `func sync()` is new"],
    compatible,
  ],
  [
    "f: func();",
    "f: func(); enum e { a }  g: func() -> e;",
    [
      "a.wit:10:40: `a:b/j@0.1.0` is not what was published under this version: `func g()->a:b/j@0.1.0#e` is new; `type a:b/j@0.1.0#e = enum{a}` is new",
    ],
    compatible,
  ],
  [
    "size: func() -> u64;",
    "size: func() -> u32;",
    [
      "a.wit:8:3: `a:b/i@0.1.0` is not what was published under this version: `func size()->u64 idempotent` has become `func size()->u32 idempotent`",
    ],
    incompatible,
  ],
  [
    "  /// @idempotent\n",
    "",
    ["a.wit:7:3: `a:b/i@0.1.0` is not what was published under this version: `func size()->u64 idempotent` has become `func size()->u64`"],
    incompatible,
  ],
  [
    "  size: func() -> u64;\n",
    "",
    ["a.wit:2:11: `a:b/i@0.1.0` is not what was published under this version: `func size()->u64 idempotent` is gone"],
    incompatible,
  ],
  [
    "size: func",
    "length: func",
    [
      "a.wit:8:3: `a:b/i@0.1.0` is not what was published under this version: `func size()->u64 idempotent` is gone; `func length()->u64 idempotent` is new",
    ],
    incompatible,
  ],
  ["where: u64", "there: u64", ["a.wit:6:3: `a:b/i@0.1.0` is not what was published under this version: `func put(where:"], incompatible],
  [
    "io, full",
    "io, full, lost",
    [
      "a.wit:4:8: `a:b/i@0.1.0` is not what was published under this version: `type a:b/i@0.1.0#error = enum{io,full}` has become `type a:b/i@0.1.0#error = enum{io,full,lost}`",
    ],
    incompatible,
  ],
  ["io, full", "full, io", ["a.wit:4:8: `a:b/i@0.1.0` is not"], incompatible],
  ["at: u64", "at: u32", ["a.wit:5:10: `a:b/i@0.1.0` is not"], incompatible],
  [
    "{page}",
    "{page, page as sheet}",
    ["a.wit:2:11: `a:b/i@0.1.0` is not what was published under this version: `name sheet = own<c:d/types@1.0.0#page>` is new"],
    compatible,
  ],
  ["borrow<page>", "page", ["a.wit:6:3: `a:b/i@0.1.0` is not"], incompatible],
  ["interface j { f: func(); }", "", ["a.wit:1:9: `a:b/j@0.1.0` was published, and the package has it no more"], incompatible],
  ["interface j {", "interface k {", ["a.wit:1:9: `a:b/j@0.1.0` was published, and the package has it no more"], incompatible],
  ["u64, size: u32", "u64, size: s32", ["a.wit:5:10: `a:b/i@0.1.0` is not"], incompatible],
  ["f: func();", "f: func(a: u8);", ["a.wit:10:15: `a:b/j@0.1.0` is not"], incompatible],
];

test("comparePublished refuses every change under one version with place, difference, kind of change and remedy", () => {
  for (const [from, to, expected, remedy] of refused) {
    assert.ok(BASE.includes(from), from);
    const messages = compare(BASE.replace(from, to), RECORD).refusals;
    assert.is(messages.length, expected.length, `${from} → ${to}`);
    for (const [index, { code, message }] of messages.entries()) {
      assert.is(code, "wit-invalid");
      assert.ok(message.startsWith(expected[index] ?? "?"), `${message}\n  does not begin with\n${expected[index]}`);
      assert.ok(message.endsWith(`: ${remedy}, or run \`sumac bindgen --publish\` if 0.1.0 was never released`), message);
      assert.not.match(message, /\n/);
    }
  }
});

test("comparePublished lets pass what means the same: order, comments, deadlines, names of files", () => {
  for (const [from, to] of [
    [
      "  enum error { io, full }\n  record span { at: u64, size: u32 }\n",
      "  record span { at: u64, size: u32 }\n  enum error { io, full }\n",
    ],
    ["interface i", "/// What it is.\ninterface i"],
    ["  /// @idempotent", "  /// @deadline 5ms\n  /// @idempotent"],
  ] as const) {
    assert.ok(BASE.includes(from));
    assert.equal(compare(BASE.replace(from, to), RECORD).refusals, [], to);
  }
});

test("a new version is free to differ, and the old one stays on record", () => {
  const next = compare(BASE.replace("@0.1.0", "@0.2.0").replace("io, full", "io"), RECORD);
  assert.equal(next.refusals, []);
  assert.equal(next.unrecorded, [
    "a.wit:2:11: `a:b/i@0.2.0` is not recorded in published.json: run `sumac bindgen --publish`",
    "a.wit:10:11: `a:b/j@0.2.0` is not recorded in published.json: run `sumac bindgen --publish`",
  ]);
  assert.equal([...next.present.keys()], ["a:b/i@0.1.0", "a:b/i@0.2.0", "a:b/j@0.1.0", "a:b/j@0.2.0"]);
  assert.equal(next.present.get("a:b/i@0.1.0"), RECORD.get("a:b/i@0.1.0"));
  // Going back to the old number brings the old meaning back.
  assert.is(compare(BASE.replace("io, full", "io"), next.present).refusals.length, 1);
});

test("two versions side by side in one folder are held against their own records", () => {
  const both = [BASE, "package a:b@0.2.0 { interface i { g: func(); } }"].join("\n");
  const { refusals, unrecorded, present } = compare(both, RECORD);
  assert.equal(refusals, []);
  assert.is(unrecorded.length, 1);
  const [refusal] = compare(both.replace("g: func()", "g: func(n: u8)"), present).refusals;
  assert.match(refusal?.message ?? "", /^a\.wit:11:35: `a:b\/i@0\.2\.0` is not .*`func g\(\)` has become `func g\(n:u8\)`: .* to 0\.3\.0 /);
});

test("a used type that changes is a change of every interface that reaches it", () => {
  const grown = parseWit("package c:d@1.0.0; interface types { resource page { constructor(data: list<u8, 16>); } }", "types.wit");
  const { refusals } = compare(BASE, RECORD, [grown]);
  assert.is(refusals.length, 1);
  assert.match(refusals[0]?.message ?? "", /^a\.wit:2:11: `a:b\/i@0\.1\.0` .*list<u8,8>.* has become .*list<u8,16>/);
});

test("many differences are counted after the first four", () => {
  const [refusal] = compare(
    BASE.replace("f: func();", "f: func(); a: func(); b: func(); c: func(); d: func(); e: func();"),
    RECORD,
  ).refusals;
  assert.match(refusal?.message ?? "", /`func d\(\)` is new; and 1 more: raise/);
});

test("a package without a version promises nothing", () => {
  const { present, unrecorded, refusals } = compare("package a:b; interface i { f: func(); }", RECORD);
  assert.equal([...present.keys()], [...RECORD.keys()]);
  assert.equal([...unrecorded, ...refusals], []);
});

test("a capability may gain members; an object on the shared heap may not become one", () => {
  const text = (members: string): string => `package a:b@0.1.0; interface i { resource door { ${members} } f: func() -> door; }`;
  const advice = (from: string, to: string): string => {
    const { refusals } = compare(text(to), compare(text(from), new Map()).present);
    assert.is(refusals.length, 1, `${from} → ${to}`);
    assert.match(refusals[0]?.message ?? "", /^a\.wit:1:43: /);
    return /\((only additions|not compatible)/.exec(refusals[0]?.message ?? "")?.[1] ?? "";
  };
  const open = "open: func(a: u8, b: u8) -> bool;";
  assert.is(advice(open, `${open} shut: func();`), "only additions");
  assert.is(advice(open, `constructor(a: u8); ${open}`), "only additions");
  assert.is(advice(open, "open: func(a: u8) -> bool;"), "not compatible");
  assert.is(advice(open, "shut: func();"), "not compatible");
  assert.is(advice("constructor(a: u8);", "constructor(a: u8, b: u8);"), "not compatible");
  assert.is(advice("constructor(a: u8);", `constructor(a: u8); ${open}`), "not compatible");
});

test("nextVersion follows the rules of semantic versions", () => {
  assert.is(nextVersion("1.2.3", "compatible"), "1.3.0");
  assert.is(nextVersion("1.2.3", "incompatible"), "2.0.0");
  assert.is(nextVersion("0.2.3", "compatible"), "0.2.4");
  assert.is(nextVersion("0.2.3", "incompatible"), "0.3.0");
  assert.is(nextVersion("0.0.3", "compatible"), "0.0.4");
  assert.is(nextVersion("0.0.3", "incompatible"), "0.0.4");
  assert.is(nextVersion("1.0.0-rc.1", "incompatible"), undefined);
});

test.run();
