/** Operations on a file while their user goes on: order where blocks meet, none elsewhere, and what becomes of abandoned ones. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AsyncFileStore } from "../../host/backends/async-file-store.ts";
import { type Operation, OperationQueue } from "../../host/backends/operation-queue.ts";

const queued = suite("OperationQueue");

/** A queue whose operations end when the test says so. */
function stage(): {
  queue: OperationQueue;
  add: (name: string, from: number, to: number, kind: string) => void;
  end: (name: string) => void;
  begun: string[];
} {
  const queue = new OperationQueue();
  const begun: string[] = [];
  const enders = new Map<string, () => void>();
  const add = (name: string, from: number, to: number, kind: string): void => {
    const start: Operation["start"] = (ended) => {
      begun.push(name);
      enders.set(name, ended);
    };
    queue.add({ from, to, writes: kind === "write", alone: kind === "alone", start });
  };
  return { queue, add, begun, end: (name) => enders.get(name)?.() };
}

queued("OperationQueue lets reads and distant writes run together, and keeps the order where one of two on a block writes", () => {
  const { add, end, begun } = stage();
  add("a", 0, 4, "read");
  add("b", 2, 6, "read");
  add("c", 3, 5, "write");
  add("d", 4, 8, "read");
  add("e", 9, 10, "write");
  assert.equal(begun, ["a", "b", "e"]);
  end("a");
  assert.equal(begun, ["a", "b", "e"], "b still reads what c writes");
  end("b");
  end("c");
  assert.equal(begun, ["a", "b", "e", "c", "d"]);
});

queued("OperationQueue runs an operation that is to be alone after all before it and before all after it", () => {
  const { add, end, begun, queue } = stage();
  add("a", 0, 1, "write");
  add("b", 0, 0, "alone");
  add("c", 7, 8, "read");
  assert.equal(begun, ["a"]);
  end("a");
  assert.equal(begun, ["a", "b"]);
  end("b");
  assert.equal(begun, ["a", "b", "c"]);
  end("c");
  assert.is(queue.size, 0);
});

queued("OperationQueue forgets what was abandoned, and what runs still holds back what comes on its blocks", () => {
  const { add, end, begun, queue } = stage();
  add("a", 0, 2, "write");
  add("b", 1, 2, "write");
  queue.abandon();
  add("c", 1, 2, "read");
  assert.equal(begun, ["a"]);
  end("a");
  assert.equal(begun, ["a", "c"]);
});

queued.run();

const test = suite("AsyncFileStore");
const folder = mkdtempSync(join(tmpdir(), "sumac-async-"));
const path = join(folder, "image");
const fd = openSync(path, "w+");
ftruncateSync(fd, 64 * 512);

function begin(store: AsyncFileStore, kind: "read" | "write" | "flush" | "alone", lba: number, bytes: Uint8Array): Promise<unknown> {
  return new Promise((resolve) => store.begin(kind, lba, bytes, resolve));
}

test("AsyncFileStore writes and reads back, the later of two on one block winning, and answers never from inside begin", async () => {
  const store = new AsyncFileStore(fd, 64, "sync", 512);
  const done: string[] = [];
  const all = [1, 2, 3].map((byte) => begin(store, "write", 5, new Uint8Array(1024).fill(byte)).then(() => done.push(`w${byte}`)));
  const back = new Uint8Array(512);
  all.push(begin(store, "read", 6, back).then(() => done.push("r")));
  assert.equal(done, []);
  assert.is(store.busy, 4);
  await Promise.all(all);
  assert.is(await begin(store, "flush", 0, new Uint8Array(0)), undefined);
  assert.equal(done, ["w1", "w2", "w3", "r"]);
  assert.ok(back.every((byte) => byte === 3));
  assert.ok(
    readFileSync(path)
      .subarray(5 * 512, 7 * 512)
      .every((byte) => byte === 3),
  );
  assert.is(store.busy, 0);
});

test("AsyncFileStore hands over what went wrong, and goes on", async () => {
  const store = new AsyncFileStore(fd, 128, "sync", 512);
  assert.match(String(await begin(store, "read", 100, new Uint8Array(512))), /the image ends at byte 51200/);
  assert.is(await begin(store, "alone", 0, new Uint8Array(0)), undefined);
});

test.after(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});
test.run();
