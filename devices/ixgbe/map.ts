/**
 * The whole register map, compiled once. The model looks words up in it; the README and the dump are printed from it.
 * Source: [82599] chapter 8.
 */
import { type CompiledMap, compileMap, type Family } from "./family.ts";
import { GENERAL_MAP } from "./map-general.ts";
import { RECEIVE_MAP } from "./map-receive.ts";
import { STATISTICS_MAP } from "./map-statistics.ts";

export const IXGBE_MAP: readonly Family[] = [...GENERAL_MAP, ...RECEIVE_MAP, ...STATISTICS_MAP].sort((a, b) => a.offset - b.offset);

export const COMPILED_MAP: CompiledMap = compileMap(IXGBE_MAP);
