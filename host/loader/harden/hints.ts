/**
 * Collects the branches that are almost never taken and writes them as the custom section that V8 reads.
 *
 * Filled by the body rewriter, function by function in ascending order. Hints only: a module means the same without them.
 *
 * Sources: [BRANCH-HINTS].
 */
import type { Writer } from "../wasm/writer.ts";

export const HINT_SECTION = "metadata.code.branch_hint";
const NOT_TAKEN = 0;

export class BranchHints {
  readonly #functions: number[] = [];
  /** How many of `#offsets` belong to each function. */
  readonly #counts: number[] = [];
  readonly #offsets: number[] = [];

  /** @param offset of the branch, from the beginning of the function's local declarations */
  unlikely(functionIndex: number, offset: number): void {
    if (this.#functions.at(-1) !== functionIndex) {
      this.#functions.push(functionIndex);
      this.#counts.push(0);
    }
    this.#counts[this.#counts.length - 1] = (this.#counts.at(-1) ?? 0) + 1;
    this.#offsets.push(offset);
  }

  /** Writes the section, unless there is nothing to hint at. */
  write(out: Writer): void {
    if (this.#offsets.length === 0) return;
    out.u8(0);
    const section = out.begin();
    out.name(HINT_SECTION);
    out.u32(this.#functions.length);
    let next = 0;
    for (const [i, index] of this.#functions.entries()) {
      const count = this.#counts[i] as number;
      out.u32(index);
      out.u32(count);
      for (let end = next + count; next < end; next++) {
        out.u32(this.#offsets[next] as number);
        out.u32(1);
        out.u8(NOT_TAKEN);
      }
    }
    out.finish(section);
  }
}
