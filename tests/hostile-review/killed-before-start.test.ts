/** Threads that are killed before they have begun, by a domain that does something else with them at once: others' threads go on. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("killed before they start");

const WIT = `package test:early@1.0.0;
interface work { start: func(n: u32) -> u32; ended: func() -> u32; harm: func(how: u32) -> u32; }
world works { export work; }
`;
const WORK = "test:early/work@1.0.0";

const module = compileAs(
  WIT,
  "works",
  `import * as threads from "sumac/thread";
   import { Thread } from "sumac/thread";
   import * as kernel from "sumac/thread-imports";
   let done: u32 = 0;
   function counts(_: u32): i32 { threads.giveWay(); done++; return 0; }
   export namespace work {
     export function start(n: u32): u32 { for (let i: u32 = 0; i < n; i++) threads.create<u32>(counts, i); return n; }
     export function ended(): u32 { return done; }
     export function harm(how: u32): u32 {
       const one = threads.create<u32>(counts, 0);
       if (one === null) return 0;
       threads.kill(one);
       assert(how != 0);
       if (how == 1) { kernel.setPriority(1, 5); kernel.setPriority(1, 4); }
       return 1;
     }
   }`,
);

for (const [how, what] of ["it dies", "it gives it another priority"].entries()) {
  test(`a domain kills a thread that has not begun, and ${what}: the threads of another domain run`, async () => {
    const t = await testSystem();
    for (const name of ["victim", "evil"]) await addAs(t, { name, module: await module, limits: { threads: 10 } });
    assert.is(run(t, "victim", WORK, "start", 5), "ok 5");
    run(t, "evil", WORK, "harm", how);
    for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.is(run(t, "victim", WORK, "ended"), "ok 5");
    assert.is(t.system.kernel.threads.hasReady, false);
    await t.end();
  });
}

test.run();
