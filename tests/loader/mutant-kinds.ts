/**
 * Kinds of changes to a hardened module, by name. Each of the first list breaks a rule of the audit wherever it is made; each of the
 * second is harmless, for the reason that stands there. A kind makes all its mutants of a module, one change each.
 */
import { ATOMIC, MISC, OP } from "../../host/loader/wasm/opcodes.ts";
import { leb, sleb } from "./mutable-module.ts";
import {
  atEntries,
  beforeEnds,
  both,
  CONSTANTS,
  custom,
  DROP,
  exported,
  HEAD,
  I32_ADD,
  I32_CONST_0,
  I32_MUL,
  type Import,
  imports,
  inLoops,
  internals,
  isAccess,
  type Kind,
  lastNumber,
  misc,
  NOP,
  perGuardStep,
  perStep,
  places,
  REFILL,
  reimported,
  replacing,
  SAFEPOINT,
  sectionAnywhere,
  withEntry,
} from "./mutant-changes.ts";

/** Wherever one of these is made, the audit must refuse what comes of it. */
export const REFUSED: Readonly<Record<string, Kind>> = {
  "drop a safepoint": replacing(SAFEPOINT, []),
  "move a safepoint behind the next instruction": function* (module) {
    for (const body of module.author) {
      for (const at of places(body.bytes, SAFEPOINT)) {
        const next = body.steps.find(({ start }) => start === at + SAFEPOINT.length);
        if (next === undefined) continue;
        yield module.spliced(body, at, next.end, [...body.bytes.subarray(next.start, next.end), ...SAFEPOINT]);
      }
    }
  },
  "a safepoint that does not ask": replacing(SAFEPOINT, SAFEPOINT.with(9, 0x41), [...SAFEPOINT.slice(0, 7), DROP]),
  "a safepoint that does not die": replacing(SAFEPOINT, SAFEPOINT.with(13, NOP), SAFEPOINT.with(13, 0x0f)),
  "a safepoint that turns the verdict around": replacing(SAFEPOINT, SAFEPOINT.toSpliced(11, 0, 0x45)),
  "a safepoint that looks elsewhere": replacing(
    SAFEPOINT,
    SAFEPOINT.with(1, 0),
    SAFEPOINT.with(5, 0),
    SAFEPOINT.with(6, 4),
    SAFEPOINT.with(4, 2),
  ),
  "a safepoint that is jumped over": function* (module) {
    for (const body of module.author) {
      for (const at of places(body.bytes, SAFEPOINT)) {
        yield module.spliced(body, at, at + SAFEPOINT.length, [...I32_CONST_0, OP.if, 0x40, ...SAFEPOINT, OP.end]);
      }
    }
  },

  "lower a weight below the loop's own": inLoops(function* ({ body, weightAt, weightEnd, weight }, module) {
    // Hardening counts a loop's first and last instruction inside, too: two less may still be enough.
    for (const lower of [weight - 3, 0, -1, -0x80000000]) {
      if (lower !== weight) yield module.spliced(body, weightAt, weightEnd, [0x41, ...sleb(lower)]);
    }
  }),
  "raise a weight beyond the budget": inLoops(function* ({ body, weightAt, weightEnd }, module) {
    for (const weight of [4097, 0x7fffffff]) yield module.spliced(body, weightAt, weightEnd, [0x41, ...sleb(weight)]);
  }),
  "a loop's body that grew beyond its weight": inLoops(function* ({ body, inside }, module) {
    for (const put of [[...I32_CONST_0, DROP, NOP], Array<number>(8).fill(NOP)]) yield module.spliced(body, inside, inside, put);
  }),
  "write the countdown local": inLoops(function* ({ body, inside, counter }, module) {
    const write = [...[0x41, 0x80, 0x20], OP.localSet, ...leb(counter)];
    for (const at of [inside, body.bytes.length - 1]) yield module.spliced(body, at, at, write);
  }),
  "tee the countdown local": inLoops(function* ({ body, inside, counter }, module) {
    yield module.spliced(body, inside, inside, [...I32_CONST_0, OP.localTee, ...leb(counter), DROP]);
  }),
  "read the countdown local": inLoops(function* ({ body, inside, counter }, module) {
    yield module.spliced(body, inside, inside, [OP.localGet, ...leb(counter), DROP]);
  }),
  "count another local down": inLoops(function* ({ body, weightAt, counter }, module) {
    if (counter > 0) yield module.spliced(body, weightAt - leb(counter).length, weightAt, leb(counter - 1));
  }),
  "leave a countdown's setting out": function* (module) {
    for (const body of module.author) {
      for (const [n, step] of body.steps.entries()) {
        const next = body.steps[n + 1];
        if (step.op !== OP.i32Const || step.a !== 4096 || next?.op !== OP.localSet) continue;
        yield module.spliced(body, step.start, next.end, []);
        yield module.spliced(body, next.start, next.end, [DROP]);
      }
    }
  },
  "raise a budget constant": replacing(
    REFILL,
    [0x41, 0x81, 0x20, 0x21],
    [0x41, 0x80, 0xc0, 0x00, 0x21],
    [0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x21],
  ),
  "lower a budget constant": replacing(REFILL, [0x41, 0xff, 0x1f, 0x21], [0x41, 0x00, 0x21]),
  "change a branch of the loop's head": inLoops(function* ({ body, inside }, module) {
    for (const depth of [0, 2, 3]) yield module.spliced(body, inside - 1, inside, [depth]);
    yield module.spliced(body, inside - 2, inside, [DROP, NOP]);
  }),
  "change a branch of the loop's tail": replacing(
    [OP.br, 2, OP.end, ...REFILL],
    ...[0, 1, 3].map((depth) => [OP.br, depth, OP.end, ...REFILL]),
  ),
  "change how a loop's frame is built": replacing(HEAD, [0x03, 0x40, 0x03, 0x40, 0x03], [0x02, 0x40, 0x02, 0x40, 0x03], [0x03, 0x40, 0x03]),
  "let the loop fall out instead of beginning again": replacing(
    [...SAFEPOINT, OP.br, 0, OP.end, OP.unreachable, OP.end],
    [...SAFEPOINT, NOP, NOP, OP.end, NOP, OP.end],
  ),
  "branch to a loop's frame": inLoops(function* ({ body, inside }, module) {
    for (const depth of [1, 2, 3]) yield module.spliced(body, inside, inside, [...I32_CONST_0, OP.brIf, depth]);
  }),
  "branch to a loop's frame by table": inLoops(function* ({ body, inside }, module) {
    yield module.spliced(body, inside, inside, [OP.block, 0x40, ...I32_CONST_0, OP.brTable, 1, 0, 2, OP.end]);
  }),
  "a loop without its shape": both(atEntries([0x03, 0x40, 0x0b]), beforeEnds([0x03, 0x40, 0x0c, 0, 0x0b])),

  "retarget a call past the guard": perStep((step, module) =>
    step.op === OP.call && step.a >= module.firstGuard ? internals(module).map((index) => [OP.call, ...leb(index)]) : [],
  ),
  "call the guard's inner functions": function* (module) {
    for (const index of internals(module)) yield* atEntries([OP.call, ...leb(index)])(module);
  },
  "call tick": both(
    atEntries([OP.call, 0, DROP]),
    perStep((step) => (step.op === OP.call && step.a !== 0 ? [[OP.call, 0]] : [])),
  ),
  "change a memory index": perStep(({ op, sub, a, start, end }) => {
    if (op >= 0x28 && op <= 0x3e && end - start < 20) return [[op, a | 0x40, 1, 0]];
    if (op === OP.memorySize || op === OP.memoryGrow) return [[op, 1]];
    if (op === OP.miscPrefix && sub === MISC.memoryInit) return [[op, sub, ...leb(a), 1]];
    return [];
  }),
  "reach memory 1 in new code": both(
    atEntries([...I32_CONST_0, 0x28, 0x42, 1, 0, DROP]),
    beforeEnds([OP.unreachable, ...I32_CONST_0, 0x28, 0x42, 1, 0, DROP]),
    atEntries([...I32_CONST_0, ...I32_CONST_0, 0x36, 0x42, 1, 0]),
    atEntries([OP.memorySize, 1, DROP]),
    atEntries([...I32_CONST_0, OP.atomicPrefix, ATOMIC.i32Load, 0x42, 1, 0, DROP]),
    atEntries([...I32_CONST_0, OP.simdPrefix, 0, 0x44, 1, 0, DROP]),
  ),
  "copy or fill by a plain instruction": both(
    atEntries([...I32_CONST_0, ...I32_CONST_0, ...I32_CONST_0, ...misc(MISC.memoryFill), 0]),
    atEntries([...I32_CONST_0, ...I32_CONST_0, ...I32_CONST_0, ...misc(MISC.memoryCopy), 0, 0]),
    atEntries([...I32_CONST_0, ...I32_CONST_0, ...I32_CONST_0, ...misc(MISC.memoryCopy), 0, 1]),
  ),
  "grow without a safepoint": atEntries([...I32_CONST_0, OP.memoryGrow, 0, DROP]),
  "set the kernel's globals": both(atEntries([...I32_CONST_0, OP.globalSet, 0]), atEntries([...I32_CONST_0, OP.globalSet, 1])),
  "read the kernel's globals": both(atEntries([OP.globalGet, 0, DROP]), atEntries([OP.globalGet, 1, DROP])),
  "use a feature that is not accepted": both(
    atEntries([0x1f, 0x40, 1, 2, 0, 0x0b]),
    atEntries([0x06, 0x40, 0x19, 0x0b]),
    atEntries([0x12, 0]),
    atEntries([0xd0, 0x70, DROP]),
    atEntries([...I32_CONST_0, 0x25, 0, DROP]),
    atEntries([...I32_CONST_0, 0xfb, 0x1c, DROP]),
    atEntries([OP.atomicPrefix, 3, 0]),
  ),

  "alter the guard's body: leave an instruction out": perGuardStep(() => [[]]),
  "alter the guard's body: double an instruction": perGuardStep(({ start, end }, { bytes }) => [
    [...bytes.subarray(start, end), ...bytes.subarray(start, end)],
  ]),
  "alter the guard's body: another constant": perGuardStep(({ op, a }) =>
    op === OP.i32Const ? CONSTANTS.map((by) => [op, ...sleb(a + by)]) : [],
  ),
  "alter the guard's body: another memory": perGuardStep((step) => {
    if (isAccess(step)) return [[step.op, step.a | 0x40, 1, 0]];
    return step.op >= 0x28 && step.op <= 0x3e ? [[step.op, step.a, 0]] : [];
  }),
  "alter the guard's body: another callee": perGuardStep(({ op, a }) =>
    op === OP.call ? [0, a - 1, a + 1].filter((to) => to !== a).map((to) => [op, ...leb(to)]) : [],
  ),
  "alter the guard's body: no trap": perGuardStep(({ op }) => (op === OP.unreachable ? [[NOP], [0x0f]] : [])),
  "a guard function less, or more": function* (module) {
    const bodies = [...module.author, ...module.guard].map(({ bytes }) => bytes);
    yield module.withBodies(bodies.slice(0, -1));
    yield module.withBodies([...bodies, bodies.at(-1) as Uint8Array]);
  },
  "two guard functions swapped": function* (module) {
    const bodies = [...module.author, ...module.guard].map(({ bytes }) => bytes);
    for (let n = module.author.length; n + 1 < bodies.length; n++) {
      const [first, second] = [bodies[n] as Uint8Array, bodies[n + 1] as Uint8Array];
      yield module.withBodies(bodies.with(n, second).with(n + 1, first));
    }
  },
  "an author's function in place of the guard's": function* (module) {
    const bodies = [...module.author, ...module.guard].map(({ bytes }) => bytes);
    for (let n = module.author.length; n < bodies.length; n++)
      yield module.withBodies(bodies.with(n, Uint8Array.of(0, OP.unreachable, OP.end)));
  },

  "add a segment on memory 1": withEntry(11, () => [2, 1, ...I32_CONST_0, OP.end, 1, 0xff]),
  "widen the own memory's maximum": reimported("sumac memory", lastNumber(1)),
  "narrow the own memory's maximum": reimported("sumac memory", lastNumber(-1)),
  "widen or narrow the heap's maximum": both(reimported("sumac heap", lastNumber(1)), reimported("sumac heap", lastNumber(-1))),
  "make `me` mutable": reimported("sumac me", (bytes) => [bytes.with(-1, 1)]),
  "make `line` mutable": reimported("sumac line", (bytes) => [bytes.with(-1, 1)]),
  "duplicate an import": imports((list) => list.map((each, n) => list.toSpliced(n, 0, each))),
  "reorder imports": imports((list) => list.slice(1).map((each, n) => list.toSpliced(n, 2, each, list[n] as Import))),
  "leave an import out": imports((list) => list.map((_, n) => list.toSpliced(n, 1))),
  "add an import": imports((list) => list.map((_, n) => list.toSpliced(n, 0, { name: "", bytes: [1, 0x78, 1, 0x79, 0, 0] }))),
  "a granted import of another type": imports((list) =>
    list
      .slice(5)
      .map((each) => list.map((other) => (other === each ? { name: each.name, bytes: lastNumber(1)(each.bytes)[0] ?? [] } : other))),
  ),
  "a table beyond the limit": function* (module) {
    const entry = [0x70, 0, ...leb(65_537)];
    yield module.with(4, [1, ...entry]);
  },

  "export the heap": exported("heap", 2, () => 1),
  "export the own memory": exported("memory", 2, () => 0),
  "export the kernel's globals": both(
    exported("me", 3, () => 0),
    exported("line", 3, () => 1),
  ),
  "export a table": exported("table", 1, () => 0),
  "export tick, an import or a guard function": both(
    exported("peek", 0, () => 0),
    exported("peek", 0, () => 1),
    exported("peek", 0, (module) => module.firstGuard),
  ),
  "export what is not granted": both(
    exported("extra", 0, (module) => module.importedFunctions),
    exported("sumac:g0", 3, () => 2),
  ),
  "put tick or an inner function of the guard into a table": both(
    withEntry(9, () => [1, 0, 1, 0]),
    withEntry(9, (module) => [1, 0, 1, ...leb(internals(module)[0] as number)]),
    withEntry(9, () => [5, 0x70, 1, 0xd2, 0, OP.end]),
  ),
  "add a start section": function* (module) {
    const at = module.sections.findIndex(({ id }) => id > 7);
    for (const index of [0, module.importedFunctions]) yield module.inserted({ id: 8, content: Uint8Array.from(leb(index)) }, at);
  },
  "add a custom section": both(custom("name"), custom("producers"), custom("sumac:world"), custom("metadata.code.branch_hint")),
  "add a section that is not accepted": both(
    sectionAnywhere({ id: 13, content: Uint8Array.of(0) }),
    sectionAnywhere({ id: 5, content: Uint8Array.of(1, 1, 1, 1) }),
    sectionAnywhere({ id: 14, content: Uint8Array.of(0) }),
  ),
  "put a section twice, or elsewhere": function* (module) {
    for (const [n, section] of module.sections.entries()) {
      yield module.inserted(section, n);
      yield module.inserted(section, module.sections.length);
    }
  },
};

export interface Harmless {
  readonly why: string;
  readonly mutants: Kind;
}

/** The audit may accept these, and does. */
export const HARMLESS: Readonly<Record<string, Harmless>> = {
  "raise a weight within the budget": {
    why: "the loop asks more often than it must",
    mutants: inLoops(function* ({ body, weightAt, weightEnd, weight }, module) {
      for (const more of [weight + 1, 4096]) if (more <= 4096) yield module.spliced(body, weightAt, weightEnd, [0x41, ...sleb(more)]);
    }),
  },
  "add a safepoint": { why: "it asks once more", mutants: both(beforeEnds(SAFEPOINT), beforeEnds([...SAFEPOINT, ...SAFEPOINT])) },
  "another minimum of the own memory": {
    why: "the kernel makes the memory: where the minimum does not fit it, nothing is instantiated",
    mutants: reimported("sumac memory", (bytes) => {
      const at = bytes.length - 2;
      return [bytes.with(at, 0), bytes.with(at, 2)];
    }),
  },
  "other arithmetic and data of the author's": {
    why: "what the author computes is the author's business: the audit proves what his code can reach, and how long it runs",
    mutants: both(
      perStep(({ op }) => (op === I32_ADD ? [[I32_MUL]] : [])),
      function* (module) {
        const data = module.sections.find(({ id }) => id === 11)?.content;
        if (data !== undefined) yield module.with(11, data.with(-1, 0x21));
      },
    ),
  },
  "leave an export out": {
    why: "a world's export that is missing ends the birth; nobody gains a right by it",
    mutants: function* (module) {
      yield module.with(7, [0]);
    },
  },
  "leave the branch hints out": {
    why: "they say which branches are unlikely, and change no meaning",
    mutants: function* (module) {
      const at = module.sections.findIndex(({ id }) => id === 0);
      if (at >= 0) yield module.without(at);
    },
  },
};
