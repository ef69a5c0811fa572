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
/** Beside the type: another shared type, `s`, and a capability, `c`. */
const inShared = (fields: string, problem: string, others = ""): Rejection =>
  invalid(`resource r { constructor(${fields}); } resource s { constructor(n: u8); } resource c { m: func(); } ${others}`, problem);
/** Records p1, p2 … inside each other. */
const chain = (count: number): string =>
  `${Array.from({ length: count }, (_, n) => `record p${n} { x: ${n === 0 ? "u8" : n === 64 ? `^p${n - 1}` : `p${n - 1}`} }`).join(" ")} type t0 = p${count - 1};`;
/** Shared types r0, r1 … of which each holds the next, with enums of so many cases. */
const ring = (count: number, length: number, marked: number): string =>
  `enum e { ${cases(length)} } ${Array.from({ length: count }, (_, n) => `resource ${n === marked ? "^" : ""}r${n} { constructor(a: e, b: option<r${(n + 1) % count}>); }`).join(" ")}`;
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
  // Shared types: what a field may not be.
  inShared(
    "a: ^borrow<s>",
    "the field `a` is a borrow, which would outlive its call: keep the data itself, or pass the borrow as a parameter",
  ),
  inShared("a: ^option<borrow<s>>", "the field `a` holds borrows, which would outlive their call: keep the data itself"),
  inShared("a: ^list<borrow<s>>", "the field `a` holds borrows, which would outlive their call: keep the data itself"),
  inShared("a: ^list<borrow<s>, 2>", "the field `a` holds borrows, which would outlive their call: keep the data itself"),
  inShared("a: ^list<option<borrow<s>>, 2>", "the field `a` holds borrows, which would outlive their call: keep the data itself"),
  inShared("a: list<list<^borrow<s>, 2>, 2>", "the field `a` holds a borrow, which would outlive its call: keep the data itself"),
  inShared("a: ^s", "the field `a` is another object (`s`) that is always there: write `option<s>`: a child can be taken out"),
  inShared("a: ^own<s>", "the field `a` is another object (`s`) that is always there: write `option<s>`: a child can be taken out"),
  inShared("next: ^r", "the field `next` is another object (`r`) that is always there: write `option<r>`: a child can be taken out"),
  inShared("a: ^list<s, 4>", "the field `a` is a list of objects (`s`): write `list<option<s>, 8>`: children can be taken out"),
  inShared("a: ^list<s>", "the field `a` is a list of objects (`s`): write `list<option<s>, 8>`: children can be taken out"),
  inShared("a: ^list<option<s>>", "the field `a` is a list of objects (`s`): write `list<option<s>, 8>`: children can be taken out"),
  inShared("a: ^c", "the field `a` holds a capability (`c`): a shared type holds data and children; pass capabilities as parameters"),
  inShared("a: ^option<c>", "the field `a` holds a capability (`c`): a shared type holds data and children"),
  inShared("a: ^list<c, 2>", "the field `a` holds a capability (`c`): a shared type holds data and children"),
  inShared("a: ^list<option<c>, 2>", "the field `a` holds a capability (`c`): a shared type holds data and children"),
  inShared("a: ^option<u8>", "the field `a` is an `option` of `u8`: plain data is always there: put a `bool` beside it"),
  inShared("a: ^option<option<s>>", "the field `a` is an `option` of an `option`: plain data is always there: put a `bool` beside it"),
  inShared("a: ^list<option<u8>, 2>", "the field `a` is an `option` of `u8`: plain data is always there: put a `bool` beside it"),
  inShared(
    "a: list<list<^option<s>, 2>, 2>",
    "the field `a` holds the child `s` inside a record or list: children stand among the fields themselves",
  ),
  inShared(
    "a: tuple<u8, ^option<s>>",
    "the field `a` holds the child `s` inside a record or list: children stand among the fields themselves",
  ),
  inShared("a: tuple<u8, ^s>", "the field `a` holds another object (`s`): children stand among the fields themselves, as `option<t>`"),
  inShared("a: p", "the field `p.x` holds the child `s` inside a record or list: children", "record p { x: ^option<s> }"),
  inShared("a: p", "the field `p.x` holds a `string`, whose length is not known: write `list<u8, 64>`", "record p { x: ^string }"),
  inShared("a: ^string", "the field `a` holds a `string`, whose length is not known: write `list<u8, 64>`"),
  inShared("a: list<^string, 4>", "the field `a` holds a `string`, whose length is not known: write `list<u8, 64>`"),
  inShared("a: ^result<u8>", "the field `a` holds a `result`: use scalars, enums, flags, records, tuples, and lists of fixed length"),
  inShared(
    "a: ^v",
    "the field `a` holds the variant `v`: use scalars, enums, flags, records, tuples, and lists of fixed length",
    "variant v { x }",
  ),
  inShared("a: list<^map<u8, u8>>", "the field `a` holds a `map`: use scalars, enums, flags, records, tuples, and lists of fixed length"),
  inShared("a: ^list<u8>, b: u8", "the field `a` is a list of any length, and not the last field: put it at the end, or give it a length"),
  inShared("a: list<^list<u8>, 4>", "the field `a` holds a list of any length: give it a length: `list<u8, 4096>`"),
  inShared("a: list<^list<u8>>", "the field `a` holds a list of any length: give it a length: `list<u8, 4096>`"),
  // Shared types: how large one may be.
  inShared("a: ^list<u64, 2097153>", "the field `a` holds 16777224 bytes, over the limit of 16777216: use several objects"),
  inShared("a: ^list<list<u64, 2097152>, 2097152>", "the field `a` holds 35184372088832 bytes, over the limit of 16777216: use several"),
  inShared("a: u8, ^b: list<u64, 2097152>", "the layout of `r` ends at 16777224 bytes, over the limit of 16777216: use several objects"),
  inShared(
    "a: u64, ^b: list<option<s>, 4194303>",
    "the layout of `r` ends at 16777220 bytes, over the limit of 16777216: use several objects",
  ),
  inShared(
    "a: p23",
    "the field `p2.x` holds a type of more than 65536 characters, written out: use numbers for large enums",
    `record p0 { x: e, y: e } ${Array.from({ length: 23 }, (_, n) => `record p${n + 1} { x: ${n === 1 ? "^" : ""}p${n}, y: p${n} }`).join(" ")} enum e { ${cases(4000)} }`,
  ),
  inShared(
    "a: e, ^b: f",
    "the fields of `r`, written out, take more than 65536 characters: use numbers for large enums",
    `enum e { ${cases(6000)} } enum f { ${cases(6000)} }`,
  ),
  invalid(ring(60, 300, 0), "the types that `r0` may hold take too many characters, written out: share fewer types"),
  invalid(ring(100, 100, 90), "the shared types take too many characters, written out: share fewer types"),
  inShared("a: t0", "the field `p64.x` holds types inside each other more than 64 deep: flatten it", `${chain(70)}`),
  invalid("resource ^r { constructor(); }", "the shared type `r` has no field: give its constructor a parameter"),
  // Deques.
  invalid(
    "\n/// ^@deque\nresource r { constructor(a: u8); }",
    "`@deque` stands before `r`, which is none: a deque has one field: `list<option<t>, 32>`",
  ),
  invalid(
    "\n/// ^@deque\nresource r { constructor(b: u8, a: list<option<r>, 4>); }",
    "`@deque` stands before `r`, which is none: a deque has one field: `list<option<t>, 32>`",
  ),
  invalid("\n/// ^@deque 4\nresource r { constructor(a: list<option<r>, 4>); }", "`@deque` takes no argument: write the rest into a line"),
  invalid("\n/// @deque\n/// ^@deque\nresource r { constructor(a: list<option<r>, 4>); }", "`@deque` stands here twice: keep one"),
  invalid("\n/// ^@deque\nresource r { f: func(); }", "`@deque` stands before a type: attributes belong to functions"),
  invalid("\n/// ^@deque\nf: func();", "`@deque` is not an attribute"),
  // What cannot be a shared type and cannot cross.
  invalid("record ^p { a: list<p> }", "the type contains itself (p → p): break the circle"),
  invalid("f: func(a: ^map<string, u8>);", "a `map` is not supported: write a list of pairs: `list<tuple<key, value>>`"),
  invalid("f: func() -> ^stream<u8>;", "a `stream` is not supported: a call that would wait returns an error case"),
  invalid("f: func(a: list<^future<u8>>);", "a `future` is not supported: a call that would wait returns an error case"),
  invalid("f: func(a: ^list<u8, 65537>);", "a `list` has 65537 items, at most 65536 cross by copy: use a shared type"),
  invalid(
    `record p { ${Array.from({ length: 40 }, (_, n) => `a${n}: u8`).join(", ")} } type q = tuple<${Array(30).fill("p").join(", ")}>; f: func(a: ^q);`,
    "a `tuple` has more than 1000 parts, written out: pass some of it in a call of its own",
  ),
  invalid(`flags ^f { ${cases(33)} }`, "flags are at most 32, here are 33: split them into two types"),
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
    "`@deadlin` is not an attribute: known are `@deadline 5ms`, `@idempotent`, `@fills into`, `@reentrant`; begin a sentence with another character",
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
    "package a:b@0.1.0;\ninterface i {\n  f: func(a: error-context, b: nope) -> nope;\n  g: func(a: map<u8, u8>);\n  g: func();\n}\nworld w { import x; }\n";
  const places = problemsOf([parseWit(text, "t.wit")]).map(({ message }) => message.split(": ")[0]);
  assert.equal(places, ["t.wit:3:14", "t.wit:3:32", "t.wit:3:41", "t.wit:4:14", "t.wit:5:3", "t.wit:7:18"]);
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
