/**
 * Which worlds need a domain that frees what it allocates: the only difference between the two ways in which AssemblyScript
 * is generated and compiled. Called by `plan.ts`.
 *
 *     without   only numbers, shared objects and handles cross, and records of numbers as results. Nothing is allocated; a record
 *               lies in the one place of its type.
 *     with      strings, lists, options and whatever else are objects of AssemblyScript, and so are records, outcomes, and the
 *               instances of capabilities that the domain serves.
 */
import type { HostType, MethodDescription, World } from "../model.ts";

export function needsCollector(world: World): boolean {
  if (world.exports.some(({ resources }) => resources.length > 0)) return true;
  const methods = [...world.functions, ...[...world.imports, ...world.exports].flatMap(({ functions }) => functions)];
  return methods.some(needsValues);
}

function needsValues({ paramsMessage, resultMessage, sourceParams, sourceResult }: MethodDescription): boolean {
  if (paramsMessage || resultMessage) return true;
  const payload = sourceResult?.kind === "result" ? sourceResult.ok : sourceResult;
  const isPlain =
    payload === undefined || isNumber(payload) || (payload.kind === "record" && payload.fields.every(({ type }) => isNumber(type)));
  return !isPlain || sourceParams.some(({ type }) => !isNumber(type));
}

/** One number of AssemblyScript: objects and handles are, too. */
function isNumber({ kind }: HostType): boolean {
  return kind === "scalar" || kind === "enum" || kind === "flags" || kind === "own" || kind === "borrow" || kind === "handle";
}
