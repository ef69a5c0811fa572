/**
 * Which domains a call can lead to, as far as grants say it: those of the callee, of those that it may call, and so on, on whatever CPU.
 * Called by `doors.ts` to find out whether a callee might need a domain that is in a call below it. Capabilities that are passed around and
 * domains that others create are not among them: a call that leads there and meets a busy domain is refused as reentrant.
 */
import type { DomainSpec } from "../domain.ts";
import type { Seat } from "../seat.ts";

const known: WeakMap<DomainSpec, ReadonlySet<Seat>> = new WeakMap();

/** Seats that are called through an interface that a domain in a call does not take a second call of. The callee itself only where a circle leads to it. */
export function reachOf({ spec }: Seat): ReadonlySet<Seat> {
  const found = known.get(spec);
  if (found !== undefined) return found;
  const reached = new Set<Seat>();
  const seen = new Set<DomainSpec>();
  const open = [spec];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    for (const [id, provider] of at.grants) {
      if (provider.kind !== "domain") continue;
      open.push(provider.seat.spec);
      const functions = at.loaded.world.imports.find((each) => each.id === id)?.functions ?? [];
      if (functions.some(({ reentrant }) => !reentrant)) reached.add(provider.seat);
    }
  }
  known.set(spec, reached);
  return reached;
}
