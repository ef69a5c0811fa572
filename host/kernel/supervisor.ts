/**
 * The capability to start one seat's next generation, given to the domain that stands in for it (a shadow).
 * Only the holder's own links are bound to the new generation; everybody else's stay dead.
 */
import { bindLink, createDomain } from "./birth.ts";
import type { Domain } from "./domain.ts";
import { IMPLEMENTED } from "./implemented.ts";
import type { Kernel } from "./kernel.ts";
import type { CoreFunction, Link } from "./link.ts";
import type { Provider } from "./provider.ts";
import type { Seat } from "./seat.ts";

/** Packed results of `sumac:kernel/supervisor`.`restart`. */
const OK = 64;
const GIVE_UP = 1;

/** A provider of `sumac:kernel/supervisor` for one seat. */
export function supervisorOf(kernel: Kernel, seat: Seat): Provider {
  seat.isSupervised = true;
  return {
    kind: "host",
    implements: IMPLEMENTED["sumac:kernel/supervisor@0.1.0"],
    bind: (holder) => ({ restart: () => restart(kernel, seat, holder) }),
    rank: () => 1 + (seat.current?.rank ?? 0),
  };
}

function restart(kernel: Kernel, seat: Seat, holder: Domain): number {
  const occupant = kernel.occupant(seat);
  if (occupant !== undefined) kernel.kill(occupant, "restarted by its supervisor");
  // One that is still in the chain of calls dies when control returns to it, and is not gone before that.
  if (seat.current !== undefined && !kernel.isGone(seat.current)) return GIVE_UP;
  const birth = createDomain(kernel, seat);
  if (!birth.ok) return GIVE_UP;
  kernel.events.emit({ kind: "restart", domain: seat.spec.name, generation: birth.domain.generation });
  for (const link of holder.outbound) {
    if (link.target.domain.seat !== seat) continue;
    bindLink(kernel, link, seat);
    watchFirstAnswer(kernel, link, seat);
  }
  return OK;
}

/** Wraps the link's target until the first call through it is answered: then the seat has recovered. */
function watchFirstAnswer(kernel: Kernel, link: Link, seat: Seat): void {
  const bound = link.target;
  const first: CoreFunction = (...args) => {
    const result = bound.call(...args);
    if (link.target === watched) link.target = bound;
    const { name } = bound.domain;
    for (const deadSince of seat.unrecovered.splice(0)) {
      const micros = (performance.now() - deadSince) * 1000;
      kernel.events.emit({ kind: "recovered", domain: name, generation: bound.domain.generation, micros });
    }
    return result;
  };
  const watched = { ...bound, call: first };
  link.target = watched;
}
