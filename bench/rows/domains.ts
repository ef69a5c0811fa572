/**
 * How many domains a process holds, what each takes, and how fast they come and go. The domain is small: a page of memory, of which a word
 * is written, one export, no import. The baseline is what the engine does for the same module with a memory of its own.
 */

import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { DEFAULT_LIMITS } from "../../host/kernel/domain.ts";
import type { LoadedModule } from "../../host/loader/load.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import type { Gauge, Reading, Row } from "../row.ts";
import { withWorld } from "../support/domains.ts";

const CALLS = "bench:domains/calls@0.1.0";
const WORLD = `package bench:domain@0.1.0;
world domain { export ${CALLS}; }
package bench:domains@0.1.0 { interface calls { inc: func(n: u32) -> u32; } }`;
const CODE = `(module (memory 1) (data (i32.const 0) "sumac")
  (func (export "${CALLS}#inc") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))`;
const LIMITS = { ...DEFAULT_LIMITS, memoryPages: 1 };
const MARKS = [1000, 10_000];
/** Made before the first reading: what the system needs once is there then. */
const FIRST = 100;

async function smallModule(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await parse(CODE));
}

async function startSmall(): Promise<{ readonly system: System; readonly loaded: LoadedModule }> {
  const system = await startSystem({ heapMegabytes: 64 });
  const bytes = withWorld(await smallModule(), WORLD);
  const loaded = await system.loader.load(bytes, { name: "small", trusted: [], allowUnsigned: true, memoryPages: LIMITS.memoryPages });
  return { system, loaded };
}

function create({ system, loaded }: { readonly system: System; readonly loaded: LoadedModule }, name: string): void {
  system.create({ name, loaded, limits: LIMITS, grants: new Map() });
}

/** Resident KiB, when nothing is left to collect. */
function resident(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage.rss() / 1024;
}

interface Climb {
  /** KiB a domain, by how many there are. */
  readonly kibibytes: ReadonlyMap<number, number>;
  readonly most: number;
  /** What one more is told. */
  readonly refusal: string;
  /** The last one that was created answers. */
  readonly answers: boolean;
}

/** Creates domains until there is no room for another. */
async function climb(): Promise<Climb> {
  const small = await startSmall();
  const { system } = small;
  let live = 0;
  for (; live < FIRST; live++) create(small, `small${live}`);
  const before = resident();
  const kibibytes = new Map<number, number>();
  let refusal = "";
  while (refusal === "") {
    try {
      create(small, `small${live}`);
      live++;
    } catch (error) {
      refusal = `${(error as Error).name}: ${(error as Error).message}`;
    }
    if (MARKS.includes(live)) kibibytes.set(live, (resident() - before) / (live - FIRST));
  }
  const called = system.export(`small${live - 1}`, CALLS).inc?.(41);
  const answers = called?.ok === true && called.value === 42;
  await system.stop();
  return { kibibytes, most: live, refusal, answers };
}

let climbed: Promise<Climb> | undefined;

async function readClimb(of: (climb: Climb) => Reading): Promise<Reading> {
  climbed ??= climb();
  return of(await climbed);
}

const plainRow: Row = {
  name: "domains/instances-plain",
  unit: "op/s",
  async prepare() {
    const module = new WebAssembly.Module(await smallModule());
    return {
      run(count) {
        for (let i = 0; i < count; i++) new WebAssembly.Instance(module);
      },
    };
  },
};

const instancesRow: Row = {
  name: "domains/instances",
  unit: "op/s",
  ratio: { to: "domains/instances-plain" },
  async prepare() {
    const small = await startSmall();
    return {
      run(count) {
        for (let i = 0; i < count; i++) {
          create(small, "small");
          small.system.destroy("small");
        }
      },
      end: () => small.system.stop(),
    };
  },
};

export const domainRows: readonly (Row | Gauge)[] = [
  plainRow,
  instancesRow,
  ...MARKS.map(
    (mark): Gauge => ({
      name: `domains/memory-${mark}`,
      unit: "KiB",
      read: () => readClimb(({ kibibytes }) => ({ value: kibibytes.get(mark) ?? Number.NaN })),
    }),
  ),
  {
    name: "domains/live",
    unit: "domains",
    atLeast: 10_000,
    read: () =>
      readClimb(({ most, refusal, answers }) => ({
        value: most,
        note: `one more is told "${refusal}"; the last one ${answers ? "answers" : "DOES NOT ANSWER"}`,
      })),
  },
];
