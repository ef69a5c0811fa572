/** CPU time by proxy: a domain whose own time is limited makes others, whose births last as long as they may. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blob, CREATOR, CREATOR_IMPORTS, creates, creatorWorld, MESSAGE, Messages } from "../support/creators.ts";
import { deaths, outcome } from "../support/domain.ts";
import { CALL, QUICK, worldText } from "../support/handle-domains.ts";
import { testSystem } from "../support/system.ts";

const test = suite("time of births");
const BIRTHS = 200;

for (const perCall of [1, BIRTHS]) {
  test(`births that a domain causes are in its own account: after a few it is kept out or ended, ${perCall} in each call`, async () => {
    const t = await testSystem();
    const idler = await blob(t, {
      name: "idler",
      world: worldText(`export ${CALL};`),
      wat: `(module (func $spin (loop $l (br $l))) (start $spin) (func (export "${CALL}#run") (param i32) (result i32) (i32.const 1)))`,
      limits: { initBudgetMs: 30 },
    });
    const m = new Messages();
    const open = `(if (i32.eqz (global.get $blob)) (then (drop (call $open ${m.string("idler")})) (global.set $blob (call $result (i32.const 0)))))`;
    const create = `(loop $more (drop (call $create (global.get $blob) ${m.create([]).text}))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))`;
    await t.add({
      name: "maker",
      world: creatorWorld(`import ${CREATOR}; export ${QUICK};`),
      wat: `(module ${CREATOR_IMPORTS} ${m.memory} ${MESSAGE} (global $blob (mut i32) (i32.const 0))
        (func (export "${QUICK}#run") (param $n i32) (result i32) ${open} ${create} (i32.const 1)))`,
      grants: { [CREATOR]: creates(t, idler) },
      limits: { cpuBudgetMs: 100, cpuWindowMs: 60_000, callBudgetMs: 0 },
    });
    const { run } = t.system.export("maker", QUICK);
    assert.ok(run !== undefined);
    let got = "ok 1";
    for (let i = 0; i < BIRTHS / perCall && got === "ok 1"; i++) got = outcome(run(perCall));
    assert.match(got, perCall === 1 ? /^(throttled|deadline) maker#1$/ : /^deadline maker#1$/);
    const births = deaths(t).filter((each) => each.includes("idler")).length;
    assert.ok(births > 1 && births < BIRTHS / 2, `${births} births`);
    await t.end();
  });
}

test.run();
