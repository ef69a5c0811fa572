/** Supervision, watching and destroying through the library. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, following, type LifeChange, type LoadDomainOptions, type Sumac, SumacError } from "../../host/sumac.ts";
import { domain, type Parts } from "../support/domain.ts";
import { host, withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { id } from "../support/world.ts";

const test = suite("library: supervision");
const CALL = id("call");

const MORTAL: Parts = { exports: { call: "(if (i32.eqz (local.get $n)) (then unreachable)) (local.get $n)" } };
const CLIENT: Parts = { imports: { call: host({}) }, exports: { call: "(call $call (local.get $n))" } };

async function load(system: Sumac, name: string, parts: Parts, options: LoadDomainOptions = {}): Promise<void> {
  const { wat: text, world } = domain(name, parts);
  await system.load(name, withWorld(await wat(text), world), { allowUnsigned: true, ...options });
}

function call(system: Sumac, name: string, n: number): unknown {
  const called = system.export(name, CALL).run?.(n);
  return called?.ok ? called.value : called?.error.cause;
}

test("boot and load take groups and members; a grant of `following` reaches the next generation, a name does not", async () => {
  const system = await boot({ supervision: { groups: { storage: { intensity: 50, firstWaitMs: 0 } } } });
  const told: LifeChange[] = [];
  system.watch("mortal", (change) => told.push(change));
  await load(system, "mortal", MORTAL, { supervision: { group: "storage" } });
  await load(system, "follower", CLIENT, { grants: { [CALL]: following("mortal") } });
  await load(system, "loyal", CLIENT, { grants: { [CALL]: "mortal" } });
  system.kill("mortal");
  assert.equal([call(system, "mortal", 3), call(system, "follower", 4), call(system, "loyal", 5)], [3, 4, 0]);
  assert.is(call(system, "mortal", 0), "trap");
  assert.is(call(system, "follower", 4), 4);
  assert.is(told.filter(({ death }) => death !== undefined).length, 2);
  assert.equal(
    system.domains().map(({ name, state, generation }) => `${name}#${generation} ${state}`),
    ["mortal#3 running", "follower#1 running", "loyal#1 running"],
  );
  system.destroy("mortal");
  assert.is(call(system, "follower", 4), 0);
  await load(system, "mortal", MORTAL);
  assert.is(call(system, "follower", 4), 0);
  await system.stop();
});

test("a system that gave up says so, and keeps nobody from ending it", async () => {
  const system = await boot({ supervision: { intensity: 0 } });
  const groups: string[] = [];
  system.on((event) => {
    if (event.kind === "gave-up") groups.push(event.group);
  });
  await load(system, "mortal", MORTAL, { supervision: {} });
  assert.is(system.gaveUp, undefined);
  assert.is(call(system, "mortal", 0), "trap");
  assert.equal(groups, ["system"]);
  assert.equal(
    system.gaveUp?.chain.map(({ cause, domain: name }) => `${cause} ${name}`),
    ["trap mortal", "gave-up system"],
  );
  await system.stop();
});

test("groups and members that do not fit are refused, and the domain is not kept", async () => {
  const refusal = async (promise: Promise<unknown>): Promise<string> => {
    const error: unknown = await promise.catch((thrown: unknown) => thrown);
    assert.instance(error, SumacError);
    return (error as SumacError).code;
  };
  for (const groups of [{ a: { parent: "b" } }, { a: { parent: "a" } }, { system: {} }]) {
    assert.is(await refusal(boot({ supervision: { groups } })), "manifest-invalid");
  }
  const system = await boot();
  const health = { interface: CALL, method: "nothing", everyMs: 10, deadlineMs: 10 };
  for (const supervision of [{ group: "nowhere" }, { health }]) {
    assert.is(await refusal(load(system, "mortal", MORTAL, { supervision })), "manifest-invalid");
    assert.equal(system.domains(), []);
  }
  await system.stop();
});

test.run();
