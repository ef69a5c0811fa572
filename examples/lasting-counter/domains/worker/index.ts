/**
 * Weighs numbers by a table that takes a while to make. It has a bug: a generation dies of its third call.
 * It keeps nothing that matters: what it needs of the past is lent to it with each call.
 */
import { log } from "sumac/log";
import { Sums } from "./gen/state";

const ENTRIES: u32 = 4096;

/** Made by `init`, and there again after a restart: the snapshot holds it. */
const weights = new StaticArray<u32>(ENTRIES);
/** Where `init` left it, 0, after a restart: the snapshot knows nothing of what came later. */
let served: u32 = 0;

/** Runs once: how many steps each number takes to 1 by halving, or by tripling and adding one. */
export function init(): void {
  for (let i: u32 = 1; i < ENTRIES; i++) {
    let steps: u32 = 0;
    for (let n: u64 = i; n != 1; steps++) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    weights[i] = steps;
  }
  log("a table was made");
}

/** Runs instead of `init` in each further generation. There is no device to take again, nor any object. */
export function recover(): void {
  log("a table was found");
}

export namespace weighing {
  export function add(to: Sums, number: u32): u64 {
    served += 1;
    assert(served < 3, "the third call of a generation");
    return to.total + weights[number % ENTRIES];
  }
}
