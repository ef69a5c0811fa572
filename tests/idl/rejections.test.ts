/** What may not cross, or cannot yet: each refusal says where, what and what to do instead. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { parseWit, problemsOf, readWorldSection, resolveWorld } from "../../host/idl/idl.ts";

const test = suite("wit rejections");

/** `^` marks the place; everything stands on one line of `t.wit`. */
type Rejection = readonly [text: string, code: "wit-syntax" | "wit-invalid", problem: string];

const inInterface = (body: string): string => `package a:b@0.1.0; interface i { ${body} } world w { import i; }`;
const syntax = (body: string, problem: string): Rejection => [inInterface(body), "wit-syntax", problem];
const invalid = (body: string, problem: string): Rejection => [inInterface(body), "wit-invalid", problem];
const inWorld = (body: string, problem: string): Rejection => [
  `package a:b@0.1.0; interface i { f: func(); } world w { ${body} }`,
  "wit-invalid",
  problem,
];
const cases = (count: number): string => Array.from({ length: count }, (_, index) => `c${index}`).join(", ");

const rejections: readonly Rejection[] = [
  // Syntax.
  syntax("f: func(a: u8 ^}", "expected `)`, found `}`: close the list with `)`, separate its items with `,`"),
  syntax("record^: func();", "expected a type's name, found `:`: write `%record` for a function of that name"),
  syntax("^static: func();", "`static` is a keyword, not a type, a `use` or a function: write `%static` to use it as a name"),
  syntax("^read-At: func();", "`read-At` is not a name: write words of one case joined by single hyphens, as in `out-of-range`"),
  syntax("f: func(a: ^-> u8);", "expected a type, found `->`: name a type here"),
  syntax("f: func() -> list<u8, ^0>;", "`0` is not a length: a length is at least 1 and has no leading zero"),
  syntax("f: func(a: result<_^>);", "expected `,`, found `>`: a result without an ok type is `result<_, error>` or `result`"),
  syntax("^@idempotent f: func();", "`@idempotent` is not a gate of WIT: attributes such as `@deadline` go into a `///` line"),
  syntax("@since ^f: func();", "expected `(`, found `f`: a gate has an argument, as in `@since(version = 0.1.0)`"),
  syntax("^@deadline(5ms) f: func();", "`@deadline` is not a gate of WIT: attributes such as `@deadline` go into a `///` line"),
  syntax(`f: func(a: ${"option<".repeat(65)}^u8`, "types are nested more than 64 deep: name the inner types"),
  ["package a:b@^0.1; world w {}", "wit-syntax", "this is not a version: write three numbers, as in `0.1.0`"],
  ["package a:b; ^/* world w {}", "wit-syntax", "this comment has no end: close it with `*/`"],
  ["package a:b; world w { ^$ }", "wit-syntax", "`$` means nothing in WIT: remove it"],
  [
    "package a:b; world w { ^",
    "wit-syntax",
    "expected `import`, `export`, `include`, `use` or a type, found the end of the file: a world holds nothing else",
  ],
  ["package a:b; // x^\u202ey\nworld w {}", "wit-syntax", "the character U+202e is invisible or misleading: remove it"],
  // Names.
  invalid("f: func(a: ^block);", "the type `block` is not defined: define it, or bring it in with `use`"),
  invalid("f: func(); ^f: func();", "`f` is already defined (line 1): rename one of the two; case does not tell names apart"),
  invalid("use ^types.{block};", "the package `a:b@0.1.0` has no interface `types`: it has: i, w"),
  invalid("use ^c:d/types@1.0.0.{block};", "the package `c:d@1.0.0` is not known: add its .wit file or correct the name"),
  invalid("use ^a:b/i@0.2.0.{t};", "the package `a:b@0.2.0` is not known: known is a:b@0.1.0"),
  invalid(
    "use ^i.{t};",
    "the interface `a:b/i@0.1.0` uses itself, directly or through others: move the shared types into an interface of their own",
  ),
  invalid("enum e { on, off, ^on }", "there is a case `on` already: rename one of the two"),
  invalid("f: func(a-b1: u8, ^a-b-1: u8);", "`a-b-1` and `a-b1` (line 1) are both `aB1` in generated code: rename one of the two"),
  invalid(
    "enum error { x } enum ^i-error { x }",
    "`i-error` and `error` (line 1) are both `IError` in generated code: rename one of the two",
  ),
  [
    "package a:b; interface i { use j.{^t}; } interface j { type u = u8; } world w { import i; }",
    "wit-invalid",
    "`a:b/j` has no type `t`: it has: u",
  ],
  [
    "package a:b; world w { import c:d/x; } package c:d { interface x { use e:f/y.{t}; } } package e:f { interface y { use ^c:d/x.{u}; type t = u8; } }",
    "wit-invalid",
    "the interface `c:d/x` uses itself, directly or through others: move the shared types into an interface of their own",
  ],
  ["^interface i {} world w {}", "wit-invalid", "the file names no package: begin it with a line such as `package acme:shop@0.1.0;`"],
  // Ownership.
  invalid(
    "resource r { constructor(a: u8); } f: func() -> ^borrow<r>;",
    "a result holds a `borrow`, which would outlive the call: return the object itself (own), or nothing",
  ),
  invalid("type t = u8; f: func(a: ^borrow<t>);", "`t` is not a resource: only resources are owned or borrowed; write `t`"),
  // Shared types.
  invalid(
    "resource r { constructor(a: ^borrow<s>); } resource s { constructor(a: u8); }",
    "the field `a` is a borrow, which would outlive its call: keep the data itself, or pass the borrow as a parameter",
  ),
  invalid(
    "resource r { constructor(a: ^list<borrow<s>>); } resource s { constructor(a: u8); }",
    "the field `a` is a list of any length: give it a length: `list<u8, 4096>`",
  ),
  invalid(
    "resource r { constructor(a: ^list<borrow<s>, 2>); } resource s { constructor(a: u8); }",
    "the field `a` holds borrows, which would outlive their call: keep the data itself",
  ),
  invalid(
    "resource r { constructor(a: ^s); } resource s { constructor(a: u8); }",
    "the field `a` is another object (`s`), which is not supported yet: pass the two side by side",
  ),
  invalid(
    "resource ^s { m: func(); } resource r { constructor(a: s); }",
    "`s` is a capability (a resource with more than a constructor of plain data), which is not supported yet: export its functions in an interface",
  ),
  invalid(
    "resource r { constructor(next: ^r); }",
    "the layout of `r` contains itself: name the other object by a number, or pass it beside",
  ),
  invalid("resource r { constructor(a: ^s); } resource s { constructor(b: r); }", "the layout of `s` contains itself"),
  invalid("record ^p { a: list<p> }", "the type contains itself (p → p): break the circle"),
  invalid(
    "resource r { constructor(^a: list<u64, 2097153>); }",
    "the layout of `r` ends at 16777224 bytes, over the limit of 16777216: use several objects",
  ),
  invalid("resource ^r { constructor(); }", "the shared type `r` has no field: give its constructor a parameter"),
  invalid(
    "resource r { constructor(a: ^string); }",
    "the field `a` is a `string`, which is not supported yet in a shared type: use scalars, enums, flags and lists of fixed length",
  ),
  invalid(
    "resource r { constructor(a: ^list<string, 4>); }",
    "the field `a` is a list of a `string`, which is not supported yet: use a list of scalars",
  ),
  // What cannot cross yet.
  invalid("f: func(a: ^string);", "a `string` is not supported yet as the parameter `a`: pass scalars, or an object of a shared type"),
  invalid(
    "f: func() -> ^list<u8>;",
    "a `list` is not supported yet as a result: return scalars, a record of scalars, or an object of a shared type",
  ),
  invalid(
    "f: func() -> ^option<u8>;",
    "an `option` is not supported yet as a result: return scalars, a record of scalars, or an object of a shared type",
  ),
  invalid(
    "record p { a: u8 } f: func(a: ^p);",
    "the record `p` is not supported yet as the parameter `a`: pass scalars, or an object of a shared type",
  ),
  invalid("variant ^v { a(u8) }", "the variant `v` is not supported yet: use an enum, or a record with an enum in it"),
  invalid("record p { a: ^string }", "a `string` is not supported yet in a record: use scalars, enums and flags"),
  invalid("f: func() -> tuple<u8, ^string>;", "a `string` is not supported yet in a tuple: use scalars, enums and flags"),
  invalid("f: func() -> ^result;", "the `result` names no error type: name an enum of errors: `result<_, error>`"),
  invalid("f: func() -> result<u8, ^u8>;", "`u8` is not supported yet as an error: name an enum of errors"),
  invalid(
    `enum e { ${cases(63)} } f: func() -> result<_, ^e>;`,
    "the error `e` has 63 cases, at most 62 can be returned: group them, and return the details beside",
  ),
  invalid(`flags ^f { ${cases(33)} }`, "flags are at most 32, here are 33: split them into two types"),
  invalid(
    `^f: func(${Array.from({ length: 9 }, (_, index) => `a${index}: u64`).join(", ")});`,
    "the parameters of `f` take 18 words, at most 16 cross: put them into a shared type",
  ),
  invalid(
    `record p { ${Array.from({ length: 9 }, (_, index) => `a${index}: u64`).join(", ")} } f: func() -> ^p;`,
    "the result takes 18 words, at most 16 cross: return an object of a shared type",
  ),
  invalid(
    "^f: async func();",
    "`f` is async, which is not supported: a call that would block returns an error case, and the caller calls again",
  ),
  invalid("^@unstable(feature = x) f: func();", "`@unstable` means nothing here: Sumac has no feature switches: remove it"),
  invalid('^@external-id("x") f: func();', "`@external-id` means nothing here: remove it"),
  // Worlds.
  inWorld(
    "import ^f: func();",
    "the imported function `f` belongs to no interface, which is not supported yet: define it in an interface and import that",
  ),
  inWorld(
    "import ^x: interface { f: func(); }",
    "the interface `x` written inside a world is not supported yet: define it in a package and name it here",
  ),
  inWorld("^export x: i;", "the label `x` is not supported yet: write `export a:b/i@0.1.0;`"),
  inWorld("type ^t = u8;", "the world defines the type `t` itself, which is not supported yet: define it in an interface and `use` it"),
  inWorld("import i; ^import i;", "`a:b/i@0.1.0` is imported twice: remove one of the two"),
  // Attributes.
  invalid(
    "\n/// ^@deadlin 5ms\nf: func();",
    "`@deadlin` is not an attribute: known are `@deadline 5ms`, `@idempotent`, `@reentrant`; begin a sentence with another character",
  ),
  invalid(
    "\n/// Text.\n///   ^@deadline soon\nf: func();",
    "`soon` is not a duration: write a whole number and a unit: `@deadline 500us`, `5ms` or `2s`",
  ),
  invalid("\n/// ^@deadline 0ms\nf: func();", "`0ms` is not a duration: write a whole number and a unit"),
  invalid("\n/// ^@deadline 2h\nf: func();", "`2h` is not a duration"),
  invalid("\n/// ^@deadline 3601s\nf: func();", "a deadline of 3601s is longer than an hour"),
  invalid("\n/// ^@idempotent always\nf: func();", "`@idempotent` takes no argument: write the rest into a line of its own"),
  invalid("\n/// @idempotent\n/// ^@idempotent\nf: func();", "`@idempotent` stands here twice: keep one"),
  invalid("\n/** Text.\n  * ^@slow\n */ f: func();", "`@slow` is not an attribute"),
  invalid(
    "\n/// ^@reentrant\nenum e { a }",
    "`@reentrant` stands before a type: attributes belong to functions; begin a sentence with another character",
  ),
  invalid("enum e {\n/// ^@reentrant\na }", "`@reentrant` stands before a part of a type"),
];

function failure(text: string): SumacError {
  try {
    resolveWorld([parseWit(text, "t.wit")], "w");
  } catch (error) {
    if (error instanceof SumacError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

/** Where the mark stands, and the text without it. */
function unmark(marked: string): { readonly text: string; readonly place: string } {
  const before = marked.slice(0, marked.indexOf("^"));
  const line = before.split("\n").length;
  return { text: marked.replace("^", ""), place: `t.wit:${line}:${before.length - before.lastIndexOf("\n")}` };
}

test("resolveWorld refuses with code, file, line, column, rule and remedy", () => {
  assert.ok(rejections.length >= 60);
  for (const [marked, code, problem] of rejections) {
    const { text, place } = unmark(marked);
    const { code: found, message } = failure(text);
    assert.is(found, code, `${message} in ${marked}`);
    assert.ok(message.startsWith(`${place}: ${problem}`), `${place}: ${problem}\n  is not the beginning of\n${message}`);
    assert.ok(message.length > place.length + 2 + problem.length || problem.includes(": "), `no remedy: ${message}`);
    assert.not.match(message, /\n/);
  }
});

test("problemsOf lists every problem once, in source order", () => {
  const text =
    "package a:b@0.1.0;\ninterface i {\n  f: func(a: string, b: nope) -> nope;\n  g: func(a: list<u8>);\n  g: func();\n}\nworld w { import x; }\n";
  const places = problemsOf([parseWit(text, "t.wit")]).map(({ message }) => message.split(": ")[0]);
  assert.equal(places, ["t.wit:3:14", "t.wit:3:25", "t.wit:3:34", "t.wit:4:14", "t.wit:5:3", "t.wit:7:18"]);
});

test("problemsOf accepts what is well, whatever the order of files", () => {
  const types = parseWit("package c:d@1.0.0; interface types { resource r { constructor(a: u8); } }", "types.wit");
  const user = parseWit("package a:b; world w { export i; } interface i { use c:d/types@1.0.0.{r}; f: func(a: r); }", "user.wit");
  assert.equal(problemsOf([user, types]), []);
  assert.equal(problemsOf([types, user]), []);
});

test("resolveWorld wants a world of the name, and only one", () => {
  const a = parseWit("package a:b; world w {}", "a.wit");
  const c = parseWit("package c:d@1.0.0; world w {}", "c.wit");
  assert.throws(() => resolveWorld([a], "v"), /a\.wit:1:1: there is no world `v`: /);
  assert.throws(() => resolveWorld([a, c], "w"), /several worlds are called `w`: write one of a:b\/w, c:d\/w@1\.0\.0/);
  assert.is(resolveWorld([a, c], "c:d/w@1.0.0").packageId, "c:d@1.0.0");
});

test("readWorldSection refuses a section without exactly one world, and one beyond its limit", () => {
  assert.throws(() => readWorldSection("package a:b;"), /sumac:world:1:1: the section holds 0 worlds/);
  assert.throws(() => readWorldSection("package a:b; world v {} world w {}"), /the section holds 2 worlds/);
  assert.throws(() => readWorldSection(" ".repeat(300_000)), /the section has more than 262144 characters/);
});

test.run();
