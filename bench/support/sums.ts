/** What a row's calls must have given: nothing wrong is ever measured. */

/** Sum of 1 … n in 32 bits. */
export function sumTo(n: number): number {
  return Number(BigInt.asUintN(32, (BigInt(n) * BigInt(n + 1)) / 2n));
}

export function demand(name: string, found: number, expected: number): void {
  if (found >>> 0 !== expected) throw new Error(`${name}: got ${found}, not ${expected}`);
}
