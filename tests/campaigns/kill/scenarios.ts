/**
 * What domains do to each other while they are killed: three domains in a chain, `front` → `middle` → `back`, and a piece of work
 * for `front` per scenario. Called by `trials.ts`. Bodies are WAT; `tests/support/domain.ts` says which functions they find.
 */
import type { Provider } from "../../../host/kernel/provider.ts";
import type { Seat } from "../../../host/kernel/seat.ts";
import { domain, type Parts } from "../../support/domain.ts";
import { calls, host, type TestDomain } from "../../support/system.ts";

export interface Scenario {
  readonly name: string;
  /** What `front` does, once. */
  readonly work: string;
  /** Its calls are not made. */
  readonly isRefused?: boolean;
}

/** Whether `middle` has anything to do in it. */
export function crosses({ work, isRefused }: Scenario): boolean {
  return isRefused !== true && /\$(call|take|look|give|swap|pair|mixed|plant|gaze|prune|convey)\b/.test(work);
}

/** A tree of four: the root in `$b`, a child on each side, and one below the left. */
const BUILD = `(local.set $b (call $newTree)) (local.set $c (call $newTree))
  (drop (call $put (i32.add (local.get $c) (i32.const 8)) (call $newTree)))
  (drop (call $put (i32.add (local.get $b) (i32.const 4)) (local.get $c)))
  (drop (call $put (i32.add (local.get $b) (i32.const 8)) (call $newTree)))`;
/** The left child of `$b` goes below the right one. */
const TURN = `(local.set $c (call $pick (i32.add (local.get $b) (i32.const 4)) (i32.const 0)))
  (local.set $d (call $pick (i32.add (local.get $b) (i32.const 8)) (i32.const 0)))
  (if (local.get $d) (then (if (local.get $c) (then (drop (call $put (i32.add (local.get $d) (i32.const 8)) (local.get $c)))))
    (drop (call $put (i32.add (local.get $b) (i32.const 4)) (local.get $d)))))`;
const GAZE = (tree: string): string => `(drop (call $gaze ${tree}))`;
/** A belt with two blocks on it. */
const LOAD = `(local.set $b (call $newBelt))
  (drop (call $put (local.get $b) (call $new))) (drop (call $put (i32.add (local.get $b) (i32.const 4)) (call $new)))`;

const lend = "(drop (call $look (local.get $b)))";

export const SCENARIOS: readonly Scenario[] = [
  { name: "makes and drops an object", work: "(call $drop (call $new)) (call $dropNote (call $newNote))" },
  { name: "keeps objects", work: "(drop (call $new)) (drop (call $newSlab))" },
  { name: "calls", work: "(drop (call $call (i32.const 1)))" },
  { name: "moves an argument", work: "(call $take (call $new))" },
  { name: "lends an argument", work: `(local.set $b (call $new)) ${lend} ${lend} (call $drop (local.get $b))` },
  {
    name: "moves one and lends another",
    work: "(local.set $b (call $new)) (call $mixed (call $new) (local.get $b)) (call $drop (local.get $b))",
  },
  { name: "moves two", work: "(call $pair (call $new) (call $new))" },
  { name: "moves the same twice", work: "(local.set $b (call $new)) (call $pair (local.get $b) (local.get $b))", isRefused: true },
  { name: "gets one", work: "(drop (call $give))" },
  {
    name: "moves there and back",
    work: "(local.set $b (call $swap (call $new))) (if (i32.ge_u (local.get $b) (i32.const 64)) (then (call $drop (local.get $b))))",
  },
  { name: "lends what it then moves", work: `(local.set $b (call $new)) ${lend} (call $take (local.get $b))` },
  { name: "asks the host", work: "(drop (call $attempt (i32.const 1))) (drop (call $new)) (drop (call $attempt (i32.const 2)))" },
  {
    name: "copies in and out",
    work: "(local.set $b (call $new)) (call $copyOut (local.get $b) (i32.const 0) (i32.const 4096)) (call $copyIn (i32.const 0) (local.get $b) (i32.const 4096)) (call $drop (local.get $b))",
  },
  { name: "builds a tree and drops it", work: `${BUILD} (call $dropTree (local.get $b))` },
  { name: "takes a tree apart", work: `${BUILD} ${TURN} (call $dropTree (local.get $b))` },
  { name: "moves a tree", work: `${BUILD} (call $plant (local.get $b))` },
  {
    name: "lends a tree, then a child",
    work: `${BUILD} ${GAZE("(local.get $b)")} ${GAZE("(local.get $c)")}`,
  },
  {
    name: "sends a tree there and back",
    work: `${BUILD} (local.set $b (call $prune (local.get $b))) (if (i32.ge_u (local.get $b) (i32.const 64)) (then ${TURN}))`,
  },
  {
    name: "sends a belt of blocks there and back",
    work: `${LOAD} (local.set $b (call $convey (local.get $b))) (if (i32.ge_u (local.get $b) (i32.const 64)) (then (drop (call $pick (i32.add (local.get $b) (i32.const 4)) (i32.const 0)))))`,
  },
];

/** Locals alive across a level of recursion, so that frames have sizes that differ by 8 bytes. */
export const FRAMES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 33, 64] as const;

/** Owns things of its own while it works, so that a kill finds something to drop; hands everything on. */
function handing(next: Seat | undefined): Parts {
  if (next === undefined) {
    return {
      kernel: ["put", "take"],
      exports: {
        call: "(drop (call $new)) (local.get $n)",
        take: "(call $drop (local.get $b))",
        look: "(call $drop (call $new)) (i32.const 1)",
        give: "(call $new)",
        swap: "(call $drop (local.get $b)) (call $new)",
        pair: "(call $drop (local.get $a))",
        mixed: "(call $drop (local.get $a))",
        plant: `(local $c i32) (local $d i32) ${TURN}`,
        gaze: "(drop (call $newTree)) (i32.const 1)",
        prune: `(local $c i32) (local $d i32) ${TURN} (local.get $b)`,
        convey: `(local $c i32) (local.set $c (call $pick (local.get $b) (i32.const 0)))
          (drop (call $put (i32.add (local.get $b) (i32.const 8)) (call $new))) (if (local.get $c) (then (call $drop (local.get $c)))) (local.get $b)`,
      },
    };
  }
  const provider = calls(next);
  return {
    imports: {
      call: provider,
      take: provider,
      look: provider,
      give: provider,
      swap: provider,
      pair: provider,
      mixed: provider,
      plant: provider,
      gaze: provider,
      prune: provider,
      convey: provider,
    },
    exports: {
      call: "(call $drop (call $new)) (call $call (local.get $n))",
      take: "(call $take (local.get $b))",
      look: "(call $drop (call $new)) (call $look (local.get $b))",
      give: "(call $give)",
      swap: "(call $swap (local.get $b))",
      pair: "(call $pair (local.get $a) (local.get $b))",
      mixed: "(call $mixed (local.get $a) (local.get $b))",
      plant: "(call $plant (local.get $b))",
      gaze: "(call $drop (call $new)) (call $gaze (local.get $b))",
      prune: "(call $prune (local.get $b))",
      convey: "(call $convey (local.get $b))",
    },
  };
}

const roomy = { heapObjects: 4096, heapBytes: 1 << 24, callBudgetMs: 20_000 };

export function back(): TestDomain {
  return domain("back", { ...handing(undefined), limits: roomy });
}

export function middle(next: Seat): TestDomain {
  return domain("middle", { ...handing(next), limits: roomy });
}

/** Answers `attempt`. */
export function hostCall(onHostCall: () => void): Provider {
  return host({
    run: () => {
      onHostCall();
      return 64;
    },
  });
}

/** Asks the host for a domain that is where the host is not. */
export function asker(attempt: Provider): TestDomain {
  return domain("asker", { imports: { attempt }, exports: { attempt: "(call $attempt (local.get $n))" }, limits: roomy });
}

/** `call` with 32 × depth + frame: works at that depth of recursion, with frames of that size. */
/** @param attempt what it asks */
export function front(next: Seat, scenario: Scenario, attempt: Provider): TestDomain {
  const dives = FRAMES.map((locals, i) => dive(i, locals));
  const arms = FRAMES.map((_, i) => `(if (i32.eq (local.get $frame) (i32.const ${i})) (then (call $dive${i} (local.get $depth))))`);
  return domain("front", {
    imports: {
      ...handing(next).imports,
      attempt,
    },
    guard: ["copyIn", "copyOut"],
    kernel: ["put", "take"],
    limits: roomy,
    code: `(memory 1) (global $sink (mut i64) (i64.const 0))
      (func $work (local $b i32) (local $c i32) (local $d i32) ${scenario.work})
      (func $start (param $depth i32) (param $frame i32) ${arms.join("\n")})
      ${dives.join("\n")}`,
    exports: { call: "(call $start (i32.shr_u (local.get $n) (i32.const 5)) (i32.and (local.get $n) (i32.const 31))) (i32.const 7)" },
  });
}

function dive(index: number, locals: number): string {
  const names = Array.from({ length: locals }, (_, i) => `$l${i}`);
  const each = (text: (name: string) => string): string => names.map(text).join(" ");
  return `(func $dive${index} (param $n i32) ${each((name) => `(local ${name} i64)`)}
    ${each((name) => `(local.set ${name} (i64.add (global.get $sink) (i64.extend_i32_u (local.get $n))))`)}
    (if (local.get $n) (then (call $dive${index} (i32.sub (local.get $n) (i32.const 1)))) (else (call $work)))
    ${each((name) => `(global.set $sink (i64.xor (global.get $sink) (local.get ${name})))`)})`;
}
