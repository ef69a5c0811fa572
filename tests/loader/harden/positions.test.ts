/** Positions of hardened code, compared with the original instruction by instruction. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { check } from "../../../host/loader/check.ts";
import { harden, hardenTraced } from "../../../host/loader/harden.ts";
import { Instructions } from "../../../host/loader/wasm/instructions.ts";
import { OP } from "../../../host/loader/wasm/opcodes.ts";
import { Reader } from "../../../host/loader/wasm/reader.ts";
import { wat } from "../../support/wat.ts";
import { GUARD, HEAP_PAGES, QUOTA_PAGES } from "../hardened.ts";
import { randomModule } from "../random-program.ts";

const OPTIONS = { memoryMaxPages: QUOTA_PAGES, heapMaxPages: HEAP_PAGES, guard: GUARD };

/** Beginnings of instructions behind the local declarations, with what they are. */
function instructions(bytes: Uint8Array, start: number, end: number): { at: number; op: number; sub: number }[] {
  const input = new Reader(bytes, start, end, "a body");
  const code = new Instructions(input);
  for (let groups = input.u32(); groups > 0; groups--) {
    input.u32();
    input.skip(1);
  }
  const found: { at: number; op: number; sub: number }[] = [];
  while (!input.atEnd) {
    code.next();
    found.push({ at: code.start, op: code.op, sub: code.sub });
  }
  return found;
}

function bodies(bytes: Uint8Array): { start: number; end: number }[] {
  const file = new Reader(bytes, 8, bytes.length, "a module");
  while (!file.atEnd) {
    const id = file.u8();
    const size = file.u32();
    if (id !== 10) {
      file.skip(size);
      continue;
    }
    return Array.from({ length: file.u32() }, () => {
      const length = file.u32();
      file.skip(length);
      return { start: file.position - length, end: file.position };
    });
  }
  return [];
}

/** memory.copy and memory.fill become calls of the guard. */
function isSame(original: { op: number; sub: number }, hardened: { op: number; sub: number }): boolean {
  return original.op === hardened.op ? original.sub === hardened.sub : original.op === OP.miscPrefix && hardened.op === OP.call;
}

test("hardenTraced: notes change no byte", async () => {
  const module = check(await wat(randomModule(3, 1000)), { maxMemoryPages: QUOTA_PAGES });
  assert.equal(hardenTraced(module, OPTIONS).hardened, harden(module, OPTIONS));
});

test("positions: every original instruction is found again, in order, and everything else stands for one of its function", async () => {
  let seen = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const module = check(await wat(randomModule(seed, 1000)), { maxMemoryPages: QUOTA_PAGES });
    const { hardened, positions } = hardenTraced(module, OPTIONS);
    const written = bodies(hardened);
    for (const [i, { bodyStart, bodyEnd }] of module.functions.entries()) {
      const wanted = instructions(module.bytes, bodyStart, bodyEnd);
      const { start, end } = written[i] as { start: number; end: number };
      const byOffset = new Map(wanted.map((each) => [each.at, each]));
      const found = new Set<number>();
      let last = 0;
      for (const each of instructions(hardened, start, end)) {
        const at = positions.originalOf(i, each.at - start) ?? -1;
        const original = byOffset.get(at);
        assert.ok(original !== undefined, `seed ${seed}, function ${i}: ${at} is no instruction`);
        assert.ok(at >= last, `seed ${seed}, function ${i}: ${at} after ${last}`);
        last = at;
        if (original !== undefined && isSame(original, each)) found.add(at);
      }
      assert.equal(
        [...found].sort((a, b) => a - b),
        [...byOffset.keys()],
        `seed ${seed}, function ${i}`,
      );
      seen += found.size;
    }
  }
  assert.ok(seen > 2000, `${seen} instructions`);
});

test("positions: a function that is not there has none", async () => {
  const module = check(await wat("(module (func))"), { maxMemoryPages: QUOTA_PAGES });
  const { positions } = hardenTraced(module, OPTIONS);
  assert.is(positions.originalOf(1, 0), undefined);
  assert.is(positions.originalOf(-1, 0), undefined);
});

test.run();
