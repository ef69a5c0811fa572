/** Domains that create domains from blobs that they hold: what they may hand on, how many, and who dies with whom. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deviceProvider } from "../../host/kernel/device-grant.ts";
import type { Blob } from "../../host/kernel/life/creator.ts";
import type { Provider } from "../../host/kernel/provider.ts";
import { AccountWord } from "../../host/platform/cpu-accounts.ts";
import { DOMAIN_SLOTS } from "../../shared-heap/layout.ts";
import { AMPLE, accountOf } from "../support/cpu-time.ts";
import { blob, CREATOR, CREATOR_IMPORTS, creates, creatorWorld, MESSAGE, Messages, shippedPackage } from "../support/creators.ts";
import { deaths, outcome } from "../support/domain.ts";
import { CALL, client, QUICK, worldText } from "../support/handle-domains.ts";
import { calls, type TestDomain, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("creator");

function run(t: TestSystem, name: string, n = 0, through: string = QUICK): string {
  const { run: method } = t.system.export(name, through);
  assert.ok(method !== undefined);
  return outcome(method(n));
}

/** Adds what `quick` of somebody else gives; 99 traps. */
const DRIVER: TestDomain = {
  name: "driver",
  world: worldText(`import ${QUICK}; export ${CALL};`),
  wat: `(module (import "${QUICK}" "run" (func $quick (param i32) (result i32)))
    (func (export "${CALL}#run") (param $n i32) (result i32)
      (if (i32.eq (local.get $n) (i32.const 99)) (then unreachable))
      (i32.add (local.get $n) (call $quick (i32.const 0)))))`,
};

interface ShadowParts {
  readonly grants?: readonly string[];
  readonly more?: Readonly<Record<string, Provider>>;
  /** Body of `quick`; locals `$c` and `$r`. */
  readonly body: (m: Messages) => string;
}

/** Holds a blob "driver", imports `call` of what it makes of it, and exports `quick`. */
function shadow(t: TestSystem, driver: Blob, { more = {}, body }: ShadowParts, name = "shadow"): TestDomain {
  const messages = new Messages();
  const text = body(messages);
  return {
    name,
    world: creatorWorld(`import ${CREATOR}; import ${CALL}; export ${QUICK};`),
    wat: `(module ${CREATOR_IMPORTS} (import "${CALL}" "run" (func $call (param i32) (result i32)))
      ${messages.memory} ${MESSAGE} (global $blob (mut i32) (i32.const 0)) (global $created (mut i32) (i32.const 0))
      (func (export "${QUICK}#run") (param $n i32) (result i32) (local $r i32) ${text}))`,
    grants: { [CREATOR]: creates(t, driver), [CALL]: { kind: "blob", blob: driver }, ...more },
  };
}

const OPEN = (m: Messages): string => `(if (i32.eqz (global.get $blob)) (then
  (if (i32.ne (call $open ${m.string("driver")}) (i32.const 64)) (then unreachable)) (global.set $blob (call $result (i32.const 0)))))`;

/** Creates one and binds it; leaves the packed result of `create`. */
const CREATE = (
  m: Messages,
  grants: readonly string[],
): string => `(local.set $r (call $create (global.get $blob) ${m.create(grants).text}))
  (if (i32.eq (local.get $r) (i32.const 64)) (then (global.set $created (call $result (i32.const 0)))
    (if (i32.ne (call $bind (global.get $created) ${m.string(CALL)}) (i32.const 64)) (then unreachable))))`;

test("a shadow creates its driver from a blob that it holds, and the next one when that has trapped", async () => {
  const t = await testSystem();
  const leaf = await t.add(client("leaf", { quick: "(i32.const 7)" }));
  const driver = await blob(t, DRIVER);
  await t.add(
    shadow(t, driver, {
      more: { [QUICK]: calls(leaf) },
      body: (m) => `${OPEN(m)}
        (if (i32.eqz (global.get $created)) (then ${CREATE(m, [QUICK])}))
        (local.set $r (call $call (local.get $n)))
        (if (i32.eq (call $status (i32.const 0)) (i32.const 1)) (then
          (if (call $alive (global.get $created)) (then unreachable))
          (call $dropCreated (global.get $created))
          ${CREATE(m, [QUICK])} (return (call $call (i32.const 1000)))))
        (local.get $r)`,
    }),
  );
  assert.is(run(t, "shadow", 1), "ok 8", "it calls whom the shadow held");
  for (let i = 0; i < 20; i++) assert.is(run(t, "shadow", 99), "ok 1007");
  assert.is(run(t, "shadow", 2), "ok 9");
  assert.equal(deaths(t).slice(-1), ["trap shadow/driver#20"]);
  t.system.kill("shadow");
  assert.equal(deaths(t).slice(-2), ["killed shadow/driver#21", "killed shadow#1"], "what was created dies with its creator");
  await t.end();
});

test("a creator gains no CPU time by making another one: what the last one had used counts for the next", async () => {
  const t = await testSystem();
  const leaf = await t.add(client("leaf", { quick: "(i32.const 7)" }));
  const driver = await blob(t, { ...DRIVER, limits: AMPLE });
  await t.add(
    shadow(t, driver, {
      more: { [QUICK]: calls(leaf) },
      body: (m) => `${OPEN(m)}
        (if (local.get $n) (then (call $dropCreated (global.get $created))))
        ${CREATE(m, [QUICK])} (local.get $r)`,
    }),
  );
  assert.is(run(t, "shadow", 0), "ok 64");
  const { accounts } = t.system.kernel.watchdog;
  /** The only domain with such a limit has the only account. */
  const account = (): Int32Array => {
    for (let slot = 1; slot < DOMAIN_SLOTS; slot++)
      if (accountOf(accounts, { slot })[AccountWord.id] !== 0) return accountOf(accounts, { slot });
    throw new Error("nobody has an account");
  };
  const first = account()[AccountWord.id];
  account()[AccountWord.used] = 4321;
  account()[AccountWord.since] = 77;
  assert.is(run(t, "shadow", 1), "ok 64");
  assert.is.not(account()[AccountWord.id], first);
  assert.equal([account()[AccountWord.used], account()[AccountWord.since]], [4321, 77]);
  await t.end();
});

test("before a domain is created and bound, and after it died, calls of it answer dead", async () => {
  const t = await testSystem();
  const leaf = await t.add(client("leaf", { quick: "(i32.const 7)" }));
  const driver = await blob(t, DRIVER);
  await t.add(
    shadow(t, driver, {
      more: { [QUICK]: calls(leaf) },
      body: (m) => `${OPEN(m)}
        (if (i32.eq (local.get $n) (i32.const 1)) (then ${CREATE(m, [QUICK])} (return (local.get $r))))
        (if (i32.eq (local.get $n) (i32.const 2)) (then (call $kill (global.get $created)) (return (call $alive (global.get $created)))))
        (drop (call $call (i32.const 0))) (call $status (i32.const 0))`,
    }),
  );
  assert.is(run(t, "shadow", 0), "ok 7");
  assert.is(run(t, "shadow", 1), "ok 64");
  assert.is(run(t, "shadow", 0), "ok 0");
  assert.is(run(t, "shadow", 2), "ok 0");
  assert.is(run(t, "shadow", 0), "ok 7");
  await t.end();
});

test("a creator hands on what it holds and nothing else", async () => {
  const t = await testSystem();
  await t.add(client("leaf", { quick: "(i32.const 7)" }));
  const driver = await blob(t, DRIVER);
  const tries = [[QUICK], [], [CALL], ["sumac:device/mmio@0.1.0"], [""]];
  await t.add(
    shadow(t, driver, {
      body: (m) => `${OPEN(m)}
        ${tries.map((grants, i) => `(if (i32.eq (local.get $n) (i32.const ${i})) (then ${CREATE(m, grants)} (return (local.get $r))))`).join("\n")}
        (if (i32.ne (call $open ${m.string("nothing")}) (i32.const 1)) (then unreachable)) (i32.const 55)`,
    }),
  );
  for (let i = 0; i < tries.length; i++) assert.is(run(t, "shadow", i), "ok 2", `not held: ${tries[i]}`);
  assert.is(run(t, "shadow", 99), "ok 55");
  assert.equal(
    deaths(t).filter((death) => death.includes("shadow#")),
    [],
  );
  await t.end();
});

test("the number of living domains of a blob is limited, and one that was dropped makes room", async () => {
  const t = await testSystem();
  const leaf = await t.add(client("leaf", { quick: "(i32.const 7)" }));
  const driver = await blob(t, DRIVER, 3);
  await t.add(
    shadow(t, driver, {
      more: { [QUICK]: calls(leaf) },
      body: (m) => `${OPEN(m)}
        (if (i32.eq (local.get $n) (i32.const 1)) (then (call $dropCreated (global.get $created)) (return (i32.const 0))))
        ${CREATE(m, [QUICK])} (local.get $r)`,
    }),
  );
  for (const expected of [64, 64, 64, 3, 3]) assert.is(run(t, "shadow"), `ok ${expected}`);
  assert.is(run(t, "shadow", 1), "ok 0");
  assert.equal(deaths(t), ["killed shadow/driver#3"]);
  for (const expected of [64, 3]) assert.is(run(t, "shadow"), `ok ${expected}`);
  await t.end();
});

test("a created domain that does not start is an error for its creator, and leaves nothing", async () => {
  const t = await testSystem();
  const leaf = await t.add(client("leaf", { quick: "(i32.const 7)" }));
  const still: TestDomain = {
    name: "driver",
    world: worldText(`export ${CALL}; export init: func();`),
    wat: `(module (func (export "init") unreachable) (func (export "${CALL}#run") (param i32) (result i32) (i32.const 0)))`,
  };
  const driver = await blob(t, still, 1);
  await t.add(shadow(t, driver, { more: { [QUICK]: calls(leaf) }, body: (m) => `${OPEN(m)} ${CREATE(m, [])} (local.get $r)` }));
  for (let i = 1; i < 5; i++) {
    assert.is(run(t, "shadow"), "ok 4");
    assert.is(deaths(t).at(-1), `trap shadow/driver#${i}`);
  }
  await t.end();
});

test("a service that was created before is handed to the next one, and a blob may be used by whom it was handed", async () => {
  const t = await testSystem();
  const leaf = await t.add(client("leaf", { quick: "(i32.const 7)" }));
  // Serves `quick` by itself and calls nobody; the driver takes it for the one that it imports.
  const server: TestDomain = {
    name: "server",
    world: worldText(`export ${QUICK};`),
    wat: `(module (func (export "${QUICK}#run") (param i32) (result i32) (i32.const 500)))`,
  };
  const driver = await blob(t, DRIVER);
  const service = await blob(t, server);
  const messages = new Messages();
  const { text, handlesAt } = messages.create([], [QUICK]);
  await t.add({
    name: "shadow",
    world: creatorWorld(`import ${CREATOR}; import ${CALL}; export ${QUICK};`),
    wat: `(module ${CREATOR_IMPORTS} (import "${CALL}" "run" (func $call (param i32) (result i32)))
      ${messages.memory} (data (i32.const 900) "\\06\\00\\00\\00server") (data (i32.const 920) "\\06\\00\\00\\00driver")
      (data (i32.const 940) "\\00\\00\\00\\00\\00\\00\\00\\00") (data (i32.const 700) "\\${CALL.length.toString(16)}\\00\\00\\00${CALL}") ${MESSAGE}
      (func (export "${QUICK}#run") (param $n i32) (result i32) (local $h i32)
        (drop (call $open (call $message (i32.const 900) (i32.const 10))))
        (drop (call $create (call $result (i32.const 0)) (call $message (i32.const 940) (i32.const 8))))
        (i32.store (i32.const ${handlesAt[0]}) (call $result (i32.const 0)))
        (drop (call $open (call $message (i32.const 920) (i32.const 10))))
        (if (i32.ne (call $create (call $result (i32.const 0)) ${text}) (i32.const 64)) (then unreachable))
        (if (i32.ne (call $bind (call $result (i32.const 0)) (call $message (i32.const 700) (i32.const ${CALL.length + 4}))) (i32.const 64)) (then unreachable))
        (call $call (local.get $n))))`,
    grants: { [CREATOR]: creates(t, driver, service), [CALL]: { kind: "blob", blob: driver }, [QUICK]: calls(leaf) },
  });
  assert.is(run(t, "shadow", 1), "ok 501");
  t.system.kill("shadow");
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test("a device that is handed on has one driver at a time", async () => {
  const t = await testSystem();
  const MMIO = "sumac:device/mmio@0.1.0";
  const events: string[] = [];
  const device = deviceProvider(t.system.kernel, {
    read32: () => 5,
    write32: () => {},
    start: () => events.push("start"),
    stop: () => events.push("stop"),
  });
  const driver = await blob(t, {
    name: "driver",
    world: `${worldText(`import ${MMIO}; export ${CALL};`)}\n${shippedPackage("device")}`,
    wat: `(module (import "${MMIO}" "read32" (func $read (param i32) (result i32)))
      (func (export "${CALL}#run") (param $n i32) (result i32) (call $read (i32.const 0))))`,
  });
  await t.add(
    shadow(t, driver, {
      more: { [MMIO]: device },
      body: (m) => `${OPEN(m)}
        (if (i32.eq (local.get $n) (i32.const 1)) (then (call $dropCreated (global.get $created)) (return (i32.const 0))))
        (if (i32.eq (local.get $n) (i32.const 2)) (then (return (call $call (i32.const 0)))))
        ${CREATE(m, [MMIO])} (local.get $r)`,
    }),
  );
  assert.is(run(t, "shadow"), "ok 64");
  assert.is(run(t, "shadow", 2), "ok 5");
  assert.is(run(t, "shadow"), "ok 2", "the first one drives it");
  assert.is(run(t, "shadow", 2), "ok 5");
  assert.is(run(t, "shadow", 1), "ok 0");
  assert.is(run(t, "shadow"), "ok 64");
  assert.equal(events, ["start", "stop", "start"]);
  await t.end();
});

test("domains that create each other are nested to a bound, and all die with the first", async () => {
  const t = await testSystem();
  const messages = new Messages();
  // Each makes the next one in its `init`, of the same blob, with the same capability.
  const world = creatorWorld(`import ${CREATOR}; export ${CALL}; export init: func();`);
  const body = `${MESSAGE} (global $last (mut i32) (i32.const 0))
    (func (export "init") (if (i32.ne (call $open ${messages.string("again")}) (i32.const 64)) (then unreachable))
      (global.set $last (call $create (call $result (i32.const 0)) ${messages.create([CREATOR]).text}))
      (if (i32.eq (global.get $last) (i32.const 4)) (then unreachable)))
    (func (export "${CALL}#run") (param i32) (result i32) (global.get $last))`;
  const wat = `(module ${CREATOR_IMPORTS} ${messages.memory} ${body})`;
  const again = await blob(t, { name: "again", world, wat }, 100);
  await t.add({ name: "first", world, wat, grants: { [CREATOR]: creates(t, again) } });
  assert.is(run(t, "first", 0, CALL), "ok 64");
  assert.is(deaths(t).length, 0);
  t.system.kill("first");
  assert.is(deaths(t).length, 9);
  assert.is(deaths(t).at(-1), "killed first#1");
  assert.is(t.system.liveObjects(), 0);
  await t.end();
});

test.run();
