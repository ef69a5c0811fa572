/**
 * A host's wish that a domain go on on another CPU: what can be said against it from its grants and interfaces, before its CPU is asked.
 * Called by `System`. What happens then is in `kernel/cpus/departure.ts`.
 */
import { SumacError } from "../errors.ts";
import { carriesHandles } from "../kernel/cpus/remote-proxy.ts";
import type { Seat } from "../kernel/seat.ts";
import type { CpuTeam } from "./cpu-team.ts";

/** How long a domain that is in a call is waited for. */
const WAIT_MS = 1000;

export interface MigrateOptions {
  /** How long a domain that is in a call, or a CPU that is busy, is waited for; default 1000. */
  readonly waitMs?: number;
}

/** @throws SumacError "not-movable" where the domain stays where it is, alive */
export function migrate(team: CpuTeam | undefined, seat: Seat, cpu: number, { waitMs = WAIT_MS }: MigrateOptions): void {
  const { name } = seat.spec;
  const count = team?.count ?? 1;
  if (!Number.isInteger(cpu) || cpu < 0 || cpu >= count) {
    const there = count === 1 ? "there is only CPU 0" : `there are CPUs 0 to ${count - 1}`;
    throw new SumacError("not-movable", `domain ${name}: is to go to CPU ${cpu}, and ${there}: start the system with more ("cpus")`);
  }
  if (team === undefined || team.cpuOf(seat) === cpu) return;
  requireMovable(seat, cpu);
  const from = team.cpuOf(seat);
  const answer = team.cpus.move(seat, cpu, waitMs);
  if (answer === undefined) {
    throw new SumacError(
      "not-movable",
      `domain ${name} on CPU ${from}: was in a call, or its CPU was, for ${waitMs} ms: a domain goes to CPU ${cpu} between two calls, try again or wait longer`,
    );
  }
  if (answer.kind !== "refused") return;
  const { code, message } = answer;
  throw new SumacError("not-movable", code === "not-movable" ? message : `domain ${name}: stays on CPU ${from}: ${message}`);
}

function requireMovable(seat: Seat, cpu: number): void {
  const { replicas } = seat;
  const { name, grants, loaded } = seat.spec;
  const refuse = (why: string): never => {
    throw new SumacError("not-movable", `domain ${name}: cannot go to CPU ${cpu}: ${why}`);
  };
  if (replicas !== undefined) refuse('it is one of the replicas that each CPU has: give its row a "cpu" instead of "replicas"');
  for (const [id, provider] of grants) {
    if (cpu !== 0 && provider.kind === "host" && provider.portable === undefined)
      refuse(`its ${id} is served on CPU 0, where the host's files, devices and functions are: leave it there`);
    const isCreator = provider.kind === "host" && provider.portable?.kind === "creator";
    if (provider.kind === "blob" || isCreator) refuse(`what it makes by ${id} lives beside it: leave it on its CPU`);
  }
  for (const { id, functions } of [...loaded.world.exports, ...loaded.world.imports]) {
    const found = functions.find(carriesHandles);
    if (found !== undefined)
      refuse(`${id}#${found.name} passes capabilities, which do not cross CPUs: leave it beside whoever shares them`);
  }
}
