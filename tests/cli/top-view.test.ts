/** What `sumac top` shows for given numbers, and what its keys do, without a terminal. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytesText, cpuText, durationText, fit, shortNumber, tableLines, widthOf } from "../../host/cli/table.ts";
import { rated } from "../../host/cli/top-rates.ts";
import { frame, observed, pressed, START, type TopState } from "../../host/cli/top-view.ts";
import type { BlockActivity, DeviceRow, DomainRow, Snapshot, WireLosses } from "../../host/control/protocol.ts";

function domainRow(name: string, parts: Partial<DomainRow> = {}): DomainRow {
  return {
    name,
    generation: 1,
    state: "running",
    cpu: 0,
    cpuMicros: 0,
    calls: 0,
    failedCalls: 0,
    deaths: 0,
    restarts: 0,
    lastCause: null,
    heapBytes: 0,
    heapObjects: 0,
    heapLimitBytes: 65536,
    memoryBytes: 65536,
    memoryLimitBytes: 65536,
    threads: 0,
    ...parts,
  };
}

function snapshot(atMs: number, domains: readonly DomainRow[], parts: Partial<Snapshot> = {}): Snapshot {
  return {
    system: { name: "demo", pid: 42, version: "0", startedAtMs: 0, cpus: 1, heapMaxBytes: 1 << 20 },
    atMs,
    answering: true,
    silentMs: 0,
    heap: { bytes: 1 << 19, objects: 12 },
    chains: [["app", "driver"]],
    domains,
    devices: [DISK],
    ...parts,
  };
}

const NO_LATENCY = Array.from({ length: 24 }, () => 0);
const ACTIVITY: BlockActivity = {
  kind: "blocks",
  readCommands: 1000,
  writeCommands: 10,
  readBytes: 4_096_000,
  writtenBytes: 40_960,
  errors: 0,
  queues: [{ id: 1, depth: 3, entries: 64 }],
  latency: NO_LATENCY,
};
const DISK: DeviceRow = { name: "disk", model: "nvme", inFlight: 3, activity: ACTIVITY };

const FIRST = snapshot(10_000, [domainRow("app"), domainRow("driver", { calls: 1000, cpuMicros: 500_000 })]);
const SECOND = snapshot(12_000, [
  domainRow("app", { cpuMicros: 200_000, calls: 1 }),
  domainRow("driver", {
    generation: 3,
    calls: 25_000,
    cpuMicros: 1_900_000,
    failedCalls: 4,
    deaths: 2,
    restarts: 2,
    heapBytes: 24_704,
    heapObjects: 4,
  }),
]);

function after(...snapshots: readonly Snapshot[]): TopState {
  let state = START;
  snapshots.forEach((each, i) => {
    state = observed(state, rated(each, snapshots[i - 1]));
  });
  return state;
}

function text(state: TopState, columns = 100, rows = 14): string[] {
  return frame(state, { columns, rows }).map((line) =>
    line
      .map((piece) => piece.text)
      .join("")
      .trimEnd(),
  );
}

function keys(state: TopState, ...pressedKeys: readonly string[]): TopState {
  return pressedKeys.reduce((now, key) => pressed(now, key).state, state);
}

test("rated: rates are differences over the time between two looks; a first look, and a domain that is new, have none", () => {
  const first = rated(FIRST, undefined);
  assert.equal([first.callsPerSecond, first.busy, first.domains[1]?.cpuShare], [null, [null], null]);
  const second = rated(SECOND, FIRST);
  assert.equal(
    second.domains.map(({ cpuShare, callsPerSecond }) => [cpuShare, callsPerSecond]),
    [
      [0.1, 0.5],
      [0.7, 12_000],
    ],
  );
  assert.is(second.callsPerSecond, 12_000.5);
  assert.ok(Math.abs((second.busy[0] ?? 0) - 0.8) < 1e-9);
  const third = rated(snapshot(13_000, [...SECOND.domains, domainRow("new", { calls: 9 })]), SECOND);
  assert.is(third.domains[2]?.callsPerSecond, null);
});

test("rated: two domains of one name are told apart by their order", () => {
  const before = snapshot(1000, [domainRow("made", { calls: 10 }), domainRow("made", { calls: 20 })]);
  const now = snapshot(2000, [domainRow("made", { calls: 15 }), domainRow("made", { calls: 90 })]);
  assert.equal(
    rated(now, before).domains.map(({ callsPerSecond }) => callsPerSecond),
    [5, 70],
  );
});

test("frame: everything that is known, as a picture", () => {
  assert.equal(text(after(FIRST, SECOND)), [
    "demo  pid 42  up 0:12  1 CPU  2 of 2 domains running  2 deaths  2 restarts",
    "CPU  ████████████████░░░░  80 %  12.0k calls/s  █",
    "heap ██████████░░░░░░░░░░ 512 KiB of 1.0 MiB, 12 objects",
    "runs app → driver",
    "devs disk (nvme): 3 in flight  read 0/s 0 B/s  write 0/s 0 B/s",
    "       queues 1:3/64",
    "",
    "  DOMAIN             GEN STATE     CPU%    TIME CALLS/S CALLS ERRORS DEATHS RESTARTS      HEAP   OBJ",
    "▶ driver               3 running   70.0   1.90s   12.0k 25.0k      4      2        2  24.1 KiB     4",
    "  app                  1 running   10.0   0.20s       1     1      0      0        0       0 B     0",
    "",
    "",
    "",
    "↑↓ select  ←→ sort  i invert  k kill  r restart  q quit",
  ]);
});

test("frame: what devices did since the look before: rates, depths of queues, and latencies as a bar for each power of two", () => {
  const latency = [100, 0, 400, 40, 1, ...NO_LATENCY.slice(5)];
  const later: DeviceRow = {
    ...DISK,
    activity: { ...ACTIVITY, readCommands: 3000, readBytes: 12_288_000, writeCommands: 30, writtenBytes: 122_880, latency },
  };
  const none = { full: 0, tooLong: 0, down: 0, refused: 0, faults: 0 };
  const frames = (received: number, wireLost: WireLosses = { in: none, out: none }): DeviceRow => ({
    name: "card",
    model: "ixgbe",
    inFlight: null,
    activity: { kind: "frames", received, sent: 2 * received, lost: 0, wireLost },
  });
  const state = after(snapshot(0, [], { devices: [DISK, frames(0)] }), snapshot(2000, [], { devices: [later, frames(4000)] }));
  assert.equal(text(state).slice(4, 7), [
    "devs disk (nvme): 3 in flight  read 1000/s 3.9 MiB/s  write 10/s 40.0 KiB/s",
    "       queues 1:3/64  latency 0 ▃ █▁▁ 16µs, p50 <4µs p99 <8µs",
    "     card (ixgbe): in 2000/s  out 4000/s  lost 0/s",
  ]);
  const lost = { in: { ...none, full: 12 }, out: { full: 1, tooLong: 2, down: 3, refused: 0, faults: 5000 } };
  const lossy = after(snapshot(0, [], { devices: [frames(0)] }), snapshot(2000, [], { devices: [frames(4000, lost)] }));
  assert.equal(text(lossy).slice(4, 6), [
    "devs card (ixgbe): in 2000/s  out 4000/s  lost 0/s",
    "       wire has lost: in 12 no room  out 1 no room, 2 too long, 3 nobody there, 5000 faults",
  ]);
});

test("frame: one line says how busy each of several CPUs is", () => {
  const system = { name: "demo", pid: 42, version: "0", startedAtMs: 0, cpus: 2, heapMaxBytes: 1 << 20 };
  const rows = (cpuMicros: number): DomainRow[] => [
    domainRow("near", { cpuMicros }),
    domainRow("far", { cpu: 1, cpuMicros: 3 * cpuMicros }),
  ];
  const state = after(snapshot(0, rows(0), { system }), snapshot(1000, rows(200_000), { system }));
  assert.is(text(state)[1], "CPU  ████████░░░░░░░░░░░░  40 % (0: 20  1: 60)  0 calls/s  ▁");
});

test("frame: as many lines as there are rows, none wider than the terminal, whatever the size", () => {
  const many = Array.from({ length: 60 }, (_, i) => domainRow(`domain-${i}-${"x".repeat(i)}`, { calls: i, cpuMicros: i }));
  const state = after(snapshot(0, many), snapshot(1000, many));
  for (const columns of [1, 20, 60, 80, 100, 200]) {
    for (const rows of [2, 8, 24]) {
      const lines = frame(state, { columns, rows });
      assert.is(lines.length, rows);
      for (const line of lines) assert.ok(widthOf(line.map((piece) => piece.text).join("")) <= columns);
    }
  }
  assert.match(text(state, 60)[7] ?? "", /^ {2}DOMAIN .*CPU% CALLS\/S ERRORS DEATHS/);
  assert.match(text(state, 200)[7] ?? "", /HEAP +OBJ +THR CPU$/);
});

test("frame: the cursor stays in sight when there are more domains than lines", () => {
  const many = Array.from({ length: 30 }, (_, i) => domainRow(`d${String(i).padStart(2, "0")}`, { cpuMicros: 30 - i }));
  let state = keys(after(snapshot(0, many)), "left", "left");
  assert.is(state.sort, "GEN");
  state = keys(state, "left");
  assert.is(state.sort, "DOMAIN");
  state = keys(state, ...Array.from({ length: 25 }, () => "down"));
  const lines = text(state, 80, 14);
  assert.is(lines.filter((line) => line.startsWith("▶ ")).length, 1);
  assert.match(lines.find((line) => line.startsWith("▶ ")) ?? "", /^▶ d25 /);
});

test("frame: names are shown, never obeyed, and a kernel that is silent is said to be", () => {
  const state = after(snapshot(0, [domainRow("evil\x1b[2J\n")], { answering: false, silentMs: 3000, chains: [["evil\x1b[2J"]] }));
  const lines = text(state);
  assert.not.match(lines.join(""), /[\x00-\x1f]/);
  assert.match(lines[8] ?? "", /^▶ evil\\x1b\[2J\\x0a/);
  assert.match(lines[6] ?? "", /^the system does not answer for 0:03: /);
});

test("pressed: the cursor moves through the order that is shown, and stays with its domain when that changes", () => {
  const state = after(FIRST, SECOND);
  assert.is(keys(state, "up").selected, "driver");
  assert.is(keys(state, "down").selected, "app");
  assert.is(keys(state, "down", "down").selected, "app");
  const moved = observed(keys(state, "down"), rated(FIRST, SECOND));
  assert.is(moved.selected, "app");
  const gone = observed(moved, rated(snapshot(1, [domainRow("other")]), undefined));
  assert.match(text(gone)[8] ?? "", /^▶ other /);
  assert.is(keys(state, "i").isInverted, true);
  assert.match(text(keys(state, "i"))[8] ?? "", /app/);
});

test("pressed: k and r ask first, and only y is yes", () => {
  const state = after(FIRST, SECOND);
  const asking = keys(state, "k");
  assert.is(text(asking)[6], "kill driver? y or n");
  assert.equal(pressed(asking, "y").action, { kind: "do", verb: "kill", domain: "driver" });
  for (const key of ["n", "k", "\x1b", "up", "Y", "q"]) {
    const { state: answered, action } = pressed(asking, key);
    assert.is(action, undefined, key);
    assert.is(answered.question, undefined, key);
  }
  assert.equal(pressed(keys(state, "down", "r"), "y").action, { kind: "do", verb: "restart", domain: "app" });
  assert.equal(pressed(asking, "\x03").action, { kind: "quit" });
  assert.equal(pressed(state, "q").action, { kind: "quit" });
  assert.is(pressed(START, "k").state.question, undefined);
  const twins = after(snapshot(0, [domainRow("made", { generation: 4 }), domainRow("made", { generation: 5 })]));
  assert.equal(pressed(keys(twins, "k"), "y").action, { kind: "do", verb: "kill", domain: "made#4" });
});

test("table: numbers and texts take the cells that they are given", () => {
  assert.equal([0, 9999, 12_345, 999_999, 1_234_567, 56e9, 3e15].map(shortNumber), [
    "0",
    "9999",
    "12.3k",
    "1000k",
    "1.23M",
    "56.0G",
    "3.00P",
  ]);
  assert.equal([0, 1023, 1024, 24_704, 1 << 20, 5 * 2 ** 30].map(bytesText), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "24.1 KiB",
    "1.0 MiB",
    "5.0 GiB",
  ]);
  assert.equal([0, 61_000, 7_384_000].map(durationText), ["0:00", "1:01", "2:03:04"]);
  assert.equal([40_000, 12_345_678, 205_000_000].map(cpuText), ["0.04s", "12.3s", "3:25"]);
  assert.equal([widthOf("abc"), widthOf("漢字"), widthOf("e\u0301"), widthOf("→")], [3, 4, 1, 1]);
  assert.equal(
    [fit("abc", 5), fit("abc", 5, "right"), fit("abcdef", 4), fit("漢字漢", 4), fit("x", 0)],
    ["abc  ", "  abc", "abc…", "漢… ", ""],
  );
  assert.equal(
    tableLines(
      [
        { title: "A", align: "left" },
        { title: "NUMBER", align: "right" },
      ],
      [["漢字", "7"]],
    ),
    ["A     NUMBER", "漢字       7"],
  );
});

test.run();
