/** Hostile domains that send and return messages that are none of their types, or hold what they may not pass. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MESSAGE_TYPE } from "../../host/idl/message.ts";
import { heldInstances } from "../../host/kernel/host/host-calls.ts";
import { encoderOf } from "../../host/kernel/host/host-encode.ts";
import { withWriter } from "../../host/kernel/messages/message-writer.ts";
import { Cause, Refusal } from "../../host/kernel/status.ts";
import { KERNEL_ID } from "../../shared-heap/layout.ts";
import { deaths } from "../support/domain.ts";
import { ATTACK, ID, NAMES, Values } from "../support/message-domains.ts";
import { valueBytes } from "../support/message-oracle.ts";
import { randomNumbers, randomType, randomValue } from "../support/random-values.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("hostile messages");

const REFUSED: number = Cause.refused * 1000 + Refusal.argument;
const NO_ROOM: number = Cause.refused * 1000 + Refusal.calleeFull;
const BAD_RESULT: number = Cause.refused * 1000 + Refusal.result;

/** An attacker beside its victim, and a way to let it send bytes: they follow the empty string that every value begins with. */
async function attack(types: readonly string[], prepare = "", after = ""): Promise<Attack> {
  const t = await testSystem();
  const values = new Values(types);
  const echo = await t.add(values.echo("victim"));
  await t.add(values.sender("attacker", calls(echo), prepare, after));
  const { run } = t.system.export("attacker", ATTACK);
  return {
    t,
    values,
    send(which, bytes, length = 4 + bytes.length) {
      const memory = t.system.seat("attacker").current?.bytes;
      memory?.fill(0, 0, 4);
      memory?.set(bytes, 4);
      const called = run?.(which, length);
      assert.ok(called?.ok, JSON.stringify(called));
      return Number(called.value);
    },
    entered() {
      const called = t.system.export("victim", ID).entered?.();
      return Number(called?.ok === true ? called.value : -1);
    },
    async end() {
      assert.equal(deaths(t), []);
      assert.is(t.system.liveObjects(), 0, "the heap is at its baseline");
      await t.end();
    },
  };
}

interface Attack {
  readonly t: TestSystem;
  readonly values: Values;
  /** 1000 times the status, plus the detail. */
  send(which: number, bytes: readonly number[] | Uint8Array, length?: number): number;
  /** How often the victim was. */
  entered(): number;
  end(): Promise<void>;
}

/** Every way in which bytes are no UTF-8, and their neighbours which are. */
const TEXTS: readonly (readonly [bytes: readonly number[], isText: boolean])[] = [
  [[0x80], false],
  [[0xbf], false],
  [[0xc0, 0x80], false],
  [[0xc1, 0xbf], false],
  [[0xc2, 0x80], true],
  [[0xc2], false],
  [[0xc2, 0x41], false],
  [[0xdf, 0xbf], true],
  [[0xdf, 0xc0], false],
  [[0xe0, 0x9f, 0xbf], false],
  [[0xe0, 0xa0, 0x80], true],
  [[0xe0, 0xa0], false],
  [[0xe1, 0x80, 0x41], false],
  [[0xed, 0x9f, 0xbf], true],
  [[0xed, 0xa0, 0x80], false],
  [[0xed, 0xbf, 0xbf], false],
  [[0xee, 0x80, 0x80], true],
  [[0xef, 0xbf, 0xbf], true],
  [[0xf0, 0x8f, 0xbf, 0xbf], false],
  [[0xf0, 0x90, 0x80, 0x80], true],
  [[0xf0, 0x90, 0x80], false],
  [[0xf4, 0x8f, 0xbf, 0xbf], true],
  [[0xf4, 0x90, 0x80, 0x80], false],
  [[0xf5, 0x80, 0x80, 0x80], false],
  [[0xf8, 0x88, 0x80, 0x80, 0x80], false],
  [[0xfe], false],
  [[0xff], false],
];

test("a string that is no UTF-8 is refused at every place in a word, and its neighbour is not", async () => {
  const a = await attack(["string"]);
  let sent = 0;
  for (const [text, isText] of TEXTS) {
    for (const before of [0, 1, 2, 3, 4, 5, 7, 8, 13]) {
      for (const after of [0, 1, 4, 9]) {
        const bytes = [...Array<number>(before).fill(0x61), ...text, ...Array<number>(after).fill(0x62)];
        const got = a.send(0, [bytes.length, 0, 0, 0, ...bytes]);
        assert.is(got, isText ? 0 : REFUSED, `${text} after ${before}, before ${after}`);
        if (isText) sent++;
      }
    }
  }
  assert.is(a.entered(), sent);
  await a.end();
});

const u32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];

const BYTES: readonly (readonly [type: string, bytes: readonly number[], isValue: boolean])[] = [
  ["bool", [2], false],
  ["bool", [0xff], false],
  ["bool", [1], true],
  ["color", [3], false],
  ["color", [2], true],
  ["char", u32(0xd800), false],
  ["char", u32(0xdfff), false],
  ["char", u32(0xe000), true],
  ["char", u32(0x10ffff), true],
  ["char", u32(0x110000), false],
  ["char", u32(0xffffffff), false],
  ["rights", [0xff, 1], true],
  ["rights", [0, 2], false],
  ["option<u8>", [2, 0], false],
  ["option<u8>", [1], false],
  ["option<option<bool>>", [1, 1, 2], false],
  ["option<option<option<bool>>>", [1, 1, 9], false],
  ["result<u8, u8>", [2, 0], false],
  ["shape", [4], false],
  ["shape", [255], false],
  ["shape", [2, 3], false],
  ["list<u8>", u32(1), false],
  ["list<u8>", u32(0xffffffff), false],
  ["list<u8>", [...u32(0x80000000), 1, 2, 3], false],
  ["list<u64>", [...u32(0x20000000), 0, 0, 0, 0, 0, 0, 0, 0], false],
  ["list<u64>", [...u32(0x20000001), 0, 0, 0, 0, 0, 0, 0, 0], false],
  ["list<string>", u32(0xffffffff), false],
  ["list<string>", [...u32(0x40000000), 0, 0, 0, 0], false],
  ["list<bool>", [...u32(3), 1, 0], false],
  ["list<bool>", [...u32(3), 1, 0, 2], false],
  ["list<list<list<bool>>>", [...u32(1), ...u32(1), ...u32(0xffffffff)], false],
  ["string", u32(0xffffffff), false],
  ["string", u32(0x7fffffff), false],
  ["string", [...u32(4), 0x61, 0x62, 0x63], false],
  ["entry", [...u32(1), 0x61], false],
  ["list<bool, 4>", [1, 1, 1], false],
  ["list<bool, 4>", [1, 1, 1, 2], false],
];

test("lengths, counts, cases and numbers outside their types are refused before the callee is entered", async () => {
  const a = await attack(BYTES.map(([type]) => type));
  for (const [index, [type, bytes, isValue]] of BYTES.entries()) {
    const before = a.entered();
    assert.is(a.send(index, bytes), isValue ? 0 : REFUSED, `${type}: ${bytes}`);
    assert.is(a.entered(), before + (isValue ? 1 : 0), type);
  }
  await a.end();
});

test("every cut and every altered byte of a message is accepted exactly where it still is a value", async () => {
  const types = [
    ...NAMES,
    "list<string>",
    "list<entry>",
    ...Array.from({ length: 25 }, (_, seed) => randomType(randomNumbers(seed + 500), NAMES, 3)),
  ];
  const a = await attack(types);
  const random = randomNumbers(3);
  const none = heldInstances(a.t.system.kernel, []);
  let refused = 0;
  for (const [index, written] of types.entries()) {
    const type = a.values.typeOf(index);
    const encode = encoderOf(type, none);
    for (let round = 0; round < 4; round++) {
      const bytes = withWriter((writer) => {
        encode(writer, randomValue(random, type));
        return writer.bytes.slice();
      });
      assert.is(a.send(index, bytes), 0, `${written}: ${bytes}`);
      assert.is(a.send(index, [...bytes, 1, 2, 3]), 0, "what follows the value is ignored");
      const step = Math.max(1, Math.floor(bytes.length / 20));
      for (let length = 0; length < bytes.length; length += step)
        assert.is(a.send(index, bytes, 4 + length), REFUSED, `${written} cut at ${length}`);
      for (let i = 0; i < 30 && bytes.length > 0; i++) {
        const altered = bytes.slice();
        const at = Math.floor(random() * bytes.length);
        altered[at] = Math.floor(random() * 256);
        const isValue = valueBytes(type, altered) !== undefined;
        assert.is(a.send(index, altered), isValue ? 0 : REFUSED, `${written}: ${altered}`);
        if (!isValue) refused++;
      }
    }
  }
  assert.ok(refused > 100, `${refused} refused`);
  await a.end();
});

/** Each sends a `list<block>` or `list<borrow<block>>` of these bases, made by the code before. */
const OBJECTS: readonly (readonly [
  what: string,
  make: string,
  bases: readonly string[],
  expected: readonly [own: number, borrow: number],
  drop: string,
])[] = [
  ["its own", "(local.set $a (call $new)) (local.set $b (call $new))", ["$a", "$b"], [0, 0], "both"],
  ["one of another type", "(local.set $a (call $new)) (local.set $b (call $newOther))", ["$a", "$b"], [REFUSED, REFUSED], "other"],
  ["one twice", "(local.set $a (call $new)) (local.set $b (local.get $a))", ["$a", "$b"], [REFUSED, 0], "one"],
  ["nothing", "(local.set $a (call $new)) (local.set $b (i32.const 0))", ["$a", "$b"], [REFUSED, REFUSED], "one"],
  [
    "an address inside",
    "(local.set $a (call $new)) (local.set $b (i32.add (local.get $a) (i32.const 4)))",
    ["$a", "$b"],
    [REFUSED, REFUSED],
    "one",
  ],
  ["the heap's own tables", "(local.set $a (call $new)) (local.set $b (i32.const 4096))", ["$a", "$b"], [REFUSED, REFUSED], "one"],
  [
    "one that was dropped",
    "(local.set $a (call $new)) (local.set $b (call $new)) (call $drop (local.get $b))",
    ["$a", "$b"],
    [REFUSED, REFUSED],
    "one",
  ],
];

test("objects in a message: all are passed or none, and every one is still its owner's", async () => {
  for (const mode of ["own", "borrow"] as const) {
    for (const [what, make, bases, [own, borrow], drop] of OBJECTS) {
      const type = mode === "own" ? "list<block>" : "list<borrow<block>>";
      const isOwn = mode === "own";
      const expected = isOwn ? own : borrow;
      const prepare = `${make} (i32.store (i32.const 4) (i32.const 2))
        ${bases.map((base, i) => `(i32.store (i32.const ${8 + 4 * i}) (local.get ${base}))`).join(" ")}`;
      // Whatever was refused can still be written and dropped; what was moved is gone with its receiver.
      const still = expected !== 0 || !isOwn;
      const dropOne = "(call $store32 (local.get $a) (i32.const 1)) (call $drop (local.get $a))";
      const more = { both: "(call $drop (local.get $b))", other: "(call $dropOther (local.get $b))", one: "" }[drop] ?? "";
      const after = still ? `${dropOne} ${more}` : "";
      const t = await testSystem();
      const values = new Values([type]);
      const world = (items: string): string => values.world(items).replace("-> tuple<string, list<borrow<block>>>", "");
      const victim = await t.add({
        name: "victim",
        world: world(`export ${ID};`),
        wat: `(module (global $n (mut i32) (i32.const 0)) (func (export "${ID}#v0") (param i32) ${isOwn ? "(result i32)" : ""}
          (global.set $n (i32.add (global.get $n) (i32.const 1))) ${isOwn ? "(i32.const 0)" : ""})
          (func (export "${ID}#entered") (result i32) (global.get $n)))`,
      });
      const sender = values.sender("attacker", calls(victim), prepare, after);
      const wat = isOwn
        ? sender.wat
        : sender.wat
            .replace(/\(func \$v0 \(param i32\) \(result i32\)\)/, "(func $v0 (param i32))")
            .replace("(local.set $r (call $v0 (local.get $m)))", "(call $v0 (local.get $m))");
      await t.add({ ...sender, world: world(`import ${ID}; export ${ATTACK};`), wat });
      const called = t.system.export("attacker", ATTACK).run?.(0, 16);
      // The victim of the moves answers nothing, which is refused as a result.
      const wanted = expected === 0 && isOwn ? BAD_RESULT : expected;
      assert.equal(called, { ok: true, value: wanted }, `${mode}: ${what}`);
      assert.equal(t.system.export("victim", ID).entered?.(), { ok: true, value: expected === 0 ? 1 : 0 }, `${mode}: ${what}`);
      assert.equal(deaths(t), []);
      t.system.kill("victim");
      assert.is(t.system.liveObjects(), 0, `${mode}: ${what}`);
      await t.end();
    }
  }
});

test("a callee without room for the objects of a message gets none of them", async () => {
  const t = await testSystem();
  const values = new Values(["list<block>"]);
  const victim = await t.add({ ...values.echo("victim"), limits: { heapObjects: 3 } });
  const four = `(local.set $a (i32.const 0))
    (loop $l (i32.store (i32.add (i32.const 8) (i32.mul (local.get $a) (i32.const 4))) (call $new))
      (br_if $l (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 1))) (i32.const 4))))
    (i32.store (i32.const 4) (i32.const 4))`;
  const dropFour = `(local.set $a (i32.const 0))
    (loop $l (call $drop (i32.load (i32.add (i32.const 8) (i32.mul (local.get $a) (i32.const 4)))))
      (br_if $l (i32.lt_u (local.tee $a (i32.add (local.get $a) (i32.const 1))) (i32.const 4))))`;
  await t.add(values.sender("attacker", calls(victim), four, dropFour));
  assert.equal(t.system.export("attacker", ATTACK).run?.(0, 24), { ok: true, value: NO_ROOM });
  assert.equal(t.system.export("victim", ID).entered?.(), { ok: true, value: 0 });
  assert.equal(deaths(t), []);
  await t.end();
});

test("a base that is no message of the caller's: the call is refused, and the sender lives", async () => {
  for (const [what, message, expected, after] of [
    ["nothing", "(i32.const 0)", REFUSED, ""],
    ["an object of another type", "(call $new)", REFUSED, "(call $drop (local.get $a))"],
    [
      "an address inside",
      "(i32.add (local.tee $b (call $message-new (i32.const 100))) (i32.const 64))",
      REFUSED,
      "(call $message-drop (local.get $b))",
    ],
    ["the heap's tables", "(i32.const 1048576)", REFUSED, ""],
    ["another's message", "(i32.load (i32.const 1000))", REFUSED, ""],
  ] as const) {
    const t = await testSystem();
    const values = new Values(["string"]);
    const victim = await t.add(values.echo("victim"));
    const sender = values.sender("attacker", calls(victim), `(local.set $a ${message})`, after);
    const wat = sender.wat.replace("(call $v0 (local.get $m))", "(call $v0 (local.get $a))");
    const attacker = await t.add({ ...sender, wat });
    const { alloc, free } = t.system.kernel.heap.exports;
    const others = alloc(KERNEL_ID, MESSAGE_TYPE, 64);
    const memory = attacker.current?.bytes;
    memory?.set(u32(others), 1000);
    assert.equal(t.system.export("attacker", ATTACK).run?.(0, 8), { ok: true, value: expected }, what);
    free(others);
    assert.equal(t.system.export("victim", ID).entered?.(), { ok: true, value: 0 }, what);
    assert.equal(deaths(t), []);
    assert.is(t.system.liveObjects(), 0, what);
    await t.end();
  }
});

test("a callee that drops or writes the message that it was lent ends itself, and its caller gets the message back", async () => {
  for (const misuse of ["(call $message-drop (local.get $p))", "(call $store32 (local.get $p) (i32.const 1))"]) {
    const t = await testSystem();
    const values = new Values(["string"]);
    const liar = await t.add(values.liar("liar", misuse));
    await t.add(values.sender("sender", calls(liar)));
    assert.equal(t.system.export("sender", ATTACK).run?.(0, 8), { ok: true, value: Cause.trap * 1000 });
    assert.equal(deaths(t), ["trap liar#1"]);
    assert.is(t.system.liveObjects(), 0);
    await t.end();
  }
});

/** What a liar returns instead of a message that it owns and that holds a value. */
const ANSWERS: readonly (readonly [what: string, answer: string, left: number])[] = [
  ["nothing", "(i32.const 0)", 0],
  ["any number", "(i32.const 12345678)", 0],
  ["a negative number", "(i32.const -64)", 0],
  ["an object of another type", "(call $new)", 1],
  ["the message that it was lent", "(local.get $p)", 0],
  ["an address inside a message", "(i32.add (call $message-new (i32.const 100)) (i32.const 64))", 1],
];

test("a result that is no message of the callee's is refused, and nobody dies of it", async () => {
  for (const [what, answer, left] of ANSWERS) {
    const t = await testSystem();
    const values = new Values(["string"]);
    const liar = await t.add(values.liar("liar", `(return ${answer})`));
    await t.add(values.sender("caller", calls(liar)));
    assert.equal(t.system.export("caller", ATTACK).run?.(0, 8), { ok: true, value: BAD_RESULT }, what);
    const fromHost = t.system.export("liar", ID).v0?.(["", ""]);
    assert.ok(fromHost !== undefined && !fromHost.ok && fromHost.error.cause === "refused", what);
    assert.equal(deaths(t), []);
    assert.is(t.system.liveObjects(), 2 * left, what);
    await t.end();
  }
});

test("a returned message that holds no value of its type is dropped, and never reaches the caller", async () => {
  const t = await testSystem();
  const types = BYTES.map(([type]) => type);
  const values = new Values(types);
  const liar = await t.add(values.liar("liar"));
  await t.add(values.sender("caller", calls(liar)));
  const { run } = t.system.export("caller", ATTACK);
  const random = randomNumbers(11);
  const none = heldInstances(t.system.kernel, []);
  for (const [index, [type, bytes, isValue]] of BYTES.entries()) {
    const memory = t.system.seat("liar").current?.bytes;
    memory?.set([...u32(4 + bytes.length), 0, 0, 0, 0, ...bytes]);
    const right = withWriter((writer) => {
      encoderOf(values.typeOf(index), none)(writer, randomValue(random, values.typeOf(index)));
      return writer.bytes.slice();
    });
    t.system.seat("caller").current?.bytes.set([0, 0, 0, 0, ...right]);
    const called = run?.(index, 4 + right.length);
    const status = called?.ok === true ? Number(called.value) : -1;
    assert.is(isValue ? Math.floor(status / 1000) : status, isValue ? 0 : BAD_RESULT, `${type}: ${bytes}`);
    assert.is(t.system.liveObjects(), 0, type);
  }
  assert.equal(deaths(t), []);
  await t.end();
});

test("a result with an object that its sender does not own is refused, and what it owned stays with it", async () => {
  const t = await testSystem();
  const values = new Values(["list<block>"]);
  // Two objects, the second of another type.
  const make = `(i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 0)) (i32.store (i32.const 8) (i32.const 2))
    (i32.store (i32.const 12) (call $new)) (i32.store (i32.const 16) (call $newOther))`;
  const liar = await t.add(values.liar("liar", make));
  await t.add(values.sender("caller", calls(liar)));
  t.system.seat("caller").current?.bytes.fill(0, 0, 8);
  assert.equal(t.system.export("caller", ATTACK).run?.(0, 8), { ok: true, value: BAD_RESULT });
  assert.equal(deaths(t), []);
  assert.is(t.system.liveObjects(), 2, "both are the liar's");
  t.system.kill("liar");
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("objects in a message are the callee's when it dies, and borrowed ones their owner's", async () => {
  const t = await testSystem();
  const values = new Values(["list<block>"]);
  const mortal = await t.add(values.liar("mortal", "unreachable"));
  const two = "(i32.store (i32.const 4) (i32.const 2)) (i32.store (i32.const 8) (call $new)) (i32.store (i32.const 12) (call $new))";
  await t.add(values.sender("caller", calls(mortal), two));
  assert.equal(t.system.export("caller", ATTACK).run?.(0, 16), { ok: true, value: Cause.trap * 1000 });
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test.run();
