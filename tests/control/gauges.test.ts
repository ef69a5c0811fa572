/** Numbers of a running system out of its shared memory, here a memory that a test writes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Gauges } from "../../host/control/gauges.ts";
import type { Roster, RosterRow } from "../../host/control/protocol.ts";
import {
  callsIndex,
  cpuWords,
  FRAME_WORDS,
  FrameWord,
  failuresIndex,
  microsIndex,
  RecordWord,
  recordIndex,
} from "../../host/kernel/words.ts";
import { DOMAIN_SLOT_BITS, H_LIVE_BYTES, H_LIVE_OBJECTS, STATE_DYING, STATE_RUNNING } from "../../shared-heap/layout.ts";

const SLOT = 5;
const ID = (2 << DOMAIN_SLOT_BITS) | SLOT;

function memory(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(recordIndex(64) * 4));
}

function row(parts: Partial<RosterRow> = {}): RosterRow {
  return {
    serial: 1,
    id: ID,
    isInPlace: true,
    used: { micros: 0, calls: 0, failures: 0 },
    row: {
      name: "driver",
      generation: 2,
      state: "running",
      cpu: 0,
      deaths: 1,
      restarts: 1,
      lastCause: "trap",
      heapLimitBytes: 65536,
      memoryBytes: 65536,
      memoryLimitBytes: 65536,
      threads: 0,
    },
    ...parts,
  };
}

const roster = (...rows: RosterRow[]): Roster => ({ rows, devices: [] });

test("Gauges: words are read with the record that they belong to, and go on beyond 2^32", () => {
  const i32 = memory();
  const gauges = new Gauges(i32, 1);
  const record = recordIndex(SLOT);
  i32[record] = ID;
  i32[record + RecordWord.state] = STATE_RUNNING;
  i32[record + RecordWord.bytesUsed] = 4096;
  i32[record + RecordWord.bytesUsed + 1] = 3;
  let calls = 0;
  for (const step of [5, 0x7fffffff, 0x7fffffff, 0x40000000, 1, 0x7ffffff0]) {
    calls += step;
    i32[callsIndex(SLOT)] = calls | 0;
    i32[microsIndex(SLOT)] = 1000;
    i32[failuresIndex(SLOT)] = 2;
    const [read] = gauges.domains(roster(row()));
    assert.is(read?.calls, calls);
    assert.is(read?.cpuMicros, 1000);
    assert.is(read?.failedCalls, 2);
    assert.is(read?.heapBytes, 4096);
    assert.is(read?.heapObjects, 3);
  }
});

test("Gauges: a record of another generation is not this one's, and what the kernel told stands in for its words", () => {
  const i32 = memory();
  const gauges = new Gauges(i32, 1);
  const record = recordIndex(SLOT);
  i32[record] = ID + (1 << DOMAIN_SLOT_BITS);
  i32[record + RecordWord.state] = STATE_DYING;
  i32[record + RecordWord.bytesUsed] = 4096;
  i32[callsIndex(SLOT)] = 99;
  const [read] = gauges.domains(roster(row({ isInPlace: false, used: { micros: 7, calls: 8, failures: 9 } })));
  assert.equal([read?.cpuMicros, read?.calls, read?.failedCalls, read?.heapBytes, read?.state], [7, 8, 9, 0, "running"]);
});

test("Gauges: a state that has changed since the kernel told is the record's", () => {
  const i32 = memory();
  i32[recordIndex(SLOT)] = ID;
  i32[recordIndex(SLOT) + RecordWord.state] = STATE_DYING;
  assert.is(new Gauges(i32, 1).domains(roster(row()))[0]?.state, "dying");
});

test("Gauges: a seat that is gone is forgotten, and one that begins anew counts from its beginning", () => {
  const i32 = memory();
  const gauges = new Gauges(i32, 1);
  i32[callsIndex(SLOT)] = 100;
  assert.is(gauges.domains(roster(row()))[0]?.calls, 100);
  assert.equal(gauges.domains(roster()), []);
  i32[callsIndex(SLOT)] = 3;
  assert.is(gauges.domains(roster(row({ serial: 2 })))[0]?.calls, 3);
});

test("Gauges: chains and the heap's own numbers", () => {
  const i32 = memory();
  i32[H_LIVE_BYTES >> 2] = 640;
  i32[H_LIVE_OBJECTS >> 2] = 2;
  const second = cpuWords(1);
  i32[second.depth] = 2;
  i32[second.frames + FrameWord.callee] = 11;
  i32[second.frames + FRAME_WORDS + FrameWord.callee] = 12;
  const gauges = new Gauges(i32, 2);
  assert.equal(gauges.heap, { bytes: 640, objects: 2 });
  assert.equal(gauges.chains(), [[], [11, 12]]);
});

test.run();
