/** Domains that misuse capabilities, devices, logs and restarts: K1 to K8, D2 to D7. */

import type { Dma } from "../../devices/ports.ts";
import { SumacError } from "../../host/errors.ts";
import { deviceProvider, type GrantableDevice } from "../../host/kernel/device-grant.ts";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { blob, CREATOR, CREATOR_IMPORTS, creates, creatorWorld, MESSAGE, Messages } from "../support/creators.ts";
import { attempt, deaths, domain, outcome } from "../support/domain.ts";
import {
  CALL,
  type ClientParts,
  COUNTERS,
  type CounterParts,
  client,
  counters,
  DESK,
  QUICK,
  TICKETS,
  tickets,
  worldText,
} from "../support/handle-domains.ts";
import { calls, restarts, type TestSystem } from "../support/system.ts";
import { foreign, type HostileCase, scene } from "./case.ts";

const STATUS = "(call $status (i32.const 0))";

function run(t: TestSystem, name: string, n = 0, through: string = CALL): string {
  const { run: method } = t.system.export(name, through);
  return method === undefined ? "no such function" : outcome(method(n));
}

/** `evil` among an exporter of counters, one of tickets, and a victim that holds a counter; what `call` of evil came to, and of the victim. */
function among(rule: string, name: string, expected: string, evil: ClientParts, served: CounterParts = {}): HostileCase {
  return scene(rule, name, expected, async (t) => {
    const exporter = await t.add(counters("served", served));
    const office = await t.add(tickets("office"));
    await t.add(
      client("victim", {
        imports: { [COUNTERS]: calls(exporter) },
        init: "(global.set $kept (call $new (i32.const 40)))",
        call: "(call $add (global.get $kept) (i32.const 2))",
        quick: "(global.get $kept)",
      }),
    );
    await t.add(client("evil", { ...evil, imports: { [COUNTERS]: calls(exporter), [TICKETS]: calls(office) } }));
    const handle = Number(run(t, "victim", 0, QUICK).slice(3));
    const got = run(t, "evil", handle);
    t.system.kernel.destructors.runWaiting();
    return `${got}, ${run(t, "victim")}`;
  });
}

const FINE = "ok 42";

/** A device that does as it is told: register 1 writes 64 bytes at an address, 2 reads them; any register says whether the bus let it. */
class Obedient implements GrantableDevice {
  dma: Dma | undefined;
  #answer = 0;

  start(dma: Dma): void {
    this.dma = dma;
  }

  stop(): void {
    this.dma = undefined;
  }

  read32(): number {
    return this.#answer;
  }

  write32(command: number, address: number): void {
    const bytes = command === 1 ? this.dma?.writable(address, 64)?.fill(0xee) : this.dma?.readable(address, 64);
    this.#answer = bytes === undefined ? 0 : 1;
  }
}

/** The device's registers as one function: the command in the low bits of the address. */
function registers(t: TestSystem, device: Obedient): Provider {
  const provider = deviceProvider(t.system.kernel, device);
  if (provider.kind !== "host") throw new Error("a device is the host's");
  return {
    kind: "host",
    bind(holder) {
      const { read32, write32 } = provider.bind(holder);
      return {
        run(word = 0) {
          write32?.(word & 63, word & ~63);
          return read32?.(0) ?? 0;
        },
      };
    },
  };
}

async function driver(t: TestSystem, body: string): Promise<{ readonly device: Obedient; readonly got: (n: number) => string }> {
  const device = new Obedient();
  await t.add(domain("evil", { imports: { call: registers(t, device) }, exports: { call: body, quick: "unreachable" } }));
  return { device, got: (n) => attempt(t, "evil", "call", n) };
}

export const HOLDERS: readonly HostileCase[] = [
  among("K1", "uses a number that it made up as a handle", `ok 6, ${FINE}`, {
    call: `(drop (call $add (i32.const 0x10001) (i32.const 1))) ${STATUS}`,
  }),
  among("K1", "uses the number of the victim's handle", `ok 6, ${FINE}`, {
    call: `(drop (call $add (local.get $n) (i32.const 1))) ${STATUS}`,
  }),
  among("K1", "uses a handle of one type as one of another", `ok 6, ${FINE}`, {
    call: `(drop (call $add (call $newTicket (i32.const 4)) (i32.const 1))) ${STATUS}`,
  }),
  among("K1", "uses a handle that it dropped", `ok 6, ${FINE}`, {
    call: `(local.set $h (call $new (i32.const 1))) (call $drop (local.get $h)) (drop (call $add (local.get $h) (i32.const 1))) ${STATUS}`,
  }),
  among("K1", "drops a handle that it does not have", `trap evil#1, ${FINE}`, { call: "(call $drop (i32.const 0x10001)) (i32.const 0)" }),
  among("K2", "gives an instance away and lends it in one call", `ok 6, ${FINE}`, {
    call: `(local.set $h (call $new (i32.const 1))) (drop (call $merge (local.get $h) (local.get $h))) ${STATUS}`,
  }),
  scene("K3", "keeps a borrowed handle for itself, and drops it", "ok 1, trap evil#1", async (t) => {
    const served = await t.add(counters("served"));
    const desk = { use: "(global.set $kept (local.get $c)) (i32.const 1)" };
    const evil = await t.add(
      client("evil", { imports: { [COUNTERS]: undefined }, desk, call: "(call $drop (global.get $kept)) (i32.const 1)" }),
    );
    const lend = "(call $use (call $new (i32.const 1)))";
    await t.add(client("lender", { imports: { [COUNTERS]: calls(served), [DESK]: calls(evil) }, call: lend }));
    return `${run(t, "lender")}, ${run(t, "evil")}`;
  }),
  scene("K4", "calls a method of an exporter that died, through its successor", "ok 7", async (t) => {
    const served = await t.add(counters("served"));
    await t.add(
      client("evil", {
        imports: { [COUNTERS]: calls(served) },
        init: "(global.set $kept (call $new (i32.const 1)))",
        call: `(drop (call $add (global.get $kept) (i32.const 1))) ${STATUS}`,
      }),
    );
    t.system.kill("served");
    createDomain(t.system.kernel, served);
    return run(t, "evil");
  }),
  among("K5", "makes instances without end", `ok 10, ${FINE}`, {
    limits: { handles: 10 },
    call: `(local.set $n (i32.const 0)) (loop $l (drop (call $new (i32.const 1))) (if (i32.eqz ${STATUS}) (then (local.set $n (i32.add (local.get $n) (i32.const 1))) (br $l)))) (local.get $n)`,
  }),
  scene("K6", "loops for ever in a destructor", "ok 7, deadline served#1", async (t) => {
    const served = await t.add(counters("served", { destroy: "(loop $l (br $l))", limits: { callBudgetMs: 40 } }));
    await t.add(
      client("holder", {
        imports: { [COUNTERS]: calls(served) },
        call: `(local.set $h (call $new (i32.const 1))) (call $drop (call $new (i32.const 1))) (drop (call $add (local.get $h) (i32.const 1))) ${STATUS}`,
      }),
    );
    return `${run(t, "holder")}, ${deaths(t).join(", ")}`;
  }),
  scene("K7", "calls through a handle at every depth of its stack", "stack evil#1, ok 1", async (t) => {
    const served = await t.add(counters("served"));
    await t.add(
      client("evil", {
        imports: { [COUNTERS]: calls(served) },
        limits: { callBudgetMs: 20_000 },
        code: "(func $deeper (drop (call $add (global.get $kept) (i32.const 1))) (call $deeper) (drop (call $add (global.get $kept) (i32.const 1))))",
        call: "(global.set $kept (call $new (i32.const 1))) (call $deeper) (i32.const 0)",
      }),
    );
    await t.add(client("after", { imports: { [COUNTERS]: calls(served) }, call: "(call $add (call $new (i32.const 0)) (i32.const 1))" }));
    return `${run(t, "evil")}, ${run(t, "after")}`;
  }),
  scene("K8", "hands on to its creature what it does not hold", "ok 2", async (t) => {
    const creature = await blob(t, {
      name: "creature",
      world: worldText(`import ${QUICK}; export ${CALL};`),
      wat: `(module (import "${QUICK}" "run" (func (param i32) (result i32))) (func (export "${CALL}#run") (param i32) (result i32) (i32.const 0)))`,
    });
    const messages = new Messages();
    const body = `(if (i32.ne (call $open ${messages.string("creature")}) (i32.const 64)) (then unreachable)) (call $create (call $result (i32.const 0)) ${messages.create([QUICK]).text})`;
    await t.add({
      name: "evil",
      world: creatorWorld(`import ${CREATOR}; export ${CALL};`),
      wat: `(module ${CREATOR_IMPORTS} ${messages.memory} ${MESSAGE} (func (export "${CALL}#run") (param i32) (result i32) ${body}))`,
      grants: { [CREATOR]: creates(t, creature) },
    });
    return run(t, "evil");
  }),

  scene("D1", "dies while its device is at work, which then writes on", "trap evil#1, stopped", async (t) => {
    const { device } = await driver(t, "(i32.const 0)");
    return `${attempt(t, "evil", "quick", 0)}, ${device.dma === undefined ? "stopped" : "at work"}`;
  }),
  scene("D2", "dies with all that it has", "trap evil#1, 0 objects", async (t) => {
    const before = t.system.liveObjects();
    await t.add(domain("evil", { code: "(memory 1)", exports: { call: "(loop $l (br_if $l (call $new))) unreachable" } }));
    return `${attempt(t, "evil", "call", 0)}, ${t.system.liveObjects() - before} objects`;
  }),
  scene("D3", "fails to start after it took what it could", "domain-failed-to-start, 0 objects", async (t) => {
    const before = t.system.liveObjects();
    const born = t.add(domain("evil", { init: "(loop $l (br_if $l (call $new))) unreachable" }));
    const code = await born.then(
      () => "born",
      (error: unknown) => (error instanceof SumacError ? error.code : String(error)),
    );
    return `${code}, ${t.system.liveObjects() - before} objects`;
  }),
  scene("D4", "leaves a message for its next generation in memory, globals and table", "ok 1, ok 1", async (t) => {
    const call =
      "(if (i32.or (i32.load (i32.const 0)) (global.get $mark)) (then (return (i32.const 99)))) (i32.store (i32.const 0) (i32.const 1)) (global.set $mark (i32.const 1)) (i32.const 1)";
    const seat = await t.add(domain("evil", { code: "(memory 1) (global $mark (mut i32) (i32.const 0))", exports: { call } }));
    const first = attempt(t, "evil", "call", 0);
    t.system.kill("evil");
    createDomain(t.system.kernel, seat);
    return `${first}, ${attempt(t, "evil", "call", 0)}`;
  }),
  scene("D5", "has its device read and write somebody else's object, and the heap's tables", "ok 0, ok 0, ok 0, ok 1", async (t) => {
    const { got } = await driver(
      t,
      "(if (i32.eqz (local.get $n)) (then (local.set $n (i32.or (call $new) (i32.const 1))))) (call $call (local.get $n))",
    );
    return [foreign(t) | 1, foreign(t) | 2, 0x400000 | 1, 0].map((word) => got(word >>> 0)).join(", ");
  }),
  scene("D6", "floods the log, and writes to the terminal", "ok 0, at most 60 lines, \\x1b[2J", async (t) => {
    const call =
      "(loop $l (call $log (i32.const 0) (i32.const 4)) (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (i32.const 0)";
    await t.add(
      domain("evil", {
        kernel: ["log"],
        limits: { logLinesPerSecond: 10 },
        code: '(memory 1) (data (i32.const 0) "\\1b[2J")',
        exports: { call },
      }),
    );
    const got = attempt(t, "evil", "call", 5000);
    const lines = t.events.flatMap((event) => (event.kind === "log" ? [event.line] : []));
    return `${got}, ${lines.length <= 60 ? "at most 60" : lines.length} lines, ${lines[0]}`;
  }),
  scene("D7", "has a domain restarted without end", "ok 1004, generation 4", async (t) => {
    const broken = await t.add(domain("broken", { exports: { call: "unreachable" } }));
    const call = `(loop $l (drop (call $call (i32.const 0))) (if (i32.eqz ${STATUS}) (then (return (local.get $n)))) (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.eq (call $restart) (i32.const 64)))) (i32.add (i32.const 1000) (local.get $n))`;
    await t.add(
      domain("evil", {
        imports: { call: calls(broken), restart: restarts(t, broken, { tries: 3 }) },
        guard: ["status"],
        exports: { call },
      }),
    );
    return `${attempt(t, "evil", "call", 0)}, generation ${broken.current?.generation}`;
  }),
];
