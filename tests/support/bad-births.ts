/** Domains that fail to start, in every way, and what their creator reads. For tests of births: by the kernel, a program and a manifest. */
import type { Parts } from "./domain.ts";

/** Small, so that each fails soon. */
export const BIRTH_LIMITS = { initBudgetMs: 60, heapObjects: 50, memoryPages: 8 } as const;

const TOO_DEEP =
  "(func $deeper (param $n i32) (call $deeper (i32.add (local.get $n) (i32.const 1))) (global.set $sink (local.get $n))) (global $sink (mut i32) (i32.const 0))";

export const BAD_BIRTHS: Readonly<Record<string, readonly [parts: Parts, expected: RegExp]>> = {
  "a trap in init": [{ init: "(drop (call $new)) unreachable" }, /: trap: /],
  "a trap in the start function": [{ start: "(drop (call $new)) unreachable" }, /: trap: /],
  "a loop in init": [{ init: "(drop (call $new)) (loop $l (br $l))" }, /: deadline: /],
  "a loop in the start function": [{ start: "(drop (call $new)) (loop $l (br $l))" }, /: deadline: /],
  "bulk instructions without end": [
    { init: "(drop (call $new)) (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l))" },
    /: deadline: /,
  ],
  "a recursion in init": [{ code: TOO_DEEP, init: "(drop (call $new)) (call $deeper (i32.const 0))" }, /: stack: /],
  "a recursion in the start function": [{ code: TOO_DEEP, start: "(call $deeper (i32.const 0))" }, /: stack: /],
  "objects without end": [{ init: "(loop $l (drop (call $new)) (br $l))" }, /: deadline: /],
  "objects until the quota is spent": [
    { kernel: ["panic"], init: "(loop $l (br_if $l (call $new))) (call $panic (i32.const 2) (i32.const 0) (i32.const 0)) unreachable" },
    /: quota: /,
  ],
  "memory without end": [{ init: "(loop $l (drop (memory.grow (i32.const 1))) (br $l))" }, /: deadline: /],
  "last words": [
    {
      kernel: ["panic"],
      code: '(memory 1) (data (i32.const 0) "no disk")',
      init: "(call $panic (i32.const 1) (i32.const 0) (i32.const 7)) unreachable",
    },
    /: trap: .*no disk/,
  ],
  "a foreign access": [{ guard: ["load32"], init: "(drop (call $load32 (i32.const 0x400000)))" }, /: trap: /],
};
