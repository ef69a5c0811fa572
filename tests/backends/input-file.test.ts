/** Input files: sizes fixed at open, shrinking noticed, and each kind of wrong path named. */
import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InputFile } from "../../host/backends/input-file.ts";
import { SumacError } from "../../host/errors.ts";
import { asOrdinaryUser } from "../support/ordinary-user.ts";

const folder = mkdtempSync(join(tmpdir(), "sumac-input-"));
const path = join(folder, "input");

function codeOf(name: string): string {
  try {
    InputFile.open(name).close();
    return "opened";
  } catch (error) {
    if (!(error instanceof SumacError)) throw error;
    assert.ok(error.message.includes(name), "the message names the file");
    return error.code;
  }
}

const test = suite("InputFile");

test.before.each(() =>
  writeFileSync(
    path,
    Uint8Array.from({ length: 5000 }, (_, i) => i % 251),
  ),
);

test("readAt fills whole blocks and zero-fills the last one", () => {
  const file = InputFile.open(path);
  const heap = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const block = new Uint8Array(heap.buffer, 4096, 4096).fill(0xff);
  assert.is(file.size, 5000);
  assert.is(file.readAt(0, block), "ok");
  assert.is(block[4095], 4095 % 251);
  assert.is(file.readAt(4096, block), "ok");
  assert.is(block[903], 4999 % 251);
  assert.ok(block.slice(904).every((byte) => byte === 0));
  file.close();
});

test("readAt at or past the end is out-of-range, whatever the file has grown to since", () => {
  const file = InputFile.open(path);
  appendFileSync(path, new Uint8Array(10_000));
  const block = new Uint8Array(4096).fill(9);
  assert.is(file.size, 5000);
  assert.is(file.readAt(5000, block), "out-of-range");
  assert.is(file.readAt(2 ** 60, block), "out-of-range");
  assert.is(file.readAt(4096, block), "ok");
  assert.is(block[904], 0);
  file.close();
});

test("readAt notices that the file shrank, inside a chunk and before one", () => {
  const file = InputFile.open(path);
  truncateSync(path, 4500);
  assert.is(file.readAt(4096, new Uint8Array(4096)), "shrank");
  truncateSync(path, 0);
  assert.is(file.readAt(0, new Uint8Array(4096)), "shrank");
  file.close();
});

test("readAt reports a failed system call as io and keeps the reason", () => {
  const file = InputFile.open(path);
  file.close();
  assert.is(file.readAt(0, new Uint8Array(4096)), "io");
  assert.ok(file.lastError instanceof Error);
});

test("an empty file opens with size 0", () => {
  truncateSync(path, 0);
  const file = InputFile.open(path);
  assert.is(file.size, 0);
  assert.is(file.readAt(0, new Uint8Array(4096)), "out-of-range");
  file.close();
});

test("open names a missing file, a directory, a path through a file", () => {
  assert.is(codeOf(join(folder, "absent")), "file-missing");
  assert.is(codeOf(join(path, "inside")), "file-missing");
  assert.is(codeOf(folder), "input-unreadable");
});

test("open refuses a named pipe without waiting for its writer", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  assert.is(codeOf(pipe), "input-unreadable");
});

test("open names an unreadable file", () => {
  chmodSync(folder, 0o755);
  const secret = join(folder, "secret");
  writeFileSync(secret, "x");
  chmodSync(secret, 0);
  asOrdinaryUser(() => assert.is(codeOf(secret), "input-unreadable"));
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
