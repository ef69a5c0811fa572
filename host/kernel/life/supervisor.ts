/**
 * The capability to start one seat's next generation, given to the domain that stands in for it (a shadow).
 * The holder's own links are bound to the new generation, besides those whose grants say that they follow.
 *
 * The first restart is at once. Further ones without an answered call between them wait, longer each time, on the calling
 * thread; and one call of the holder causes a bounded number of them in a bounded time, whatever the holder does.
 */
import { pause } from "../../platform/pause.ts";
import type { Domain } from "../domain.ts";
import { IMPLEMENTED } from "../implemented.ts";
import type { Kernel } from "../kernel.ts";
import type { Provider } from "../provider.ts";
import type { Seat } from "../seat.ts";
import { Cause } from "../status.ts";
import { rebind, startNext } from "./next-generation.ts";
import { allowanceOf, DEFAULT_RESTARTS, Patience, type RestartPolicy, waitBefore } from "./restart-policy.ts";

/** Packed results of `sumac:kernel/supervisor`.`restart`. */
const OK = 64;
const GIVE_UP = 1;

/** A provider of `sumac:kernel/supervisor` for one seat. */
export function supervisorOf(kernel: Kernel, seat: Seat, policy: RestartPolicy = DEFAULT_RESTARTS): Provider {
  seat.isSupervised = true;
  return {
    kind: "host",
    implements: IMPLEMENTED["sumac:kernel/supervisor@0.1.0"],
    bind: (holder) => {
      const patience = new Patience(policy);
      return { restart: () => restart({ kernel, seat, holder, policy, patience }) };
    },
    portable: { kind: "supervisor", seat, policy },
    rank: () => 1 + seat.rank,
    allowance: allowanceOf(policy, seat.spec.limits),
  };
}

interface Supervision {
  readonly kernel: Kernel;
  readonly seat: Seat;
  readonly holder: Domain;
  readonly policy: RestartPolicy;
  readonly patience: Patience;
}

/** Tries until a generation has come up, or the holder's call may cause no more restarts. */
function restart(supervision: Supervision): number {
  const { kernel, seat, holder } = supervision;
  while (mayRestart(supervision)) {
    const occupant = kernel.occupant(seat);
    if (occupant !== undefined) kernel.kill(occupant, "restarted by its supervisor");
    // One that is still in the chain of calls dies when control returns to it, and is not gone before that.
    if (seat.current !== undefined && !kernel.isGone(seat.current)) return GIVE_UP;
    seat.fruitless++;
    seat.restartedAtMs = performance.now();
    const birth = startNext(kernel, seat);
    if (birth.ok) {
      for (const link of holder.outbound)
        if (link.target.domain.seat === seat && link.target.domain !== birth.domain) rebind(kernel, link, seat);
      return OK;
    }
    const { domain: name, generation, detail } = birth.error;
    const blamed = { id: seat.current?.id ?? 0, name, generation };
    kernel.noteFailure(holder.id, { code: Cause[birth.error.cause], blamed, detail });
  }
  return GIVE_UP;
}

/** Waits as long as the next restart must; false when it may not be. */
function mayRestart({ kernel, seat, holder, policy, patience }: Supervision): boolean {
  if (seat.isRemoved) return false;
  const now = performance.now();
  const wait = Math.max(0, seat.restartedAtMs + waitBefore(policy, seat.fruitless, Math.random()) - now);
  if (!patience.allows(kernel.sequence, now, wait)) return false;
  if (wait > 0) pause(wait);
  // The holder's own time may be up: it dies when this returns, and nobody would use what is started.
  if (kernel.i32[kernel.cpu.interrupt] !== 0) kernel.answerInterrupt();
  return kernel.isAlive(holder);
}
