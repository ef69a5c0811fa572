/**
 * One group of the tree: who restarts with whom, how often, after which wait, and when the group gives up.
 * Called by `supervision.ts`. No clock, no chance and no domain of its own: all of it comes through `World`, so that tests can drive it.
 */
import { waitBefore } from "../kernel/life/restart-policy.ts";
import type { Failure } from "../kernel/status.ts";
import type { GroupSettings, RestartKind } from "./settings.ts";

/** A domain in a group. */
export interface Member {
  readonly name: string;
  readonly group: Group;
  /** By creation: who is granted another comes after it. */
  readonly order: number;
  /** `shadowed`: a shadow restarts it after its own deaths; the group does so only together with others. */
  readonly restart: RestartKind | "shadowed";
}

/** What a group can see and do. */
export interface World {
  /** Monotonic. */
  nowMs(): number;
  /** 0 to 1. */
  chance(): number;
  /** Nothing of its last generation is left. */
  isGone(member: Member): boolean;
  /** Has a generation that is not about to die. */
  isAlive(member: Member): boolean;
  /** Its death is no failure. */
  end(member: Member, why: string): void;
  /** A birth that fails has been told to the member's group when this returns. */
  start(member: Member): void;
  gaveUp(group: Group, reason: string, chain: readonly Failure[]): void;
}

interface Restart {
  dueMs: number;
  readonly members: Set<Member>;
}

export class Group {
  readonly name: string;
  readonly parent: Group | undefined;
  readonly settings: Required<GroupSettings>;
  /** In the order of creation. */
  readonly children: (Member | Group)[] = [];
  readonly #world: World;
  /** Restarts and their causes within the last period. */
  #recent: { readonly atMs: number; readonly chain: readonly Failure[] }[] = [];
  #restart: Restart | undefined;
  #hasGivenUp = false;

  constructor(name: string, parent: Group | undefined, settings: Required<GroupSettings>, world: World) {
    this.name = name;
    this.parent = parent;
    this.settings = settings;
    this.#world = world;
  }

  /** Its place among its parent's children is that of its first domain. */
  add(member: Member): void {
    this.children.push(member);
    for (let group: Group = this; group.parent !== undefined && !group.parent.children.includes(group); group = group.parent) {
      group.parent.children.push(group);
    }
  }

  /** It is no member any more. */
  remove(member: Member): void {
    this.children.splice(this.children.indexOf(member), 1);
    for (let group: Group | undefined = this; group !== undefined; group = group.parent) {
      group.#restart?.members.delete(member);
      if (group.children.length === 0) group.parent?.children.splice(group.parent.children.indexOf(group), 1);
    }
  }

  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** When the next restart begins at the earliest; undefined when none is to be. */
  get dueMs(): number | undefined {
    return this.#restart?.dueMs;
  }

  /** Who is about to be restarted. */
  get waiting(): ReadonlySet<Member> {
    return this.#restart?.members ?? new Set();
  }

  /** @param chain what led to it, oldest first */
  failed(child: Member | Group, chain: readonly Failure[]): void {
    if (this.#hasGivenUp) return;
    const { intensity, periodMs } = this.settings;
    const atMs = this.#world.nowMs();
    this.#recent = this.#recent.filter((each) => atMs - each.atMs < periodMs);
    this.#recent.push({ atMs, chain });
    if (this.#recent.length > intensity) this.#giveUp();
    else this.#plan(child, atMs);
  }

  /** Starts whoever is to be started, if it is time and nothing of the generations before is left. @returns whether it did */
  startDue(): boolean {
    const restart = this.#restart;
    if (restart === undefined || this.#world.nowMs() < restart.dueMs) return false;
    if ([...restart.members].some((member) => !this.#world.isAlive(member) && !this.#world.isGone(member))) return false;
    this.#restart = undefined;
    for (const member of [...restart.members].sort((a, b) => a.order - b.order)) {
      // What failed before it in this very loop may have decided otherwise about it.
      const isWanted = !this.#world.isAlive(member) && !isAwaited(member) && !member.group.hasGivenUp;
      if (isWanted) this.#world.start(member);
    }
    return true;
  }

  #plan(child: Member | Group, nowMs: number): void {
    const affected = this.#affectedBy(child);
    const members = affected.flatMap((each) => (each instanceof Group ? membersOf(each) : [each]));
    members.sort((a, b) => a.order - b.order);
    for (const member of members.toReversed()) {
      if (member !== child) this.#world.end(member, `restarts with ${child.name}`);
    }
    for (const each of affected) if (each instanceof Group) each.#reset();
    const wait = waitBefore(this.settings, this.#recent.length - 1, this.#world.chance());
    const starting = members.filter((member) => member.restart !== "temporary" && !this.#isWithinTemporary(member, child));
    this.#restart = {
      dueMs: Math.max(this.#restart?.dueMs ?? 0, nowMs + wait),
      members: new Set([...(this.#restart?.members ?? []), ...starting]),
    };
  }

  #affectedBy(child: Member | Group): readonly (Member | Group)[] {
    switch (this.settings.strategy) {
      case "one_for_one":
        return [child];
      case "one_for_all":
        return this.children;
      case "rest_for_one":
        return this.children.slice(this.children.indexOf(child));
    }
  }

  /** In a group below this one that is not restarted with others. */
  #isWithinTemporary({ group }: Member, child: Member | Group): boolean {
    for (let each: Group | undefined = group; each !== undefined && each !== this; each = each.parent) {
      if (each !== child && each.settings.restart === "temporary") return true;
    }
    return false;
  }

  /** It begins anew with its parent. */
  #reset(): void {
    this.#recent = [];
    this.#restart = undefined;
    this.#hasGivenUp = false;
    for (const child of this.children) if (child instanceof Group) child.#reset();
  }

  #giveUp(): void {
    const { intensity, periodMs, restart } = this.settings;
    const reason = `${this.#recent.length} failures within ${periodMs} ms, where ${intensity} restarts are allowed`;
    const failure: Failure = { cause: "gave-up", domain: this.name, generation: 0, detail: reason };
    const chain = [...this.#recent.flatMap((each) => each.chain), failure];
    this.#reset();
    this.#hasGivenUp = true;
    for (const member of membersOf(this).toReversed()) this.#world.end(member, `its group ${this.name} gave up`);
    this.#world.gaveUp(this, reason, chain);
    if (restart === "permanent") this.parent?.failed(this, chain);
  }
}

/** Its domains and those of the groups in it, in the order of creation. */
export function membersOf({ children }: Group): Member[] {
  return children.flatMap((child) => (child instanceof Group ? membersOf(child) : [child])).sort((a, b) => a.order - b.order);
}

/** Its group or one around that is about to restart it. */
export function isAwaited(member: Member): boolean {
  for (let group: Group | undefined = member.group; group !== undefined; group = group.parent) {
    if (group.waiting.has(member)) return true;
  }
  return false;
}
