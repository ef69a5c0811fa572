/** Chance for models that are to do the same again: faults, and the order in which commands complete. */

/** Whole numbers from 0 to below a limit; the same for the same seed on every machine. */
export function seededBelow(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return Math.floor((((x ^ (x >>> 15)) >>> 0) / 0x1_0000_0000) * limit);
  };
}
