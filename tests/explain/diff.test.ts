/** What changed between two modules and between two systems: a table of every kind of change, and hostile names. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { changeLines } from "../../host/cli/explain-text.ts";
import type { ModuleFacts, ModuleState } from "../../host/explain/module.ts";
import { diffModules } from "../../host/explain/module-diff.ts";
import { diffSystems } from "../../host/explain/system-diff.ts";
import { DIAMOND, facts, manifest, module, modulesFor } from "./support.ts";

const test = suite("what changed");

const BASE = `package t:d@0.1.0;
world domain { import t:p/a@0.1.0; export t:p/b@0.1.0; export init: func(); }
package t:p@0.1.0 {
  interface types { resource block { constructor(data: list<u8, 4096>); } }
  interface a { use types.{block}; enum error { io, full } put: func(b: block) -> result<_, error>; size: func() -> u64; }
  interface b { run: func(n: u32) -> u32; }
}`;

function withText(from: string, to: string): ModuleFacts {
  assert.ok(BASE.includes(from), from);
  return facts(BASE.replace(from, to));
}

/** Lines without the head and its indentation. */
function shown(before: ModuleFacts, after: ModuleFacts): string[] {
  return changeLines("old", "new", diffModules(before, after))
    .slice(1)
    .map((line) => line.slice(2));
}

const same = facts(BASE);
const MODULES: readonly (readonly [what: string, after: ModuleFacts, lines: readonly string[]])[] = [
  ["nothing", facts(BASE), []],
  ["world name", withText("world domain", "world other"), ["~ world: t:d/domain@0.1.0 → t:d/other@0.1.0"]],
  ["package version", withText("t:d@0.1.0", "t:d@0.2.0"), ["~ world: t:d/domain@0.1.0 → t:d/domain@0.2.0"]],
  ["import gone", withText("import t:p/a@0.1.0; ", ""), ["- import t:p/a@0.1.0", "- type t:p/types@0.1.0#block: {data:list<u8,4096>}"]],
  ["import new", withText("import t:p/a@0.1.0; ", "import t:p/a@0.1.0; import t:p/b@0.1.0; "), ["+ import t:p/b@0.1.0"]],
  ["export gone", withText("export t:p/b@0.1.0;", ""), ["- export t:p/b@0.1.0"]],
  ["export new", withText("export init", "export t:p/a@0.1.0; export init"), ["+ export t:p/a@0.1.0"]],
  ["world function gone", withText("export init: func();", ""), ["- function init: ()"]],
  ["world function changed", withText("init: func()", "init: func(n: u32) -> bool"), ["~ function init: () → (n:u32)->bool"]],
  [
    "method gone",
    withText("size: func() -> u64;", ""),
    ["~ import t:p/a@0.1.0 (old and new may not be linked)", "  - function size: ()->u64"],
  ],
  [
    "method new and changed",
    withText("run: func(n: u32) -> u32;", "run: func(n: u64) -> u32; stop: func();"),
    ["~ export t:p/b@0.1.0 (old and new may not be linked)", "  ~ function run: (n:u32)->u32 → (n:u64)->u32", "  + function stop: ()"],
  ],
  [
    "promise",
    withText("run: func", "/// @idempotent\n run: func"),
    ["~ export t:p/b@0.1.0 (old and new may not be linked)", "  ~ function run: (n:u32)->u32 → (n:u32)->u32 idempotent"],
  ],
  [
    "world function of messages",
    withText("init: func()", "look: func(a: list<string>, b: option<list<u8, 4>>) -> result<tuple<u8, char>, string>; export init: func()"),
    ["+ function look: (a:list<string>,b:option<list<u8,4>>)->result<tuple<u8,char>,string>"],
  ],
  [
    "value that is copied",
    withText("n: u32) -> u32;", "n: list<string>) -> option<u32>;"),
    ["~ export t:p/b@0.1.0 (old and new may not be linked)", "  ~ function run: (n:u32)->u32 → (n:list<string>)->option<u32>"],
  ],
  [
    "capability: one more method",
    withText("run: func(n: u32) -> u32;", "run: func(n: u32) -> u32; resource door { open: func() -> bool; } knock: func() -> door;"),
    [
      "~ export t:p/b@0.1.0 (old and new may not be linked)",
      "  + function knock: ()->own<.#door>",
      "  + type .#door: resource{method open()->bool}",
    ],
  ],
  [
    "deadline",
    withText("run: func", "/// @deadline 40ms\n run: func"),
    ["~ export t:p/b@0.1.0 (old and new may be linked)", "  ~ function run: (n:u32)->u32 → (n:u32)->u32 deadline 40000 µs"],
  ],
  [
    "type of the interface",
    withText("io, full", "io, full, lost"),
    ["~ import t:p/a@0.1.0 (old and new may not be linked)", "  ~ type .#error: enum{io,full} → enum{io,full,lost}"],
  ],
  [
    "type that it uses",
    withText("4096", "512"),
    [
      "~ import t:p/a@0.1.0 (old and new may not be linked)",
      "  ~ type t:p/types@0.1.0#block: resource{constructor constructor(data:list<u8,4096>)} → resource{constructor constructor(data:list<u8,512>)}",
      "~ type t:p/types@0.1.0#block: {data:list<u8,4096>} → {data:list<u8,512>}",
    ],
  ],
  [
    "name of a used type",
    withText(
      "use types.{block}; enum error { io, full } put: func(b: block)",
      "use types.{block as page}; enum error { io, full } put: func(b: page)",
    ),
    [
      "~ import t:p/a@0.1.0 (old and new may not be linked)",
      "  - name block: own<t:p/types@0.1.0#block>",
      "  + name page: own<t:p/types@0.1.0#block>",
    ],
  ],
  [
    "version of an interface",
    facts(
      BASE.replace("package t:p@0.1.0", "package t:p@0.2.0")
        .replaceAll(/(t:p\/[ab])@0\.1\.0/g, "$1@0.2.0")
        .replace("size: func() -> u64", "size: func() -> u32"),
    ),
    [
      "~ import t:p/a@0.2.0: t:p/a@0.1.0 → t:p/a@0.2.0 (old and new may not be linked)",
      "  ~ function put: (b:own<t:p/types@0.1.0#block>)->result<_,.#error> → (b:own<t:p/types@0.2.0#block>)->result<_,.#error>",
      "  ~ function size: ()->u64 → ()->u32",
      "  ~ name block: own<t:p/types@0.1.0#block> → own<t:p/types@0.2.0#block>",
      "  - type t:p/types@0.1.0#block: resource{constructor constructor(data:list<u8,4096>)}",
      "  + type t:p/types@0.2.0#block: resource{constructor constructor(data:list<u8,4096>)}",
      "~ export t:p/b@0.2.0: t:p/b@0.1.0 → t:p/b@0.2.0 (old and new may not be linked)",
      "- type t:p/types@0.1.0#block: {data:list<u8,4096>}",
      "+ type t:p/types@0.2.0#block: {data:list<u8,4096>}",
    ],
  ],
  [
    "memory",
    facts(BASE, { memories: [{ imported: false, minimum: 2, maximum: 5, shared: false }] }),
    ["~ memory: 1 page, no maximum → 2 pages, at most 5"],
  ],
  ["no memory", facts(BASE, { memories: [] }), ["~ memory: 1 page, no maximum → none"]],
  ["code", facts(BASE, { codeBytes: 601, bytes: 1001 }), ["~ code: 600 bytes → 601 bytes", "~ size: 1000 bytes → 1001 bytes"]],
  ["signer", facts(BASE, { signature: { kind: "signed", signer: "alice" } }), ["~ signer: dev → alice"]],
  ["signature", facts(BASE, { signature: { kind: "unsigned" } }), ["~ signer: dev → (unsigned)"]],
  ["bad signature", facts(BASE, { signature: { kind: "refused", message: "altered" } }), ["~ signer: dev → (signature refused)"]],
  ["content", facts(BASE, { hash: "ff" }), [`~ content: sha256 ${same.hash} → sha256 ff`]],
];

for (const [what, after, lines] of MODULES) {
  test(`module: ${what}`, () => {
    assert.equal(shown(same, after), lines);
    const flipped = diffModules(after, same).map(({ change, before, after }) => ({ change, before, after }));
    const swap = { added: "removed", removed: "added", changed: "changed" } as const;
    const sorted = (changes: readonly object[]): string[] => changes.map((change) => JSON.stringify(change)).sort();
    assert.equal(
      sorted(flipped),
      sorted(diffModules(same, after).map(({ change, before, after }) => ({ change: swap[change], before: after, after: before }))),
    );
  });
}

const BEFORE = {
  name: "s",
  parameters: { image: "a.img" },
  files: { in: { path: "in.txt" } },
  devices: { disk: { model: "disk", image: "x.img" } },
  domains: [
    { name: "driver", module: "driver.wasm", grants: { "x:y/mmio": { device: "disk" } } },
    { name: "app", module: "app.wasm", grants: { "x:y/disk": { domain: "driver" } }, limits: { heapBytes: 5 } },
  ],
  main: { domain: "app", interface: "x:y/job", method: "run" },
};
const [DRIVER, APP] = BEFORE.domains as [object, object];

const LIMITS =
  "memoryPages 256, heapBytes 16777216, heapObjects 4096, initBudgetMs 1000, callBudgetMs 1000, cpuBudgetMs 0, cpuWindowMs 1000, logLinesPerSecond 100, handles 1024, threads 0";
const SYSTEMS: readonly (readonly [what: string, after: object, lines: readonly string[]])[] = [
  ["nothing", {}, []],
  ["name", { name: "t" }, ["~ name: s → t"]],
  ["parameter", { parameters: { image: "b.img", size: "1" } }, ["~ parameter image: a.img → b.img", "+ parameter size: 1"]],
  ["heap", { heap: { megabytes: 64 } }, ["+ heap megabytes: 64"]],
  ["file", { files: { in: { path: "other.txt" } } }, ["~ file in: in.txt → other.txt"]],
  ["file new", { files: { ...BEFORE.files, out: { path: "o" } } }, ["+ file out: o"]],
  [
    "device",
    { devices: { disk: { image: "y.img", model: "disk" } } },
    [
      '~ device disk: {"image":"x.img","model":"disk"} → {"image":"y.img","model":"disk"}',
      "- app: reach image x.img: through driver",
      "+ app: reach image y.img: through driver",
      "- driver: reach image x.img: directly",
      "+ driver: reach image y.img: directly",
    ],
  ],
  ["job", { main: { ...BEFORE.main, method: "go" } }, ["~ job: app, x:y/job#run → app, x:y/job#go"]],
  ["job gone", { main: undefined }, ["- job: app, x:y/job#run"]],
  [
    "faults",
    { faults: { domain: "driver", device: "disk", everyMegabytes: 1 } },
    ['+ faults: {"device":"disk","domain":"driver","everyMegabytes":1}'],
  ],
  [
    "order",
    { domains: [{ ...APP, grants: {} }, DRIVER] },
    [
      "~ order: driver, app → app, driver",
      "- app: grant x:y/disk: domain driver",
      "- app: reach device disk: through driver",
      "- app: reach driver: directly",
      "- app: reach image x.img: through driver",
    ],
  ],
  ["module path", { domains: [DRIVER, { ...APP, module: "app2.wasm" }] }, ["~ app: module: app.wasm → app2.wasm"]],
  ["limit", { domains: [DRIVER, { ...APP, limits: { heapBytes: 6 } }] }, ["~ app: limit heapBytes: 5 → 6"]],
  ["limit to its default", { domains: [DRIVER, { ...APP, limits: undefined }] }, ["~ app: limit heapBytes: 5 → 16777216"]],
  ["limit at its default", { domains: [{ ...DRIVER, limits: { heapObjects: 4096 } }, APP] }, []],
  [
    "grant new",
    { domains: [DRIVER, { ...APP, grants: { "x:y/disk": { domain: "driver" }, "x:y/io": { file: "in" } } }] },
    ["+ app: grant x:y/io: file in", "+ app: reach file in: directly"],
  ],
  [
    "grant far away",
    { domains: [{ ...DRIVER, grants: { "x:y/mmio": { device: "disk" }, "x:y/io": { file: "in" } } }, APP] },
    ["+ app: reach file in: through driver", "+ driver: grant x:y/io: file in", "+ driver: reach file in: directly"],
  ],
  [
    "grant of another",
    { domains: [DRIVER, { ...APP, grants: { "x:y/disk": { device: "disk" } } }] },
    [
      "~ app: grant x:y/disk: domain driver → device disk",
      "~ app: reach device disk: through driver → directly",
      "- app: reach driver: directly",
      "~ app: reach image x.img: through driver → directly",
    ],
  ],
  [
    "domain new",
    { domains: [DRIVER, APP, { name: "spy", module: "spy.wasm", grants: { "x:y/k": { supervise: "app" } } }] },
    [`+ domain spy: ${LIMITS}`, "+ spy: module: spy.wasm", "+ spy: grant x:y/k: supervise app"],
  ],
  [
    "domain with patience",
    {
      domains: [
        DRIVER,
        APP,
        { name: "spy", module: "spy.wasm", grants: { "x:y/k": { supervise: "app", retry: { tries: 3, mostWaitMs: 9 } } } },
      ],
    },
    [`+ domain spy: ${LIMITS}`, "+ spy: module: spy.wasm", "+ spy: grant x:y/k: supervise app, retry tries 3 mostWaitMs 9"],
  ],
];

for (const [what, change, lines] of SYSTEMS) {
  test(`system: ${what}`, () => {
    const [old, now] = [manifest(BEFORE), manifest({ ...BEFORE, ...change })];
    const system = (one: typeof old) => ({ manifest: one, modules: new Map<string, ModuleState>() });
    const found = changeLines("a", "b", diffSystems(system(old), system(now))).slice(1);
    assert.equal(
      found,
      lines.map((line) => `  ${line}`),
    );
    const [forward, back] = [diffSystems(system(old), system(now)), diffSystems(system(now), system(old))];
    assert.is(back.length, forward.length);
  });
}

test("a system and itself: no difference, in one line", () => {
  const system = { manifest: DIAMOND, modules: modulesFor(DIAMOND) };
  assert.equal(changeLines("a", "a", diffSystems(system, system)), ["a → a: no difference"]);
});

test("the content behind an unchanged path: interface by interface, or that it can no longer be read", () => {
  const old = manifest(BEFORE);
  const system = (driver: ModuleState) => ({ manifest: old, modules: new Map([["driver", driver]]) });
  const before = system(module(BASE));
  const changed = changeLines("a", "b", diffSystems(before, system(module(BASE.replace("size: func() -> u64;", ""), { hash: "ff" }))));
  assert.equal(changed.slice(1), [
    `  ~ driver: content: ${same.hash} → ff`,
    "    ~ import t:p/a@0.1.0 (old and new may not be linked)",
    "      - function size: ()->u64",
    `    ~ content: sha256 ${same.hash} → sha256 ff`,
  ]);
  for (const kind of ["missing", "unreadable"] as const) {
    const [change] = diffSystems(before, system({ kind, message: "?" }));
    assert.equal([change?.what, change?.before, change?.after], ["content", same.hash, kind]);
  }
});

test("hostile names stay on their line and out of the terminal", () => {
  for (const evil of ["a\nb", "\u001b[2J", '"\\', "\u202e", "\u009b31m", "__proto__"]) {
    const now = manifest({
      ...BEFORE,
      files: { [evil]: { path: evil } },
      domains: [DRIVER, { ...APP, module: evil, grants: { [evil]: { file: evil } } }],
    });
    const empty = new Map<string, ModuleState>();
    const changes = diffSystems({ manifest: manifest(BEFORE), modules: empty }, { manifest: now, modules: empty });
    assert.ok(changes.some(({ what, name }) => what === "grant" && name === evil));
    for (const line of changeLines(evil, evil, changes)) assert.not.match(line, /[\p{Cc}\p{Cf}]/u);
    const signed = facts(BASE, { signature: { kind: "signed", signer: evil } });
    for (const line of changeLines("a", "b", diffModules(same, signed))) assert.not.match(line, /[\p{Cc}\p{Cf}]/u);
  }
});

test.run();
