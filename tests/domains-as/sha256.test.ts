/** Sha256 of the domain library against published vectors and node:crypto. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileAs, instantiate } from "../support/compile-as.ts";

const binary = compileAs(`
import { Sha256 } from "sumac/sha256";
const one = new Sha256();
const two = new Sha256();
export function data(): usize { return dataPtr; }
export function digest(): usize { return digestPtr; }
export function init(): void { one.init(); two.init(); }
export function update(offset: u32, bytes: u32): void { one.update(dataPtr + offset, bytes); }
export function update2(offset: u32, bytes: u32): void { two.update(dataPtr + offset, bytes); }
export function finish(): void { one.finish(digestPtr); }
export function finish2(): void { two.finish(digestPtr); }
const dataPtr: usize = memory.data(65536);
const digestPtr: usize = memory.data(32);
`);

const kernel = { kernel: { panic() {}, log() {} } };

async function hasher(): Promise<{
  hash(data: Uint8Array, parts?: number[]): string;
  call: Record<string, (...a: number[]) => number>;
  fill(data: Uint8Array): void;
  digest(): string;
}> {
  const { call, memory } = instantiate(await binary, kernel);
  const [at, out] = [call.data?.() ?? 0, call.digest?.() ?? 0];
  const digest = (): string => Buffer.from(memory.buffer, out, 32).toString("hex");
  const fill = (data: Uint8Array): void => new Uint8Array(memory.buffer).set(data, at);
  const hash = (data: Uint8Array, parts: number[] = [data.length]): string => {
    fill(data);
    call.init?.();
    let offset = 0;
    for (const part of parts) {
      call.update?.(offset, part);
      offset += part;
    }
    call.finish?.();
    return digest();
  };
  return { hash, call, fill, digest };
}

const reference = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** A small generator, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const test = suite("Sha256");

test("Sha256 gives the published digests", async () => {
  const { hash } = await hasher();
  const text = new TextEncoder();
  const vectors: [string, string][] = [
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"],
    [
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ],
  ];
  for (const [message, digest] of vectors) assert.is(hash(text.encode(message)), digest);
});

test("Sha256 of a million times a, fed in pieces", async () => {
  const { call, fill, digest } = await hasher();
  fill(new Uint8Array(1000).fill(97));
  call.init?.();
  for (let i = 0; i < 1000; i++) call.update?.(0, 1000);
  call.finish?.();
  assert.is(digest(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
});

test("Sha256 agrees with node:crypto at every length around the block and group borders", async () => {
  const { hash } = await hasher();
  const data = Uint8Array.from({ length: 1100 }, (_, i) => i * 31);
  for (let length = 0; length <= data.length; length++)
    assert.is(hash(data.subarray(0, length)), reference(data.subarray(0, length)), `${length}`);
});

test("Sha256 agrees with node:crypto for random data cut at random places", async () => {
  const { hash } = await hasher();
  const next = random(20260117);
  for (let round = 0; round < 200; round++) {
    const data = Uint8Array.from({ length: Math.floor(next() * 9000) }, () => next() * 256);
    const parts: number[] = [];
    for (let rest = data.length; rest > 0; ) {
      const part = Math.min(rest, Math.floor(next() * next() * 1500));
      parts.push(part);
      rest -= part;
    }
    assert.is(hash(data, parts), reference(data), `round ${round}: ${parts.join()}`);
  }
});

test("two Sha256 at work in turn do not disturb each other, and init starts over after unfinished work", async () => {
  const { call, fill, digest } = await hasher();
  const data = Uint8Array.from({ length: 2000 }, (_, i) => i ^ (i >> 3));
  fill(data);
  call.init?.();
  call.update?.(0, 777);
  call.init?.();
  for (let offset = 0; offset < 2000; offset += 100) {
    call.update?.(offset, 100);
    if (offset < 1000) call.update2?.(offset, 100);
  }
  call.finish?.();
  assert.is(digest(), reference(data));
  call.finish2?.();
  assert.is(digest(), reference(data.subarray(0, 1000)));
});

test.run();
