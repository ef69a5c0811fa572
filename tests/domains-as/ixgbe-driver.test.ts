/** The 82599's driver where the contract of all interfaces does not look: offloads, tags, hashes, queues. Its card is on a loop. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { type Booted, bootManifest } from "../../host/system/boot.ts";
import { FATE, MARK, NetHost } from "../support/net-host.ts";

const trusted = await trustedKeys(projectRoot(process.cwd()), []);
const MAC = [2, 0, 0, 0, 0, 9];
const [TCP, UDP] = [6, 17];

const test = suite<{ booted: Booted; net: NetHost }>("ixgbe driver");

test.before.each(async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-ixgbe-"));
  const path = join(folder, "system.json");
  const manifest = {
    name: "driver",
    devices: { card: { model: "ixgbe", mac: MAC.map((byte) => byte.toString(16).padStart(2, "0")).join(":"), wire: { kind: "loopback" } } },
    domains: [
      {
        name: "driver",
        module: resolve("build/domains/drivers/ixgbe.wasm"),
        grants: { "sumac:device/mmio@0.1.0": { pci: "02:00:00" }, "sumac:device/clock@0.1.0": { host: "clock" } },
        limits: { heapBytes: 4 << 20, heapObjects: 2048, callBudgetMs: 1000 },
      },
    ],
  };
  writeFileSync(path, JSON.stringify(manifest));
  context.booted = await bootManifest(path, { trusted });
  context.net = new NetHost(context.booted.system, "driver");
  rmSync(folder, { recursive: true });
});

test.after.each(async ({ booted }) => {
  await booted.finish(false);
});

function sum16(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** IPv4 with all checksums zero. */
function packet4(protocol: number, sourcePort: number, payload: number): Uint8Array {
  const l4 = protocol === TCP ? 20 : 8;
  const total = 20 + l4 + payload;
  const frame = new Uint8Array(14 + total);
  frame.set([...MAC, ...MAC, 8, 0, 0x45, 0, total >>> 8, total & 0xff, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
  frame.set([sourcePort >>> 8, sourcePort & 0xff, 0, 80], 34);
  if (protocol === TCP) frame[46] = 5 << 4;
  else frame.set([(l4 + payload) >>> 8, (l4 + payload) & 0xff], 38);
  for (let i = 34 + l4; i < frame.length; i++) frame[i] = i * 3;
  return frame;
}

test("insert-ip, insert-l4: the card fills in checksums that are right, and finds them right when they come back", ({ net }) => {
  for (const [protocol, payload] of [
    [UDP, 100],
    [UDP, 33],
    [TCP, 64],
    [TCP, 1],
  ] as const) {
    net.move("receive", 0, [net.packet()]);
    const sent = net.move("send", 0, [net.packet(packet4(protocol, 1000, payload), MARK.insertIp | MARK.insertL4)]);
    assert.is(net.see(sent[0] ?? 0).fate, FATE.sent);
    const came = net.move("receive", 0);
    const { bytes, marks } = net.see(came[0] ?? 0);
    assert.is(marks, MARK.ipGood | MARK.l4Good);
    assert.is(sum16(bytes.subarray(14, 34)), 0xffff);
    const l4 = bytes.subarray(34, 14 + (((bytes[16] ?? 0) << 8) | (bytes[17] ?? 0)));
    assert.is(sum16(l4, sum16(bytes.subarray(26, 34)) + protocol + l4.length), 0xffff);
    net.free([...sent, ...came]);
  }
});

test("a frame whose checksums are wrong is received, and its marks say so", ({ net }) => {
  net.move("receive", 0, [net.packet()]);
  const frame = packet4(TCP, 1000, 10);
  const sent = net.move("send", 0, [net.packet(frame)]);
  const came = net.move("receive", 0);
  assert.is(net.see(came[0] ?? 0).marks & (MARK.ipGood | MARK.ipBad), MARK.ipBad);
  net.free([...sent, ...came]);
});

test("tagged: the card puts the tag in, and takes it out again", ({ net }) => {
  net.move("receive", 0, [net.packet()]);
  const frame = packet4(UDP, 1000, 60);
  const sent = net.move("send", 0, [net.packet(frame, MARK.tagged, 0x2123)]);
  const came = net.move("receive", 0);
  const { bytes, marks, vlan } = net.see(came[0] ?? 0);
  assert.is(marks & MARK.tagged, MARK.tagged);
  assert.is(vlan, 0x2123);
  assert.equal(bytes, frame);
  net.free([...sent, ...came]);
});

test("a frame that is not what its marks say is refused", ({ net }) => {
  const lies = [packet4(UDP, 1, 10).subarray(0, 40), packet4(1, 1, 30), new Uint8Array(60).fill(7)];
  const back = net.move(
    "send",
    0,
    lies.map((frame) => net.packet(frame, MARK.insertL4)),
  );
  assert.equal(
    back.map((packet) => net.see(packet).fate),
    [FATE.refused, FATE.refused, FATE.refused],
  );
  net.free(back);
});

test("queues: connections are spread over those that are served, by the hash that each packet carries", ({ net }) => {
  const { queues } = net.call("identify") as unknown as { queues: number };
  const stock = (): number[] => Array.from({ length: 32 }, () => net.packet());
  for (let queue = 0; queue < queues; queue++) assert.equal(net.move("receive", queue, stock()), []);
  const sent = net.move(
    "send",
    0,
    Array.from({ length: 32 }, (_, i) => net.packet(packet4(UDP, 2000 + i, 30))),
  );
  const seen = new Set<number>();
  let count = 0;
  for (let queue = 0; queue < queues; queue++) {
    const came = net.move("receive", queue);
    for (const packet of came) {
      const { hash, queue: by } = net.see(packet);
      assert.is(by, queue);
      assert.is((hash & 127) % queues, queue, "128 buckets, one queue after the other");
      seen.add(queue);
      count++;
    }
    net.free(came);
  }
  assert.is(count, 32);
  assert.ok(seen.size > 1, "more than one queue has some");
  net.free(sent);
});

test("hash: is the published one for the published key, addresses and ports", ({ net }) => {
  net.move("receive", 0, [net.packet()]);
  const frame = packet4(TCP, 2794, 20);
  frame.set([66, 9, 149, 187, 161, 142, 100, 80], 26);
  frame.set([1766 >>> 8, 1766 & 0xff], 36);
  const sent = net.move("send", 0, [net.packet(frame)]);
  const came = net.move("receive", 0);
  assert.is(net.see(came[0] ?? 0).hash, 0x51ccc178);
  net.free([...sent, ...came]);
});

test.run();
