/** Domains of two CPUs that call each other in all directions, several chains at once: each comes to an end, and nobody dies of another one's wait. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Seat } from "../../host/kernel/seat.ts";
import { seededRandom } from "../../host/platform/seeded-random.ts";
import { deaths, domain, outcome, type Parts } from "../support/domain.ts";
import { testSystem } from "../support/system.ts";
import { id } from "../support/world.ts";

const test = suite("review: mutual calls");

const ROUNDS = 60;
const CHAINS = 6;

/** `$n` is how deep it goes, and by chance where: two calls, each to one of four domains, with an object or without. */
const WORK = `(func $work (param $n i32) (local $lot i32) (local $left i32) (local $what i32) (local $b i32)
  (if (i32.eqz (i32.and (local.get $n) (i32.const 15))) (then (return)))
  (local.set $lot (i32.shr_u (local.get $n) (i32.const 4)))
  (local.set $left (i32.const 2))
  (loop $l
    (local.set $lot (i32.and (i32.add (i32.mul (local.get $lot) (i32.const 1664525)) (i32.const 1013904223)) (i32.const 0x0fffffff)))
    (local.set $n (i32.or (i32.shl (i32.shr_u (local.get $lot) (i32.const 8)) (i32.const 4)) (i32.sub (i32.and (local.get $n) (i32.const 15)) (i32.const 1))))
    (local.set $what (i32.and (i32.shr_u (local.get $lot) (i32.const 12)) (i32.const 3)))
    (if (i32.eqz (local.get $what)) (then (drop (call $call (local.get $n)))))
    (if (i32.eq (local.get $what) (i32.const 1)) (then (drop (call $circle (local.get $n)))))
    (if (i32.ge_u (local.get $what) (i32.const 2)) (then
      (local.set $b (call $new))
      (call $store32 (local.get $b) (local.get $n))
      (if (i32.eq (local.get $what) (i32.const 2)) (then (drop (call $look (local.get $b)))) (else
        (local.set $what (call $swap (local.get $b)))
        (if (i32.eqz (call $status (i32.const 0))) (then (local.set $b (local.get $what))))))
      (if (i32.ne (call $load32 (local.get $b)) (local.get $n)) (then unreachable))
      (call $drop (local.get $b))))
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))`;
const limits = { callBudgetMs: 10_000, heapObjects: 4000 };
const SILENT: Parts = {
  limits,
  exports: { call: "(i32.const 1)", circle: "(i32.const 1)", look: "(i32.const 1)", swap: "(local.get $b)" },
};

function talkative(pick: () => Seat): Parts {
  const to = () => ({ kind: "domain", seat: pick(), rebind: true }) as const;
  return {
    limits,
    guard: ["load32", "store32", "status"],
    code: `(memory 1) ${WORK}`,
    imports: { call: to(), circle: to(), look: to(), swap: to() },
    exports: {
      call: "(call $work (local.get $n)) (i32.const 1)",
      circle: "(call $work (local.get $n)) (i32.const 1)",
      look: "(call $work (call $load32 (local.get $b))) (i32.const 1)",
      swap: "(call $work (call $load32 (local.get $b))) (local.get $b)",
    },
  };
}

for (const seed of [1, 5]) {
  test(`chains in all directions over two CPUs come to their ends, seed ${seed}`, async () => {
    const t = await testSystem({ heapMegabytes: 64, cpus: 2, supervision: { firstWaitMs: 0, intensity: 1000 } });
    const random = seededRandom(seed);
    const seats: Seat[] = [];
    const pick = (): Seat => seats[Math.floor(random() * seats.length)] as Seat;
    for (const name of ["a0", "a1", "a2"]) seats.push(await t.add(domain(name, SILENT)));
    for (const name of ["b0", "b1", "b2"]) seats.push(await t.add({ ...domain(name, talkative(pick)), cpu: 1 }));
    // The next generations of the first three know the others, too.
    for (const first of seats.slice(0, 3)) {
      const knowing = await t.add(domain("knowing", talkative(pick)));
      Object.assign(first, { spec: { ...knowing.spec, name: first.spec.name } });
      t.system.destroy("knowing");
      t.system.supervise(first.spec.name, {});
      t.system.kill(first.spec.name);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    t.events.length = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const chains = Array.from({ length: CHAINS }, () => {
        const depth = 2 + Math.floor(random() * 4);
        return t.system.exportUnwaited(pick().spec.name, id("call")).run?.(Math.floor(random() * 2 ** 24) * 16 + depth);
      });
      for (const chain of chains) assert.is(chain && outcome(await chain), "ok 1", `round ${round}`);
    }
    assert.equal(deaths(t), []);
    await t.end();
  });
}

test.run();
