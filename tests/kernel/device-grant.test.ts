/** Device grants: what a device may reach on behalf of the domain that holds it, and when that ends. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Dma } from "../../devices/ports.ts";
import { deviceProvider, type GrantableDevice } from "../../host/kernel/device-grant.ts";
import { createDomain } from "../../host/kernel/life/birth.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { attempt, deaths, domain, type Parts } from "../support/domain.ts";
import { calls, type TestSystem, testSystem } from "../support/system.ts";
import { BLOCK_BYTES } from "../support/world.ts";

const test = suite("device grant");

/** Register offsets are commands on the address that is written there; reading any gives whether the bus said yes. */
const COMMAND = { write: 1, read: 2, writeAll: 3, writeTooFar: 4, readTooFar: 5, pin: 6, unpin: 7 } as const;

class Bus implements GrantableDevice {
  dma: Dma | undefined;
  #answer = 0;
  readonly log: string[] = [];
  readonly t: TestSystem;

  constructor(t: TestSystem) {
    this.t = t;
  }

  start(dma: Dma): void {
    this.dma = dma;
    this.log.push("start");
  }

  stop(): void {
    this.dma = undefined;
    this.log.push(`stop with ${this.t.system.liveObjects()} objects`);
  }

  read32(): number {
    return this.#answer;
  }

  write32(command: number, address: number): void {
    this.#answer = this.#carryOut(command, address) ? 1 : 0;
  }

  #carryOut(command: number, address: number): boolean {
    const { dma } = this;
    switch (command) {
      case COMMAND.write:
        return dma?.writable(address, 64)?.fill(0xee) !== undefined;
      case COMMAND.read:
        return dma?.readable(address, 64) !== undefined;
      case COMMAND.writeAll:
        return dma?.writable(address, BLOCK_BYTES)?.fill(0xee) !== undefined;
      case COMMAND.writeTooFar:
        return dma?.writable(address, BLOCK_BYTES + 1) !== undefined;
      case COMMAND.readTooFar:
        return dma?.readable(address + 64, BLOCK_BYTES) !== undefined;
      case COMMAND.pin:
        return dma?.pin(address, BLOCK_BYTES) === true;
      default:
        dma?.unpin(address);
        return true;
    }
  }
}

/** The grant as one function of command and 64-aligned address, which answers whether the bus said yes. */
function grantOf(t: TestSystem, bus: Bus): Provider {
  const provider = deviceProvider(t.system.kernel, bus);
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

const use = (command: number, address: string): string => `(call $call (i32.or (i32.const ${command}) ${address}))`;

/** A driver with the device: `quick` carries out a command word, `look` and `take` try everything on what they get. */
function driver(t: TestSystem, bus: Bus): Parts {
  const all = (address: string): string =>
    Object.values(COMMAND)
      .filter((command) => command <= COMMAND.readTooFar)
      .map((command, i) => `(i32.shl ${use(command, address)} (i32.const ${i}))`)
      .reduce((a, b) => `(i32.or ${a} ${b})`);
  return {
    imports: { call: grantOf(t, bus) },
    code: "(global $bits (mut i32) (i32.const 0))",
    exports: {
      quick: "(call $call (local.get $n))",
      look: all("(local.get $b)"),
      take: `(global.set $bits ${all("(local.get $b)")}) (call $drop (local.get $b))`,
      circle: "(global.get $bits)",
      attempt: "unreachable",
    },
  };
}

const READABLE = 0b00010;
const WRITABLE = 0b00101;

async function scene(): Promise<{ t: TestSystem; bus: Bus }> {
  const t = await testSystem();
  const bus = new Bus(t);
  const seat = await t.add(domain("driver", driver(t, bus)));
  await t.add(
    domain("client", {
      imports: { look: calls(seat), take: calls(seat) },
      guard: ["load32", "store32", "status"],
      code: "(global $own (mut i32) (i32.const 0))",
      init: "(global.set $own (call $new))",
      exports: {
        call: "(global.get $own)",
        quick: "(call $look (global.get $own))",
        circle: "(call $take (call $new)) (call $status (i32.const 0))",
        attempt: "(call $drop (global.get $own)) (global.set $own (call $new)) (i32.const 64)",
        count: "(call $store32 (global.get $own) (local.get $n)) (i32.const 64)",
      },
    }),
  );
  return { t, bus };
}

test("a device reads what its owner may read and writes what its owner may write, whole ranges in one object, nothing else", async () => {
  const { t } = await scene();
  const foreign = Number(attempt(t, "client", "call", 0).slice(3));
  assert.is(attempt(t, "client", "quick", 0), `ok ${READABLE}`, "borrowed: read only");
  assert.is(attempt(t, "client", "circle", 0), "ok 0");
  assert.is(attempt(t, "driver", "circle", 0), `ok ${READABLE | WRITABLE}`, "owned: read and write, not beyond its end");
  for (const address of [foreign, 0, 64, 0x1000, 0x100000, 0x400000, 0x600000, 0x7fffffc0, 0xffffffc0]) {
    for (const command of [COMMAND.read, COMMAND.write, COMMAND.writeAll, COMMAND.pin]) {
      assert.is(attempt(t, "driver", "quick", (address | command) >>> 0), "ok 0", `${command} at ${address}`);
    }
  }
  await t.end();
});

test("when the holder dies the device is stopped before its objects go, and the next generation starts it anew", async () => {
  const { t, bus } = await scene();
  const objects = t.system.liveObjects();
  for (let generation = 1; generation < 4; generation++) {
    attempt(t, "driver", "attempt", 0);
    assert.is(bus.dma, undefined);
    assert.is(t.system.liveObjects(), objects - 1, "the grant went with its owner");
    assert.ok(createDomain(t.system.kernel, t.system.seat("driver")).ok);
  }
  assert.equal(bus.log, ["start", ...[1, 2, 3].flatMap(() => [`stop with ${objects} objects`, "start"])]);
  await t.end();
});

test("a DMA port of a dead generation says no to everything, also to what its successor owns", async () => {
  const { t, bus } = await scene();
  const { dma } = bus;
  t.system.kill("driver");
  assert.ok(createDomain(t.system.kernel, t.system.seat("driver")).ok);
  const { heap } = t.system.kernel;
  const successor = t.system.seat("driver").current?.id ?? 0;
  const base = heap.exports.nextOwned(successor, 0);
  assert.is.not(base, 0, "its grant");
  assert.is(dma?.readable(base, 64), undefined);
  assert.is(dma?.writable(base, 64), undefined);
  assert.is(dma?.pin(base, 64), false);
  assert.is(bus.dma?.readable(base, 64) !== undefined, true);
  await t.end();
});

test("a device that is at work on an object when its owner dies keeps the memory from everybody else until it lets go", async () => {
  const { t, bus } = await scene();
  await t.add(
    domain("owner", {
      imports: { call: grantOf(t, new Bus(t)) },
      exports: { quick: `(local.set $n (call $new)) ${use(COMMAND.pin, "(local.get $n)")} (drop) (local.get $n)` },
    }),
  );
  const address = Number(attempt(t, "owner", "quick", 0).slice(3));
  t.system.kill("owner");
  assert.is(t.system.kernel.heap.stats().orphans, 1);
  assert.is(bus.dma?.readable(address, 64), undefined);
  bus.dma?.unpin(address);
  assert.is(t.system.kernel.heap.stats().orphans, 0);
  await t.end();
});

test("a driver that keeps its client's object pinned cannot end the client: what the client drops goes when the device lets go", async () => {
  const { t, bus } = await scene();
  const held = Number(attempt(t, "client", "call", 0).slice(3));
  // A borrower pins and returns without waiting for the device.
  const kept = await t.add(domain("evil", { imports: { call: grantOf(t, bus) }, exports: { look: use(COMMAND.pin, "(local.get $b)") } }));
  await t.add(
    domain("lender", {
      imports: { look: calls(kept) },
      exports: { call: "(local.set $n (call $new)) (drop (call $look (local.get $n))) (call $drop (local.get $n)) (local.get $n)" },
    }),
  );
  const called = attempt(t, "lender", "call", 0);
  assert.match(called, /^ok /, "the lender lives");
  const { heap } = t.system.kernel;
  assert.is(heap.stats().orphans, 1);
  heap.exports.unpin(Number(called.slice(3)));
  assert.is(heap.stats().orphans, 0);
  assert.equal(deaths(t), []);
  assert.is.not(held, 0);
  await t.end();
});

test.run();
