/**
 * The passt wire against a peer of the test's own, which speaks the same in pieces of any size, and against passt itself where it is
 * installed (skipped, with the reason, where not): it answers ARP for its gateway and DHCP with the address that it was given.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FrameRing } from "../../../host/backends/net/frame-ring.ts";
import { openPasst } from "../../../host/backends/net/passt.ts";
import { StreamFrames } from "../../../host/backends/net/stream-frames.ts";
import type { ThreadWire } from "../../../host/backends/net/thread-wire.ts";
import { SumacError } from "../../../host/errors.ts";
import { seededRandom } from "../../../host/platform/seeded-random.ts";

const MAC = [2, 0, 0, 0, 0, 9];
const GATEWAY = [198, 51, 100, 1];
const ADDRESS = [198, 51, 100, 2];

interface Heard {
  readonly frames: Uint8Array[];
  readonly carriers: boolean[];
}

function listen(wire: ThreadWire): Heard {
  const heard: Heard = { frames: [], carriers: [] };
  wire.attach({
    receive: (frame, length) => void heard.frames.push(frame.slice(0, length)),
    carrier: (up) => void heard.carriers.push(up),
  });
  return heard;
}

/** Nobody polls: the wire delivers whenever this thread is idle. */
async function until(isSo: () => boolean): Promise<boolean> {
  for (let i = 0; i < 500 && !isSo(); i++) await new Promise((wake) => setTimeout(wake, 10));
  return isSo();
}

const folder = mkdtempSync(join(tmpdir(), "sumac-passt-"));
// passt gives up root's rights before it makes its socket.
chmodSync(folder, 0o777);
let peers = 0;

async function peer(onSocket: (socket: Socket) => void): Promise<{ readonly path: string; readonly server: Server }> {
  const path = join(folder, `peer-${peers++}`);
  const server = createServer(onSocket);
  server.listen(path);
  await once(server, "listening");
  return { path, server };
}

/** In pieces that are cut anywhere. */
function framed(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(frames.flatMap((frame) => [Uint8Array.of(0, 0, frame.length >>> 8, frame.length & 0xff), frame]));
}

test("StreamFrames: frames come out whole wherever the stream was cut, and a length that is none ends it", () => {
  const random = seededRandom(11);
  const frames = Array.from({ length: 200 }, (_, i) => new Uint8Array(60 + Math.floor(random() * 1400)).fill(i));
  const ring = new FrameRing();
  const stream = new StreamFrames(ring);
  const bytes = framed(frames);
  const into = new Uint8Array(2048);
  const came: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(random() * 3000);
    assert.ok(stream.take(bytes.subarray(at, at + size)));
    at += size;
    for (let length = ring.pop(into); length > 0; length = ring.pop(into)) came.push(into.slice(0, length));
  }
  assert.equal(came, frames);
  assert.not(new StreamFrames(ring).take(Uint8Array.of(0, 2, 0, 0)));
  assert.not(new StreamFrames(ring).take(Uint8Array.of(0, 0, 0, 0)));
});

test("openPasst: frames go both ways with their lengths; when the other side goes, the link does", async () => {
  let socket: Socket | undefined;
  let said = Buffer.alloc(0);
  const { path, server } = await peer((taken) => {
    socket = taken;
    taken.on("data", (bytes) => {
      said = Buffer.concat([said, bytes as Uint8Array]);
    });
  });
  const wire = openPasst(path);
  const heard = listen(wire);
  assert.ok(wire.up);
  const frames = [new Uint8Array(60).fill(1), new Uint8Array(1514).fill(2)];
  for (const frame of frames) wire.send(frame, frame.length);
  const wanted = framed(frames);
  assert.ok(await until(() => said.length >= wanted.length), "nothing arrived there");
  assert.ok(said.equals(wanted));
  socket?.write(framed([new Uint8Array(42).fill(3), new Uint8Array(100).fill(4)]));
  assert.ok(await until(() => heard.frames.length === 2), "nothing arrived here");
  assert.equal(
    heard.frames.map((frame) => [frame.length, frame[0], frame.at(-1)]),
    [
      [60, 3, 0],
      [100, 4, 4],
    ],
    "what is short is padded",
  );
  socket?.destroy();
  assert.ok(await until(() => heard.carriers.length > 0), "the link stays");
  assert.equal([wire.up, heard.carriers], [false, [false]]);
  wire.close();
  server.close();
});

test("openPasst: frames of any length go both ways, and what finds no room or nobody is counted", async () => {
  let socket: Socket | undefined;
  let said = 0;
  const { path, server } = await peer((taken) => {
    socket = taken;
    taken.on("error", () => {});
    taken.on("data", (bytes) => (said += bytes.length));
  });
  const wire = openPasst(path);
  const heard = listen(wire);
  const jumbo = new Uint8Array(9014).fill(5);
  const longest = new Uint8Array(65_535).fill(6);
  for (const one of [jumbo, longest]) wire.send(one, one.length);
  assert.ok(await until(() => said === framed([jumbo, longest]).length), `${said} bytes arrived`);
  socket?.write(framed([jumbo, longest]));
  assert.ok(await until(() => heard.frames.length === 2), "nothing arrived here");
  assert.equal(heard.frames, [jumbo, longest]);
  assert.is(
    Object.values(wire.losses.out).reduce((sum, count) => sum + count, 0),
    0,
  );
  // One that reads nothing any more: the socket fills up, and then the ring does.
  socket?.pause();
  const before = said;
  const sent = 2000;
  for (let i = 0; i < sent; i++) wire.send(jumbo, jumbo.length);
  const { full } = wire.losses.out;
  assert.ok(full > 1000, `${full} found no room`);
  socket?.resume();
  const rest = (sent - full) * (jumbo.length + 4);
  assert.ok(await until(() => said - before === rest), `of ${rest} bytes ${said - before} arrived`);
  socket?.destroy();
  assert.ok(await until(() => !wire.up));
  wire.send(jumbo, jumbo.length);
  assert.is(wire.losses.out.down, 1);
  wire.close();
  server.close();
});

test("openPasst: a peer that speaks something else is hung up on", async () => {
  const { path, server } = await peer((socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const wire = openPasst(path);
  const heard = listen(wire);
  assert.ok(await until(() => heard.carriers.length > 0), "the link stays");
  assert.equal(heard.frames, []);
  wire.close();
  server.close();
});

test("openPasst: nobody there is an error that names the socket and the remedy", () => {
  try {
    openPasst(join(folder, "nobody")).close();
    assert.unreachable("it opened");
  } catch (error) {
    assert.instance(error, SumacError);
    assert.match((error as Error).message, /^passt .*nobody: cannot be connected \(.*ENOENT.*\): start `passt --socket .*nobody` first$/);
  }
});

const isThere = spawnSync("passt", ["--version"]).error === undefined;
if (!isThere) console.log("SKIP passt itself: it is not installed (Debian: passt)");

(isThere ? test : test.skip)("openPasst: passt answers ARP for the gateway, and DHCP with the address that it was given", async () => {
  const path = join(folder, "passt");
  const options = ["--foreground", "--quiet", "--socket", path, "-a", ADDRESS.join("."), "-n", "24", "-g", GATEWAY.join(".")];
  const passt: ChildProcess = spawn("passt", options, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  passt.stderr?.on("data", (text) => (said += text));
  try {
    assert.ok(await until(() => existsSync(path) || passt.exitCode !== null), "passt does not listen");
    assert.is(passt.exitCode, null, said);
    const wire = openPasst(path);
    const { frames } = listen(wire);
    const arp = Uint8Array.of(
      ...Array(6).fill(0xff),
      ...MAC,
      8,
      6,
      0,
      1,
      8,
      0,
      6,
      4,
      0,
      1,
      ...MAC,
      ...ADDRESS,
      ...Array(6).fill(0),
      ...GATEWAY,
    );
    wire.send(arp, arp.length);
    const isReply = (frame: Uint8Array): boolean => frame[12] === 8 && frame[13] === 6 && frame[21] === 2;
    assert.ok(await until(() => frames.some(isReply)), `no answer to ARP: ${said}`);
    assert.equal([...(frames.find(isReply) ?? []).slice(28, 32)], GATEWAY);
    const discover = dhcpDiscover();
    wire.send(discover, discover.length);
    const isOffer = (frame: Uint8Array): boolean => frame[23] === 17 && frame[35] === 67 && frame[37] === 68;
    assert.ok(await until(() => frames.some(isOffer)), `no answer to DHCP: ${said}`);
    // BOOTP begins at 42, "your address" is at 16 in it.
    assert.equal([...(frames.find(isOffer) ?? []).slice(58, 62)], ADDRESS);
    wire.close();
  } finally {
    passt.kill();
  }
});

/** [RFC2131] 2, figure 1, in UDP from 68 to 67 without a checksum. */
function dhcpDiscover(): Uint8Array {
  const bootp = new Uint8Array(300);
  bootp.set([1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78]);
  bootp.set(MAC, 28);
  bootp.set([0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255], 236);
  const udp = [0, 68, 0, 67, (bootp.length + 8) >>> 8, (bootp.length + 8) & 0xff, 0, 0];
  const total = 20 + udp.length + bootp.length;
  const ip = [0x45, 0, total >>> 8, total & 0xff, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255];
  let sum = 0;
  for (let i = 0; i < ip.length; i += 2) sum += ((ip[i] ?? 0) << 8) | (ip[i + 1] ?? 0);
  sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  return Uint8Array.of(...Array(6).fill(0xff), ...MAC, 8, 0, ...ip.with(10, sum >>> 8).with(11, sum & 0xff), ...udp, ...bootp);
}

test.after(() => rmSync(folder, { recursive: true }));
test.run();
