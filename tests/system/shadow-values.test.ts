/** A generated shadow forwards every kind of copied value: strings, lists, records, options; also in the call that it repeats. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildDomain } from "../../host/build/build.ts";
import { buildShadow } from "../../host/build/shadow.ts";
import { DEFAULT_LIMITS } from "../../host/kernel/domain.ts";
import type { HostInterface } from "../../host/kernel/host/host-values.ts";
import { supervisorOf } from "../../host/kernel/life/supervisor.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import { auditHeap } from "../../shared-heap/audit.ts";

const WORDS = "acme:words/words@0.1.0";

const WIT = `package acme:words@0.1.0;

interface words {
  record entry { key: string, numbers: list<u32> }
  record size { width: u32, height: u32 }
  enum error { unknown }

  /// @idempotent
  look-up: func(key: string, least: option<u32>) -> result<entry, error>;
  /// @idempotent
  all: func(keys: list<string>) -> list<entry>;
  /// @idempotent
  turn: func(size: size) -> size;
  /// @idempotent
  note: func(text: string);
}

interface health {
  /// 0 = well, 1 = dies before it answers.
  state: func() -> u32;
}
`;

const WORLD = `package acme:words-server@0.1.0;
world server { import acme:words/health@0.1.0; export acme:words/words@0.1.0; }
`;

const INDEX = `import { Option } from "sumac/option";
import { Outcome } from "sumac/outcome";
import { health } from "./gen/health";
import { Entry, Size, WordsError } from "./gen/words";

function entry(key: string): Entry {
  const numbers = new Uint32Array(key.length);
  for (let i = 0; i < key.length; i++) numbers[i] = <u32>key.charCodeAt(i);
  return Entry.of(key, numbers);
}

function liveOrDie(): void {
  assert(health.state() == 0, "sick");
}

export namespace words {
  export function lookUp(key: string, least: Option<u32>): Outcome<Entry> {
    liveOrDie();
    if (least.isSome && <u32>key.length < least.value) return Outcome.error<Entry>(WordsError.unknown);
    return Outcome.ok<Entry>(entry(key));
  }
  export function all(keys: Array<string>): Array<Entry> {
    liveOrDie();
    const found = new Array<Entry>();
    for (let i = 0; i < keys.length; i++) found.push(entry(keys[i]));
    return found;
  }
  export function turn(size: Size): Size {
    liveOrDie();
    return Size.of(size.height, size.width);
  }
  export function note(text: string): void {
    liveOrDie();
  }
}
`;

const test = suite("shadow of values");
const folder = mkdtempSync(join(tmpdir(), "sumac-shadow-values-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

interface Rig {
  readonly system: System;
  readonly words: HostInterface;
  /** Calls from now on that die. */
  readonly sick: { calls: number };
}

async function rig(): Promise<Rig> {
  const server = join(folder, "server");
  mkdirSync(join(server, "wit"), { recursive: true });
  for (const [name, text] of [
    ["world.wit", WORLD],
    ["index.ts", INDEX],
    ["wit/words.wit", WIT],
  ] as const) {
    writeFileSync(join(server, name), text);
  }
  const system = await startSystem({ heapMegabytes: 32 });
  const limits = { ...DEFAULT_LIMITS, callBudgetMs: 0 };
  const add = async (name: string, bytes: Uint8Array, grants: Record<string, Provider>): Promise<void> => {
    const loaded = await system.loader.load(bytes, { name, trusted: [], allowUnsigned: true, memoryPages: limits.memoryPages });
    system.create({ name, loaded, grants: new Map(Object.entries(grants)), limits });
  };
  const sick = { calls: 0 };
  const health: Provider = { kind: "host", bind: () => ({ state: () => (sick.calls-- > 0 ? 1 : 0) }) };
  await add("server", (await buildDomain(server, undefined)).wasm, { "acme:words/health@0.1.0": health });
  const seat = system.seat("server");
  await add("shadow", (await buildShadow(WORDS, [join(server, "wit")], undefined)).wasm, {
    [WORDS]: { kind: "domain", seat },
    "sumac:kernel/supervisor@0.1.0": supervisorOf(system.kernel, seat),
  });
  return { system, words: system.export("shadow", WORDS), sick };
}

test("strings, lists, records and options arrive, in the first call and in one that is repeated", async () => {
  const { system, words, sick } = await rig();
  const entry = { key: "ab", numbers: Uint32Array.of(97, 98) };
  for (const deaths of [0, 1, 3]) {
    const call = (name: string, ...args: Parameters<NonNullable<HostInterface[string]>>): unknown => {
      sick.calls = deaths;
      return words[name]?.(...args);
    };
    assert.equal(call("lookUp", "ab", 2), { ok: true, value: { tag: "ok", val: entry } });
    assert.equal(call("lookUp", "ab", 3), { ok: true, value: { tag: "err", val: "unknown" } });
    assert.equal(call("all", ["ab", "", "ab"]), { ok: true, value: [entry, { key: "", numbers: Uint32Array.of() }, entry] });
    assert.equal(call("turn", { width: 3, height: 4 }), { ok: true, value: { width: 4, height: 3 } });
    assert.equal(call("note", "Grüße, 世界"), { ok: true, value: undefined });
  }
  const { heap } = system.kernel;
  const shadow = system.seat("shadow").current?.id ?? 0;
  const owned = (): number => {
    let count = 0;
    for (let base = heap.exports.nextOwned(shadow, 0); base !== 0; base = heap.exports.nextOwned(shadow, base)) count++;
    return count;
  };
  const before = owned();
  sick.calls = 1000;
  for (const [name, ...args] of [
    ["all", ["ab"]],
    ["turn", { width: 1, height: 2 }],
    ["note", "x"],
    ["lookUp", "y", undefined],
  ] as const) {
    const called = words[name]?.(...args);
    assert.is(called?.ok === false ? called.error.cause : "answered", "gave-up", name);
  }
  assert.is(owned(), before, "no message is left with the shadow");
  sick.calls = 0;
  assert.equal(words.turn?.({ width: 3, height: 4 }), { ok: true, value: { width: 4, height: 3 } });
  assert.is(system.seat("shadow").current?.generation, 1);
  await system.stop();
  assert.equal(auditHeap(heap).problems, []);
  assert.is(system.liveObjects(), 0);
});

test.run();
