/** What a CPU found out about a frame before it handed it to another one, in one word: whether it is damaged, how its address matched. */
export function marksOf(isBad: boolean, match: number): number {
  return (match << 1) | (isBad ? 1 : 0);
}

export function unmark(marks: number): { readonly isBad: boolean; readonly match: number } {
  return { isBad: (marks & 1) === 1, match: marks >>> 1 };
}
