/** What tests of handles begin with: calls by name, and a scene with an exporter, a victim, a desk and a domain that means harm. */
import * as assert from "uvu/assert";
import { outcome } from "./domain.ts";
import { CALL, type ClientParts, COUNTERS, type CounterParts, client, counters, DESK, TICKETS, tickets } from "./handle-domains.ts";
import { calls, type TestSystem, testSystem } from "./system.ts";

/** Calls `call`, or another interface with one function `run`. */
export function run(t: TestSystem, name: string, n = 0, through: string = CALL): string {
  const { run: method } = t.system.export(name, through);
  assert.ok(method !== undefined);
  return outcome(method(n));
}

/** How many destructors of counters an exporter has run. */
export function destroyed(t: TestSystem, name: string): string {
  const { destroyed: method } = t.system.export(name, COUNTERS);
  assert.ok(method !== undefined);
  return outcome(method());
}

/** An exporter "served", a victim with a counter of its own, and a domain "evil" with this body; returns what `call` of evil gives. */
export async function scene(evil: ClientParts, parts: CounterParts = {}): Promise<TestSystem> {
  const t = await testSystem();
  const served = await t.add(counters("served", parts));
  const office = await t.add(tickets("office"));
  await t.add(
    client("victim", {
      imports: { [COUNTERS]: calls(served) },
      init: "(global.set $kept (call $new (i32.const 40)))",
      call: "(call $add (global.get $kept) (local.get $n))",
      quick: "(global.get $kept)",
    }),
  );
  const desk = await t.add(
    client("desk", {
      imports: { [COUNTERS]: undefined },
      desk: {
        // Keeps what it borrowed.
        use: "(global.set $kept (local.get $c)) (i32.const 1)",
      },
      call: "(drop (call $add (global.get $kept) (i32.const 1))) (call $status (i32.const 0))",
      quick: "(call $drop (global.get $kept)) (i32.const 1)",
    }),
  );
  await t.add(
    client("evil", { ...evil, imports: { [COUNTERS]: calls(served), [TICKETS]: calls(office), [DESK]: calls(desk), ...evil.imports } }),
  );
  return t;
}

/** Traps unless the last call was refused. */
export const REFUSED: string = "(if (i32.ne (call $status (i32.const 0)) (i32.const 6)) (then unreachable))";
