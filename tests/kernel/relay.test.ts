/** Giving a call up: what the caller learns, that the one who gave up lives on, and what a hostile domain makes of it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CallOfDead, FailureNotes, MOST_NOTES, type Note } from "../../host/kernel/calls/relay.ts";
import { bindLink } from "../../host/kernel/life/birth.ts";
import { startNext } from "../../host/kernel/life/next-generation.ts";
import type { RpcError } from "../../host/kernel/status.ts";
import { attempt, call, deaths, domain } from "../support/domain.ts";
import { calls, host, restarts, type TestSystem, testSystem } from "../support/system.ts";

const test = suite("relay");

const status = (word: number): string => `(call $status (i32.const ${word}))`;
const CALL = "(drop (call $call (i32.const 0)))";
/** Traps for 0. */
const MORTAL = "(if (i32.eqz (local.get $n)) (then unreachable)) (local.get $n)";

function errorOf(t: TestSystem, name: string, n = 0): RpcError {
  const called = call(t, name, "call", n);
  if (called.ok) throw new Error(`answered ${String(called.value)}`);
  return called.error;
}

/** Links of `error.chain`: `trap mortal#1`. */
function chainOf({ chain = [] }: RpcError): string[] {
  return chain.map(({ cause, domain: name, generation }) => `${cause} ${name}#${generation}`);
}

test("relay: the caller gets gave-up with the victim and the chain of causes, and who gave up lives on", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  await t.add(
    domain("shadow", {
      imports: { call: calls(mortal), restart: restarts(t, mortal) },
      kernel: ["relay"],
      exports: {
        call: `(if (local.get $n) (then (drop (call $restart)) (return (call $call (local.get $n)))))
          ${CALL} (drop (call $restart)) ${CALL} (call $relay) (i32.const 77)`,
      },
    }),
  );
  const error = errorOf(t, "shadow");
  assert.is(`${error.cause} ${error.domain}#${error.generation}`, "gave-up mortal#2");
  assert.match(error.detail, /^test:api\/call@0\.1\.0#run: shadow#1 gave up: .*unreachable/);
  assert.equal(chainOf(error), ["trap mortal#1", "trap mortal#2"]);
  assert.equal(deaths(t), ["trap mortal#1", "trap mortal#2"]);
  assert.is(attempt(t, "shadow", "call", 5), "ok 5");
  await t.end();
});

test("relay: a domain reads gave-up, the victim's id and its cause in its status words, whatever the callee returns", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  const id = mortal.current?.id;
  const shadow = await t.add(
    domain("shadow", { imports: { call: calls(mortal) }, kernel: ["relay"], exports: { call: `${CALL} (call $relay) (i32.const 77)` } }),
  );
  await t.add(
    domain("client", {
      imports: { call: calls(shadow) },
      guard: ["status"],
      code: "(global $seen (mut i32) (i32.const 0))",
      exports: {
        call: `(global.set $seen (call $call (i32.const 0)))
          (if (i32.eqz (local.get $n)) (then (return (i32.add (i32.mul (global.get $seen) (i32.const 1000)) ${status(0)}))))
          ${status(1)}`,
        quick: `${CALL} (i32.add (i32.mul ${status(2)} (i32.const 1000)) ${status(3)})`,
      },
    }),
  );
  assert.is(attempt(t, "client", "call", 0), "ok 13", "no value, and the status");
  assert.is(attempt(t, "client", "quick", 1), "ok 1007", "generation 1, dead before the call");
  assert.is(attempt(t, "client", "call", 1), `ok ${id}`);
  await t.end();
});

test("relay: through several domains the chain names what each of them met, and blames the first victim", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  let below = mortal;
  for (const name of ["inner", "middle", "outer"]) {
    below = await t.add(
      domain(name, { imports: { call: calls(below) }, kernel: ["relay"], exports: { call: `${CALL} (call $relay) (i32.const 0)` } }),
    );
  }
  const error = errorOf(t, "outer");
  assert.is(`${error.cause} ${error.domain}#${error.generation}`, "gave-up mortal#1");
  assert.equal(chainOf(error), ["trap mortal#1", "gave-up mortal#1", "gave-up mortal#1"]);
  assert.match(error.chain?.[1]?.detail ?? "", /inner#1 gave up/);
  assert.match(error.chain?.[2]?.detail ?? "", /middle#1 gave up/);
  await t.end();
});

test("relay: what failed in an earlier call is no reason, nor what failed in the same domain further out", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  let inner = "";
  const again = host({
    run: () => {
      inner = attempt(t, "reentrant", "circle", 1);
      return 1;
    },
  });
  await t.add(
    domain("shadow", {
      imports: { call: calls(mortal) },
      kernel: ["relay"],
      exports: { call: `${CALL} (i32.const 1)`, quick: "(call $relay) (i32.const 1)" },
    }),
  );
  assert.is(attempt(t, "shadow", "call", 0), "ok 1");
  assert.is(attempt(t, "shadow", "quick", 0), "trap shadow#1");
  const circle = `(if (local.get $n) (then (call $relay) (return (i32.const 1)))) ${CALL} (drop (call $count (i32.const 0))) (i32.const 1)`;
  await t.add(domain("reentrant", { imports: { call: calls(mortal), count: again }, kernel: ["relay"], exports: { circle } }));
  assert.is(attempt(t, "reentrant", "circle", 0), "trap reentrant#1");
  assert.is(inner, "trap reentrant#1");
  await t.end();
});

test("relay: without a failed call, or in init, it is a fault of the caller", async () => {
  const t = await testSystem();
  const leaf = await t.add(domain("leaf", { exports: { call: "(local.get $n)" } }));
  await t.add(
    domain("liar", { imports: { call: calls(leaf) }, kernel: ["relay"], exports: { call: `${CALL} (call $relay) (i32.const 1)` } }),
  );
  const error = errorOf(t, "liar");
  assert.is(`${error.cause} ${error.domain}`, "trap liar");
  assert.match(error.detail, /gave up a call in which none of its own calls had failed/);
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  const unborn = domain("unborn", { imports: { call: calls(mortal) }, kernel: ["relay"], init: `${CALL} (call $relay)` });
  let message = "";
  await t.add(unborn).catch((thrown: Error) => {
    message = thrown.message;
  });
  assert.match(message, /gave up its own birth/);
  await t.end();
});

test("relay: twice is the same as once, kernel functions still answer, and an object that is returned is dropped", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  await t.add(
    domain("shadow", {
      imports: { call: calls(mortal) },
      kernel: ["relay"],
      exports: {
        call: "(i32.const 4)",
        swap: `(drop (call $call (i32.const 0))) (call $relay) (call $drop (local.get $b)) (call $relay) (call $new)`,
      },
    }),
  );
  const { heap } = t.system.kernel;
  const type = t.system.seat("shadow").spec.loaded.world.sharedTypes.find(({ name }) => name === "block");
  const base = heap.exports.alloc(0x4000, type?.id ?? 0, 4096);
  assert.is(attempt(t, "shadow", "swap", base), "gave-up mortal#1");
  assert.is(attempt(t, "shadow", "call", 0), "ok 4", "it lives");
  assert.is(t.system.liveObjects(), 0, "what it returned is dropped");
  await t.end();
});

test("relay: who calls another domain afterwards dies of it, and a trap afterwards is a trap", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL, quick: "(local.get $n)" } }));
  let back = "";
  const hosts = host({
    run: () => {
      back = attempt(t, "caller of the host", "circle", 0);
      return 64;
    },
  });
  for (const [name, then] of [
    ["caller of the living", "(drop (call $quick (i32.const 1)))"],
    ["caller of the dead", CALL],
    ["caller of the host", "(drop (call $count (i32.const 0)))"],
  ] as const) {
    const imports = { call: calls(mortal), quick: calls(mortal), count: hosts };
    const exports = { call: `${CALL} (call $relay) ${then} (i32.const 1)`, circle: "(i32.const 1)" };
    await t.add(domain(name, { imports, kernel: ["relay"], exports }));
    const error = errorOf(t, name);
    assert.is(`${error.cause} ${error.domain}`, `trap ${name}`);
    assert.match(error.detail, /called another domain after it had given its own call up/);
  }
  assert.is(back, "reentrant caller of the host#1", "who ends a call takes no other");
  const exports = { call: `${CALL} (call $relay) unreachable` };
  await t.add(domain("trapper", { imports: { call: calls(mortal) }, kernel: ["relay"], exports }));
  assert.is(attempt(t, "trapper", "call", 0), "trap trapper#1");
  await t.end();
});

test("relay: one that loops afterwards is ended by its budget", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  const limits = { callBudgetMs: 20 };
  await t.add(
    domain("slow", {
      imports: { call: calls(mortal) },
      kernel: ["relay"],
      limits,
      exports: { call: `${CALL} (call $relay) (loop $l (br $l)) unreachable` },
    }),
  );
  assert.is(attempt(t, "slow", "call", 0), "deadline slow#1");
  await t.end();
});

test("relay: failures without end are remembered up to a bound, the first of the call among them", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  await t.add(
    domain("shadow", {
      imports: { call: calls(mortal) },
      kernel: ["relay"],
      exports: {
        call: `(loop $l ${CALL} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) (call $relay) (i32.const 0)`,
      },
    }),
  );
  const error = errorOf(t, "shadow", 1000);
  assert.is(error.chain?.length, MOST_NOTES);
  assert.equal(chainOf(error).slice(0, 2), ["trap mortal#1", "dead mortal#1"]);
  assert.equal(chainOf(errorOf(t, "shadow", 1)), ["dead mortal#1"], "the call before is over");
  await t.end();
});

test("FailureNotes: of a call that fails for ever the first failure is kept and then the last ones in their order; of others, none first", () => {
  const note = (detail: string): Note => ({ code: 7, blamed: { id: 1, name: "mortal", generation: 1 }, detail });
  const details = (notes: FailureNotes, call: number): string[] => notes.of(call).map(({ detail }) => detail);
  const notes = new FailureNotes();
  for (let i = 0; i < 100; i++) notes.add(1, note(`${i}`));
  const last = Array.from({ length: MOST_NOTES - 1 }, (_, i) => `${100 - (MOST_NOTES - 1) + i}`);
  assert.equal(details(notes, 1), ["0", ...last]);
  notes.add(2, note("second call"));
  assert.equal(details(notes, 1), last);
  for (let i = 0; i < 50; i++) notes.add(2, note(`${i}`));
  assert.equal(details(notes, 1), []);
  assert.equal(details(notes, 2), ["second call", ...Array.from({ length: MOST_NOTES - 1 }, (_, i) => `${50 - (MOST_NOTES - 1) + i}`)]);
});

test("a call of a dead generation is noted without a text, which is there when it is read; once bound anew it is another's", async () => {
  const t = await testSystem();
  const mortal = await t.add(domain("mortal", { exports: { call: MORTAL } }));
  const caller = await t.add(
    domain("caller", { imports: { call: calls(mortal) }, exports: { call: `${CALL} ${CALL} ${CALL} (i32.const 0)` } }),
  );
  t.system.kill("mortal");
  let noted: readonly Note[] = [];
  const { noteFailure } = t.system.kernel;
  t.system.kernel.noteFailure = function (this: typeof t.system.kernel, id, note, before) {
    if (id === caller.current?.id) noted = [...noted, note];
    noteFailure.call(this, id, note, before);
  };
  attempt(t, "caller", "call", 0);
  assert.is(noted.length, 3);
  assert.ok(
    noted.every((note) => note instanceof CallOfDead && note === noted[0]),
    "one for all calls",
  );
  assert.match(noted[0]?.detail ?? "", /#\w+ was called on a dead generation$/);
  assert.equal(noted[0]?.blamed, { id: mortal.current?.id, name: "mortal", generation: 1 });
  startNext(t.system.kernel, mortal);
  const link = caller.current?.outbound[0];
  assert.ok(link?.deadNote !== undefined);
  bindLink(t.system.kernel, link, mortal);
  assert.is(link.deadNote, undefined);
  t.system.kill("mortal");
  attempt(t, "caller", "call", 0);
  assert.is(noted.at(-1)?.blamed.generation, 2);
  await t.end();
});

test.run();
