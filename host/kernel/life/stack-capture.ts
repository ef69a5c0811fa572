/**
 * What is kept of a stack trace when a domain dies: positions in its code and in that of its callers, as numbers. What they
 * mean is found out when somebody asks. Called by the kernel while it unwinds; takes some 10 µs.
 *
 * V8 gives the frames as objects to `Error.prepareStackTrace`, if that is set when the trace is first read. It is set for that
 * moment only. Where there is no such hook (other engines), or somebody read the trace before, nothing is known.
 */
import { PROBE_NAME } from "../calls/probe.ts";

/** Positions in hardened modules, innermost first; a BOUNDARY stands between a domain's frames and those of its caller. */
export type RawStack = readonly number[];

export const BOUNDARY = -1;

/** What the generated code of a crossing into a domain calls itself. */
const CROSSINGS: ReadonlySet<string | null> = new Set(["proxy", "method", "destructor"]);
const WASM_URL = "wasm://wasm/";

/** Of V8's `CallSite`, what is asked here. */
interface Site {
  getFunctionName(): string | null;
  getScriptNameOrSourceURL(): string | null | undefined;
  getPosition(): number;
  isEval(): boolean;
}

interface Hook {
  prepareStackTrace?: ((error: Error, sites: readonly Site[]) => unknown) | undefined;
}

export function captureStack(error: Error): RawStack {
  const hook = Error as unknown as Hook;
  const before = hook.prepareStackTrace;
  let stack: RawStack = [];
  hook.prepareStackTrace = ({ name, message }, sites) => {
    stack = positionsOf(sites);
    return `${name}: ${message}`;
  };
  try {
    // Reading it is what makes V8 call the hook.
    void error.stack;
  } finally {
    hook.prepareStackTrace = before;
  }
  return stack;
}

function positionsOf(sites: readonly Site[]): number[] {
  const stack: number[] = [];
  let urls: string[] = [];
  let positions: number[] = [];
  const endDomain = (): void => {
    // A function of an application may itself have called a module of its own: the outermost frame is the domain's.
    const own = urls.at(-1);
    stack.push(...positions.filter((_, i) => urls[i] === own));
    urls = [];
    positions = [];
  };
  for (const site of sites) {
    const url = site.getScriptNameOrSourceURL() ?? "";
    if (url.startsWith(WASM_URL)) {
      if (url.startsWith(PROBE_NAME, WASM_URL.length)) continue;
      urls.push(url);
      positions.push(site.getPosition());
    } else if (site.isEval() && CROSSINGS.has(site.getFunctionName())) {
      // One without frames of Wasm before it is that through which the domain itself was calling when it had to leave.
      if (urls.length === 0 && stack.length === 0) continue;
      endDomain();
      stack.push(BOUNDARY);
    }
  }
  endDomain();
  return stack;
}
