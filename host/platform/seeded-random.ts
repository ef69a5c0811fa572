/** Chance that can be repeated: for injected faults and for wires that lose frames. Never for anything that must not be guessed. */

/** Mulberry-like generator: 32 bits of state, the same numbers for the same seed on every machine. Range [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}
