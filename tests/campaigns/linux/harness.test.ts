/** The parts of the campaigns with Linux that need no Linux: archive, module order, verdicts, interrupt lines, frames on a cable. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { InterruptLine, Mmio, PciModel } from "../../../devices/ports.ts";
import { cpio } from "./cpio.ts";
import { Cable } from "./ixgbe/cable.ts";
import { checkFrame } from "./ixgbe/frame-check.ts";
import { Responder } from "./ixgbe/responder.ts";
import { modulesInOrder } from "./kernel-modules.ts";
import { PciBridge } from "./pci-bridge.ts";
import type { V86Cpu } from "./v86.ts";
import { judge } from "./verdict.ts";

const test = suite("Linux campaigns' harness");

/** Names, modes and contents of an archive, read by the format's description. */
function readCpio(bytes: Uint8Array): [string, string, string][] {
  const text = Buffer.from(bytes).toString("latin1");
  const entries: [string, string, string][] = [];
  for (let at = 0; ; ) {
    assert.is(text.slice(at, at + 6), "070701", `an entry begins at ${at}`);
    const field = (i: number): number => Number.parseInt(text.slice(at + 6 + 8 * i, at + 14 + 8 * i), 16);
    const [mode, size, nameBytes] = [field(1), field(6), field(11)];
    const data = (at + 110 + nameBytes + 3) & ~3;
    const name = text.slice(at + 110, at + 109 + nameBytes);
    if (name === "TRAILER!!!") return entries;
    entries.push([name, mode.toString(8), text.slice(data, data + size)]);
    at = (data + size + 3) & ~3;
  }
}

test("cpio: folders, files, links and devices are read back as they were written", () => {
  const archive = cpio([
    { kind: "folder", path: "bin" },
    { kind: "file", path: "bin/tool", bytes: Buffer.from("12345"), executable: true },
    { kind: "file", path: "notes", bytes: Buffer.from("") },
    { kind: "link", path: "bin/sh", target: "tool" },
    { kind: "device", path: "dev/console", major: 5, minor: 1 },
  ]);
  assert.equal(readCpio(archive), [
    ["bin", "40755", ""],
    ["bin/tool", "100755", "12345"],
    ["notes", "100644", ""],
    ["bin/sh", "120777", "tool"],
    ["dev/console", "20600", ""],
  ]);
  assert.is(archive.length % 4, 0);
});

test("modulesInOrder: each module stands behind what it needs, once, whatever the spelling; an unknown name is named", () => {
  const root = mkdtempSync(join(tmpdir(), "sumac-modules-"));
  try {
    mkdirSync(join(root, "lib", "modules", "6.1", "a"), { recursive: true });
    const put = (name: string, depends: string): void =>
      writeFileSync(join(root, "lib", "modules", "6.1", "a", `${name}.ko`), `ELF\0depends=${depends}\0license=GPL\0`);
    put("top-one", "middle_one,base");
    put("middle-one", "base");
    put("base", "");
    assert.equal(
      modulesInOrder(root, ["top_one", "base"]).map(({ name }) => name),
      ["base", "middle-one", "top-one"],
    );
    assert.throws(() => modulesInOrder(root, ["other"]), /no module other/);
  } finally {
    rmSync(root, { recursive: true });
  }
});

const GOOD = ["@@ booted 6.1", "@@ ok one", "@@ fact size 12 kB", "@@ log", "<12>[ 1.0] sumac: the test begins", "@@ end"];

test("judge: a good boot has no problems, and its facts are known", () => {
  const verdict = judge(GOOD, "step one true");
  assert.equal([verdict.problems, verdict.passed, verdict.facts.get("size")], [[], ["one"], "12 kB"]);
});

test("judge: failed steps, steps that did not run, a script that does not end, and lines of the log are problems", () => {
  const problems = (lines: readonly string[], script = "step one true", expected: readonly RegExp[] = []): string[] => [
    ...judge(lines, script, expected).problems,
  ];
  const withLog = (line: string): string[] => [...GOOD.slice(0, -1), line, "@@ end"];
  assert.match(problems(["@@ booted 6.1", "said this", "@@ FAIL one (exit 3)", ...GOOD.slice(2)]).join(), /one \(exit 3\):.*said this/);
  assert.match(problems(GOOD, "step one true\nstep two true").join(), /step two did not run/);
  assert.match(problems(GOOD.slice(0, -1)).join(), /did not end/);
  assert.match(problems(withLog("<4>[ 2.0] nvme nvme0: something is odd")).join(), /something is odd/);
  assert.match(problems(withLog("<6>[ 2.0] nvme nvme0: I/O 3 QID 1 timeout")).join(), /QID 1 timeout/);
  assert.equal(problems(withLog("<6>[ 2.0] nvme nvme0: 1/0/0 default/read/poll queues")), []);
  assert.equal(problems(withLog("<4>[ 2.0] nvme nvme0: something is odd"), "step one true", [/something is odd/]), []);
  assert.match(problems(["<4>[ 0.5] early warning", ...GOOD.slice(0, -2), "@@ end"]).join(), /log is missing/);
});

/** As much of v86 as the bridge touches. */
function fakeCpu(): {
  cpu: V86Cpu;
  lines: string[];
  flags: Int32Array;
  windows: Map<number, { write32: (at: number, value: number) => void }>;
} {
  const lines: string[] = [];
  const flags = Int32Array.of(0x200);
  const windows = new Map<number, { write32: (at: number, value: number) => void }>();
  const enabled = (): string => ((flags[0] ?? 0) & 0x200 ? "" : " while disabled");
  const pci = {
    register_device: () => {},
    pci_addr: new Uint8Array(4),
    pci_response32: new Int32Array(1),
    pci_status32: new Int32Array(1),
    isa_bridge_space8: new Uint8Array(256).fill(11, 0x60, 0x64),
    pci_query: () => {},
    pci_write8: () => {},
    pci_write16: () => {},
    pci_write32: () => {},
  };
  const cpu: V86Cpu = {
    mem8: new Uint8Array(0x1_0000),
    flags,
    io: { mmap_register: (address, _bytes, _r8, _w8, _r32, write32) => windows.set(address, { write32 }) },
    devices: { pci },
    device_raise_irq: (irq) => lines.push(`raise ${irq}${enabled()}`),
    device_lower_irq: (irq) => lines.push(`lower ${irq}${enabled()}`),
    jit_dirty_cache: () => {},
  };
  return { cpu, lines, flags, windows };
}

/** A device whose register 0 is its pin. */
function pinModel(): { model: PciModel; pin: () => InterruptLine } {
  let line: InterruptLine | undefined;
  const pin = (): InterruptLine => line ?? { set: () => {} };
  const window = { write32: (_offset: number, value: number) => pin().set(value !== 0) } as unknown as Mmio;
  const model: PciModel = {
    identity: { vendor: 1, device: 2, classCode: 0, interruptPin: 1, bars: [{ index: 0, kind: "memory32", bytes: 0x1000 }] },
    window: () => window,
    start: (_dma, given) => {
      line = given;
    },
    stop: () => {},
  };
  return { model, pin };
}

test("PciBridge: two pins on one line keep it high until both are low", () => {
  const { cpu, lines } = fakeCpu();
  const bridge = new PciBridge(cpu, 0x1_0000);
  const [first, second] = [pinModel(), pinModel()];
  bridge.plug(8, first.model);
  bridge.plug(12, second.model);
  first.pin().set(true);
  second.pin().set(true);
  first.pin().set(false);
  assert.equal(lines, ["raise 11", "raise 11"]);
  second.pin().set(false);
  assert.equal(lines, ["raise 11", "raise 11", "lower 11"]);
});

test("PciBridge: a window is where the guest put it, and a line that changes inside an access changes with interrupts disabled", () => {
  const { cpu, lines, flags, windows } = fakeCpu();
  const bridge = new PciBridge(cpu, 0x1_0000);
  bridge.plug(8, pinModel().model);
  const { pci } = cpu.devices;
  pci.pci_write32(0x8000_4010 | 0, 0xe010_0000 | 0);
  pci.pci_write16(0x8000_4004 | 0, 6);
  windows.get(0xe010_0000)?.write32(0xe010_0000 | 0, 1);
  assert.equal([lines, flags[0]], [["raise 11 while disabled"], 0x200]);
  assert.is(bridge.accesses, 1);
});

/** An IPv4 frame with an ICMP echo request to 10.0.0.1, with right checksums. */
function echoRequest(): Uint8Array {
  const hex = "020000000001 020000000002 0800 4500001e000040004001 26dd 0a000002 0a000001 0800 f7fc 0001 0002 0000";
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  const frame = new Uint8Array(60);
  frame.set(bytes);
  return frame;
}

test("checkFrame: a right frame passes, and every changed bit of its IP packet is found", () => {
  const frame = echoRequest();
  assert.equal(checkFrame(frame), { vlan: undefined, kind: "icmp", problem: undefined });
  const missed: string[] = [];
  for (let bit = 14 * 8; bit < 44 * 8; bit++) {
    const changed = frame.slice();
    changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (0x80 >>> (bit & 7));
    if (checkFrame(changed).problem === undefined) missed.push(`byte ${bit >>> 3} bit ${bit & 7}`);
  }
  assert.equal(missed, []);
});

test("Responder: an echo request comes back as a reply with right checksums, and only when the cable is carried", () => {
  const cable = new Cable(() => {});
  const answers: Uint8Array[] = [];
  cable.left.attach({ receive: (frame, length) => answers.push(frame.slice(0, length)), carrier: () => {} });
  new Responder(cable.right, [10, 0, 0, 1]);
  cable.left.send(echoRequest(), 60);
  assert.is(answers.length, 0);
  cable.carry();
  cable.carry();
  const [answer = new Uint8Array(60)] = answers;
  assert.equal([checkFrame(answer).kind, checkFrame(answer).problem, answer[34]], ["icmp", undefined, 0]);
  assert.equal([...answer.subarray(26, 34)], [10, 0, 0, 1, 10, 0, 0, 2]);
  assert.equal(
    [cable.sent, cable.received.left],
    [
      { left: { frames: 1, bytes: 60 }, right: { frames: 1, bytes: 60 } },
      { frames: 1, bytes: 60 },
    ],
  );
});

test("Cable: what is on its way when it is pulled out is lost, and both ends hear of it", () => {
  const cable = new Cable(() => {});
  const heard: string[] = [];
  cable.left.attach({ receive: () => heard.push("frame"), carrier: (up) => heard.push(`left ${up}`) });
  cable.right.attach({ receive: () => heard.push("frame"), carrier: (up) => heard.push(`right ${up}`) });
  cable.left.send(echoRequest(), 60);
  cable.plugged = false;
  cable.carry();
  cable.plugged = true;
  cable.carry();
  assert.equal(heard, ["left false", "right false", "left true", "right true"]);
});

test.run();
