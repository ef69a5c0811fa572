/**
 * Writes the code behind the module's own: functions that do nothing, then the guard's.
 *
 * Called by harden, once a module, after the author's functions. It changes nothing in the guard but where its calls lead.
 */
import type { GuardBodies } from "../guard-bodies.ts";
import { OP } from "../wasm/opcodes.ts";
import type { Writer } from "../wasm/writer.ts";
import type { BranchHints } from "./hints.ts";
import type { Indices } from "./indices.ts";

/** Size, no locals, end. */
const FILLER: Uint8Array = Uint8Array.of(2, 0, OP.end);

export function writeFillers(out: Writer, indices: Indices): void {
  for (let n = indices.fillerCount; n > 0; n--) out.append(FILLER);
}

export function writeGuardBodies(out: Writer, guard: GuardBodies, indices: Indices, hints: BranchHints): void {
  for (const [n, { body, calls, unlikely }] of guard.functions.entries()) {
    const contents = out.begin();
    let copied = 0;
    let hinted = 0;
    const copy = (end: number) => {
      const moved = out.length - contents - copied;
      for (; (unlikely[hinted] ?? end) < end; hinted++) hints.unlikely(indices.firstGuard + n, (unlikely[hinted] as number) + moved);
      out.copy(body, copied, end);
    };
    for (const { start, end, target } of calls) {
      copy(start);
      out.u8(OP.call);
      out.u32(target === 0 ? 0 : indices.firstGuard + target - 1);
      copied = end;
    }
    copy(body.length);
    out.finish(contents);
  }
}
