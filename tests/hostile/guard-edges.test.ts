/** Hostile domains that call the guard with addresses, lengths and types that no compiler would make. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { H_HEAP_BASE } from "../../shared-heap/layout.ts";
import { attempt, deaths, domain } from "../support/domain.ts";
import { type TestSystem, testSystem } from "../support/system.ts";
import { BLOCK_BYTES, NOTE_BYTES, SLAB_BYTES } from "../support/world.ts";

const test = suite("hostile guard edges");

/** Two granules, of which the last 28 bytes are padding. */
const NOTE_GRANULES_BYTES = 128;
const WIDTHS = [1, 2, 4, 8, 16] as const;

const LOADS: Readonly<Record<number, string>> = {
  1: "(call $load8 (local.get $n))",
  2: "(call $load16 (local.get $n))",
  4: "(call $load32 (local.get $n))",
  8: "(i32.wrap_i64 (i64.shr_u (call $load64 (local.get $n)) (i64.const 32)))",
  16: "(i32x4.extract_lane 3 (call $loadv128 (local.get $n)))",
};
const STORES: Readonly<Record<number, string>> = {
  1: "(call $store8 (local.get $n) (i32.const 0x77))",
  2: "(call $store16 (local.get $n) (i32.const 0x7777))",
  4: "(call $store32 (local.get $n) (i32.const 0x77777777))",
  8: "(call $store64 (local.get $n) (i64.const 0x7777777777777777))",
  16: "(call $storev128 (local.get $n) (v128.const i32x4 0x77777777 0x77777777 0x77777777 0x77777777))",
};
const SCALARS = ["load8", "load16", "load32", "load64", "loadv128", "store8", "store16", "store32", "store64", "storev128"];
/** What a load of this width gives where every byte is 0x11. */
const OWN_BYTES: Readonly<Record<number, number>> = { 1: 0x11, 2: 0x1111, 4: 0x11111111, 8: 0x11111111, 16: 0x11111111 };

/** Owns one note whose granules hold `byte` everywhere, padding included; `call` says where it lies. */
function owner(name: string, byte: number, access: string): Parameters<TestSystem["add"]>[0] {
  return domain(name, {
    guard: SCALARS,
    code: "(global $own (mut i32) (i32.const 0))",
    init: `(local $i i32) (global.set $own (call $newNote))
      (loop $next
        (call $store8 (i32.add (global.get $own) (local.get $i)) (i32.const ${byte}))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${NOTE_GRANULES_BYTES}))))`,
    exports: { call: "(global.get $own)", quick: access },
  });
}

/** An attacker's note, and the victim's behind it. */
async function neighbours(t: TestSystem, access: string, suffix = ""): Promise<{ evil: string; own: number; victim: number }> {
  const [evil, other] = [`evil${suffix}`, `victim${suffix}`];
  await t.add(owner(evil, 0x11, access));
  await t.add(owner(other, 0x5a, "(i32.const 0)"));
  const [own = 0, victim = 0] = [evil, other].map((name) => Number(attempt(t, name, "call", 0).slice(3)));
  return { evil, own, victim };
}

/** Tries every misaligned address whose access of this width would reach into the next granule, then that granule itself. */
async function acrossTheEdge(width: number, access: string, passed: string): Promise<void> {
  const t = await testSystem();
  const { evil, own, victim } = await neighbours(t, access);
  assert.is(victim, own + NOTE_GRANULES_BYTES, "the two lie side by side");
  for (let over = 1; over < width; over++) {
    assert.is(attempt(t, evil, "quick", own + NOTE_GRANULES_BYTES - width + over), passed, `${over} over`);
    victimIsUntouched(t, victim);
  }
  assert.is(attempt(t, evil, "quick", victim), "trap evil#1");
  victimIsUntouched(t, victim);
  await t.end();

  const strict = await testSystem({ heapMegabytes: 32, debugGuard: true });
  for (let over = 1; over < width; over++) {
    const two = await neighbours(strict, access, String(over));
    assert.is(attempt(strict, two.evil, "quick", two.own + NOTE_GRANULES_BYTES - width + over), `trap ${two.evil}#1`);
    victimIsUntouched(strict, two.victim);
  }
  await strict.end();
}

function victimIsUntouched(t: TestSystem, victim: number): void {
  const bytes = t.system.kernel.heap.u8.slice(victim, victim + NOTE_GRANULES_BYTES);
  assert.ok(
    bytes.every((byte) => byte === 0x5a),
    "a byte of the victim changed",
  );
}

test("loads over the edge into a foreign granule, of every width, read one's own bytes, or trap with the debug guard", async () => {
  for (const width of WIDTHS) await acrossTheEdge(width, LOADS[width] ?? "", `ok ${OWN_BYTES[width]}`);
});

test("stores over the edge into a foreign granule, of every width, stay in one's own, or trap with the debug guard", async () => {
  for (const width of WIDTHS) await acrossTheEdge(width, `${STORES[width]} (i32.const 0)`, "ok 0");
});

const BULK = ["copyIn", "copyOut", "copyShared", "fill", "store32"];
/** Ranges that do not lie in one object or not in the domain's memory; `$n` is a block, `$m` a second, memory has one page. */
const BAD_RANGES: Readonly<Record<string, string>> = {
  "copyIn one byte too long": `(call $copyIn (i32.const 0) (local.get $n) (i32.const ${BLOCK_BYTES + 1}))`,
  "copyIn that wraps to its start": "(call $copyIn (i32.const 0) (i32.add (local.get $n) (i32.const 16)) (i32.const -16))",
  "copyIn of everything": "(call $copyIn (i32.const 0) (local.get $n) (i32.const -1))",
  "copyIn that wraps to the object": "(call $copyIn (i32.const 0) (i32.const -64) (i32.add (local.get $n) (i32.const 128)))",
  "copyIn from before the object": `(call $copyIn (i32.const 0) (i32.sub (local.get $n) (i32.const 1)) (i32.const ${BLOCK_BYTES}))`,
  "copyIn beyond its own memory": "(call $copyIn (i32.const 65472) (local.get $n) (i32.const 128))",
  "copyIn to a wrapping place": "(call $copyIn (i32.const -64) (local.get $n) (i32.const 128))",
  "copyOut one byte too long": `(call $copyOut (local.get $n) (i32.const 1024) (i32.const ${BLOCK_BYTES + 1}))`,
  "copyOut that wraps to its start": "(call $copyOut (i32.add (local.get $n) (i32.const 16)) (i32.const 1024) (i32.const -16))",
  "copyOut from beyond its own memory": "(call $copyOut (local.get $n) (i32.const 65472) (i32.const 128))",
  "copyOut from a wrapping place": "(call $copyOut (local.get $n) (i32.const -64) (i32.const 128))",
  "copyShared one byte too long to": `(call $copyShared (i32.add (local.get $n) (i32.const 1)) (local.get $m) (i32.const ${BLOCK_BYTES}))`,
  "copyShared one byte too long from": `(call $copyShared (local.get $n) (i32.add (local.get $m) (i32.const 1)) (i32.const ${BLOCK_BYTES}))`,
  "copyShared that wraps": "(call $copyShared (i32.add (local.get $n) (i32.const 64)) (local.get $m) (i32.const -64))",
  "fill one byte too long": `(call $fill (local.get $n) (i32.const 255) (i32.const ${BLOCK_BYTES + 1}))`,
  "fill that wraps to its start": "(call $fill (i32.add (local.get $n) (i32.const 64)) (i32.const 255) (i32.const -64))",
  "fill of everything": "(call $fill (local.get $n) (i32.const 255) (i32.const -1))",
};

/** Freed objects keep their bytes until they are given out again: what a dead attacker wrote would still be there. */
function nothingWasWritten(t: TestSystem, name: string): void {
  const { heap } = t.system.kernel;
  const heapBase = heap.u32[H_HEAP_BASE >> 2] ?? 0;
  assert.ok(
    heap.u8.subarray(heapBase, heapBase + (1 << 20)).every((byte) => byte === 0),
    `${name}: something was written`,
  );
}

test("bulk ranges beyond an object or a memory, also with wrapped lengths: a trap before the first byte moves", async () => {
  const t = await testSystem();
  for (const [name, body] of Object.entries(BAD_RANGES)) {
    await t.add(
      domain(name, {
        guard: BULK,
        code: '(memory 1) (data (i32.const 1024) "\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\ff")',
        exports: {
          call: "(call $drop (local.tee $n (call $new))) (local.get $n)",
          quick: `(local $m i32) (local.set $m (call $new)) (local.set $n (call $new)) ${body} (i32.const 0)`,
        },
      }),
    );
    assert.is(attempt(t, name, "quick", 0), `trap ${name}#1`);
    nothingWasWritten(t, name);
  }
  await t.end();
});

test("a length of zero touches nothing, wherever it points", async () => {
  const t = await testSystem();
  const zero = ["copyIn", "copyOut", "copyShared", "fill"].map((name) => `(call $${name} (i32.const -1) (i32.const -1) (i32.const 0))`);
  await t.add(domain("evil", { guard: BULK, exports: { call: `${zero.join(" ")} (i32.const 3)` } }));
  assert.is(attempt(t, "evil", "call", 0), "ok 3");
  await t.end();
});

test("ranges longer than a chunk are checked as a whole, too", async () => {
  const t = await testSystem();
  const over = SLAB_BYTES + 1;
  const cases = {
    copyIn: `(call $copyIn (i32.const 0) (local.get $n) (i32.const ${over}))`,
    copyOut: `(call $copyOut (local.get $n) (i32.const 0) (i32.const ${over}))`,
    fill: `(call $fill (local.get $n) (i32.const 1) (i32.const ${over}))`,
    copyShared: `(call $copyShared (local.get $n) (call $newSlab) (i32.const ${over}))`,
  };
  for (const [name, body] of Object.entries(cases)) {
    const code = `(memory 4) (data (i32.const 0) "\\01\\01\\01\\01")`;
    await t.add(domain(name, { guard: BULK, code, exports: { call: `(local.set $n (call $newSlab)) ${body} (i32.const 0)` } }));
    assert.is(attempt(t, name, "call", 0), `trap ${name}#1`);
    nothingWasWritten(t, name);
  }
  await t.end();
});

/** Words of the shared memory that decide over rights, and places where nothing is. */
const CONTROL_WORDS: Readonly<Record<string, number>> = {
  "the null entry": 0,
  "the header": 64,
  "the interrupt word": 0x1000,
  "the frames": 0x10000,
  "the kernel's record": 0x100000,
  "the own status words": 0x100000 + 128 + 24,
  "the own quota": 0x100000 + 128 + 16,
  "the reader table": 0x300010,
  "the granule table": 0x400000,
  "the object table": 0x600000,
  "free heap": 32 * 2 ** 20 - 4096,
  "the end of the heap": 32 * 2 ** 20,
  "the last address": 2 ** 32 - 16,
};

test("tables, control words and free space: no address of them can be read or written", async () => {
  const t = await testSystem();
  for (const [name, address] of Object.entries(CONTROL_WORDS)) {
    for (const body of [...Object.values(LOADS), ...Object.values(STORES).map((store) => `${store} (i32.const 0)`)]) {
      const seat = `${name} by ${/\$(\w+)/.exec(body)?.[1]} ${body.length}`;
      await t.add(domain(seat, { guard: SCALARS, exports: { call: body } }));
      assert.is(attempt(t, seat, "call", address), `trap ${seat}#1`);
    }
  }
  await t.end();
});

test("an entry forged in one's own object, reached by an address beyond the heap, gives no right", async () => {
  // The granule word of such an address lies inside an object: it can be made to name a forged entry with the own id.
  const t = await testSystem();
  const bodies = [
    ...Object.values(LOADS),
    ...Object.values(STORES).map((store) => `${store} (i32.const 0)`),
    "(call $copyIn (i32.const 0) (local.get $n) (i32.const 16)) (i32.load (i32.const 0))",
    "(call $fill (local.get $n) (i32.const 1) (i32.const 16)) (i32.const 0)",
    "(call $copyOut (local.get $n) (i32.const 0) (i32.const 16)) (i32.const 0)",
    "(call $copyShared (local.get $own) (local.get $n) (i32.const 16)) (i32.const 0)",
    "(call $sizeOf (local.get $n))",
    "(call $typeOf (local.get $n))",
  ];
  for (const [i, body] of bodies.entries()) {
    const seat = await t.add(
      domain(`evil ${i}`, {
        guard: [...SCALARS, "copyIn", "copyOut", "copyShared", "fill", "sizeOf", "typeOf"],
        exports: {
          // $n is the own id. The object: word 0 = address of the forged entry (at +64): owner, base, size, type, readers.
          call: `(local $own i32) (local.set $own (call $new))
            (call $store32 (local.get $own) (i32.add (local.get $own) (i32.const 64)))
            (call $store32 (i32.add (local.get $own) (i32.const 64)) (local.get $n))
            (call $store32 (i32.add (local.get $own) (i32.const 68)) (i32.const 0))
            (call $store32 (i32.add (local.get $own) (i32.const 72)) (i32.const -1))
            (local.set $n (i32.shl (i32.sub (local.get $own) (i32.const 0x400000)) (i32.const 4)))
            (if (i32.lt_u (local.get $n) (i32.const ${32 * 2 ** 20})) (then (return (i32.const 99))))
            ${body}`,
        },
      }),
    );
    assert.is(attempt(t, `evil ${i}`, "call", seat.current?.id ?? 0), `trap evil ${i}#1`);
  }
  await t.end();
});

/** The guard as a table entry; 0 load32, 1 store32, 2 copyIn, 3 a null. */
const TABLE = `(type $load (func (param i32) (result i32))) (type $bulk (func (param i32 i32 i32))) (type $wide (func (param i32) (result i64)))
  (table 4 funcref) (elem (i32.const 0) $load32 $store32 $copyIn)`;
const INDIRECT: Readonly<Record<string, string>> = {
  "a foreign address": "(call_indirect (type $load) (i32.const 0x400000) (i32.const 0))",
  "a result that it does not have": "(i32.wrap_i64 (call_indirect (type $wide) (local.get $n) (i32.const 0)))",
  "parameters that it does not have": "(call_indirect (type $load) (local.get $n) (i32.const 1))",
  "a scalar as a bulk copy": "(call_indirect (type $bulk) (i32.const 0) (local.get $n) (i32.const 16) (i32.const 1)) (i32.const 0)",
  "a bulk copy too long": "(call_indirect (type $bulk) (i32.const 0) (local.get $n) (i32.const -1) (i32.const 2)) (i32.const 0)",
  "a null": "(call_indirect (type $load) (local.get $n) (i32.const 3))",
  "no entry": "(call_indirect (type $load) (local.get $n) (i32.const 4))",
  "a negative index": "(call_indirect (type $load) (local.get $n) (i32.const -1))",
};

test("a guard function called by table keeps its checks, and a wrong type is a trap", async () => {
  const t = await testSystem();
  for (const [name, body] of Object.entries(INDIRECT)) {
    await t.add(
      domain(name, { guard: ["load32", "store32", "copyIn"], code: TABLE, exports: { call: `(local.set $n (call $new)) ${body}` } }),
    );
    assert.is(attempt(t, name, "call", 0), `trap ${name}#1`);
  }
  const fine =
    "(local.set $n (call $new)) (call $store32 (local.get $n) (i32.const 8)) (call_indirect (type $load) (local.get $n) (i32.const 0)) (call $drop (local.get $n))";
  await t.add(domain("honest", { guard: ["load32", "store32", "copyIn"], code: TABLE, exports: { call: fine } }));
  assert.is(attempt(t, "honest", "call", 0), "ok 8");
  await t.end();
});

test("status, result and setResult know no index beyond their words", async () => {
  const t = await testSystem();
  for (const [i, [name, limit]] of (
    [
      ["status", 4],
      ["result", 16],
      ["setResult", 16],
    ] as const
  ).entries()) {
    for (const index of [limit, -1, 0x7fffffff, 0x40000000]) {
      const seat = `${name} ${index}`;
      const use = i < 2 ? `(call $${name} (i32.const ${index}))` : `(call $${name} (i32.const ${index}) (i32.const 1)) (i32.const 0)`;
      await t.add(domain(seat, { guard: [name], exports: { call: use } }));
      assert.is(attempt(t, seat, "call", 0), `trap ${seat}#1`);
    }
  }
  assert.is(deaths(t).length, 12);
  await t.end();
});

test("objects are zero when a domain first sees them, whatever the last owner left in them and behind them", async () => {
  const t = await testSystem();
  const kinds = [
    ["", BLOCK_BYTES],
    ["Note", NOTE_GRANULES_BYTES],
    ["Slab", SLAB_BYTES],
  ] as const;
  for (const [suffix, bytes] of kinds) {
    const each = (body: string): string => `(local $o i32) (local.set $o (call $new${suffix}))
      (loop $next ${body} (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${bytes}))))
      (call $drop${suffix} (local.get $o))`;
    const at = "(i32.add (local.get $o) (local.get $n))";
    await t.add(
      domain(`dirty${suffix}`, { guard: ["store8"], exports: { call: `${each(`(call $store8 ${at} (i32.const 255))`)} (i32.const 0)` } }),
    );
    const sum = `(global.set $sum (i32.add (global.get $sum) (call $load8 ${at})))`;
    const code = "(global $sum (mut i32) (i32.const 0))";
    await t.add(domain(`reader${suffix}`, { guard: ["load8"], code, exports: { call: `${each(sum)} (global.get $sum)` } }));
    for (let i = 0; i < 3; i++) {
      assert.is(attempt(t, `dirty${suffix}`, "call", 0), "ok 0");
      assert.is(attempt(t, `reader${suffix}`, "call", 0), "ok 0");
    }
  }
  assert.ok(NOTE_BYTES < NOTE_GRANULES_BYTES);
  await t.end();
});

test.run();
