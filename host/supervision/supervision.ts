/**
 * Supervision of one system: hears of deaths, lets the groups decide, and does what they decide as soon as it can be done.
 *
 * A restart runs code of the domain, so it never happens inside a burial. It happens where a death has just been told to the caller of the
 * dead, or somebody calls a dead domain, or on a turn of the event loop. While a call is in progress, only those are restarted whom
 * somebody's links follow: nobody else would notice, and the time is the callers'.
 * Made by `System`, for domains that a manifest or a program puts under supervision. Never restarts for a shadow.
 */
import { SumacError } from "../errors.ts";
import type { KernelEvent } from "../kernel/events.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { startNext } from "../kernel/life/next-generation.ts";
import type { Seat } from "../kernel/seat.ts";
import type { Death, Failure } from "../kernel/status.ts";
import { MAX_DEPTH } from "../kernel/words.ts";
import { Group, isAwaited, type Member, type World } from "./group.ts";
import { Health } from "./health.ts";
import { groupsInOrder, type MemberSettings, type SupervisionSettings, SYSTEM_GROUP } from "./settings.ts";

/** Rounds of restarts in one go; what is left waits for the next occasion. */
const MOST_ROUNDS = 16;
/** Until it is tried to start what was asked for, and tried again where it could not be done. */
const ASKED_MS = 5;

/** Why a system has come to its end by itself. */
export interface GaveUp {
  readonly group: string;
  readonly reason: string;
  /** All that led to it, oldest first: deaths, and the groups that gave up before. */
  readonly chain: readonly Failure[];
}

interface Supervised extends Member {
  readonly seat: Seat;
  readonly health: Health | undefined;
  /** The generation whose death was decided here, and is no failure. */
  ending: number;
  /** The generation whose death is a failure, although it was killed. */
  unwell: number;
}

export class Supervision {
  readonly #kernel: Kernel;
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #members: Map<string, Supervised> = new Map();
  readonly #onGiveUp: (gaveUp: GaveUp) => void;
  readonly #unsubscribe: () => void;
  #deaths: Death[] = [];
  /** Seats whose next generation somebody has asked for. */
  readonly #asked: Set<Seat> = new Set();
  #isAttending = false;
  #isStopped = false;
  #joined = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param onGiveUp the system's own group gave up: nothing is restarted any more */
  constructor(kernel: Kernel, settings: SupervisionSettings, onGiveUp: (gaveUp: GaveUp) => void) {
    this.#kernel = kernel;
    this.#onGiveUp = onGiveUp;
    this.#groups = this.#grow(settings);
    this.#unsubscribe = kernel.events.on((event) => this.#hear(event));
    kernel.attend = () => this.attend();
  }

  /**
   * Puts a seat under supervision.
   * @param byShadow a domain holds the right to restart it
   * @throws SumacError for a group that there is not, and a health call that the domain does not have
   */
  join(seat: Seat, settings: MemberSettings, byShadow: boolean): void {
    const { name } = seat.spec;
    const group = this.#groups.get(settings.group ?? SYSTEM_GROUP);
    if (group === undefined) {
      const there = [...this.#groups.keys()].join(", ");
      throw new SumacError("manifest-invalid", `domain ${name}: no group "${settings.group}" here; there is: ${there}`);
    }
    if (byShadow && settings.restart !== undefined) {
      throw new SumacError("manifest-invalid", `domain ${name}: whoever is granted "supervise" restarts it: leave "restart" out`);
    }
    const member: Supervised = {
      name,
      group,
      order: this.#joined++,
      restart: byShadow ? "shadowed" : (settings.restart ?? "permanent"),
      seat,
      health: settings.health && new Health(this.#kernel, seat, settings.health, (reason) => this.#endUnwell(name, reason)),
      ending: 0,
      unwell: 0,
    };
    seat.isSupervised = true;
    this.#members.set(name, member);
    group.add(member);
  }

  /** The seat is removed: nothing of what happens to it is a failure any more. */
  leave(seat: Seat): void {
    const member = this.#members.get(seat.spec.name);
    if (member?.seat !== seat) return;
    member.health?.stop();
    this.#members.delete(member.name);
    member.group.remove(member);
  }

  /**
   * Ends the present generation, which is no failure, and starts the next as soon as that can be done; also of a domain that nobody
   * restarts by itself. Runs no domain's code, so that it can be asked for in the middle of any. Returns who starts it: a
   * domain that holds the right to restart it does so when it notices.
   */
  restart(seat: Seat, why: string): "shadow" | "system" {
    const member = this.#members.get(seat.spec.name);
    const domain = this.#kernel.occupant(seat);
    const isShadowed = member === undefined ? seat.isSupervised : member.restart === "shadowed";
    if (!isShadowed) {
      if (member !== undefined && domain !== undefined) member.ending = domain.generation;
      this.#asked.add(seat);
    }
    if (domain !== undefined) this.#kernel.kill(domain, why);
    this.#planTurn();
    return isShadowed ? "shadow" : "system";
  }

  /** Whether an empty seat is to have another generation, or its end has not been judged yet. */
  awaits(seat: Seat): boolean {
    if (this.#isStopped) return false;
    const member = this.#members.get(seat.spec.name);
    if (this.#asked.has(seat) || member?.seat !== seat) return this.#asked.has(seat);
    return member.restart === "shadowed" || this.#deaths.some(({ domain }) => domain === member.name) || isAwaited(member);
  }

  /** Does what is due. Called by the kernel where it can be done, by timers, and after kills. */
  attend(): void {
    if (this.#isAttending || this.#isStopped || !this.#hasWork()) return;
    this.#isAttending = true;
    try {
      this.#hearDeaths();
      this.#startAsked();
      for (let round = 0; round < MOST_ROUNDS && this.#startDue(); round++) this.#hearDeaths();
    } finally {
      this.#isAttending = false;
      this.#planTurn();
    }
  }

  /** HOT: asked at every call of a dead domain. */
  #hasWork(): boolean {
    if (this.#deaths.length > 0 || this.#asked.size > 0) return true;
    for (const { dueMs } of this.#groups.values()) if (dueMs !== undefined) return true;
    return false;
  }

  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    for (const { health } of this.#members.values()) health?.stop();
  }

  #grow(settings: SupervisionSettings): Map<string, Group> {
    const groups = new Map<string, Group>();
    const world = this.#world();
    for (const [name, each] of groupsInOrder(settings)) groups.set(name, new Group(name, groups.get(each.parent), each, world));
    return groups;
  }

  #world(): World {
    const kernel = this.#kernel;
    const isAlive = (member: Member): boolean => kernel.occupant((member as Supervised).seat) !== undefined;
    return {
      nowMs: () => performance.now(),
      chance: () => Math.random(),
      isGone: (member) => this.#isGone((member as Supervised).seat),
      isAlive,
      end: (member, why) => {
        const { seat } = member as Supervised;
        if (!isAlive(member) || seat.current === undefined) return;
        (member as Supervised).ending = seat.current.generation;
        kernel.kill(seat.current, why);
      },
      start: (member) => this.#start(member as Supervised),
      gaveUp: (group, reason, chain) => this.#gaveUp({ group: group.name, reason, chain }, group),
    };
  }

  /** Each once: whose birth fails has died, which is told like any other death. */
  #startAsked(): void {
    for (const seat of this.#asked) {
      if (seat.isRemoved || this.#kernel.occupant(seat) !== undefined) this.#asked.delete(seat);
      else if (this.#isGone(seat) && this.#mayStart([seat])) {
        this.#asked.delete(seat);
        this.#start({ seat });
      }
    }
  }

  #start({ seat }: Pick<Supervised, "seat">): void {
    // Nobody will be the first to be answered again.
    if (!this.#kernel.hasFollowers(seat)) seat.unrecovered.length = 0;
    const { generations } = seat;
    try {
      startNext(this.#kernel, seat);
    } catch (error) {
      if (!(error instanceof SumacError)) throw error;
      // Wiring that no longer fits: the domain has died of it, which is told like any other death. Where there was no room, nobody has died.
      if (seat.generations === generations) this.#hadNoRoom(seat, error.message);
    }
    this.#hearDeaths();
  }

  #hadNoRoom({ spec, generations }: Seat, detail: string): void {
    const member = this.#members.get(spec.name);
    member?.group.failed(member, [{ cause: "init", domain: spec.name, generation: generations, detail }]);
  }

  #gaveUp(gaveUp: GaveUp, group: Group): void {
    this.#kernel.events.emit({ kind: "gave-up", ...gaveUp });
    if (group.parent !== undefined) return;
    this.stop();
    this.#onGiveUp(gaveUp);
  }

  #endUnwell(name: string, reason: string): void {
    const member = this.#members.get(name);
    const domain = member && this.#kernel.occupant(member.seat);
    if (member === undefined || domain === undefined) return;
    member.unwell = domain.generation;
    this.#kernel.kill(domain, reason);
    this.attend();
  }

  /** Inside a burial: only noted. */
  #hear(event: KernelEvent): void {
    if (event.kind !== "death" || !this.#members.has(event.death.domain)) return;
    this.#deaths.push(event.death);
    this.#planTurn();
  }

  #hearDeaths(): void {
    for (let death = this.#deaths.shift(); death !== undefined; death = this.#deaths.shift()) {
      const member = this.#members.get(death.domain);
      // A seat of the same name, whose generations begin anew, may have taken the place of the one that died.
      if (member === undefined || member.seat.current === undefined || !this.#isGone(member.seat)) continue;
      const { cause, domain, generation, detail } = death;
      const isAbnormal = cause !== "killed" || generation === member.unwell;
      const isFailure = member.restart === "permanent" || (member.restart === "transient" && isAbnormal);
      if (!isFailure || generation === member.ending) continue;
      member.group.failed(member, [{ cause: cause === "ok" ? "trap" : cause, domain, generation, detail }]);
    }
  }

  #isGone({ current }: Seat): boolean {
    return current === undefined || this.#kernel.isGone(current);
  }

  #startDue(): boolean {
    const now = performance.now();
    for (const group of this.#groups.values()) {
      const { dueMs, waiting } = group;
      if (dueMs === undefined || dueMs > now || !this.#mayStart([...(waiting as ReadonlySet<Supervised>)].map(({ seat }) => seat)))
        continue;
      if (group.startDue()) return true;
    }
    return false;
  }

  #mayStart(seats: readonly Seat[]): boolean {
    const { depth } = this.#kernel;
    if (depth === 0) return true;
    // A share more than a call needs, for what a birth does itself.
    const rank = Math.max(0, ...seats.map((seat) => seat.rank)) + 2;
    return depth + 1 < MAX_DEPTH && seats.some((seat) => this.#kernel.hasFollowers(seat)) && this.#kernel.hasStackFor(rank);
  }

  #planTurn(): void {
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    const dues = [...this.#groups.values()].flatMap(({ dueMs }) => (dueMs === undefined ? [] : [dueMs]));
    if (this.#asked.size > 0) dues.push(performance.now() + ASKED_MS);
    if (this.#deaths.length === 0 && dues.length === 0) return;
    const wait = this.#deaths.length > 0 ? 0 : Math.max(0, Math.min(...dues) - performance.now());
    this.#timer = setTimeout(() => this.attend(), wait);
  }
}
