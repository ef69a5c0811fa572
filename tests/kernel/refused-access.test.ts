/** A domain that the guard stopped: its death says what it touched, and whose that was. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { Called } from "../../host/kernel/status.ts";
import { call, domain, type Parts } from "../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("refused accesses");

const KEEPER: Parts = {
  code: "(global $kept (mut i32) (i32.const 0))",
  exports: { take: "(global.set $kept (local.get $b))", look: "(i32.const 1)" },
};
const CALLER: Parts = { guard: ["load32", "store32", "copyIn", "copyOut"] };

/** What the death of a domain with this body says; `$n` is 0. */
async function death(t: TestSystem, body: string): Promise<string> {
  const imports = { take: calls(t.system.seat("keeper")) };
  await t.add(domain("evil", { ...CALLER, imports, exports: { call: `${body} (i32.const 0)` } }));
  const called = call(t, "evil", "call", 0);
  assert.not.ok(called.ok);
  return called.ok ? "" : `${called.error.cause}: ${called.error.detail}`.replace(/test:\S+ /, "").replace(/0x[0-9a-f]+/g, "ADDRESS");
}

const AT = "touched ADDRESS on the shared heap";
const FATES: Readonly<Record<string, readonly [body: string, detail: string]>> = {
  "use after move": [
    "(local.set $n (call $new)) (call $take (local.get $n)) (drop (call $load32 (local.get $n)))",
    `trap: ${AT}: that object belongs to keeper; it was moved away, never given, or its borrow has ended`,
  ],
  "use after free": [
    "(local.set $n (call $new)) (call $drop (local.get $n)) (call $store32 (local.get $n) (i32.const 1))",
    `trap: ${AT}: no object is there; it was freed, or never was one`,
  ],
  "a null reference": ["(drop (call $load32 (local.get $n)))", `trap: ${AT}: no object is there; it was freed, or never was one`],
  "a copy beyond an object's end": [
    "(call $copyIn (i32.const 0) (i32.add (call $new) (i32.const 64)) (i32.const 4096))",
    "trap: touched a range from ADDRESS on the shared heap that leaves its object of 4096 bytes",
  ],
  "a trap of its own": ["unreachable", "trap: unreachable"],
};

for (const [name, [body, detail]] of Object.entries(FATES)) {
  test(`death by ${name} says so`, async () => {
    const t = await testSystem();
    await t.add(domain("keeper", KEEPER));
    assert.is(await death(t, body), detail);
    await t.end();
  });
}

test("death by a write to what is lent says so: to the borrower whose it is, to the owner that it lends", async () => {
  const t = await testSystem();
  let write: (() => Called<HostValue>) | undefined;
  const back = { kind: "host", bind: () => ({ run: () => (write?.().ok === true ? 1 : 0) }), rank: () => 2 } as const;
  const evil = await t.add(
    domain("evil", { guard: ["store32"], exports: { look: "(call $store32 (local.get $b) (i32.const 1)) (i32.const 0)" } }),
  );
  const caller = await t.add(domain("caller", { imports: { call: back }, exports: { look: "(call $call (i32.const 0))" } }));
  for (const [name, look] of [
    ["lender", evil],
    ["owner", caller],
  ] as const) {
    await t.add(
      domain(name, {
        imports: { look: calls(look) },
        guard: ["store32"],
        code: "(global $own (mut i32) (i32.const 0))",
        exports: {
          call: "(global.set $own (call $new)) (drop (call $look (global.get $own))) (i32.const 0)",
          circle: "(call $store32 (global.get $own) (i32.const 6)) (i32.const 0)",
        },
      }),
    );
  }
  write = () => call(t, "owner", "circle", 0);
  call(t, "lender", "call", 0);
  call(t, "owner", "call", 0);
  const details = t.events.flatMap((event) => (event.kind === "death" ? [`${event.death.domain}: ${event.death.detail}`] : []));
  assert.equal(
    details.map((detail) => detail.replace(/test:\S+ |0x[0-9a-f]+ on the shared heap: /g, "")),
    [
      "evil: touched that object belongs to lender, lent: its borrowers may not write, others not even read",
      "owner: touched it is its own and lent, and nobody writes what is lent",
    ],
  );
  await t.end();
});

test.run();
