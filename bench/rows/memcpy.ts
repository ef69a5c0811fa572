/**
 * Copies by where the bytes lie and how many: what the domain library does, against memory.copy in a module without guard,
 * against loops of bytes and of vectors in the domain, and against Node's Buffer.copy. Decision 0015 rests on these rows.
 * A call is one copy; sizes come at run time, source and target do not overlap.
 */
import { finishModule } from "../../host/build/rewrite.ts";
import type { HostInterface } from "../../host/kernel/host/host-values.ts";
import type { Row } from "../row.ts";
import { compileAssemblyScript } from "../support/assemblyscript.ts";
import { BenchSystem, LOOP_LIMITS, numberFrom } from "../support/domains.ts";
import { functionOf, plain } from "../support/plain.ts";
import { Shared } from "../support/shared.ts";

const WORK = "bench:memcpy/work@0.1.0";
const TYPES = "bench:memcpy/types@0.1.0";
const MIB = 1 << 20;
const SIZES = [1, 16, 64, 256, 1024, 4096, 65536, MIB] as const;
/** Larger, a loop is hopeless and one call takes milliseconds. */
const LARGEST_LOOP = 4096;
const ROUNDS = 7;

/** Source and target: o own memory, s shared heap. */
const KINDS = { own: "oo", in: "so", out: "os", shared: "ss" } as const;
type Kind = keyof typeof KINDS;
const KIND_NAMES = Object.keys(KINDS) as Kind[];

const LIBRARY: Readonly<Record<Kind, string>> = { own: "ownToOwn", in: "sharedToOwn", out: "ownToShared", shared: "sharedToShared" };

function loops(kind: Kind): string {
  const [from, to] = [KINDS[kind][0], KINDS[kind][1]];
  const byte = from === "o" ? "load<u8>(s)" : "load8(s)";
  const vector = from === "o" ? "v128.load(s)" : "loadv128(s)";
  const put = (type: string, value: string) => {
    if (to === "o") return type === "u8" ? `store<u8>(d, <u8>${value})` : `v128.store(d, ${value})`;
    return type === "u8" ? `store8(d, ${value})` : `storev128(d, ${value})`;
  };
  return `
function ${kind}OneBytes(d: u32, s: u32, end: u32): void { for (; d < end; d++, s++) ${put("u8", byte)}; }
function ${kind}OneVectors(d: u32, s: u32, end: u32): void {
  for (const last = end - 15; d < last; d += 16, s += 16) ${put("v128", vector)};
  ${kind}OneBytes(d, s, end);
}
export function copy_${kind}(bytes: u32, n: u32): u32 { for (; n > 0; n--) Copy.${LIBRARY[kind]}(${to}Target, ${from}Source, bytes); return same(${from}Source, ${to}Target, bytes, ${from === "s"}, ${to === "s"}); }
export function copy_${kind}_bytes(bytes: u32, n: u32): u32 { for (; n > 0; n--) ${kind}OneBytes(${to}Target, ${from}Source, ${to}Target + bytes); return same(${from}Source, ${to}Target, bytes, ${from === "s"}, ${to === "s"}); }
export function copy_${kind}_vectors(bytes: u32, n: u32): u32 { for (; n > 0; n--) ${kind}OneVectors(${to}Target, ${from}Source, ${to}Target + bytes); return same(${from}Source, ${to}Target, bytes, ${from === "s"}, ${to === "s"}); }`;
}

const SOURCE = `
import { copyIn, copyOut, load8, loadv128, store8, storev128 } from "sumac/guard";
import { Copy } from "sumac/memcpy";
@external("${TYPES}", "[constructor]data") declare function newData(): u32;
let oSource: u32 = 0, oTarget: u32 = 0, sSource: u32 = 0, sTarget: u32 = 0;
/** First and last byte; a row that copied nothing, or too little, is no row. */
function same(s: u32, d: u32, bytes: u32, fromShared: bool, toShared: bool): u32 {
  const last = bytes - 1;
  const first = (fromShared ? load8(s) : load<u8>(s)) == (toShared ? load8(d) : load<u8>(d));
  return first && (fromShared ? load8(s + last) : load<u8>(s + last)) == (toShared ? load8(d + last) : load<u8>(d + last)) ? 1 : 0;
}
/** 0..3: where the own and the shared source and target lie. */
export function place(which: u32): u32 {
  if (sSource == 0) {
    oSource = <u32>heap.alloc(${MIB}); oTarget = <u32>heap.alloc(${MIB} + 1024) + 704; sSource = newData(); sTarget = newData();
    for (let i: u32 = 0; i < ${MIB}; i++) store<u8>(oSource + i, <u8>(i * 167 + (i >> 8) + 1));
    copyOut(sSource, oSource, ${MIB});
  }
  return which == 0 ? oSource : which == 1 ? oTarget : which == 2 ? sSource : sTarget;
}
${KIND_NAMES.map(loops).join("\n")}`;

const FUNCTIONS = KIND_NAMES.flatMap((kind) => [kind, `${kind}-bytes`, `${kind}-vectors`]);
const WORLD = `package bench:domain@0.1.0;
world domain { import ${TYPES}; export ${WORK}; }
package bench:memcpy@0.1.0 {
  interface types { resource data { constructor(bytes: list<u8, ${MIB}>); } }
  interface work {
    place: func(which: u32) -> u32;
    ${FUNCTIONS.map((name) => `%${name}: func(bytes: u32, n: u32) -> u32;`).join("\n    ")}
  }
}`;

function plainModule(own: number): string {
  const functions = KIND_NAMES.map((kind) => {
    const memory = (letter: string | undefined) => (letter === "o" ? "$own" : "$heap");
    return `(func (export "${kind}") (param $d i32) (param $s i32) (param $bytes i32) (param $n i32)
      (loop $again
        (memory.copy ${memory(KINDS[kind][1])} ${memory(KINDS[kind][0])} (local.get $d) (local.get $s) (local.get $bytes))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`;
  });
  return `(module (import "sumac" "heap" (memory $heap 1 65536 shared)) (memory $own ${own}) ${functions.join("\n")})`;
}

const shared = new Shared(
  async () => {
    const bytes = await compileAssemblyScript(SOURCE, ["--noExportMemory"]);
    const names = new Map(FUNCTIONS.map((name) => [`copy_${name.replace("-", "_")}`, `${WORK}#${name}`]));
    names.set("place", `${WORK}#place`);
    const system = await BenchSystem.start();
    await system.add({ name: "memcpy", module: finishModule(bytes, names, WORLD), limits: LOOP_LIMITS });
    const work: HostInterface = system.export("memcpy", WORK);
    const [oSource, oTarget, sSource, sTarget] = [0, 1, 2, 3].map((which) => numberFrom(work.place, which)) as [
      number,
      number,
      number,
      number,
    ];
    const pages = Math.ceil((Math.max(oSource, oTarget) + MIB) / 65536);
    const exports = await plain(plainModule(pages), { sumac: { heap: system.heapMemory } });
    return { system, work, exports, source: { o: oSource, s: sSource }, target: { o: oTarget, s: sTarget } };
  },
  ({ system }) => system.stop(),
);

function plainRow(kind: Kind, bytes: number): Row {
  return {
    name: `memcpy/${kind}-${bytes}-plain`,
    unit: "ns",
    rounds: ROUNDS,
    async prepare() {
      const { exports, source, target } = await shared.take();
      const copy = functionOf(exports, kind);
      const [from, to] = [KINDS[kind][0] as "o" | "s", KINDS[kind][1] as "o" | "s"];
      return {
        run(count) {
          copy(target[to], source[from], bytes, count);
        },
        end: () => shared.give(),
      };
    },
  };
}

function domainRow(kind: Kind, bytes: number, way: "" | "Bytes" | "Vectors"): Row {
  const name = `memcpy/${kind}-${bytes}`;
  return {
    name: way === "" ? name : `${name}-${way.toLowerCase()}`,
    unit: "ns",
    ratio: { to: `${name}-plain` },
    rounds: ROUNDS,
    async prepare() {
      const { work } = await shared.take();
      const copy = work[`${kind}${way}`];
      return {
        run(count) {
          if (numberFrom(copy, bytes, count) !== 1) throw new Error(`${name}: the target is not the source`);
        },
        end: () => shared.give(),
      };
    },
  };
}

function bufferRow(bytes: number): Row {
  return {
    name: `memcpy/own-${bytes}-buffer`,
    unit: "ns",
    ratio: { to: `memcpy/own-${bytes}-plain` },
    rounds: ROUNDS,
    async prepare() {
      const source = Buffer.alloc(bytes, 1);
      const target = Buffer.alloc(bytes);
      return {
        run(count) {
          for (let i = 0; i < count; i++) source.copy(target);
          if (target[bytes - 1] !== 1) throw new Error("Buffer.copy copied nothing");
        },
      };
    },
  };
}

export const memcpyRows: readonly Row[] = KIND_NAMES.flatMap((kind) =>
  SIZES.flatMap((bytes) => [
    plainRow(kind, bytes),
    domainRow(kind, bytes, ""),
    ...(bytes > LARGEST_LOOP ? [] : [domainRow(kind, bytes, "Bytes"), domainRow(kind, bytes, "Vectors")]),
    ...(kind === "own" ? [bufferRow(bytes)] : []),
  ]),
);
