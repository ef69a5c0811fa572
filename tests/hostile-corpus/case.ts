/**
 * What a hostile module is in this corpus: the rule of docs/rules.md that it is written to break, what must come of it, and how it is run.
 *
 * `loaded` cases end in the loader, `scene` cases run: there somebody innocent stands by, who must be as he was, and the heap must be
 * whole and empty at the end.
 */
import { readFileSync } from "node:fs";
import { SumacError } from "../../host/errors.ts";
import { Loader, type LoadOptions } from "../../host/loader/load.ts";
import type { SupervisionSettings } from "../../host/supervision/settings.ts";
import type { StartOptions } from "../../host/system/start.ts";
import { auditHeap } from "../../shared-heap/audit.ts";
import { attempt, domain } from "../support/domain.ts";
import { type TestSystem, testSystem, withWorld } from "../support/system.ts";
import { wat } from "../support/wat.ts";
import { exportName, world } from "../support/world.ts";

export interface HostileCase {
  readonly rule: string;
  readonly name: string;
  /** An error's code and a part of its message, or what the attempts came to. */
  readonly expected: string;
  run(): Promise<string>;
}

/** One domain's world with one function, `call`; what a module that means no harm exports is `CALL`. */
export const WORLD: string = world({ exports: ["call"] });
export const CALL: string = `(func (export "${exportName("call")}") (param i32) (result i32) (local.get 0))`;
const MEMORY_PAGES = 16;
const LOADER: Loader = new Loader({
  guard: readFileSync(new URL("../../build/shared-heap/guard.wasm", import.meta.url)),
  heapMaxPages: 256,
});

/** Bytes of a module that is fine but for `extra`. */
export async function moduleWith(extra: string, call: string = CALL, text: string = WORLD): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(withWorld(await wat(`(module ${extra} ${call})`), text));
}

/** @param expected code and what the message must say, as `module-refused: multiple memories` */
export function loaded(
  rule: string,
  name: string,
  expected: string,
  bytes: () => Uint8Array | Promise<Uint8Array>,
  options: Partial<LoadOptions> = {},
): HostileCase {
  return {
    rule,
    name,
    expected,
    async run() {
      try {
        const whole: LoadOptions = { name: "evil.wasm", trusted: [], allowUnsigned: true, memoryPages: MEMORY_PAGES, ...options };
        await LOADER.load(await bytes(), whole);
        return "loaded";
      } catch (error) {
        if (!(error instanceof SumacError)) throw error;
        return said(expected, `${error.code}: ${error.message}`);
      }
    },
  };
}

/** As it was expected if code and phrase are there, else all of it. */
export function said(expected: string, message: string): string {
  const [, code = "", phrase = ""] = /^([^:]*): (.*)$/.exec(expected) ?? [];
  return message.startsWith(`${code}: `) && message.includes(phrase) ? expected : message;
}

/** Loads a module of this text: imports, definitions and exports besides `call`. */
export function text(rule: string, name: string, expected: string, extra: string, call: string = CALL): HostileCase {
  return loaded(rule, name, expected, () => moduleWith(extra, call));
}

/** @param play adds the hostile domains, lets them try, and says what came of it */
export function scene(
  rule: string,
  name: string,
  expected: string,
  play: (t: TestSystem) => Promise<string>,
  supervision?: SupervisionSettings,
  more: Pick<StartOptions, "cpus" | "control"> = {},
): HostileCase {
  return {
    rule,
    name,
    expected,
    async run() {
      const t = await testSystem({ heapMegabytes: 32, ...(supervision === undefined ? {} : { supervision }), ...more });
      await t.add(domain("innocent", INNOCENT));
      const got = await play(t);
      const harm = attempt(t, "innocent", "call", 1);
      await t.system.stop();
      const { ok, problems } = auditHeap(t.system.kernel.heap);
      const left = t.system.liveObjects();
      if (harm !== `ok ${SECRET + 1}`) return `${got}; the innocent: ${harm}`;
      return ok && left === 0 ? got : `${got}; the heap: ${left} objects left, ${problems.join(", ")}`;
    },
  };
}

const SECRET = 4711;
/** Keeps an object with a number in it: `call` adds to that, `quick` says where it lies. */
const INNOCENT = {
  guard: ["load32", "store32"],
  code: "(global $own (mut i32) (i32.const 0))",
  init: `(global.set $own (call $new)) (call $store32 (global.get $own) (i32.const ${SECRET}))`,
  exports: { call: "(i32.add (call $load32 (global.get $own)) (local.get $n))", quick: "(global.get $own)" },
};

/** Where the innocent's object lies. */
export function foreign(t: TestSystem): number {
  return Number(attempt(t, "innocent", "quick", 0).slice(3));
}
