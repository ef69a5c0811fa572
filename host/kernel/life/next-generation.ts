/**
 * Starts the next generation of a seat, and binds to it the links whose grants say that they follow; everybody else's stay dead.
 * Called by whoever may restart: the capability of a shadow (`supervisor.ts`) and the groups of a system (`host/supervision/`).
 * Never decides whether or when.
 */

import type { CoreFunction, Link } from "../calls/link.ts";
import type { Kernel } from "../kernel.ts";
import type { Seat } from "../seat.ts";
import { type Birth, bindLink, createDomain } from "./birth.ts";

/** The one before must be gone. Bad wiring throws, see `createDomain`. */
export function startNext(kernel: Kernel, seat: Seat): Birth {
  if (kernel.cpus?.isElsewhere(seat) === true) return kernel.cpus.startNext(seat);
  const birth = createDomain(kernel, seat);
  if (!birth.ok) return birth;
  const { generation, startedFrom: from } = birth.domain;
  kernel.events.emit({ kind: "restart", domain: seat.spec.name, generation, from });
  for (const link of seat.followers) rebind(kernel, link, seat);
  return birth;
}

/** Binds the link to the present generation. The first answer through it is the end of what the deaths before it broke. */
export function rebind(kernel: Kernel, link: Link, seat: Seat): void {
  bindLink(kernel, link, seat);
  // There its own CPU watches.
  if (link.target.domain.isElsewhere) return;
  watchFirstAnswer(kernel, link, seat);
}

/** Wraps the link's target until the first call through it is answered: then the seat has recovered. */
function watchFirstAnswer(kernel: Kernel, link: Link, seat: Seat): void {
  const bound = link.target;
  const first: CoreFunction = (...args) => {
    const result = bound.call(...args);
    if (link.target === watched) link.target = bound;
    seat.fruitless = 0;
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
