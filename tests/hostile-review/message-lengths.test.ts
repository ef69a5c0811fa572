/** Types of fixed lengths that do not fit in the numbers of a message's program, and such that hold many values in few bytes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ATTACK, Values } from "../support/message-domains.ts";
import { calls, testSystem } from "../support/system.ts";

const test = suite("message lengths");

/** 65536 bytes less than 4 GiB, 4 GiB, and a list of such. */
const HUGE = ["list<list<u8, 65535>, 65536>", "list<list<u8, 65536>, 65536>", "list<list<list<u8, 65535>, 65536>>"];

for (const huge of HUGE) {
  test(`no message holds ${huge}, however long it says it is`, async () => {
    const t = await testSystem();
    const values = new Values([`tuple<${huge}, block>`, huge, `list<tuple<${huge}, bool>>`]);
    const echo = await t.add(values.echo("echo"));
    await t.add(
      values.sender(
        "evil",
        calls(echo),
        "(memory.fill (i32.const 0) (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const -1))",
      ),
    );
    for (let which = 0; which < values.types.length; which++) {
      assert.equal(t.system.export("evil", ATTACK).run?.(which, 100_000), { ok: true, value: 6000 }, values.types[which]);
    }
    await t.end();
  });
}

for (const type of ["list<bits>", "list<list<list<u8, 1>, 4096>, 2048>", "list<list<list<list<u8, 1>, 65536>, 65536>>"]) {
  test(`few bytes do not make millions of values: ${type}`, async () => {
    const t = await testSystem();
    const values = new Values([type]);
    const echo = await t.add(values.echo("echo"));
    const bytes = 8 << 20;
    const count = type === "list<bits>" ? 1 << 21 : 1;
    const evil = values.sender("evil", calls(echo), `(drop (memory.grow (i32.const 160))) (i32.store (i32.const 4) (i32.const ${count}))`);
    await t.add({ ...evil, limits: { memoryPages: 200 } });
    assert.equal(t.system.export("evil", ATTACK).run?.(0, bytes + 8), { ok: true, value: 6000 });
    await t.end();
  });
}

test.run();
