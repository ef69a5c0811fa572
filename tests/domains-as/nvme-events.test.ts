/**
 * Asynchronous events, from the controller to what the driver does: NVMe 1.4 §5.2. The driver looks at the beginning of a call.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ADMIN } from "../../devices/nvme/codes.ts";
import { MemoryStore } from "../../host/backends/memory-store.ts";
import { exchange } from "./nvme-client.ts";
import { BLOCK_BYTES, NvmeRig, type NvmeRigOptions } from "./nvme-rig.ts";

const test = suite("NVMe events");

async function on(options: NvmeRigOptions, body: (rig: NvmeRig, lines: string[]) => void): Promise<void> {
  const rig = await NvmeRig.start(options);
  const lines: string[] = [];
  rig.system.kernel.events.on((event) => {
    if (event.kind === "log") lines.push(event.line);
  });
  try {
    body(rig, lines);
    assert.equal(rig.deaths, []);
  } finally {
    await rig.end();
  }
}

function blocks(rig: NvmeRig): unknown {
  const called = rig.call("driver", "identify");
  return called.ok ? (called.value as { blocks: bigint }).blocks : called.error;
}

/** Hotter than any threshold, and cool again. */
const [HOT, COOL] = [400, 300];

test("a namespace that changes is identified anew, each time, and its neighbours are left alone", () =>
  on({ blocks: 256, more: [{ store: new MemoryStore(64), lbaBytes: 512 }] }, (rig, lines) => {
    assert.is(blocks(rig), 256n);
    for (const size of [512, 128, 300]) {
      rig.model.replaceStore(1, new MemoryStore(size));
      assert.is(blocks(rig), BigInt(size));
      assert.is(rig.write(size - 1, 1), "ok");
      assert.is(rig.write(size, 1), "out-of-range");
    }
    rig.model.replaceStore(2, new MemoryStore(32));
    const described = rig.call("driver", "namespaceAt", 1);
    assert.equal(described, { ok: true, value: { tag: "ok", val: { nsid: 2, blockSize: 512, blocks: 256n, mostBlocks: 2048 } } });
    assert.is(blocks(rig), 300n);
    assert.equal(lines, []);
  }));

test("warnings of the device are lines of the log, one for each time that it warns", () =>
  on({}, (rig, lines) => {
    for (let time = 0; time < 3; time++) {
      rig.model.heat(HOT);
      assert.is(rig.flush(), "ok");
      rig.model.heat(COOL);
      assert.is(rig.flush(), "ok");
    }
    assert.equal(lines, new Array(3).fill("the device warns: its temperature has crossed a threshold"));
  }));

test("requests for events are there again after a reset, and stuck or slow commands do not take them for theirs", () => {
  const faults: ("stuck" | "none")[] = [];
  const source = {
    next: () => (faults.shift() === "stuck" ? ({ kind: "stuck", deaf: true } as const) : undefined),
  };
  return on({ faults: source }, (rig, lines) => {
    rig.lies = {
      read: () => {
        rig.micros += 100_000;
        return undefined;
      },
    };
    faults.push("stuck");
    assert.equal(
      [...exchange(rig, [{ operation: "write", lba: 1, bytes: BLOCK_BYTES }]).values()].map(({ state }) => state),
      ["done"],
    );
    assert.is(rig.writes.filter(([offset, value]) => offset === 0x14 && value !== 0).length, 2, "it was reset once");
    rig.model.heat(HOT);
    assert.is(rig.flush(), "ok");
    assert.is(lines.length, 1);
  });
});

test("a controller that refuses requests for events is driven without", () => {
  const refuses = {
    next: (sqId: number, opcode: number) =>
      sqId === 0 && opcode === ADMIN.asyncEvent ? ({ kind: "status", status: 0x105 } as const) : undefined,
  };
  return on({ faults: refuses }, (rig, lines) => {
    rig.model.heat(HOT);
    for (let i = 0; i < 3; i++) assert.is(rig.write(i, i), "ok");
    const doorbells = rig.writes.filter(([offset]) => offset === 0x1000).length;
    for (let i = 0; i < 3; i++) assert.is(rig.write(i, i), "ok");
    assert.is(rig.writes.filter(([offset]) => offset === 0x1000).length, doorbells, "it is not asked for ever");
    assert.equal(lines, []);
  });
});

test.run();
