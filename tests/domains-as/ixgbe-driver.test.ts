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

/** What came, put together again: each frame's bytes, and the marks of its last packet. */
function framesOf(net: NetHost, packets: readonly number[]): { readonly bytes: Uint8Array; readonly marks: number }[] {
  const frames: { bytes: Uint8Array; marks: number }[] = [];
  let parts: Uint8Array[] = [];
  for (const packet of packets) {
    const { bytes, marks, fate } = net.see(packet);
    assert.is(fate, FATE.received);
    parts.push(bytes);
    if ((marks & MARK.more) !== 0) continue;
    frames.push({ bytes: new Uint8Array(Buffer.concat(parts)), marks });
    parts = [];
  }
  assert.is(parts.length, 0, "the last frame has an end");
  return frames;
}

const buffersFor = (net: NetHost, count: number): number[] => Array.from({ length: count }, () => net.packet());

test("more: frames of up to 9000 bytes of payload go out and come in by several packets, checksums and all", ({ net }) => {
  const { mostBytes } = net.call("identify") as unknown as { mostBytes: number };
  assert.is(mostBytes, 9014);
  for (const bytes of [2047, 2048, 2049, 4096, 4097, mostBytes]) {
    net.move("receive", 0, buffersFor(net, 8));
    const frame = packet4(TCP, 1000, bytes - 54);
    const packets = net.frame(frame, MARK.insertIp | MARK.insertL4);
    const sent = net.move("send", 0, packets);
    assert.equal(
      sent.map((packet) => net.see(packet).fate),
      packets.map(() => FATE.sent),
    );
    const came = net.move("receive", 0);
    assert.is(came.length, packets.length);
    const [only] = framesOf(net, came);
    assert.is(only?.marks, MARK.ipGood | MARK.l4Good);
    assert.equal(only?.bytes.subarray(54), frame.subarray(54));
    net.free([...sent, ...came]);
    for (let left = net.move("reclaim", 0); left.length > 0; left = net.move("reclaim", 0)) net.free(left);
  }
});

test("more: a frame that is too long, has an empty part, or no end is refused as a whole", ({ net }) => {
  const tooLong = net.frame(new Uint8Array(9015).fill(7));
  const [first = 0, second = 0] = net.frame(new Uint8Array(2100).fill(7));
  net.heap.u32[(second + 2048) >>> 2] = 0;
  const endless = net.frame(new Uint8Array(4000).fill(7)).slice(0, 1);
  for (const packets of [tooLong, [first, second], endless]) {
    const back = net.move("send", 0, packets);
    assert.equal(
      back.map((packet) => net.see(packet).fate),
      packets.map(() => FATE.refused),
    );
    net.free(back);
  }
  net.free(net.move("send", 0, [net.packet(packet4(UDP, 1, 30))]));
});

test("segment: the card cuts a TCP packet, and each piece has its place, its length and its checksums", ({ net }) => {
  for (const [payload, segment] of [
    [10_000, 1448],
    [1449, 1448],
    [60_000, 8900],
    [3000, 536],
  ] as const) {
    for (let i = 0; i < 2; i++) net.move("receive", 0, buffersFor(net, 32));
    const packet = packet4(TCP, 1000, payload);
    const packets = net.frame(packet, MARK.insertL4, segment);
    const sent = net.move("send", 0, packets);
    assert.ok(
      sent.length === packets.length && sent.every((at) => net.see(at).fate === FATE.sent),
      `${sent.length} of ${packets.length} packets`,
    );
    const came: number[] = [];
    for (let some = net.move("receive", 0); some.length > 0; some = net.move("receive", 0)) came.push(...some);
    const frames = framesOf(net, came);
    assert.is(frames.length, Math.ceil(payload / segment));
    for (const [i, { bytes, marks }] of frames.entries()) {
      const view = new DataView(bytes.buffer);
      assert.is(marks, MARK.ipGood | MARK.l4Good, `piece ${i}`);
      assert.is(view.getUint16(16), 40 + Math.min(segment, payload - i * segment));
      assert.is(view.getUint16(18), 1 + i, "the id counts up");
      assert.is(view.getUint32(38), i * segment, "the sequence number");
    }
    // A short last piece was padded on its way.
    const pieces = frames.map(({ bytes }) => bytes.subarray(54, 14 + new DataView(bytes.buffer).getUint16(16)));
    assert.equal(new Uint8Array(Buffer.concat(pieces)), packet.subarray(54));
    net.free([...sent, ...came]);
    for (let left = net.move("reclaim", 0); left.length > 0; left = net.move("reclaim", 0)) net.free(left);
  }
});

test("segment: of what is no TCP, or without insert-l4, the packet is refused", ({ net }) => {
  for (const [frame, marks] of [
    [packet4(UDP, 1, 1000), MARK.insertL4],
    [packet4(TCP, 1, 1000), 0],
    [packet4(TCP, 1, 0), MARK.insertL4],
  ] as const) {
    const back = net.move("send", 0, net.frame(frame, marks, 500));
    assert.is(net.see(back[0] ?? 0).fate, FATE.refused);
    net.free(back);
  }
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
