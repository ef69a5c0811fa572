/**
 * The domains of one CPU: `front` gets objects from the other CPU, checks and stamps them, lends and moves them to `back`, and sends
 * them on. Whoever owns an object reads his own stamp in every word of it and nothing else; `attempt` tells of anything else.
 */
import type { Seat } from "../../../host/kernel/seat.ts";
import { domain } from "../../support/domain.ts";
import { calls, host, type TestDomain } from "../../support/system.ts";
import { BLOCK_BYTES } from "../../support/world.ts";

/** Whether each word of `$b` is `$stamp`; the last few words by themselves, because a whole block each time would be all that is done. */
const CHECK = `(func $holds (param $b i32) (param $stamp i32) (result i32) (local $at i32)
  (local.set $at (local.get $b))
  (loop $l
    (if (i32.ne (call $load32 (local.get $at)) (local.get $stamp)) (then (return (i32.const 0))))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (br_if $l (i32.lt_u (local.get $at) (i32.add (local.get $b) (i32.const ${BLOCK_BYTES})))))
  (i32.const 1))`;

const STAMP = `(func $stamp (param $b i32) (param $stamp i32) (local $at i32)
  (local.set $at (local.get $b))
  (loop $l
    (call $store32 (local.get $at) (local.get $stamp))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (br_if $l (i32.lt_u (local.get $at) (i32.add (local.get $b) (i32.const ${BLOCK_BYTES}))))))`;

const tell = (code: number): string => `(drop (call $attempt (i32.const ${code})))`;

/** Codes of `attempt`: what was seen that must never be. */
export const VIOLATIONS = [
  "",
  "a received object is torn",
  "an object changed while it was owned",
  "a lent object changed",
  "a moved object is torn",
] as const;

export interface Host {
  /** An object that the other CPU sent, or a new one; owned by the host. */
  receive(): number;
  send(base: number): void;
  violation(code: number): void;
}

const roomy = { heapObjects: 64, heapBytes: 1 << 20, callBudgetMs: 40 };

export function back(functions: Host): TestDomain {
  return domain("back", {
    imports: { attempt: host({ run: (code = 0) => report(functions, code) }) },
    guard: ["load32", "store32"],
    limits: roomy,
    code: `(memory 1) ${CHECK} ${STAMP}`,
    exports: {
      // Whoever lends does not write: the word that was there first is there at the end.
      look: `(if (i32.eqz (call $holds (local.get $b) (call $load32 (local.get $b)))) (then ${tell(3)})) (i32.const 1)`,
      swap: `(if (i32.eqz (call $holds (local.get $b) (call $load32 (local.get $b)))) (then ${tell(4)}))
        (call $stamp (local.get $b) (i32.const 0x0badcafe)) (local.get $b)`,
    },
  });
}

/** `call` with n: that many objects; a lot of 1 in 4096 traps, and one in 65536 loops until its budget ends it. */
export function front(next: Seat, functions: Host): TestDomain {
  const provider = calls(next);
  return domain("front", {
    imports: {
      look: provider,
      swap: provider,
      give: host({ run: () => functions.receive() }),
      take: host({
        run: (base = 0) => {
          functions.send(base);
          return 0;
        },
      }),
      attempt: host({ run: (code = 0) => report(functions, code) }),
    },
    guard: ["load32", "store32"],
    limits: roomy,
    code: `(memory 1) (global $lot (mut i32) (i32.const 12345)) (global $serial (mut i32) (i32.const 0)) ${CHECK} ${STAMP}
      (func $one (local $b i32) (local $mine i32)
        (global.set $lot (i32.add (i32.mul (global.get $lot) (i32.const 1664525)) (i32.const 1013904223)))
        (if (i32.eqz (i32.shr_u (global.get $lot) (i32.const 20))) (then unreachable))
        (if (i32.eqz (i32.shr_u (global.get $lot) (i32.const 16))) (then (loop $l (br $l))))
        (local.set $b (call $give))
        (if (i32.eqz (local.get $b)) (then (return)))
        (if (i32.eqz (call $holds (local.get $b) (call $load32 (local.get $b)))) (then ${tell(1)}))
        (global.set $serial (i32.add (global.get $serial) (i32.const 1)))
        (local.set $mine (i32.xor (global.get $serial) (global.get $lot)))
        (call $stamp (local.get $b) (local.get $mine))
        (drop (call $look (local.get $b)))
        (if (i32.eqz (call $holds (local.get $b) (local.get $mine))) (then ${tell(2)}))
        (if (i32.and (global.get $lot) (i32.const 0x100)) (then
          (local.set $b (call $swap (local.get $b)))
          (if (i32.lt_u (local.get $b) (i32.const 64)) (then (return)))
          (if (i32.eqz (call $holds (local.get $b) (i32.const 0x0badcafe))) (then ${tell(2)}))))
        (call $take (local.get $b)))`,
    exports: {
      call: `(global.set $lot (i32.xor (global.get $lot) (local.get $n)))
        (loop $l (call $one) (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0)))) (i32.const 7)`,
    },
  });
}

function report(functions: Host, code: number): number {
  functions.violation(code);
  return 64;
}
