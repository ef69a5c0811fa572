/**
 * Notes where the bytes of hardened bodies come from, so that a position in a stack trace can be told in terms of the module that
 * its author built. Filled by the body rewriter, but only when somebody asks why a domain died: loading notes nothing.
 *
 * A mark begins a run of a function's hardened body: copied bytes, each as far behind the original's as its
 * neighbours, or bytes that harden put in for the sake of one original instruction.
 */
export class Positions {
  /** For each function the index of its first mark, and behind the last function the number of marks. */
  readonly #firsts: number[] = [];
  readonly #hardened: number[] = [];
  readonly #original: number[] = [];
  readonly #isCopy: boolean[] = [];

  /** The next marks are those of the next function, in order. */
  beginFunction(): void {
    this.#firsts.push(this.#hardened.length);
  }

  /**
   * @param hardened offset from the function's local declarations in the hardened module, ascending
   * @param original offset in the original file
   */
  mark(hardened: number, original: number, isCopy: boolean): void {
    this.#hardened.push(hardened);
    this.#original.push(original);
    this.#isCopy.push(isCopy);
  }

  /** The offset in the original file of the instruction that stands at, or caused, this one. */
  originalOf(functionIndex: number, hardened: number): number | undefined {
    const first = this.#firsts[functionIndex];
    if (first === undefined) return undefined;
    let low = first;
    let high = this.#firsts[functionIndex + 1] ?? this.#hardened.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#hardened[middle] as number) <= hardened) low = middle + 1;
      else high = middle;
    }
    const mark = low - 1;
    if (mark < first) return undefined;
    const original = this.#original[mark] as number;
    return this.#isCopy[mark] ? original + hardened - (this.#hardened[mark] as number) : original;
  }
}
