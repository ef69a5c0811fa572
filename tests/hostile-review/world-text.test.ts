/**
 * World sections made to keep the reader busy or to fill its memory: each must end in a `SumacError`, soon.
 * None of them is long; what they have in common is that a short text asks for work that multiplies.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SumacError } from "../../host/errors.ts";
import { readWorldSection } from "../../host/idl/idl.ts";

/** Generous for a loaded machine; each took minutes, gigabytes or the whole stack before it was bounded. */
const MOST_MS = 3000;

function list(count: number, item: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join(" ");
}

function world(items: string, rest = ""): string {
  return `package a:b@0.1.0; world w { ${items} } ${rest}`;
}

const HOSTILE: Readonly<Record<string, string>> = {
  "a name whose words fit two patterns": world(`import a${"-1".repeat(40)}-;`),
  "aliases that double": world("import i;", `interface i { type t0 = u32; ${list(60, (i) => `type t${i + 1} = tuple<t${i}, t${i}>;`)} }`),
  "aliases that nest": world(
    list(9, (k) => `import i${k};`),
    list(9, (k) => {
      const first = k === 0 ? "type t0 = u32;" : `use i${k - 1}.{t${k * 900}};`;
      return `interface i${k} { ${first} ${list(900, (i) => `type t${k * 900 + i + 1} = option<t${k * 900 + i}>;`)} }`;
    }),
  ),
  "one alias, mentioned often": world(
    "import i;",
    `interface i { type t = tuple<${"u8,".repeat(255)}>; f: func(${list(12000, (i) => `p${i}: t,`)}); }`,
  ),
  "a chain of packages": world(
    "",
    list(7000, (i) => `package a:p${i + 1} { use a:p${i}/i; }`),
  ),
  "many unknown names beside many known ones": world(
    "",
    `interface i { ${list(990, (i) => `type ${"a".repeat(120)}${i} = u32;`)} } interface j { use i.{${list(15000, (i) => `b${i},`)}}; }`,
  ),
  "fields that each spell out a large enum": world(
    "import i;",
    `interface i { enum e { ${list(20000, (i) => `c${i},`)} } resource r { constructor(${list(9000, (i) => `a${i}: e,`)}); } }`,
  ),
  "a long id, mentioned often": world(
    "",
    `interface ${"i".repeat(100_000)} { enum t { a } record r { ${list(9000, (i) => `f${i}: t,`)} } }`,
  ),
  "many interfaces over the same types": world(
    list(900, (k) => `import i${k};`),
    `interface b { record r0 { a: u32 } ${list(899, (i) => `record r${i + 1} { a: r${i}, ${list(5, (k) => `bbbbbbbbbb${k}: u32,`)} }`)} }
     ${list(900, (k) => `interface i${k} { use b.{r899}; f: func(); }`)}`,
  ),
  "capabilities that each mention the next": world(
    list(5, (k) => `import i${k};`),
    list(5, (k) => {
      const last = k === 0 ? "" : `use i${k - 1}.{r${k * 900 - 1}};`;
      return `interface i${k} { ${last} ${list(900, (i) => {
        const at = k * 900 + i;
        return `resource r${at} { a: func(${at === 0 ? "" : `b: borrow<r${at - 1}>`}); }`;
      })} }`;
    }),
  ),
  "parameters that each spell out a large record": world(
    "import i;",
    `interface i { record r { ${list(990, (i) => `m${i}: bool,`)} } f: func(${list(12_000, (i) => `p${i}: r,`)}); }`,
  ),
  "functions that each spell out a large variant": world(
    "import i;",
    `interface i { variant v { ${list(20_000, (i) => `c${i},`)} } ${list(990, (i) => `g${i}: func(a: v);`)} }`,
  ),
};

for (const [what, text] of Object.entries(HOSTILE)) {
  test(`refused within ${MOST_MS} ms: ${what}`, () => {
    const started = performance.now();
    let thrown: unknown;
    try {
      readWorldSection(text);
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, SumacError);
    assert.ok(performance.now() - started < MOST_MS, `took ${performance.now() - started} ms`);
  });
}

test("a world that is included twice at each of many levels is read at once", () => {
  const levels = list(60, (i) => `world w${i + 1} { include w${i}; include w${i}; }`);
  const text = world("", `package c:d { interface i { type t = u32; } world w0 { use i.{t}; } ${levels} }`);
  const started = performance.now();
  assert.is(readWorldSection(text).name, "w");
  assert.ok(performance.now() - started < MOST_MS);
});

test("names of words that are digits are still names", () => {
  const { imports } = readWorldSection(world("import a-1-2b-3;", "interface a-1-2b-3 { f: func(); }"));
  assert.is(imports[0]?.id, "a:b/a-1-2b-3@0.1.0");
});

test.run();
