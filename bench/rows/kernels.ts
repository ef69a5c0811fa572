/**
 * What hardening costs code that calls nobody: AssemblyScript programs as a domain, against the same bytes as the
 * compiler wrote them. A call is one run of a program, some tens of microseconds to a millisecond.
 * Safepoints are in loops and at entries, so short loops and deep recursion pay most.
 */
import { finishModule } from "../../host/build/rewrite.ts";
import { DATA_KERNEL_NAMES, DATA_KERNELS } from "../../tests/loader/data-kernels.ts";
import { KERNEL_NAMES, KERNELS } from "../../tests/loader/kernels.ts";
import type { Mean, Row } from "../row.ts";
import { compileAssemblyScript } from "../support/assemblyscript.ts";
import { BenchSystem, LOOP_LIMITS, numberFrom } from "../support/domains.ts";
import { functionOf, plain } from "../support/plain.ts";
import { Shared } from "../support/shared.ts";

const PROGRAMS = "bench:kernels/programs@0.1.0";

const NAMES = [...KERNEL_NAMES, ...DATA_KERNEL_NAMES] as const;
/** What the mean is of: real work. The others are there to show what single shapes cost at worst. */
const AVERAGED: readonly (typeof NAMES)[number][] = ["sha", "crc", "lz", "sieve", "matmul", "json", "hash", "sort"];

/** `…_n(n)`: the program n times, so that the host's way into a domain vanishes in the batch. */
const SOURCE = `${KERNELS}${DATA_KERNELS}
${NAMES.map((name) => `export function ${name}_n(n: i32): i32 { let last = 0; while (n-- > 0) last = ${name}(); return last; }`).join("\n")}`;

const WORLD = `package bench:domain@0.1.0;
world domain { export ${PROGRAMS}; }
package bench:kernels@0.1.0 {
  interface programs {
${NAMES.map((name) => `    ${name}: func() -> s32;\n    ${name}-n: func(n: s32) -> s32;\n`).join("")}  }
}`;

const shared = new Shared(
  async () => {
    const bytes = await compileAssemblyScript(SOURCE, ["--noExportMemory"]);
    const names = NAMES.flatMap((name): [string, string][] => [
      [name, `${PROGRAMS}#${name}`],
      [`${name}_n`, `${PROGRAMS}#${name}-n`],
    ]);
    const system = await BenchSystem.start();
    await system.add({ name: "kernels", module: finishModule(bytes, new Map(names), WORLD), limits: LOOP_LIMITS });
    return { system, hardened: system.export("kernels", PROGRAMS), exports: await plain(bytes) };
  },
  ({ system }) => system.stop(),
);

function pair(name: (typeof NAMES)[number]): Row[] {
  const plainName = `kernels/${name}-plain`;
  return [
    {
      name: plainName,
      unit: "us",
      async prepare() {
        const run = functionOf((await shared.take()).exports, `${name}_n`);
        return {
          run(count) {
            run(count);
          },
          end: () => shared.give(),
        };
      },
    },
    {
      name: `kernels/${name}`,
      unit: "us",
      ratio: { to: plainName },
      async prepare() {
        const { hardened, exports } = await shared.take();
        const run = hardened[`${name}N`];
        if (numberFrom(run, 1) !== functionOf(exports, `${name}_n`)(1)) throw new Error(`kernels/${name}: hardening changed the result`);
        return {
          run(count) {
            numberFrom(run, count);
          },
          end: () => shared.give(),
        };
      },
    },
  ];
}

const MEAN_OF_PLAIN = "kernels/hardened-plain";

const MEANS: readonly Mean[] = [
  { name: MEAN_OF_PLAIN, unit: "us", meanOf: AVERAGED.map((name) => `kernels/${name}-plain`) },
  {
    name: "kernels/hardened",
    unit: "us",
    meanOf: AVERAGED.map((name) => `kernels/${name}`),
    ratio: { to: MEAN_OF_PLAIN, atMost: 1.3, aim: 1.15 },
  },
];

export const kernelRows: readonly (Row | Mean)[] = [...NAMES.flatMap(pair), ...MEANS];
