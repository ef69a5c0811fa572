/** Which interfaces may have a generated shadow, and what is said about those that may not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SumacError } from "../../host/errors.ts";
import { parseWit } from "../../host/idl/idl.ts";
import { makeShadow, type ShadowSource } from "../../host/idl/shadow.ts";

const test = suite("shadows of interfaces");

const KERNEL = `package sumac:kernel@0.1.0;
interface supervisor { enum error { give-up } /// @idempotent
  restart: func() -> result<_, error>; }`;

function shadowOf(body: string, id = "a:b/i@0.1.0"): ShadowSource {
  return makeShadow([parseWit(`package a:b@0.1.0;\n${body}`, "b.wit"), parseWit(KERNEL, "kernel.wit")], id);
}

const THING = "resource thing { constructor(a: list<u8, 8>); }";
const REFUSED: readonly (readonly [what: string, body: string, message: RegExp])[] = [
  [
    "a function that is not idempotent",
    "interface i {\n  /// @idempotent\n  f: func();\n  g: func();\n}",
    /^b\.wit:5:3: `g` is not `@idempotent`, so a shadow may not repeat it: mark it `@idempotent` if calling twice is the same as once, else write the shadow by hand$/,
  ],
  [
    "an object that moves and is not said to be filled",
    `interface i { ${THING}\n/// @idempotent\nf: func(t: thing);\n}`,
    /^b\.wit:4:1: `t` of `f` moves to the callee and is lost with it: write `@fills t` if what the object held before does not matter, lend it \(`borrow`\), or /,
  ],
  [
    "one of two such objects",
    `interface i { ${THING}\n/// @idempotent\n/// @fills s\nf: func(s: thing, t: thing);\n}`,
    /^b\.wit:5:1: `t` of `f` moves/,
  ],
  [
    "an object inside a value",
    `interface i { ${THING} record pair { t: option<thing> }\n/// @idempotent\nf: func(p: pair);\n}`,
    /^b\.wit:4:1: `p` of `f` holds an object that moves to the callee and is lost with it: move it on its own, or /,
  ],
  [
    "an object whose length its creator chose",
    "interface i { resource text { constructor(bytes: list<u8>); }\n/// @idempotent\n/// @fills t\nf: func(t: text);\n}",
    /^b\.wit:5:1: `t` of `f` is as long as its creator chose, so no fresh one is like it: give `text` a fixed length, or /,
  ],
  [
    "a capability of its own",
    "interface i {\n/// @idempotent\nf: func();\nresource door {\n/// @idempotent\nopen: func(); } }",
    /^b\.wit:2:11: `door` is a capability: its instances live in the domain that serves the interface and die with it: write the shadow by hand$/,
  ],
  [
    "an instance of another's capability",
    "interface doors { resource door { open: func(); } }\ninterface i { use doors.{door};\n/// @idempotent\nf: func(d: borrow<door>);\n}",
    /^b\.wit:5:1: `f` passes an instance of a capability, which a new generation does not know: /,
  ],
  ["no functions", "interface i { type t = u32; }", /^b\.wit:2:11: `a:b\/i@0\.1\.0` has no functions: name an interface that has some$/],
  ["broken WIT", "interface i { f: func(x: nothing); }", /^b\.wit:2:26: .*nothing/],
];

for (const [what, body, message] of REFUSED) {
  test(`makeShadow refuses ${what}`, () => {
    assert.throws(
      () => shadowOf(body),
      (error: SumacError) => {
        assert.is(error.code, "wit-invalid");
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("makeShadow names the interfaces that there are, and makes none of the supervisor itself", () => {
  assert.throws(
    () => shadowOf("interface i { f: func(); }", "a:b/j@0.1.0"),
    /there is no interface `a:b\/j@0\.1\.0`: name one of a:b\/i@0\.1\.0, sumac:kernel/,
  );
  assert.throws(
    () => shadowOf("interface i { f: func(); }", "sumac:kernel/supervisor@0.1.0"),
    /^kernel\.wit:2:11: a shadow restarts others/,
  );
});

test("makeShadow: a world with the interface on both sides, and the supervisor; package without a version as well", () => {
  const { world } = shadowOf("interface i {\n/// @idempotent\nf: func(a: u32) -> u32;\n}");
  assert.equal([world.packageId, world.name], ["a:i-shadow@0.1.0", "shadow"]);
  assert.equal(
    world.imports.map(({ id }) => id),
    ["a:b/i@0.1.0", "sumac:kernel/supervisor@0.1.0"],
  );
  assert.equal(
    world.exports.map(({ id }) => id),
    ["a:b/i@0.1.0"],
  );
  const bare = makeShadow(
    [parseWit("package a:b; interface i {\n/// @idempotent\nf: func();\n}", "b.wit"), parseWit(KERNEL, "kernel.wit")],
    "a:b/i",
  );
  assert.is(bare.world.packageId, "a:i-shadow");
});

test("makeShadow: a method with a filled object, as it is forwarded", () => {
  const body = `interface i { ${THING} enum error { no }
    /// @idempotent
    /// @fills into
    get: func(index: u64, into: thing) -> result<thing, error>;
    /// @idempotent
    tell: func(t: borrow<thing>); }`;
  const text = shadowOf(body).source.files.get("gen/shadow.ts") ?? "";
  assert.is(
    text.slice(text.indexOf("export function")),
    `export function get(index: u64, into: Thing): Outcome<Thing> {
  while (true) {
    const answer_ = driver_.get(index, into);
    if (lastStatus_() == Status_.OK) return answer_;
    const isLost_ = !objectsAreBack_();
    if (!revived_()) {
      if (!isLost_) {
        into.drop();
      }
      relay_();
      return answer_;
    }
    if (isLost_) {
      into = Thing.create();
    }
  }
}

export function tell(t: Thing): void {
  while (true) {
    driver_.tell(t);
    if (lastStatus_() == Status_.OK) return;
    if (!revived_()) {
      relay_();
      return;
    }
  }
}

/** After a call without an answer: whether there is somebody new to call. */
function revived_(): bool {
  return calleeDied_() && supervisor_.restart().isOk;
}
`
      .replace("get(index", "get_(index")
      .replace("driver_.get(", "driver_.get_("),
  );
});

test.run();
