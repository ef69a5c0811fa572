/**
 * What every network interface owes its callers, whoever implements it. Each implementation runs the whole suite, as a domain of a
 * booted system, called from the host through a proxy.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostValue } from "../../host/kernel/host/host-values.ts";
import type { Booted } from "../../host/system/boot.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { FATE, frameTo, NetHost } from "../support/net-host.ts";

export interface NetImplementation {
  readonly name: string;
  /** Whether its wire is a loop; otherwise no frame ever comes. */
  readonly loops: boolean;
  /** An interface behind the domain "device". */
  boot(): Promise<Booted>;
}

interface Identity {
  readonly address: bigint;
  readonly queues: number;
  readonly depth: number;
  readonly mostBytes: number;
}
interface Counters {
  readonly received: bigint;
  readonly receivedBytes: bigint;
  readonly sent: bigint;
  readonly sentBytes: bigint;
  readonly missed: bigint;
  readonly lost: bigint;
}

/** Registers the suite for one implementation; the caller runs the file. */
export function netContract({ name, loops, boot }: NetImplementation): void {
  const test = suite<{ net: NetHost; booted: Booted; live: number; own: bigint }>(`net on ${name}`);

  test.before.each(async (context) => {
    context.booted = await boot();
    context.net = new NetHost(context.booted.system, "device");
    context.live = context.net.heap.stats().liveObjects;
    context.own = (context.net.call("identify") as unknown as Identity).address;
  });

  test.after.each(async ({ net, booted, live }) => {
    assert.is(net.heap.stats().liveObjects, live, "each test leaves as many objects as it found");
    await booted.finish(false);
    const { ok, problems } = auditHeap(net.heap);
    assert.ok(ok, problems.join("\n"));
    assert.is(booted.system.liveObjects(), 0);
  });

  const fatesOf = (net: NetHost, packets: readonly number[]): number[] => packets.map((packet) => net.see(packet).fate);
  /** Sends until all are back. */
  const sendAll = (net: NetHost, packets: readonly number[], queue = 0): number[] => {
    const back = net.move("send", queue, packets);
    for (let i = 0; back.length < packets.length && i < 100; i++) back.push(...net.move("send", queue));
    return back;
  };
  /** Every buffer that the interface holds. */
  const reclaimAll = (net: NetHost, queue = 0): number[] => {
    const all: number[] = [];
    for (;;) {
      const some = net.move("reclaim", queue);
      all.push(...some);
      if (some.length === 0) return all;
    }
  };

  test("identify: there is a queue, and frames may have 1500 bytes of payload", ({ net }) => {
    const identity = net.call("identify") as unknown as Identity;
    assert.ok(identity.queues >= 1 && identity.mostBytes >= 1514, JSON.stringify(identity.queues));
  });

  test("link: is up where something is at the other end", ({ net }) => {
    assert.is((net.call("link") as unknown as { up: boolean }).up, true);
  });

  test("send: packets come back once each, as sent, and are counted", ({ net, own }) => {
    const before = net.call("statistics") as unknown as Counters;
    const packets = Array.from({ length: 32 }, (_, i) => net.packet(frameTo(own, own, 60 + i, i)));
    const back = sendAll(net, packets);
    assert.equal([...back].sort(), [...packets].sort());
    assert.ok(fatesOf(net, back).every((fate) => fate === FATE.sent));
    const after = net.call("statistics") as unknown as Counters;
    assert.is(after.sent - before.sent, 32n);
    assert.is(after.sentBytes - before.sentBytes, BigInt(32 * 60 + (31 * 32) / 2));
    net.free(back);
  });

  test("send: an empty batch collects, and nothing is there to be collected", ({ net }) => {
    assert.equal(net.move("send", 0), []);
  });

  test("send: frames that cannot be sent are refused, in their order, and those between them are sent", ({ net, own }) => {
    const sizes = [0, 60, 10, 2049, 1514];
    const packets = sizes.map((size) => net.packet(new Uint8Array(size).fill(1)));
    net.fill(packets[1] ?? 0, frameTo(own, own, 60, 1));
    net.fill(packets[4] ?? 0, frameTo(own, own, 1514, 2));
    const back = sendAll(net, packets);
    assert.is(back.length, 5);
    for (const [i, packet] of packets.entries()) {
      assert.is(net.see(packet).fate, [0, 2, 3].includes(i) ? FATE.refused : FATE.sent, `${sizes[i]} bytes`);
    }
    net.free(back);
  });

  test("send, receive, reclaim: a queue that is none is an error, and the packets are gone", ({ net, live }) => {
    for (const method of ["send", "receive", "reclaim"] as const) {
      assert.is(net.exchange(method, 1000, [net.packet(), net.packet()]), "no-queue");
      assert.is(net.heap.stats().liveObjects, live);
    }
  });

  test("receive: buffers that found no frame are held or come back, and reclaim gives back all that are held", ({ net }) => {
    const buffers = Array.from({ length: 32 }, () => net.packet());
    const back = net.move("receive", 0, buffers);
    back.push(...reclaimAll(net));
    assert.equal([...back].sort(), [...buffers].sort());
    assert.ok(fatesOf(net, back).every((fate) => fate === FATE.empty));
    assert.equal(net.move("reclaim", 0), [], "nothing is held any more");
    net.free(back);
  });

  test("batches that say that they hold more or less than they do lose nobody's packets", ({ net, own }) => {
    const { u32 } = net.heap;
    for (const [method, count] of [
      ["send", 0xffffffff],
      ["send", 0],
      ["receive", 7],
    ] as const) {
      const batch = net.batch([net.packet(frameTo(own, own, 60, 1)), net.packet(frameTo(own, own, 60, 2))]);
      u32[(batch >>> 2) + 1] = count;
      const { tag, val } = net.call(method, 0, batch) as unknown as { tag: string; val: number };
      assert.is(tag, "ok");
      // A batch whose count leaves packets out is the caller's own to sort out: dropped, it takes them along.
      assert.is(net.heap.exports.free(val), 0);
    }
    net.free(reclaimAll(net));
    net.free(net.move("send", 0));
  });

  /** Asked from outside of threads: only what is answered at once is an answer. */
  const newsOf = (net: NetHost, queue: number, wanted: object): object | string => {
    const { tag, val } = net.call("wait", queue, wanted as HostValue) as { readonly tag: string; readonly val: object };
    return tag === "ok" ? val : String(val);
  };

  test("wait: a queue that has nothing to wait for answers at once, and one that is none with an error", ({ net }) => {
    assert.equal(newsOf(net, 0, { received: true, sent: true }), { received: false, sent: false });
    assert.equal(newsOf(net, 0, {}), { received: false, sent: false });
    assert.is(newsOf(net, 1000, { received: true }), "no-queue");
  });

  test("await-link: what the link is already is answered at once", ({ net }) => {
    assert.is((net.call("awaitLink", true) as unknown as { up: boolean }).up, true);
  });

  if (loops) {
    test("wait: frames that came are news until they are received", ({ net, own }) => {
      net.move("receive", 0, [net.packet(), net.packet()]);
      net.free(sendAll(net, [net.packet(frameTo(own, own, 60, 1))]));
      for (let i = 0; i < 2; i++) assert.equal(newsOf(net, 0, { received: true }), { received: true, sent: false });
      net.free(net.move("receive", 0));
      net.free(reclaimAll(net));
      assert.equal(newsOf(net, 0, { received: true }), { received: false, sent: false });
    });

    test("receive: what was sent is received, byte for byte and in order, in every size", ({ net, own }) => {
      const buffers = Array.from({ length: 32 }, () => net.packet());
      assert.equal(net.move("receive", 0, buffers), []);
      const frames = Array.from({ length: 32 }, (_, i) => frameTo(own, own, Math.min(1514, 60 + i * 47), i));
      const sent = sendAll(
        net,
        frames.map((frame) => net.packet(frame)),
      );
      const back = net.move("receive", 0);
      assert.equal(
        back.map((packet) => net.see(packet).bytes),
        frames,
      );
      assert.ok(back.every((packet) => net.see(packet).fate === FATE.received && net.see(packet).queue === 0));
      assert.equal(back, buffers, "the very buffers: nothing was copied");
      net.free([...sent, ...back]);
    });

    test("receive: frames that find no buffer are counted as missed", ({ net, own }) => {
      net.move("receive", 0, [net.packet(), net.packet()]);
      const before = net.call("statistics") as unknown as Counters;
      net.free(
        sendAll(
          net,
          [1, 2, 3, 4, 5].map((i) => net.packet(frameTo(own, own, 60, i))),
        ),
      );
      const after = net.call("statistics") as unknown as Counters;
      const got = net.move("receive", 0);
      assert.is(got.length, 2);
      assert.is(after.missed - before.missed + BigInt(got.length), 5n);
      net.free([...got, ...reclaimAll(net)]);
    });

    test("receive: a queue holds as many buffers as it says, and no more", ({ net }) => {
      const { depth } = net.call("identify") as unknown as Identity;
      const surplus: number[] = [];
      for (let given = 0; given < depth + 64; given += 32) {
        surplus.push(
          ...net.move(
            "receive",
            0,
            Array.from({ length: 32 }, () => net.packet()),
          ),
        );
      }
      const given = Math.ceil((depth + 64) / 32) * 32;
      assert.is(surplus.length, given - depth);
      const held = reclaimAll(net);
      assert.is(held.length, depth);
      net.free([...surplus, ...held]);
    });

    test("reclaim: frames that are there come first, and the queue serves again afterwards", ({ net, own }) => {
      net.move("receive", 0, [net.packet(), net.packet(), net.packet()]);
      net.free(sendAll(net, [net.packet(frameTo(own, own, 60, 9))]));
      const back = reclaimAll(net);
      assert.equal(fatesOf(net, back), [FATE.received, FATE.empty, FATE.empty]);
      assert.equal(net.move("receive", 0, back), []);
      net.free(sendAll(net, [net.packet(frameTo(own, own, 99, 8))]));
      const again = reclaimAll(net);
      assert.equal(net.see(again[0] ?? 0).bytes, frameTo(own, own, 99, 8));
      assert.is(again.length, 3);
      net.free(again);
    });

    test("send and receive: thousands of frames through the rings, each once", ({ net, own }) => {
      let buffers = Array.from({ length: 32 }, () => net.packet());
      net.move(
        "receive",
        0,
        Array.from({ length: 32 }, () => net.packet()),
      );
      let packets = Array.from({ length: 32 }, () => net.packet());
      let next = 0;
      let expected = 0;
      for (let round = 0; round < 60; round++) {
        for (const packet of packets) net.fill(packet, frameTo(own, own, 60 + (next % 100), next++));
        packets = sendAll(net, packets);
        buffers = net.move("receive", 0, buffers);
        for (const packet of buffers) {
          assert.equal(net.see(packet).bytes, frameTo(own, own, 60 + (expected % 100), expected++));
        }
      }
      assert.is(expected, 60 * 32);
      net.free([...packets, ...buffers, ...reclaimAll(net)]);
    });
  }

  test.run();
}
