/** What an application's function promised to one domain in a thread's call, and others that call the same function in that thread meanwhile. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostFunctions } from "../../host/kernel/host/host-functions.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import type { Seat } from "../../host/kernel/seat.ts";
import { worldOf } from "../idl/compile-domain.ts";
import { addAs, compileAs, run } from "../support/as-domain.ts";
import { testSystem } from "../support/system.ts";

const test = suite("promises");

const WIT = `package test:promises@1.0.0;
interface vault { secret: func(n: u32) -> u32; }
interface trusted { fetch: func(n: u32) -> u32; }
interface helper { both: func(n: u32) -> u32; twice: func(n: u32) -> u32; }
interface work { start: func(what: u32) -> u32; outcome: func() -> s32; }
world keeps { import vault; export trusted; }
world helps { import vault; import trusted; export helper; }
world works { import helper; export work; }
`;
const [VAULT, TRUSTED, HELPER, WORK] = ["vault", "trusted", "helper", "work"].map((name) => `test:promises/${name}@1.0.0`) as [
  string,
  string,
  string,
  string,
];

const modules = Promise.all([
  compileAs(
    WIT,
    "keeps",
    `import { vault } from "./gen/vault"; import { lastStatus } from "sumac/rpc"; import { relay } from "sumac/kernel";
     export namespace trusted { export function fetch(n: u32): u32 { const got = vault.secret(1000 + n); if (lastStatus() != 0) relay(); return 1; } }`,
  ),
  compileAs(
    WIT,
    "helps",
    `import { vault } from "./gen/vault"; import { trusted } from "./gen/trusted"; import { lastStatus } from "sumac/rpc"; import { relay } from "sumac/kernel";
     let hasAsked = false;
     // Asks for one thing in the first call, and for another in the one that is made again.
     export namespace helper {
       export function both(n: u32): u32 {
         const own = hasAsked ? vault.secret(n) : trusted.fetch(n);
         hasAsked = true;
         if (lastStatus() != 0) relay();
         return own;
       }
       export function twice(n: u32): u32 {
         const own = vault.secret(hasAsked ? n + 1 : n);
         hasAsked = true;
         if (lastStatus() != 0) relay();
         return own;
       }
     }`,
  ),
  compileAs(
    WIT,
    "works",
    `import * as threads from "sumac/thread"; import { Thread } from "sumac/thread"; import { helper } from "./gen/helper"; import { lastStatus } from "sumac/rpc";
     let main: Thread | null = null;
     function entry(what: u32): i32 { const got = what == 0 ? helper.both(5) : helper.twice(5); return lastStatus() == 0 ? got : -<i32>lastStatus(); }
     export namespace work {
       export function start(what: u32): u32 { main = threads.create<u32>(entry, what); return main === null ? 0 : 1; }
       export function outcome(): i32 { const one = main; return one === null || !threads.hasEnded(one) ? i32.MIN_VALUE : one.wasKilled ? -99 : one.value; }
     }`,
  ),
]);

async function play(what: number): Promise<{ readonly outcome: string; readonly asked: readonly number[] }> {
  const t = await testSystem({ heapMegabytes: 32 });
  const [keeps, helps, works] = await modules;
  const owner = (await worldOf(WIT, "keeps")).imports.find(({ id }) => id === VAULT);
  if (owner === undefined) throw new Error("no such import");
  const asked: number[] = [];
  const vault = hostFunctions(t.system.kernel, owner, {
    secret: async (n: number) => {
      asked.push(n);
      await new Promise((resolve) => setTimeout(resolve, 2));
      return n * 10;
    },
  });
  const seatOf = (seat: Seat): Provider => ({ kind: "domain", seat });
  const kept = await addAs(t, { name: "keeps", module: keeps, grants: { [VAULT]: vault } });
  const helped = await addAs(t, { name: "helps", module: helps, grants: { [VAULT]: vault, [TRUSTED]: seatOf(kept) } });
  await addAs(t, { name: "works", module: works, grants: { [HELPER]: seatOf(helped) }, limits: { threads: 4 } });
  assert.is(run(t, "works", WORK, "start", what), "ok 1");
  let outcome = "";
  for (let tries = 0; tries < 400; tries++) {
    outcome = run(t, "works", WORK, "outcome");
    if (outcome !== `ok ${-(2 ** 31)}`) break;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await t.end();
  return { outcome, asked };
}

test("what was promised to a domain is not given to another one that the same thread calls, or that calls it", async () => {
  const { outcome } = await play(0);
  assert.is(outcome, "ok 50");
});

test("what was promised for one question is not the answer to another one", async () => {
  const { outcome } = await play(1);
  assert.is(outcome, "ok 60");
});

test.run();
