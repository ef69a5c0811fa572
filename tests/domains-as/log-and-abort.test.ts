/** What a domain says to the kernel: lines of log, and why it dies. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileAs, instantiate } from "../support/compile-as.ts";

const binary = compileAs(`
import { log } from "sumac/log";
import { panic, PANIC_HEAP_QUOTA } from "sumac/abort";
export function hello(): void { log("gr\\u00fc\\u00dfe, \\ud83d\\udc27"); }
export function lone(): void { log("a\\ud83d"); }
export function repeat(units: i32): void { log("\\ud83d\\udc27".repeat(units)); }
export function quota(): void { panic(PANIC_HEAP_QUOTA, "heap quota"); }
export function small(i: i32): void { assert(i < 3, "i is small"); }
export function bare(i: i32): void { assert(i < 3); }
export function outside(i: i32): i32 { return changetype<StaticArray<i32>>(list)[i]; }
const list: StaticArray<i32> = [1, 2];
`);

async function domain(): Promise<{ call(name: string, argument?: number): void; said: string[] }> {
  const said: string[] = [];
  const text = (at: number, bytes: number): string =>
    new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(memory.buffer, at, bytes));
  const { call, memory } = instantiate(await binary, {
    kernel: {
      log: (at: number, bytes: number) => said.push(`log ${text(at, bytes)}`),
      panic: (code: number, at: number, bytes: number) => said.push(`panic ${code} ${text(at, bytes)}`),
    },
  });
  return { call: (name, argument = 0) => void call[name]?.(argument), said };
}

const test = suite("log and abort");

test("log passes UTF-8, with lone surrogates replaced", async () => {
  const { call, said } = await domain();
  call("hello");
  call("lone");
  assert.equal(said, ["log grüße, 🐧", "log a\ufffd"]);
});

test("log cuts a long text without cutting a character", async () => {
  const { call, said } = await domain();
  call("repeat", 3000);
  assert.match(said[0] ?? "", /^log (🐧){128}$/u);
});

test("panic notes code and text and traps", async () => {
  const { call, said } = await domain();
  assert.throws(() => call("quota"), /unreachable/);
  assert.equal(said, ["panic 2 heap quota"]);
});

test("abort notes message, file, line and column of a failed assertion and traps", async () => {
  const { call, said } = await domain();
  call("small", 2);
  assert.throws(() => call("small", 3), /unreachable/);
  assert.match(said[0] ?? "", /^panic 1 i is small \(\S*entry-of-a-test\.ts:9:\d+\)$/);
});

test("abort names an assertion without a message, and the runtime's own checks", async () => {
  const { call, said } = await domain();
  assert.throws(() => call("bare", 3), /unreachable/);
  assert.match(said[0] ?? "", /^panic 1 assertion failed \(/);
  assert.throws(() => call("outside", 2), /unreachable/);
  assert.match(said[1] ?? "", /^panic 1 Index out of range \(~lib\/staticarray\.ts:\d+:\d+\)$/);
});

test.run();
