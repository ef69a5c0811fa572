/** All hostile modules, and the rules that no module can break, each with the reason. Read by the test and by `scripts/hostile.ts`. */
import { CALLERS } from "./callers.ts";
import type { HostileCase } from "./case.ts";
import { CPUS } from "./cpus.ts";
import { FILES } from "./files.ts";
import { HOLDERS } from "./holders.ts";
import { LIVES } from "./lives.ts";
import { MODULES } from "./modules.ts";
import { OBJECTS } from "./objects.ts";
import { THREADS } from "./threads.ts";
import { TIMES } from "./times.ts";

export const CORPUS: readonly HostileCase[] = [
  ...MODULES,
  ...FILES,
  ...OBJECTS,
  ...CALLERS,
  ...HOLDERS,
  ...LIVES,
  ...TIMES,
  ...THREADS,
  ...CPUS,
];

export const NOT_BREAKABLE: Readonly<Record<string, string>> = {
  D13: "its driver's words are data, whoever wrote the driver: campaign:nvme-fuzz writes millions of them, half beside a second CPU",
  O1: "it is about users of the machine, and no module reaches a socket: the control folder's tests try it",
  O2: "it is about programs beside the system, and no module is one: the control server's tests send what they should not",
  U6: "a module passes safepoints wherever it stays, so only trusted code can fail to answer: the tests of faults do",
  H16: "it takes two CPUs at once, and a module runs on one: the heap's simulation and campaign:two-cpus try it",
  T6: "it is about when the watchdog's thread is scheduled, which no module decides: the watchdog's own tests do",
};

export interface Judged {
  readonly rule: string;
  readonly name: string;
  readonly expected: string;
  readonly got: string;
}

/** One after the other: each has a kernel of its own. */
export async function judge(one: HostileCase): Promise<Judged> {
  const { rule, name, expected } = one;
  const got = await one.run().catch((error: unknown) => `no answer: ${String(error)}`);
  return { rule, name, expected, got };
}
