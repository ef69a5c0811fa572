/**
 * Threads that go on another CPU, on that CPU's replica of their domain, and the news of their end for those who join them at home.
 * A thread goes at its entry: nothing of a stack crosses. Its home, the CPU on which it was made, knows where it is: whoever goes on from
 * where he is a visitor goes by way of his home. Called once for each kernel of several.
 */
import { CPU_MAX } from "../../../shared-heap/layout.ts";
import type { SpawnRequest } from "../threads/scheduler.ts";
import type { Cpus } from "./cpus.ts";
import { type Answer, type Order, order, type ThreadOrder } from "./orders.ts";
import { replicaOn } from "./replicas.ts";
import { hasEnded } from "./silence.ts";

export function letThreadsTravel(cpus: Cpus): void {
  const { cpu } = cpus;
  const { threads } = cpu.kernel;
  threads.travellers.onMigrate = (target, request) => {
    const home = homeOf(request.id);
    if (home === cpu.index) send(cpus, target, request);
    else tell(cpus, home, { kind: "thread-goes", cpu: target, request });
  };
  threads.travellers.onKillAway = (on, id, detail) => {
    // Its domain may be dying in the middle of somebody's call.
    cpus.soon(() => tell(cpus, on, { kind: "thread-kill", id, detail }));
  };
  threads.onEnd = (id, end) => {
    const home = homeOf(id);
    if (home !== cpu.index) cpus.soon(() => tell(cpus, home, { kind: "thread-ended", id, end }));
  };
}

/** Why a thread of this domain cannot be on that CPU; undefined: it can. */
export function noWayTo(cpus: Cpus, domain: string, target: number): string | undefined {
  if (target >= cpus.cpu.board.cpus) return `there is no CPU ${target} to go to`;
  cpus.fetch();
  const name = replicaOn(domain, target);
  return cpus.seatNamed(name) === undefined ? `there is no ${name} on CPU ${target}: threads go to replicas of their domain` : undefined;
}

/** What another CPU asks about threads. */
export function obeyThreadOrder(cpus: Cpus, what: ThreadOrder): Answer {
  const { threads } = cpus.cpu.kernel;
  switch (what.kind) {
    case "spawn":
      threads.travellers.spawn(what.request);
      break;
    case "thread-goes":
      goFromHome(cpus, what.cpu, what.request);
      break;
    case "thread-kill":
      threads.kill(what.id, what.detail);
      break;
    case "thread-ended":
      threads.travellers.endedElsewhere(what.id, what.end);
  }
  return { kind: "done" };
}

/** The low bits of a thread's id are the CPU on which it was made. */
function homeOf(id: number): number {
  return id & (CPU_MAX - 1);
}

function goFromHome(cpus: Cpus, target: number, request: SpawnRequest): void {
  const { cpu } = cpus;
  const { threads } = cpu.kernel;
  const thread = threads.table.find(request.id);
  // Its domain died meanwhile.
  if (thread === undefined || thread.end !== undefined) return;
  if (thread.doom !== undefined) threads.travellers.endedElsewhere(request.id, { kind: "killed", detail: thread.doom });
  else if (target === cpu.index) threads.travellers.comeHome(request);
  else {
    thread.awayOn = target;
    send(cpus, target, request);
  }
}

/** From its home. What keeps it from going ends it. */
function send(cpus: Cpus, target: number, request: SpawnRequest): void {
  const { threads } = cpus.cpu.kernel;
  const there = { ...request, domain: replicaOn(request.domain, target) };
  const why = noWayTo(cpus, request.domain, target) ?? refusalOf(tell(cpus, target, { kind: "spawn", request: there }));
  if (why !== undefined) threads.travellers.endedElsewhere(request.id, { kind: "killed", detail: why });
  // A kill that came meanwhile may have been there before it.
  const thread = threads.table.find(request.id);
  if (thread?.doom !== undefined && thread.end === undefined)
    tell(cpus, target, { kind: "thread-kill", id: request.id, detail: thread.doom });
}

function refusalOf(answer: Answer | undefined): string | undefined {
  if (answer === undefined) return "the CPU has ended";
  return answer.kind === "refused" ? answer.message : undefined;
}

/** Undefined: that CPU has ended, and with it whatever was there, or this one is told to. */
function tell(cpus: Cpus, target: number, what: Order): Answer | undefined {
  const { cpu } = cpus;
  if (target >= cpu.board.cpus || hasEnded(cpu.board, target) || cpus.isStopping) return undefined;
  // Whoever has told this CPU to end listens no more.
  return cpu.apart(-1, () => order(cpu, target, what, () => cpus.isStopping));
}
