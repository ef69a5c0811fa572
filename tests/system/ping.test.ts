/**
 * `sumac run` of the ping systems, polled and by interrupts: a program of this machine asks by UDP, and a domain answers through shadow, driver and card; then the
 * kernel asks by `ping` through a TAP interface in a network of its own (skipped, with the reason, where that may not be made).
 */
import { spawn, spawnSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inPrivateNetwork, whyNoTap } from "../support/private-network.ts";

const ASKER = [0x02, 0, 0, 0, 0, 0x77];
const STATION = [0x02, 0, 0, 0, 0, 0x02];
const ASKER_IP = [192, 0, 2, 1];
const STATION_IP = [192, 0, 2, 2];

async function boundSocket(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

const SYSTEMS = ["ping", "ping-waiting"] as const;

/** A system of systems/ with another wire. */
function manifestFor(system: (typeof SYSTEMS)[number], wire: object): object {
  const manifest = JSON.parse(readFileSync(resolve(`systems/${system}.json`), "utf8")) as {
    devices: { card: { wire: object } };
    domains: { module: string }[];
  };
  manifest.devices.card.wire = wire;
  for (const domain of manifest.domains) domain.module = resolve("systems", domain.module);
  return manifest;
}

function checksum(bytes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

function withChecksum(bytes: readonly number[], at: number): number[] {
  const sum = ~checksum(bytes) & 0xffff;
  return bytes.map((byte, i) => (i === at ? sum >>> 8 : i === at + 1 ? sum & 0xff : byte));
}

const ARP = [...Array(6).fill(0xff), ...ASKER, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, ...ASKER, ...ASKER_IP, 0, 0, 0, 0, 0, 0, ...STATION_IP];

function echo(sequence: number, bytes: number): number[] {
  const payload = Array.from({ length: bytes }, (_, i) => (i + sequence) & 0xff);
  const icmp = withChecksum([8, 0, 0, 0, 0x12, 0x34, 0, sequence, ...payload], 2);
  const total = 20 + icmp.length;
  const ip = withChecksum([0x45, 0, total >>> 8, total & 0xff, 0, sequence, 0x40, 0, 64, 1, 0, 0, ...ASKER_IP, ...STATION_IP], 10);
  return [...STATION, ...ASKER, 8, 0, ...ip, ...icmp];
}

for (const name of SYSTEMS) {
  test(`systems/${name}.json: answers ARP and ICMP echo by UDP datagrams, and nothing else`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sumac-ping-"));
    const here = await boundSocket();
    const spare = await boundSocket();
    const { port } = spare.address();
    spare.close();
    await once(spare, "close");
    const path = join(folder, "ping.json");
    writeFileSync(
      path,
      JSON.stringify(manifestFor(name, { kind: "udp", local: `127.0.0.1:${port}`, remote: `127.0.0.1:${here.address().port}` })),
    );
    const system = spawn(process.execPath, ["host/cli/main.ts", "run", path], { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    system.stdout.on("data", (text) => (said += text));
    system.stderr.on("data", (text) => (said += text));
    const answers: Buffer[] = [];
    here.on("message", (frame) => answers.push(frame));
    /** Asks until it is answered: a datagram that comes before the system is there is lost. */
    const ask = async (frame: readonly number[]): Promise<Buffer> => {
      answers.length = 0;
      for (let i = 0; i < 200 && answers.length === 0 && system.exitCode === null; i++) {
        here.send(Uint8Array.from(frame), port, "127.0.0.1");
        await new Promise((wake) => setTimeout(wake, i < 20 ? 50 : 250));
      }
      const answer = answers.at(-1);
      if (answer === undefined) throw new Error(`no answer: ${said}`);
      return answer;
    };
    try {
      const arp = [...(await ask(ARP))];
      assert.equal(arp.slice(0, 42), [
        ...ASKER,
        ...STATION,
        8,
        6,
        0,
        1,
        8,
        0,
        6,
        4,
        0,
        2,
        ...STATION,
        ...STATION_IP,
        ...ASKER,
        ...ASKER_IP,
      ]);
      for (const [sequence, bytes] of [
        [1, 56],
        [2, 1],
        [3, 1400],
      ] as const) {
        const question = echo(sequence, bytes);
        // What came late of the question before is no answer to this one.
        here.send(Uint8Array.from(ARP.with(41, 3)), port, "127.0.0.1");
        let answer = [...(await ask(question))];
        for (let i = 0; i < 20 && answer[41] !== sequence; i++) answer = [...(await ask(question))];
        assert.equal(answer.slice(0, 14), [...ASKER, ...STATION, 8, 0]);
        assert.equal(answer.slice(26, 34), [...STATION_IP, ...ASKER_IP]);
        const icmp = answer.slice(34, 42 + bytes);
        assert.equal([icmp[0], icmp[1]], [0, 0]);
        assert.equal(icmp.slice(4), question.slice(38), "identifier, sequence and payload come back");
        assert.is(checksum(icmp.length % 2 === 0 ? icmp : [...icmp, 0]), 0xffff);
        assert.is(checksum(answer.slice(14, 34)), 0xffff);
      }
      assert.is(system.exitCode, null, said);
    } finally {
      system.kill();
      here.close();
      rmSync(folder, { recursive: true });
    }
  });
}

const reason = whyNoTap();
if (reason !== undefined) console.log(`SKIP ping through TAP: ${reason}`);

/** More questions of one asker than the station has buffers: one flow must not use up its queue. */
const QUESTIONS = 300;
const SCRIPT = `
  "$0" host/cli/main.ts run "$1" & system=$!
  for i in $(seq 100); do ip link set sumac0 up 2>/dev/null && break; sleep 0.1; done
  ip address add 192.0.2.1/24 dev sumac0
  for i in $(seq 30); do ping -q -c 1 -W 1 192.0.2.2 >/dev/null && break; done
  ping -q -i 0.01 -c ${QUESTIONS} -W 10 -s 1400 192.0.2.2
  kill -INT $system; wait $system; echo "ended with $?"
  ip link show sumac0 2>/dev/null && echo "sumac0 is left"
`;

for (const name of SYSTEMS) {
  (reason === undefined ? test : test.skip)(
    `sumac run: ping from the machine's kernel reaches a domain through a TAP wire of ${name}.json, without a loss`,
    () => {
      const folder = mkdtempSync(join(tmpdir(), "sumac-ping-tap-"));
      try {
        const path = join(folder, "ping.json");
        writeFileSync(path, JSON.stringify(manifestFor(name, { kind: "tap", name: "sumac0" })));
        const [file, args] = inPrivateNetwork(["sh", "-c", SCRIPT, process.execPath, path]);
        const { stdout, stderr } = spawnSync(file, args, { encoding: "utf8", timeout: 90_000, killSignal: "SIGKILL" });
        assert.match(stdout, new RegExp(`${QUESTIONS} packets transmitted, ${QUESTIONS} received, 0% packet loss`), `${stdout}${stderr}`);
        assert.match(stdout, /ended with 130/, stderr);
        assert.not.match(stdout, /is left/);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
}

test.run();
