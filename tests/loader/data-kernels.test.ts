/** The data kernels against computations that share nothing with them: a decoder and an encoder from LZ4's description, JSON.parse, Map. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileAs, instantiate } from "../support/compile-as.ts";
import { DATA_KERNELS } from "./data-kernels.ts";

const test = suite("data kernels");

const EXPORTS = `
export function unpackedAt(): usize { return changetype<usize>(unpacked); }
export function packedAt(): usize { return changetype<usize>(packed); }
export function restoredAt(): usize { return changetype<usize>(restored); }
export function documentAt(): usize { return changetype<usize>(document); }
export function kindsAt(): usize { return changetype<usize>(tokens.kinds); }
export function startsAt(): usize { return changetype<usize>(tokens.starts); }
export function endsAt(): usize { return changetype<usize>(tokens.ends); }
export function written(): i32 { return documentLength; }
export function compress(length: i32): i32 { return lzCompress(unpacked, length, packed); }
export function decompress(length: i32): i32 { return lzDecompress(packed, length, restored); }
export function tokenise(length: i32): i32 { return tokens.run(length) ? tokens.count : -1; }
export function get(key: i32, otherwise: i32): i32 { return table.get(key, otherwise); }
export function set(key: i32, value: i32): void { table.set(key, value); }
export function remove(key: i32): i32 { return table.delete(key); }
export function clear(): void { table.clear(); }
export function size(): i32 { return table.size; }
`;

const { call, memory } = instantiate(await compileAs(`${DATA_KERNELS}${EXPORTS}`), { kernel: { log() {}, panic() {} } });

function run(name: string, ...args: number[]): number {
  const found = call[name];
  if (found === undefined) throw new Error(`no export ${name}`);
  return found(...args);
}

function bytes(at: string, length: number): Uint8Array {
  return new Uint8Array(memory.buffer, run(at), length);
}

function random(seed: number): (below: number) => number {
  let x = seed >>> 0;
  return (below) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 2 ** 32) * below);
  };
}

/** LZ4's block format, from its description; throws where a block breaks it. */
function decoded(block: Uint8Array): number[] {
  const out: number[] = [];
  let at = 0;
  const next = (): number => {
    const byte = block[at++];
    if (byte === undefined) throw new Error("the block ends too early");
    return byte;
  };
  const length = (nibble: number): number => {
    if (nibble < 15) return nibble;
    for (let sum = 15; ; ) {
      const byte = next();
      sum += byte;
      if (byte < 255) return sum;
    }
  };
  for (;;) {
    const token = next();
    for (let n = length(token >> 4); n > 0; n--) out.push(next());
    if (at === block.length) return out;
    const distance = next() + 256 * next();
    for (let n = length(token & 15) + 4; n > 0; n--) {
      const byte = out[out.length - distance];
      if (byte === undefined || distance === 0) throw new Error(`distance ${distance} after ${out.length} bytes`);
      out.push(byte);
    }
  }
}

/** An encoder of another kind: matches at any distance that fits, of any length, as chance has it. */
function encoded(
  parts: readonly { readonly literals: readonly number[]; readonly distance?: number; readonly match?: number }[],
): number[] {
  const more = (n: number): number[] => (n < 15 ? [] : [...Array<number>(Math.floor((n - 15) / 255)).fill(255), (n - 15) % 255]);
  return parts.flatMap(({ literals, distance, match = 4 }) => [
    (Math.min(15, literals.length) << 4) | (distance === undefined ? 0 : Math.min(15, match - 4)),
    ...more(literals.length),
    ...literals,
    ...(distance === undefined ? [] : [distance & 255, distance >> 8, ...more(match - 4)]),
  ]);
}

/** Texts that compress well, badly, not at all, and in runs longer than a length byte holds. */
const INPUTS: readonly (readonly [string, (i: number, chance: (below: number) => number) => number, number])[] = [
  ["nothing", () => 0, 0],
  ["one byte", () => 7, 1],
  ["too short for a match", () => 7, 12],
  ["zeros", () => 0, 65536],
  ["a short period", (i) => i % 3, 5000],
  ["a long period", (i) => (i % 700) ^ (i % 11), 65536],
  ["noise", (_, chance) => chance(256), 65536],
  ["few letters", (_, chance) => chance(3), 30000],
];

for (const [name, byteAt, length] of INPUTS) {
  test(`lzCompress, lzDecompress: ${name} is restored, by them and by a decoder of LZ4's description`, () => {
    const chance = random(length + 1);
    const input = Uint8Array.from({ length }, (_, i) => byteAt(i, chance));
    bytes("unpackedAt", length).set(input);
    const packedLength = run("compress", length);
    const block = bytes("packedAt", packedLength);
    assert.equal(Uint8Array.from(decoded(block)), input);
    bytes("restoredAt", 65536).fill(0xee);
    assert.is(run("decompress", packedLength), length);
    assert.equal(bytes("restoredAt", length), input);
    if (name === "zeros") assert.ok(packedLength < 300, `${packedLength} bytes`);
  });
}

test("lzDecompress: blocks of another encoder, with matches at every distance and of every length, become what they say", () => {
  const chance = random(5);
  for (let trial = 0; trial < 300; trial++) {
    const parts = [];
    let had = 0;
    for (let n = chance(20); n > 0; n--) {
      const literals = Array.from({ length: chance(3) === 0 ? chance(600) : 1 + chance(20) }, () => chance(256));
      had += literals.length;
      if (had === 0) continue;
      const match = 4 + (chance(3) === 0 ? chance(900) : chance(20));
      parts.push({ literals, distance: 1 + chance(had), match });
      had += match;
    }
    const block = encoded([...parts, { literals: [1, 2, 3, 4, 5] }]);
    bytes("packedAt", block.length).set(block);
    assert.is(run("decompress", block.length), had + 5);
    assert.equal(bytes("restoredAt", had + 5), Uint8Array.from(decoded(Uint8Array.from(block))));
  }
});

test("lzDecompress: what is no block, or a block cut short or changed, ends in -1 or within the room", () => {
  bytes("unpackedAt", 2000).set(Uint8Array.from({ length: 2000 }, (_, i) => i % 90));
  const block = bytes("packedAt", run("compress", 2000)).slice();
  const chance = random(11);
  const behind = bytes("restoredAt", 65536 + 8).slice(65536);
  for (let trial = 0; trial < 5000; trial++) {
    const broken = block.slice(0, trial < block.length ? trial : block.length);
    if (trial >= block.length) broken[chance(broken.length)] = chance(256);
    bytes("packedAt", broken.length).set(broken);
    const length = run("decompress", broken.length);
    let expected: Uint8Array | undefined;
    try {
      expected = Uint8Array.from(decoded(broken));
    } catch {
      expected = undefined;
    }
    if (expected === undefined || expected.length > 65536) assert.is(length, -1);
    else assert.equal(bytes("restoredAt", length), expected);
  }
  assert.equal(bytes("restoredAt", 65536 + 8).slice(65536), behind);
});

/** What the tokeniser makes of a text: its tokens' kinds and texts, or undefined. */
function tokensOf(text: string): { readonly kind: number; readonly text: string }[] | undefined {
  const encodedText = new TextEncoder().encode(text);
  bytes("documentAt", encodedText.length).set(encodedText);
  const count = run("tokenise", encodedText.length);
  if (count < 0) return undefined;
  const kinds = bytes("kindsAt", count);
  const [starts, ends] = [new Int32Array(memory.buffer, run("startsAt"), count), new Int32Array(memory.buffer, run("endsAt"), count)];
  const decoder = new TextDecoder();
  return Array.from({ length: count }, (_, i) => ({
    kind: kinds[i] ?? -1,
    text: decoder.decode(encodedText.subarray(starts[i], ends[i])),
  }));
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** The tokens of a value that was written without repeated keys. */
function countOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const parts = Array.isArray(value) ? value.map(countOf) : Object.values(value).map((each) => 2 + countOf(each));
  return 2 + parts.reduce((sum, each) => sum + each, 0) + Math.max(0, parts.length - 1);
}

/** Kind of a token by its first character. */
const KINDS: Readonly<Record<string, number>> = { "{": 0, "[": 0, "}": 1, "]": 1, ":": 2, ",": 3, '"': 4, t: 6, f: 7, n: 8 };

test("Tokeniser: the document of the kernel has the tokens that JSON.parse has found, at their places", () => {
  run("json");
  const text = new TextDecoder().decode(bytes("documentAt", run("written")));
  const value = JSON.parse(text) as { readonly items: readonly unknown[] };
  assert.is(value.items.length, 300);
  const tokens = tokensOf(text) ?? [];
  assert.is(tokens.length, countOf(value));
  for (const { kind, text: token } of tokens) assert.is(kind, KINDS[token[0] ?? ""] ?? 5, token);
  assert.equal(JSON.parse(tokens.map(({ text: token }) => token).join(" ")), value);
});

test("Tokeniser: numbers, strings, literals and nesting are accepted exactly where JSON.parse accepts them", () => {
  const texts = [
    ..."0 -0 1 -1 01 00 -01 - + +1 .5 1. 1.5 1.50 1e5 1E5 1e+5 1e-5 1e 1e+ 1.e5 0e0 0x1 1a 12345678901234567890 Infinity NaN".split(" "),
    ...["true", "false", "null", "tru", "truee", "True", "nul", "nulll", "fals", "undefined", ""],
    ...[
      '""',
      '"a"',
      '"',
      '"\\"',
      '"\\""',
      '"\\\\"',
      '"\\/\\b\\f\\n\\r\\t"',
      '"\\a"',
      '"\\u00e4"',
      '"\\u00g4"',
      '"\\u00"',
      '"\\u',
      '"ä€😀"',
    ],
    ...['"\n"', '"\t"', '"\u007f"', "'a'", '"a" "b"', " \t\r\n1 \n", "\u00a01", "1 2", "[1 2]"],
    ...["[]", "{}", "[", "]", "{", "}", "[}", "{]", "[[]", "[]]", "[,]", "[1,]", "[,1]", "[1,2]", "[[],[]]", "{,}", '{"a"}', '{"a":}'],
    ...[
      '{"a":1}',
      '{"a":1,}',
      '{"a":1,"b"}',
      '{"a":1 "b":2}',
      '{"a"::1}',
      "{1:2}",
      '{"a":{"b":[]}}',
      "{:1}",
      '[{"a":[1,{}]}]',
      '["a":1]',
      ":",
      ",",
    ],
    "[".repeat(64) + "]".repeat(64),
    `[${"[],".repeat(500)}1]`,
  ];
  for (const text of texts) {
    const value = parsed(text);
    assert.is(tokensOf(text)?.length, value && countOf(value.value), text);
  }
});

test("Tokeniser: more than 64 levels, and more tokens than it has room for, are refused", () => {
  assert.is(tokensOf("[".repeat(65) + "]".repeat(65)), undefined);
  assert.is(tokensOf(`[${"1,".repeat(8190)}1]`)?.length, 16383);
  assert.is(tokensOf(`[${"1,".repeat(8191)}11]`), undefined);
});

test("Tokeniser: texts with bytes changed, dropped and doubled are accepted exactly where JSON.parse accepts them", () => {
  const chance = random(3);
  const seed = '{"a": [1, -2.5e3, true, {"b\\n\\u0041": null, "c": []}], "d": false, "e": "x\\"y", "f": [[0.1], {}]}';
  const alphabet = '{}[]:,"\\ 0123456789.eE+-trufalsn\n\tx';
  let accepted = 0;
  for (let trial = 0; trial < 20000; trial++) {
    let text = seed;
    for (let n = 1 + chance(3); n > 0; n--) {
      const at = chance(text.length);
      const put = [alphabet[chance(alphabet.length)] ?? "", "", text[at] ?? "", text.slice(at, at + chance(12))][chance(4)] ?? "";
      text = text.slice(0, at) + put + text.slice(at + chance(2));
    }
    const isJson = parsed(text) !== undefined;
    const tokens = tokensOf(text);
    assert.is(tokens !== undefined, isJson, text);
    if (tokens === undefined) continue;
    accepted++;
    assert.equal(JSON.parse(tokens.map((token) => token.text).join("\n")), JSON.parse(text));
  }
  assert.ok(accepted > 1000, `${accepted} accepted`);
});

test("IntTable: sets, looks up, deletes and grows as a Map does, also where homes collide and keys are negative", () => {
  const chance = random(17);
  for (const keys of [10, 100, 5000]) {
    run("clear");
    const map = new Map<number, number>();
    for (let step = 0; step < 30000; step++) {
      // Multiples of a power of two, so that plain masks would collide.
      const key = (chance(keys) - (keys >> 1)) * 4096;
      const what = chance(step % 6000 < 3000 ? 4 : 3);
      if (what === 0) assert.is(run("remove", key), map.delete(key) ? 1 : 0);
      else if (what === 1) assert.is(run("get", key, -7), map.get(key) ?? -7);
      else {
        run("set", key, step);
        map.set(key, step);
      }
      assert.is(run("size"), map.size);
    }
    for (const [key, value] of map) assert.is(run("get", key, -1), value);
  }
});

test("hash: the kernel returns what the same steps with a Map return", () => {
  const map = new Map<number, number>();
  let [x, mixed] = [0x6b8b4567, 0];
  for (let i = 0; i < 20000; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    const key = ((x >>> 4) % 5000) - 2500;
    const what = x & 7;
    if (what < 3) map.set(key, i);
    else if (what === 3) mixed += map.delete(key) ? 1 : 0;
    else mixed = (Math.imul(mixed, 31) + (map.get(key) ?? -1)) | 0;
  }
  run("hash");
  assert.is(run("hash"), mixed ^ map.size, "also on a table that was used before");
});

test("lz, json: the kernels restore their input, and return the same each time", () => {
  const [first, second] = [run("lz"), run("json")];
  assert.is(run("lz"), first);
  assert.is(run("json"), second);
  assert.equal(bytes("restoredAt", 65536), bytes("unpackedAt", 65536));
  const packedLength = run("compress", 65536);
  assert.ok(packedLength > 10000 && packedLength < 50000, `${packedLength} bytes of 65536`);
});

test.run();
