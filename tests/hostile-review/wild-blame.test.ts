/** A domain that makes the guard look up an entry of its own making: its death must not name another domain, nor words of the heap. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { GRANULES } from "../../shared-heap/layout.ts";
import { call, domain } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";

/**
 * An address so far beyond the heap that its granule word lies in the block `$p`. That word leads to an entry inside the block, whose owner
 * is `$n`, and whose object has no room.
 */
const FORGE = `(local $p i32) (local $wild i32)
  (local.set $p (call $new))
  (local.set $wild (i32.shl (i32.sub (local.get $p) (i32.const ${GRANULES})) (i32.const 4)))
  (call $store32 (local.get $p) (i32.add (local.get $p) (i32.const 64)))
  (call $store32 (i32.add (local.get $p) (i32.const 64)) (local.get $n))
  (call $store32 (i32.add (local.get $p) (i32.const 72)) (i32.const 31))`;

const ACCESSES: Readonly<Record<string, string>> = {
  load32: "(call $load32 (local.get $wild))",
  copyIn: "(call $copyIn (i32.const 0) (local.get $wild) (i32.const 64)) (i32.const 0)",
};

test("a wild address beyond the heap is told as that, whatever was forged for its look-up", async () => {
  for (const access of Object.values(ACCESSES)) {
    for (const owner of ["evil", "innocent"]) {
      const t = await testSystem();
      await t.add(domain("innocent"));
      await t.add(domain("evil", { guard: ["store32", "load32", "copyIn"], exports: { call: `${FORGE} ${access}` } }));
      const died = call(t, "evil", "call", t.system.seat(owner).current?.id ?? 0);
      assert.ok(!died.ok);
      if (!died.ok) assert.not.match(died.error.detail, /innocent|31 bytes|its own|belongs/);
      await t.end();
    }
  }
});

test.run();
