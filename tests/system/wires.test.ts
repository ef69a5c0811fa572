/** Wires that a manifest names: which fields belong to which, and a capture that is replayed to a domain, with faults, into another one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { captureBlock, captureHeader } from "../../host/backends/net/pcapng.ts";
import { capturedFrames } from "../../host/backends/net/pcapng-reader.ts";
import { projectRoot, trustedKeys } from "../../host/loader/keys.ts";
import { bootManifest } from "../../host/system/boot.ts";
import { type Manifest, parseManifest } from "../../host/system/manifest.ts";
import { Resources } from "../../host/system/resources.ts";
import { PlainDma } from "../support/plain-dma.ts";

const ASKER = [2, 0, 0, 0, 0, 0x77];
const STATION = [2, 0, 0, 0, 0, 0x02];
const ARP_REPLY = 2;

function withWire(wire: object): Manifest {
  const devices = { card: { model: "ixgbe", wire } };
  return parseManifest(JSON.stringify({ name: "m", devices, domains: [{ name: "a", module: "a.wasm" }] }), "m.json");
}

test("parseManifest: each kind of wire has its fields, and any may have a capture and faults", () => {
  const faults = { seed: 3, loss: 0.01, duplication: 0, corruption: 1, delay: 0.5, mostHeld: 9, megabitsPerSecond: 100 };
  for (const wire of [
    { kind: "loopback" },
    { kind: "switch", name: "lan", capture: "lan.pcapng" },
    { kind: "udp", local: "127.0.0.1:9010", remote: "[::1]:9011", faults },
    { kind: "tap", name: "sumac0" },
    { kind: "passt", socket: "/run/passt.socket", faults: {}, capture: "c" },
    { kind: "replay", file: "in.pcapng", pace: "fast" },
  ]) {
    assert.equal(withWire(wire).devices?.card?.wire, wire);
  }
});

test("parseManifest: what is wrong with a wire is said with its place", () => {
  for (const [wire, message] of [
    [{ kind: "tap" }, 'm.json: /devices/card/wire/name: missing: a wire of kind "tap" needs it'],
    [{ kind: "udp", local: "127.0.0.1:1" }, 'm.json: /devices/card/wire/remote: missing: a wire of kind "udp" needs it'],
    [{ kind: "loopback", pace: "fast" }, 'm.json: /devices/card/wire/pace: no field of a wire of kind "loopback": leave it out'],
    [{ kind: "tap", name: "a name/of:mine" }, 'm.json: /devices/card/wire/name: "a name/of:mine" cannot be an interface\'s name'],
    [{ kind: "tap", name: "sixteen-letters-" }, "cannot be an interface's name"],
    [{ kind: "tap", name: ".." }, "cannot be an interface's name"],
    [{ kind: "udp", local: "127.0.0.1:1", remote: "127.0.0.1:0" }, 'm.json: /devices/card/wire/remote: "127.0.0.1:0" has no port'],
    [{ kind: "udp", local: "[::1]:65536", remote: "[::1]:1" }, 'm.json: /devices/card/wire/local: "[::1]:65536" has no port'],
    [{ kind: "tape", name: "x" }, "m.json: /devices/card/wire/kind: "],
    [{ kind: "loopback", faults: { loss: 1.5 } }, "m.json: /devices/card/wire/faults/loss: "],
    [{ kind: "loopback", faults: { luck: 1 } }, "m.json: /devices/card/wire/faults/luck: unknown field"],
    [{ kind: "loopback", captures: "x" }, "m.json: /devices/card/wire/captures: unknown field"],
  ] as const) {
    assert.throws(
      () => withWire(wire),
      (error: Error) => {
        assert.ok(error.message.includes(message), error.message);
        return true;
      },
    );
  }
});

test("Resources: what a card's wire has lost stands beside the card, by way and reason, whatever the wire is made of", () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-wires-"));
  const wire = { kind: "switch", name: "lan", faults: { loss: 1 }, capture: "lan.pcapng" };
  const resources = new Resources(withWire(wire), join(folder, "m.json"), {});
  try {
    resources.open();
    resources.network.cards.get("card")?.start(new PlainDma(4096));
    const [lan] = resources.network.switches.values();
    const station = lan?.port();
    for (let i = 0; i < 3; i++) station?.send(question(100), 60);
    const none = { full: 0, tooLong: 0, down: 0, refused: 0, faults: 0 };
    const [card] = resources.gauges();
    const activity = { kind: "frames", received: 0, sent: 0, lost: 0, wireLost: { in: { ...none, faults: 3 }, out: none } };
    assert.equal([card?.name, card?.activity()], ["card", activity]);
  } finally {
    resources.close(false);
    rmSync(folder, { recursive: true });
  }
});

/** Who asks for 192.0.2.2, as 192.0.2.`last`. */
function question(last: number): Uint8Array {
  const frame = new Uint8Array(60);
  frame.set([...Array(6).fill(0xff), ...ASKER, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, ...ASKER, 192, 0, 2, last, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2]);
  return frame;
}

/** Boots systems/ping.json with another wire, has it answer, and gives what its capture holds. */
async function conversation(folder: string, wire: object, answers: number): Promise<Uint8Array[]> {
  const manifest = JSON.parse(readFileSync("systems/ping.json", "utf8")) as {
    devices: { card: { wire: object } };
    domains: { module: string; limits: { callBudgetMs: number } }[];
  };
  manifest.devices.card.wire = { ...wire, capture: "out.pcapng" };
  for (const domain of manifest.domains) {
    domain.module = resolve("systems", domain.module);
    // What waits for a frame that never comes ends all the same.
    domain.limits.callBudgetMs = 20_000;
  }
  const path = join(folder, "ping.json");
  writeFileSync(path, JSON.stringify(manifest));
  const { system, finish } = await bootManifest(path, { trusted: await trustedKeys(projectRoot(resolve(".")), []) });
  const called = system.export("responder", "sumac:ping/responder@0.1.0").answer?.(answers);
  await finish(false);
  assert.is(called?.ok, true, JSON.stringify(called));
  return capturedFrames(new Uint8Array(readFileSync(join(folder, "out.pcapng")))).map(({ bytes }) => bytes);
}

test("bootManifest: a capture is replayed to a domain and its answers are captured; faults are the same for the same seed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sumac-wires-"));
  try {
    const blocks = Array.from({ length: 40 }, (_, i) => captureBlock(question(100 + i), 60, 1000 * i));
    writeFileSync(join(folder, "in.pcapng"), Buffer.concat([captureHeader(), ...blocks]));
    const replay = { kind: "replay", file: "in.pcapng", pace: "fast" };
    const isReply = (frame: Uint8Array): boolean => frame[21] === ARP_REPLY;
    const asked = (frames: readonly Uint8Array[]): number[] => frames.filter(isReply).map((frame) => frame[41] ?? 0);
    const all = await conversation(folder, replay, 40);
    assert.equal(
      asked(all),
      Array.from({ length: 40 }, (_, i) => 100 + i),
      "each question has its answer, in order",
    );
    assert.equal([...(all.find(isReply) ?? []).slice(0, 12)], [...ASKER, ...STATION]);
    const faults = { seed: 5, loss: 0.3 };
    const once = await conversation(folder, { ...replay, faults }, 20);
    const again = await conversation(folder, { ...replay, faults }, 20);
    const questions = (frames: readonly Uint8Array[]): number[] => frames.filter((frame) => !isReply(frame)).map((frame) => frame[31] ?? 0);
    assert.ok(questions(once).length < 40, "some were lost");
    assert.equal(questions(once), questions(again));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
