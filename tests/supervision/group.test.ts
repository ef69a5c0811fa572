/** The decisions of groups, without domains, clock or chance: who restarts with whom, after which wait, and when a group gives up. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Failure } from "../../host/kernel/status.ts";
import { Group, type Member, membersOf, type World } from "../../host/supervision/group.ts";
import { type GroupSettings, groupsInOrder, type SupervisionSettings } from "../../host/supervision/settings.ts";

const test = suite("supervision groups");

/** Members live, die and come up as the test says; what the groups do is in `log`. */
class Scene {
  readonly log: string[] = [];
  readonly groups: Map<string, Group> = new Map();
  readonly #state: Map<string, "alive" | "dying" | "gone"> = new Map();
  readonly #members: Map<string, Member> = new Map();
  /** Births that will fail, one after the other. */
  readonly stillborn: string[] = [];
  nowMs = 1000;
  chance = 0;

  constructor(settings: SupervisionSettings) {
    const world: World = {
      nowMs: () => this.nowMs,
      chance: () => this.chance,
      isGone: ({ name }) => this.#state.get(name) === "gone",
      isAlive: ({ name }) => this.#state.get(name) === "alive",
      end: ({ name }) => {
        if (this.#state.get(name) !== "alive") return;
        this.#state.set(name, "gone");
        this.log.push(`end ${name}`);
      },
      start: (member) => {
        const at = this.stillborn.indexOf(member.name);
        if (at < 0) {
          this.#state.set(member.name, "alive");
          this.log.push(`start ${member.name}`);
          return;
        }
        this.stillborn.splice(at, 1);
        this.log.push(`stillborn ${member.name}`);
        member.group.failed(member, [failure(member.name)]);
      },
      gaveUp: ({ name }, _, chain) => this.log.push(`${name} gave up: ${chain.map(({ domain }) => domain).join(" ")}`),
    };
    for (const [name, each] of groupsInOrder(settings)) {
      this.groups.set(name, new Group(name, this.groups.get(each.parent), each, world));
    }
  }

  /** In the order of creation. */
  add(group: string, name: string, restart: Member["restart"] = "permanent"): this {
    const found = this.groups.get(group);
    assert.ok(found !== undefined);
    const member: Member = { name, group: found, order: this.#members.size, restart };
    this.#members.set(name, member);
    this.#state.set(name, "alive");
    found.add(member);
    return this;
  }

  dying(name: string): void {
    this.#state.set(name, "dying");
  }

  die(name: string): this {
    this.#state.set(name, "gone");
    const member = this.#members.get(name);
    assert.ok(member !== undefined);
    member.group.failed(member, [failure(name)]);
    return this;
  }

  member(name: string): Member {
    const found = this.#members.get(name);
    assert.ok(found !== undefined);
    return found;
  }

  /** Lets time pass and starts what is due. */
  pass(ms: number): void {
    this.nowMs += ms;
    while ([...this.groups.values()].some((group) => group.startDue()));
  }

  told(): string[] {
    return this.log.splice(0);
  }
}

function failure(domain: string): Failure {
  return { cause: "trap", domain, generation: 1, detail: "unreachable" };
}

const three = (settings: SupervisionSettings): Scene => new Scene(settings).add("system", "a").add("system", "b").add("system", "c");

test("one_for_one: who died comes back alone", () => {
  const scene = three({ strategy: "one_for_one" }).die("b");
  scene.pass(0);
  assert.equal(scene.told(), ["start b"]);
});

test("one_for_all: the others end, last created first, and all come back, first created first", () => {
  const scene = three({ strategy: "one_for_all" }).die("b");
  assert.equal(scene.told(), ["end c", "end a"]);
  scene.pass(0);
  assert.equal(scene.told(), ["start a", "start b", "start c"]);
});

test("rest_for_one: those that were created after it end and come back with it", () => {
  const scene = three({ strategy: "rest_for_one" }).die("b");
  assert.equal(scene.told(), ["end c"]);
  scene.pass(0);
  assert.equal(scene.told(), ["start b", "start c"]);
});

test("temporary: it ends with the others and stays down; transient and shadowed ones come back with them", () => {
  const scene = new Scene({ strategy: "one_for_all" });
  scene.add("system", "a").add("system", "once", "temporary").add("system", "t", "transient").add("system", "driver", "shadowed").die("a");
  assert.equal(scene.told(), ["end driver", "end t", "end once"]);
  scene.pass(0);
  assert.equal(scene.told(), ["start a", "start t", "start driver"]);
});

test("backoff: the first restart of a period is at once, then the wait doubles to its cap, and a quiet period ends the row", () => {
  const scene = three({ intensity: 10, periodMs: 1000, firstWaitMs: 10, mostWaitMs: 30 });
  for (const wait of [0, 10, 20, 30, 30]) {
    scene.die("a");
    if (wait > 0) {
      scene.pass(wait - 1);
      assert.equal(scene.told(), [], `not before ${wait} ms`);
    }
    scene.pass(wait > 0 ? 1 : 0);
    assert.equal(scene.told(), ["start a"], `after ${wait} ms`);
  }
  scene.pass(1000);
  scene.die("a").pass(0);
  assert.equal(scene.told(), ["start a"]);
});

test("jitter: chance takes at most its share of a wait away", () => {
  for (const [jitter, wait] of [
    [0, 100],
    [0.25, 75],
    [1, 0],
  ] as const) {
    const scene = three({ firstWaitMs: 100, jitter });
    scene.chance = 1;
    scene.die("a").pass(0);
    scene.told();
    scene.die("a");
    assert.is(scene.groups.get("system")?.dueMs, scene.nowMs + wait);
  }
});

test("intensity: one death more than restarts within the period and the group gives up, with all of them in the chain", () => {
  const scene = three({ intensity: 2, periodMs: 100, firstWaitMs: 0 });
  for (const name of ["a", "b"]) scene.die(name).pass(1);
  assert.equal(scene.told(), ["start a", "start b"]);
  scene.die("c");
  assert.equal(scene.told(), ["end b", "end a", "system gave up: a b c system"]);
  scene.pass(10_000);
  assert.equal(scene.told(), [], "nothing is restarted any more");
});

test("period: deaths that are further apart never add up; intensity 0 allows none", () => {
  const patient = three({ intensity: 1, periodMs: 100, firstWaitMs: 0 });
  for (let i = 0; i < 50; i++) {
    patient.die("a").pass(100);
    assert.equal(patient.told(), ["start a"]);
  }
  const strict = three({ intensity: 0 }).die("b");
  assert.equal(strict.told(), ["end c", "end a", "system gave up: b system"]);
});

const nested = (storage: GroupSettings, own: SupervisionSettings = {}): Scene =>
  new Scene({ ...own, groups: { storage: { intensity: 0, ...storage } } })
    .add("system", "a")
    .add("storage", "disk")
    .add("system", "b")
    .add("storage", "cache");

test("escalation: a group that gives up is a failure of its parent, which restarts it as one, with what led to it in the chain", () => {
  const scene = nested({});
  scene.die("disk");
  assert.equal(scene.told(), ["end cache", "storage gave up: disk storage"]);
  scene.pass(0);
  assert.equal(scene.told(), ["start disk", "start cache"]);
  assert.is(scene.groups.get("storage")?.hasGivenUp, false, "it begins anew");
  for (let i = 0; i < 2; i++) {
    scene.die("cache");
    scene.pass(2000);
  }
  scene.told();
  scene.die("disk");
  assert.equal(scene.told().at(-1), "system gave up: disk storage cache storage cache storage disk storage system");
});

test("escalation: the parent's strategy decides who else restarts, in the order of creation across groups", () => {
  const all = nested({}, { strategy: "one_for_all" });
  all.die("cache").pass(0);
  assert.equal(all.told(), [
    "end disk",
    "storage gave up: cache storage",
    "end b",
    "end a",
    "start a",
    "start disk",
    "start b",
    "start cache",
  ]);
  const rest = nested({}, { strategy: "rest_for_one" });
  rest.die("disk").pass(0);
  assert.equal(rest.told(), ["end cache", "storage gave up: disk storage", "end b", "start disk", "start b", "start cache"]);
  rest.die("b").pass(2);
  assert.equal(rest.told(), ["start b"], "the group's place is that of its first domain");
});

test("a temporary group stays down when it gave up, also when others restart", () => {
  const scene = nested({ restart: "temporary" }, { strategy: "one_for_all" });
  scene.die("disk").pass(0);
  assert.equal(scene.told(), ["end cache", "storage gave up: disk storage"]);
  scene.die("a").pass(0);
  assert.equal(scene.told(), ["end b", "start a", "start b"]);
});

test("a birth that fails counts, and is tried again by the strategy of its own group", () => {
  const scene = three({ strategy: "rest_for_one", intensity: 5, firstWaitMs: 10, mostWaitMs: 10 });
  scene.stillborn.push("b");
  scene.die("a").pass(0);
  assert.equal(scene.told(), ["end c", "end b", "start a", "stillborn b"], "what comes after it waits with it");
  scene.pass(10);
  assert.equal(scene.told(), ["start b", "start c"]);
  scene.stillborn.push("a", "a", "a", "a");
  scene.die("a");
  for (let i = 0; i < 10; i++) scene.pass(10);
  assert.equal(scene.told().at(-1), "system gave up: a b a a a a system");
});

test("nobody starts while a generation of them still has frames, nor what somebody else has started", () => {
  const scene = three({ strategy: "one_for_all" });
  scene.dying("a");
  scene.die("b");
  scene.pass(100);
  assert.equal(scene.told(), ["end c"]);
  scene.add("system", "late");
  scene.die("late");
  scene.member("a");
  scene.die("a");
  scene.pass(1000);
  assert.equal(scene.told(), ["start a", "start b", "start c", "start late"]);
});

test("who is removed is restarted no more, and a group without domains has no place", () => {
  const scene = nested({ intensity: 5 });
  scene.die("disk");
  scene.groups.get("storage")?.remove(scene.member("disk"));
  scene.pass(100);
  assert.equal(scene.told(), []);
  scene.groups.get("storage")?.remove(scene.member("cache"));
  const system = scene.groups.get("system");
  assert.ok(system !== undefined);
  assert.equal(
    membersOf(system).map(({ name }) => name),
    ["a", "b"],
  );
  assert.is(system.children.length, 2);
});

test("groupsInOrder: parents come first, whatever the order of the text; circles and orphans are left out", () => {
  const names = (settings: SupervisionSettings): string[] => [...groupsInOrder(settings).keys()];
  assert.equal(names({ groups: { c: { parent: "b" }, b: { parent: "a" }, a: {} } }), ["system", "a", "b", "c"]);
  assert.equal(names({ groups: { a: { parent: "b" }, b: { parent: "a" }, c: { parent: "nobody" }, d: {} } }), ["system", "d"]);
});

test.run();
