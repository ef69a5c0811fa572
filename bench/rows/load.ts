/**
 * From signed bytes to a running instance, of a module of about 10 KB (11) that needs no grants.
 * A cold call verifies, checks, hardens, audits, compiles and creates, each time for other bytes and with a loader that knows nothing; a
 * warm one finds the module known and creates. Both kill what they created. The baseline is `new WebAssembly.Instance` of the same
 * bytes, already compiled, as the author's compiler wrote them.
 */
import { readFile } from "node:fs/promises";
import { finishModule } from "../../host/build/rewrite.ts";
import { DEFAULT_LIMITS } from "../../host/kernel/domain.ts";
import { createDomain } from "../../host/kernel/life/birth.ts";
import { Seat } from "../../host/kernel/seat.ts";
import { generateKey } from "../../host/loader/key-format.ts";
import { Loader, type LoadOptions } from "../../host/loader/load.ts";
import { type SigningKey, signModule } from "../../host/loader/signing.ts";
import { startSystem } from "../../host/system/start.ts";
import type { System } from "../../host/system/system.ts";
import { KERNEL_NAMES, KERNELS } from "../../tests/loader/kernels.ts";
import type { Prepared, Row } from "../row.ts";
import { compileAssemblyScript } from "../support/assemblyscript.ts";
import { Shared } from "../support/shared.ts";

const PROGRAMS = "bench:load/programs@0.1.0";
const WORLD = `package bench:domain@0.1.0;
world domain { export ${PROGRAMS}; }
package bench:load@0.1.0 {
  interface programs {
${KERNEL_NAMES.map((name) => `    ${name}: func() -> s32;\n`).join("")}  }
}`;
/** `i32.const 0x2545f491`, from which the programs make their input; its first seven bits give so many variants. */
const CONSTANT: readonly number[] = [0x41, 0x91, 0xe9, 0x97, 0xaa, 0x02];
const VARIANTS = 128;

interface Bench {
  readonly system: System;
  readonly key: SigningKey;
  /** As the author's compiler wrote it. */
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly guard: Uint8Array;
  readonly options: LoadOptions;
}

const shared = new Shared<Bench>(
  async () => {
    // With the runtime that collects garbage the programs are as large as a usual domain.
    const compiled = await compileAssemblyScript(KERNELS, ["--noExportMemory", "--runtime", "incremental"]);
    const names = new Map(KERNEL_NAMES.map((name): [string, string] => [name, `${PROGRAMS}#${name}`]));
    const plain = finishModule(compiled, names, WORLD);
    const { key } = await generateKey();
    const trusted = [{ name: "bench", publicKey: key.publicKey }];
    const system = await startSystem({ heapMegabytes: 16 });
    const guard = await readFile(new URL("../../build/shared-heap/guard.wasm", import.meta.url));
    return { system, key, plain, guard, options: { name: "bench", trusted, allowUnsigned: false, memoryPages: 16 } };
  },
  ({ system }) => system.stop(),
);

/** One call: what the loader gives becomes a domain, which is killed. */
async function loadAndCreate({ system, options }: Bench, loader: Loader, bytes: Uint8Array): Promise<void> {
  const loaded = await loader.load(bytes, options);
  const limits = { ...DEFAULT_LIMITS, memoryPages: options.memoryPages };
  const birth = createDomain(system.kernel, new Seat({ name: "bench", loaded, grants: new Map(), limits }));
  if (!birth.ok) throw new Error(birth.error.detail);
  system.kernel.kill(birth.domain, "the bench is done with it");
}

async function prepared(make: (bench: Bench) => Promise<(round: number) => Promise<void>>): Promise<Prepared> {
  const call = await make(await shared.take());
  let round = 0;
  return {
    isAsync: true,
    async run(count) {
      for (let i = 0; i < count; i++) await call(round++);
    },
    end: () => shared.give(),
  };
}

export const loadRows: readonly Row[] = [
  {
    name: "load/instantiate",
    unit: "us",
    async prepare() {
      const module = new WebAssembly.Module((await shared.take()).plain);
      return {
        run(count) {
          for (let i = 0; i < count; i++) new WebAssembly.Instance(module, {});
        },
        end: () => shared.give(),
      };
    },
  },
  {
    name: "load/warm",
    unit: "us",
    ratio: { to: "load/instantiate", atMost: 3 },
    prepare: () =>
      prepared(async (bench) => {
        const signed = await signModule(bench.plain, bench.key);
        return () => loadAndCreate(bench, bench.system.loader, signed);
      }),
  },
  {
    name: "load/cold",
    unit: "us",
    ratio: { to: "load/instantiate" },
    prepare: () =>
      prepared(async (bench) => {
        const { plain, guard, key, system } = bench;
        const variants = await Promise.all(Array.from({ length: VARIANTS }, (_, i) => signModule(variant(plain, i), key)));
        const heapMaxPages = system.kernel.heap.maxBytes / 65536;
        return (round) => loadAndCreate(bench, new Loader({ guard, heapMaxPages }), variants[round % VARIANTS] as Uint8Array);
      }),
  },
];

/** Other code, so that V8 does not know it either: the low bits of a constant of the programs. */
function variant(plain: Uint8Array<ArrayBuffer>, which: number): Uint8Array<ArrayBuffer> {
  const at = plain.findIndex((_, i) => CONSTANT.every((byte, k) => plain[i + k] === byte));
  if (at < 0) throw new Error("load: the constant that is to vary is not in the module");
  const changed = Uint8Array.from(plain);
  changed[at + 1] = 0x80 | which;
  return changed;
}
