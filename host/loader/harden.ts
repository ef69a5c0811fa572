/**
 * Rewrites a checked module so that it can be stopped, cannot outgrow its quota, and reaches the shared heap by the guard only.
 *
 * Called by the loader between check and audit. Nothing is trusted because it was hardened: the auditor reads the result
 * afresh. What changes:
 *
 * - the own memory becomes the first import, the shared heap the second; then come who the domain is, its CPU's line, the tick;
 * - the guard's functions are appended and take the place of the module's guard imports; before them stand as many empty
 *   functions as V8 wants to see to inline generously;
 * - entries, loops and slow instructions get safepoints (`harden/body.ts`), memory.copy and memory.fill become calls;
 * - the start function becomes an export, so that it runs under a deadline;
 * - where the world has a `recover`, or the system several CPUs, mutable globals become exports, so that the kernel can save them;
 * - custom sections go, but for hints which branches are unlikely.
 */
import type { GuardBodies } from "./guard-bodies.ts";
import { writeFillers, writeGuardBodies } from "./harden/appended.ts";
import { BodyRewriter } from "./harden/body.ts";
import { BranchHints } from "./harden/hints.ts";
import { assignIndices, type Indices } from "./harden/indices.ts";
import { Positions } from "./harden/positions.ts";
import {
  writeData,
  writeDataCount,
  writeElements,
  writeExports,
  writeFunctions,
  writeGlobals,
  writeImports,
  writeTables,
  writeTypes,
} from "./harden/sections.ts";
import { MAX_HARDENED_BYTES } from "./limits.ts";
import type { CheckedModule } from "./wasm/checked-module.ts";
import { naming, tooMuch } from "./wasm/reject.ts";
import { Writer } from "./wasm/writer.ts";

export interface HardenOptions {
  /** The domain's quota in pages of 64 KiB: the maximum of the memory that the kernel lends it. */
  readonly memoryMaxPages: number;
  /** Maximum of the shared heap's memory, in pages. */
  readonly heapMaxPages: number;
  readonly guard: GuardBodies;
  /** The kernel saves its globals, also where it has no `recover`. */
  readonly isMovable?: boolean;
}

/** @throws SumacError "module-refused" only when the module would become larger than V8 compiles */
export function harden(module: CheckedModule, options: HardenOptions): Uint8Array {
  return naming(module.name, () => rewrite(module, options));
}

export interface TracedHarden {
  /** The same bytes as without tracing. */
  readonly hardened: Uint8Array;
  readonly positions: Positions;
  /** Indices in `hardened` of the module's first own function and of the guard's first. */
  readonly firstDefined: number;
  readonly firstGuard: number;
}

/** Hardens once more and notes where everything comes from: to explain a death, long after loading. */
export function hardenTraced(module: CheckedModule, options: HardenOptions): TracedHarden {
  const positions = new Positions();
  const hardened = rewrite(module, options, positions);
  const { firstDefined, firstGuard } = assignIndices(module, options.guard);
  return { hardened, positions, firstDefined, firstGuard };
}

function rewrite(module: CheckedModule, options: HardenOptions, positions?: Positions): Uint8Array {
  const { guard } = options;
  const indices = assignIndices(module, guard);
  const hints = new BranchHints();
  const code = writeCode(module, guard, indices, hints, positions);

  const out = new Writer(module.bytes.length + code.length);
  for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.u8(byte);
  writeTypes(out, indices.types);
  writeImports(out, module, indices, options);
  writeFunctions(out, module, indices);
  writeTables(out, module);
  writeGlobals(out, module);
  writeExports(out, module, indices, options.isMovable === true);
  writeElements(out, module, indices);
  writeDataCount(out, module);
  // V8 takes the hints only if they come before the code, and they are known only after it: hence two buffers.
  hints.write(out);
  out.append(code.view());
  writeData(out, module);
  if (out.length > MAX_HARDENED_BYTES) throw tooMuch(0, "bytes of hardened module", out.length, MAX_HARDENED_BYTES);
  return out.view().slice();
}

function writeCode(module: CheckedModule, guard: GuardBodies, indices: Indices, hints: BranchHints, positions?: Positions): Writer {
  const out = new Writer(module.bytes.length * 2);
  out.u8(10);
  const section = out.begin();
  out.u32(module.functions.length + indices.fillerCount + guard.functions.length);
  const rewriter = new BodyRewriter(module, indices, guard, out, hints, positions);
  for (const [i, body] of module.functions.entries()) {
    rewriter.rewrite(i, body);
    if (out.length > MAX_HARDENED_BYTES) throw tooMuch(body.bodyStart, "bytes of hardened code", out.length, MAX_HARDENED_BYTES);
  }
  writeFillers(out, indices);
  writeGuardBodies(out, guard, indices, hints);
  out.finish(section);
  return out;
}
