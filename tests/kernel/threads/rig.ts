/** Domains with threads for tests: one in AssemblyScript, compiled with and without a collector, and what lets their threads run. */
import type { DomainLimits } from "../../../host/kernel/domain.ts";
import type { Provider } from "../../../host/kernel/provider.ts";
import type { Threads } from "../../../host/kernel/threads/threads.ts";
import { addAs, compileAs, run } from "../../support/as-domain.ts";
import type { TestSystem } from "../../support/system.ts";

export const WIT: string = `package test:threads@1.0.0;
interface work { start: func(what: u32, n: u32) -> u32; outcome: func() -> s32; state: func() -> u32; end: func(); }
interface text { echo: func(text: string) -> string; }
interface outside { later: func(n: u32) -> u32; text-later: func(text: string) -> string; }
world plain { export work; }
world collected { export work; export text; }
world calling { import outside; export work; }
`;

export const WORK = "test:threads/work@1.0.0";

/** Entry functions and the body of `start`'s switch follow from `cases`: functions `(n: u32) => i32`, by number. */
export function source(code: string, cases: readonly string[], isCollected: boolean): string {
  return `
import * as threads from "sumac/thread";
import { Thread } from "sumac/thread";
import { ThreadLocal } from "sumac/thread-local";
import { Channel, Condition, Mutex, Semaphore } from "sumac/sync";
${code}
let main: Thread | null = null;
export namespace work {
  export function start(what: u32, n: u32): u32 {
    main = null;
${cases.map((entry, i) => `    if (what == ${i}) main = threads.create<u32>(${entry}, n, "${entry}");`).join("\n")}
    return main === null ? 0 : 1;
  }
  export function outcome(): i32 {
    const one = main;
    return one === null || !threads.hasEnded(one) ? i32.MIN_VALUE : one.value;
  }
  export function state(): u32 {
    const one = main;
    return one === null ? 9 : !threads.hasEnded(one) ? 0 : one.wasKilled ? 2 : 1;
  }
  export function end(): void {
    const one = main;
    if (one !== null) threads.kill(one);
  }
}
${isCollected ? "export namespace text { export function echo(text: string): string { return text; } }" : ""}`;
}

export async function compileThreads(
  code: string,
  cases: readonly string[],
  world: "plain" | "collected" | "calling",
): Promise<Uint8Array<ArrayBuffer>> {
  return compileAs(WIT, world, source(code, cases, world === "collected"));
}

export async function addThreads(
  t: TestSystem,
  module: Uint8Array<ArrayBuffer>,
  {
    name = "maker",
    limits = {},
    grants = {},
  }: { name?: string; limits?: Partial<DomainLimits>; grants?: Readonly<Record<string, Provider>> } = {},
): Promise<void> {
  await addAs(t, { name, module, limits: { threads: 100, heapBytes: 16 << 20, ...limits }, grants });
}

/** Lets threads run until nobody is ready and nobody sleeps for less than `mostMs`. */
export async function settle(threads: Threads, mostMs = 1000): Promise<void> {
  for (;;) {
    await threads.run();
    const wait = threads.nextWakeMs();
    if (wait === undefined || wait > mostMs) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Starts the case, lets threads run, and tells what the thread returned. */
export async function perform(t: TestSystem, what: number, n: number, name = "maker"): Promise<string> {
  const started = run(t, name, WORK, "start", what, n);
  if (started !== "ok 1") return started;
  await settle(t.system.kernel.threads);
  return run(t, name, WORK, "outcome");
}
