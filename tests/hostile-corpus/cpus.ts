/** Domains of two CPUs, and domains that somebody outside wants to end: U1 to U5, U7, U8, O3, O4. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { REG, TX } from "../../devices/ixgbe/registers.ts";
import { flow } from "../devices/ixgbe/queues/two-cpus.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { COUNTERS, client, counters } from "../support/handle-domains.ts";
import { hostObject, post, queuesIn } from "../support/queue-scene.ts";
import { calls, type TestDomain, type TestSystem } from "../support/system.ts";
import type { InterfaceName } from "../support/world.ts";
import { foreign, type HostileCase, scene } from "./case.ts";

const FOR_EVER = "(loop $next (br $next)) (i32.const 0)";
const STATUS = "(call $status (i32.const 0))";

const there = (each: TestDomain): TestDomain => ({ ...each, cpu: 1 });

function over(rule: string, name: string, expected: string, play: (t: TestSystem) => Promise<string>): HostileCase {
  return scene(rule, name, expected, play, undefined, { cpus: 2 });
}

/** `evil` here calls `victim` on the other CPU. */
async function pair(t: TestSystem, victim: Parts, body: string, through: InterfaceName): Promise<void> {
  const seat = await t.add(there(domain("victim", victim)));
  await t.add(
    domain("evil", {
      imports: { [through]: calls(seat) },
      guard: ["status", "store32"],
      limits: { callBudgetMs: 60_000 },
      exports: { call: `(local $b i32) ${body}` },
    }),
  );
}

/** Ends a domain from another process, through the control socket. */
function endFromOutside(system: string, name: string): Promise<unknown> {
  const killer = join(import.meta.dirname, "../control/killer.ts");
  const child = spawn(process.execPath, [killer, system, "kill", name], { stdio: "ignore" });
  return new Promise((resolve) => child.once("close", resolve));
}

const SOCKET = `corpus-${process.pid}`;

export const CPUS: readonly HostileCase[] = [
  over("U1", "moves somebody else's object to another CPU", "ok 6", async (t) => {
    await pair(t, { exports: { take: "unreachable" } }, `(call $take (local.get $n)) ${STATUS}`, "take");
    return attempt(t, "evil", "call", foreign(t));
  }),
  over("U1", "writes an object that it has moved to another CPU", "trap evil#1", async (t) => {
    const body = "(local.set $b (call $new)) (call $take (local.get $b)) (call $store32 (local.get $b) (i32.const 1)) (i32.const 1)";
    await pair(t, { exports: { take: "(call $drop (local.get $b))" } }, body, "take");
    return attempt(t, "evil", "call", 1);
  }),
  over("U2", "dies on another CPU with what was moved to it, and takes nobody along", "ok 1; trap evil#1", async (t) => {
    const evil = await t.add(there(domain("evil", { exports: { take: "unreachable" } })));
    await t.add(
      domain("caller", {
        imports: { take: calls(evil) },
        guard: ["status"],
        exports: { call: `(call $take (call $new)) ${STATUS}` },
      }),
    );
    return `${attempt(t, "caller", "call", 1)}; ${deaths(t).join()}`;
  }),
  over("U3", "calls back over two CPUs into the chain that it is called from", "ok 12", async (t) => {
    // Its own next generation follows nobody, so the circle is closed through a domain that follows.
    const first = await t.add(domain("evil", { exports: { call: "(i32.const 1)" } }));
    const middle = await t.add(
      there(
        domain("middle", {
          imports: { call: { kind: "domain", seat: first, rebind: true } },
          guard: ["status"],
          exports: { call: `(drop (call $call (local.get $n))) ${STATUS}` },
        }),
      ),
    );
    const knowing = await t.add(domain("knowing", { imports: { call: calls(middle) }, exports: { call: "(call $call (local.get $n))" } }));
    Object.assign(first, { spec: { ...knowing.spec, name: "evil" } });
    t.system.destroy("knowing");
    t.system.supervise("evil", {});
    t.system.kill("evil");
    return attempt(t, "evil", "call", 1);
  }),
  over("U4", "loops for ever on another CPU than its caller's", "ok 2; deadline victim#1", async (t) => {
    await pair(t, { limits: { callBudgetMs: 50 }, exports: { call: FOR_EVER } }, `(drop (call $call (local.get $n))) ${STATUS}`, "call");
    return `${attempt(t, "evil", "call", 1)}; ${deaths(t).join()}`;
  }),
  over("U5", "imports capabilities of a domain on another CPU", "not linked", async (t) => {
    const exporter = await t.add(there(counters("exporter")));
    const error: unknown = await t.add(client("evil", { imports: { [COUNTERS]: calls(exporter) } })).catch((thrown: unknown) => thrown);
    return String(error).includes("passes capabilities, which do not cross CPUs") ? "not linked" : String(error);
  }),
  over("U7", "goes to another CPU, and writes an object there that it had given away here", "ok 1; trap evil#1", async (t) => {
    const taker = await t.add(domain("taker", { exports: { take: "(call $drop (local.get $b))" } }));
    await t.add(
      domain("evil", {
        imports: { take: calls(taker) },
        guard: ["store32"],
        code: "(global $old (mut i32) (i32.const 0))",
        exports: {
          call: "(global.set $old (call $new)) (call $take (global.get $old)) (i32.const 1)",
          quick: "(call $store32 (global.get $old) (i32.const 1)) (i32.const 1)",
        },
      }),
    );
    const given = attempt(t, "evil", "call", 1);
    t.system.migrate("evil", 1, { waitMs: 60_000 });
    return `${given}; ${attempt(t, "evil", "quick", 1)}`;
  }),
  scene(
    "O3",
    "never returns and has no budget",
    "killed evil#1",
    async (t) => {
      await t.add(domain("evil", { exports: { call: FOR_EVER }, limits: { callBudgetMs: 0 } }));
      const ended = endFromOutside(SOCKET, "evil");
      const got = attempt(t, "evil", "call", 1);
      await ended;
      return got;
    },
    undefined,
    { control: SOCKET },
  ),
  scene("O4", "logs what a terminal would obey", "\\x1b[2J", async (t) => {
    await t.add(
      domain("evil", {
        kernel: ["log"],
        code: '(data (i32.const 0) "\\1b[2J")',
        exports: { call: "(call $log (i32.const 0) (i32.const 4)) (i32.const 1)" },
      }),
    );
    attempt(t, "evil", "call", 1);
    return t.events.flatMap((event) => (event.kind === "log" ? [event.line] : [])).join();
  }),
  over(
    "U8",
    "has its queues on another CPU read and write somebody else's objects, and takes the other CPU's queues",
    "0 delivered, 0 sent, whole",
    async (t) => {
      const { model, near, far, rings } = await queuesIn(t);
      const victims = [hostObject(t), near.make()];
      const frame = flow(1);
      for (const victim of victims) {
        post({ far, rings }, victim);
        model.receive(frame, frame.length);
        far.write(REG.txRing, victim);
        far.store(rings + 1024, victim);
        far.store(rings + 1024 + 8, 64 | (0x0b << 24));
        far.write(REG.txRing + TX.tail, 1);
        for (let queue = 4; queue < 16; queue++) far.write(REG.rxRing + 0x40 * queue, victim);
      }
      const { delivered, framesOut } = model.total.ledger;
      const isWhole = victims.every((victim, i) => near.sees(victim, i === 0 ? 0x5a : 0));
      t.system.kernel.heap.exports.free(victims[0] ?? 0);
      return `${delivered} delivered, ${framesOut} sent, ${isWhole ? "whole" : "changed"}`;
    },
  ),
];
